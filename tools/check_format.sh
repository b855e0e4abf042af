#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# clang-format would change nothing.  Usage: tools/check_format.sh [FILE...]; without
# files all tracked ones.  CLANG_FORMAT names another program than clang-format.
set -eu
cd "$(dirname "$0")/.."
format=${CLANG_FORMAT:-clang-format}

if ! command -v "$format" > /dev/null; then
	echo "check_format: no $format" >&2
	exit 2
fi
if [ $# -eq 0 ]; then
	# No file of ours has a space in its name.
	set -- $(git ls-files -- '*.c' '*.h')
fi

bad=0
for file in "$@"; do
	[ -f "$file" ] || continue
	if ! "$format" --dry-run -Werror "$file" > /dev/null 2>&1; then
		echo "$file: clang-format would change it"
		bad=$((bad + 1))
	fi
done
echo "check_format: $# looked at, $bad problems"
[ "$bad" -eq 0 ]
