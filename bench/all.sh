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
part "the location: a contact's memory, registering, refreshing, finding, asking"
"$build/bench/location/bench_contacts"
part "memory"
bench/memory.py --build "$build"
part "what a million contacts make of the cost"
bench/growth.py --build "$build"
part "start and reload of the program, with 100,000 phones"
bench/start.py --build "$build"
part "the server on UDP loopback, beside a raw UDP responder"
bench/run.py --build "$build"
part "two servants beside one"
bench/cores.py --build "$build"
part "OPTIONS beside an authenticator that blocks"
bench/blocking.py --build "$build"
part "connections, beside Kamailio where it is installed"
bench/streams/streams.py --build "$build"
