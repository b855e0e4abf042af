#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Build the fuzz targets and run each for a while.
#
#     tests/fuzz/run.sh [BUILD_DIR [SECONDS]]
#
# SECONDS are shared by the targets.  Seeds: the messages of bench/corpus and tests/torture,
# the sample configuration, the scripts in tests/fuzz/server; what is found grows
# BUILD_DIR/corpus.
set -eu

root=$(cd "$(dirname "$0")/../.." && pwd)
build=${1:-$root/build-fuzz}
seconds=${2:-48}

if [ ! -e "$build/build.ninja" ]; then
	CC=clang meson setup "$build" "$root" -Dfuzz=true -Dtests=true \
		-Db_sanitize=address,undefined -Db_lundef=false \
		-Dc_args=-fsanitize=fuzzer-no-link
fi

# fuzz TARGET ARGUMENT...: for its share of the time; the last arguments are seeds.
fuzz() {
	target=fuzz_$1
	shift
	ninja -C "$build" "tests/fuzz/$target"
	mkdir -p "$build/corpus/$target"
	UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 "$build/tests/fuzz/$target" \
		-max_total_time="$((seconds / 5))" -max_len=8192 -timeout=20 \
		-artifact_prefix="$build/" "$build/corpus/$target" "$@"
}

fuzz message "$root/bench/corpus" "$root/tests/torture"
fuzz configuration "$root/examples/config"
fuzz explain -dict="$root/tests/fuzz/server.dict" "$root/tests/fuzz/server"
fuzz trace "$root/bench/corpus" "$root/tests/torture"
fuzz server -dict="$root/tests/fuzz/server.dict" "$root/tests/fuzz/server"
