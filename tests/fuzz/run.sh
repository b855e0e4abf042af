#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Build the fuzz targets and run each for a while.
#
#     tests/fuzz/run.sh [BUILD_DIR [SECONDS]]
#
# Seeds are the messages of bench/corpus and tests/torture, and the sample configuration; what is
# found grows BUILD_DIR/corpus.
set -eu

root=$(cd "$(dirname "$0")/../.." && pwd)
build=${1:-$root/build-fuzz}
seconds=${2:-30}

if [ ! -e "$build/build.ninja" ]; then
	CC=clang meson setup "$build" "$root" -Dfuzz=true -Dtests=true \
		-Db_sanitize=address,undefined -Db_lundef=false \
		-Dc_args=-fsanitize=fuzzer-no-link
fi
for source in "$root"/tests/fuzz/fuzz_*.c; do
	target=$(basename "$source" .c)
	ninja -C "$build" "tests/fuzz/$target"
	mkdir -p "$build/corpus/$target"
	UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 "$build/tests/fuzz/$target" \
		-max_total_time="$seconds" -max_len=8192 -artifact_prefix="$build/" \
		"$build/corpus/$target" "$root/bench/corpus" "$root/tests/torture" \
		"$root/examples/config"
done
