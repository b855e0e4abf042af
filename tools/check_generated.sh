#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Is each page that is made from something what it would be made now?
#     tools/check_generated.sh [BUILD]
set -eu
cd "$(dirname "$0")/.."
build=${1:-build}
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
tools/make_docs.sh "$build" "$made"
stale=0
for page in "$made"/*.md; do
	name=docs/$(basename "$page")
	if cmp -s "$name" "$page"; then
		echo "check_generated: $name is as it would be made"
	else
		diff "$name" "$page" | head -20
		echo "check_generated: $name is stale: run tools/make_docs.sh $build"
		stale=1
	fi
done
exit "$stale"
