#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Write docs/configuration.md anew, from the options that the program knows.
#     tools/make_docs.sh [BUILD [FILE]]
set -eu
cd "$(dirname "$0")/.."
build=${1:-build}
file=${2:-docs/configuration.md}
{
	cat tools/configuration_head.md
	"$build/res_sip" show defaults --markdown
} >"$file"
