#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Explore the interleavings of the pool deeper than the tests do (docs/interleave.md), out of build/.
#
#     tools/explore.sh [DEEPER [RANDOM [SEED]]]
#
# DEEPER more deviations than the tests' (1), RANDOM times as many random schedules (50), from
# SEED (the time).
set -e
cd "$(dirname "$0")/.."
EXPLORE_DEEPER=${1:-1}
EXPLORE_RANDOM=${2:-50}
EXPLORE_SEED=${3:-$(date +%s)}
export EXPLORE_DEEPER EXPLORE_RANDOM EXPLORE_SEED
echo "EXPLORE_DEEPER=$EXPLORE_DEEPER EXPLORE_RANDOM=$EXPLORE_RANDOM EXPLORE_SEED=$EXPLORE_SEED"
failed=0
for test in build/tests/interleave/test_interleave_*; do
	[ -f "$test" ] || continue
	"$test" || failed=1
done
exit $failed
