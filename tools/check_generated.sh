#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Is each file that is made from the program what it would be made now?
#     tools/check_generated.sh [BUILD]
set -eu
cd "$(dirname "$0")/.."
build=${1:-build}
made=$(mktemp)
trap 'rm -f "$made"' EXIT
tools/make_docs.sh "$build" "$made"
if ! cmp -s docs/configuration.md "$made"; then
	diff docs/configuration.md "$made" | head -20
	echo "check_generated: docs/configuration.md is stale: run tools/make_docs.sh $build"
	exit 1
fi
echo "check_generated: docs/configuration.md is as the program says"
