#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Install what was built: install.sh FOLDER PREFIX.  DESTDIR is honoured, for packages.
# Puts the program, the library, the headers, the modules, a unit for systemd and an example
# configuration below PREFIX; touches nothing in /etc.
set -eu
cd "$(dirname "$0")/.."
folder=$1
prefix=$2

log=$folder.log
if ! { meson configure "$folder" "-Dprefix=$prefix" && meson install -C "$folder" --quiet; } >"$log" 2>&1; then
	tail -5 "$log" >&2
	echo "install: failed, all of it is in $log; does $prefix want root?" >&2
	exit 1
fi
rm -f "$log"
[ -n "${DESTDIR:-}" ] || [ "$(id -u)" -ne 0 ] || ldconfig
echo "install: the program is $prefix/bin/res_sip, an example configuration is in $prefix/share/res_sip/"
