#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Build into a folder: build.sh FOLDER [meson options].  Says one line when it begins and one when it is done.
set -eu
cd "$(dirname "$0")/.."
folder=$1
shift

if ! command -v meson >/dev/null || ! command -v ninja >/dev/null; then
	echo "build: meson and ninja are missing: run tools/install_packages.sh build as root" >&2
	exit 1
fi
log=$folder.log
echo "build: into $folder/"
if ! { [ -f "$folder/build.ninja" ] || meson setup "$folder" "$@"; } >"$log" 2>&1 ||
	! ninja -C "$folder" >>"$log" 2>&1; then
	grep -E 'error|ERROR|undefined' "$log" | head -20 >&2 || true
	echo "build: failed, all of it is in $log" >&2
	exit 1
fi
rm -f "$log"
echo "build: $folder/ is ready"
