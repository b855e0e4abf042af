#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Everything that is measured, one after another: all.sh [BUILD_DIR].  Nothing here is a test.
set -eu
cd "$(dirname "$0")/.."
build=${1:-build}

part() {
	printf '\n== %s\n' "$1"
}

part "the threadpool: tasks a second, waking up, and waits beside a stuck servant"
"$build/bench/pool/bench_pool"
part "the parser"
"$build/bench/parser/bench_parser" bench/corpus
part "sizes"
"$build/bench/sizes/bench_sizes"
part "a reload: time, and how long a request waits"
"$build/bench/reload/bench_reload"
part "the location: memory per contact"
"$build/bench/location/bench_contacts"
part "the server on UDP loopback, beside a raw UDP responder"
bench/run.py --build "$build"
part "connections, beside Kamailio where it is installed"
bench/streams/streams.py --build "$build"
