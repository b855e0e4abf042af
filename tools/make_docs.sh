#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Write the pages anew that are made from something: docs/configuration.md from the options that the
# program knows, docs/torture.md from the table of the torture messages.
#     tools/make_docs.sh [BUILD [FOLDER]]
set -eu
cd "$(dirname "$0")/.."
build=${1:-build}
folder=${2:-docs}
{
	cat tools/configuration_head.md
	"$build/res_sip" show defaults --markdown
} >"$folder/configuration.md"
{
	cat tools/torture_head.md
	python3 tests/torture/table.py --markdown
} >"$folder/torture.md"
