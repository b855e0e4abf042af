#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The checks find what they are for: each is run in a small tree with one fault.

    tools/test_checks.py
"""
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

TOOLS = os.path.dirname(os.path.abspath(__file__))
SPDX = "/* SPDX-License-Identifier: BSD-2-Clause */\n"


class Tree(unittest.TestCase):
    """A tree of its own for each test, with the tools in it."""

    def setUp(self):
        self.root = tempfile.mkdtemp(prefix="checks-")
        self.addCleanup(shutil.rmtree, self.root)
        shutil.copytree(TOOLS, self.path("tools"),
                        ignore=shutil.ignore_patterns("__pycache__"))
        self.write("src/LAYERS", "# SPDX-License-Identifier: BSD-2-Clause\n"
                                 "low:\nhigh: low\n")
        self.write("src/low/low.h", SPDX + "#pragma once\nstruct low;\n")
        self.write("src/high/high.h", SPDX + "#pragma once\n#include \"low/low.h\"\n")
        self.write("include/res_sip/a.h", SPDX + "#pragma once\n#include <stddef.h>\n")

    def path(self, name):
        return os.path.join(self.root, name)

    def write(self, name, text):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)

    def run_tool(self, tool, *args):
        done = subprocess.run([self.path("tools/" + tool), *args], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, check=False, cwd=self.root)
        return done.returncode, done.stdout

    def finds(self, tool, *parts):
        code, text = self.run_tool(tool)
        self.assertEqual(code, 1, text)
        self.assertTrue(any(all(part in line for part in parts)
                            for line in text.splitlines()), text)

    def is_content(self, tool):
        code, text = self.run_tool(tool)
        self.assertEqual(code, 0, text)


class Layers(Tree):
    def test_a_sound_tree_passes(self):
        self.write("src/low/a.c", '#include "low/low.h"\n#include <sys/socket.h>\n'
                                  '#include "res_sip/a.h"\n')
        self.write("modules/echo/echo.c", '#include "echo.h"\n#include <res_sip/a.h>\n')
        self.write("modules/echo/echo.h", '#include <res_sip.h>\n#include <stdio.h>\n')
        self.is_content("check_layers.py")

    def test_a_lower_folder_may_not_see_a_higher_one(self):
        self.write("src/low/a.c", '\n#include "high/high.h"\n')
        self.finds("check_layers.py", "src/low/a.c:2:", "low may not see high")

    def test_nor_in_angle_brackets(self):
        self.write("src/low/a.c", "#include <high/high.h>\n")
        self.finds("check_layers.py", "low may not see high")

    def test_a_folder_must_be_listed(self):
        self.write("src/new/a.c", '#include "low/low.h"\n')
        self.finds("check_layers.py", "new is not in src/LAYERS")

    def test_the_list_itself_runs_one_way(self):
        self.write("src/LAYERS", "low: high\nhigh:\n")
        self.finds("check_layers.py", "src/LAYERS:1:", "low may see high")

    def test_a_module_sees_no_private_header(self):
        self.write("modules/echo/echo.c", "#include <low/low.h>\n")
        self.finds("check_layers.py", "a private header of the library")

    def test_a_module_does_not_climb_out_of_its_folder(self):
        self.write("modules/echo/echo.c", '#include "../../src/low/low.h"\n')
        self.finds("check_layers.py", "only <res_sip...> and headers of its own folder")

    def test_a_public_header_includes_no_private_one(self):
        self.write("include/res_sip/b.h", '#include "low/low.h"\n')
        self.finds("check_layers.py", "a public header includes a private one")


class Headers(Tree):
    def test_a_sound_tree_passes(self):
        self.is_content("check_headers.py")

    def test_a_header_brings_what_it_uses(self):
        self.write("include/res_sip/b.h", "#pragma once\nsize_t b(void);\n")
        self.finds("check_headers.py", "include/res_sip/b.h", "clang")

    def test_a_header_can_be_included_twice(self):
        self.write("src/low/b.h", "struct b { int c; };\n")
        self.finds("check_headers.py", "src/low/b.h", "gcc")

    def test_a_public_header_finds_no_private_one(self):
        self.write("include/res_sip/b.h", '#pragma once\n#include "low/low.h"\n')
        self.finds("check_headers.py", "include/res_sip/b.h")


class Style(Tree):
    def function_of(self, lines):
        return SPDX + "void f(void)\n{\n" + "\tg();\n" * (lines - 2) + "}\n"

    def test_a_sound_tree_passes(self):
        self.write("src/low/a.c", self.function_of(80))
        self.write("src/base/a.c", SPDX + "#if X\n#endif\n")
        self.is_content("check_style.py")

    def test_a_function_has_at_most_80_lines(self):
        self.write("src/low/a.c", self.function_of(81))
        self.finds("check_style.py", "src/low/a.c:2:", "function of 81 lines")

    def test_a_file_has_at_most_800_lines(self):
        self.write("src/low/a.c", SPDX + "int a;\n" * 800)
        self.finds("check_style.py", "801 lines")

    def test_every_file_has_its_licence(self):
        self.write("src/low/a.c", "int a;\n")
        self.finds("check_style.py", "src/low/a.c:1:", "no SPDX line")

    def test_nothing_is_put_off(self):
        self.write("src/low/a.c", SPDX + "/* TO" + "DO: later */\n")
        self.finds("check_style.py", "src/low/a.c:2:")

    def test_no_conditionals_above_base(self):
        self.write("src/low/a.c", SPDX + "#ifdef X\n#endif\n")
        self.finds("check_style.py", "src/low/a.c:2:", "conditional")

    def test_a_page_names_targets_that_are_there(self):
        self.write("Makefile", "build:\n\ttrue\n")
        self.write("docs/a.md", "`make build`\n\n    make build\n\nmake sure\n")
        self.is_content("check_style.py")
        for text in ("`make bild`\n", "    make bild\n", "```sh\nmake bild\n```\n"):
            self.write("docs/a.md", text)
            self.finds("check_style.py", "docs/a.md:", "no target bild")

    def test_a_wide_line_is_only_mentioned(self):
        self.write("src/low/a.c", SPDX + "/*" + "\t" * 13 + "*/\n")
        code, text = self.run_tool("check_style.py")
        self.assertEqual(code, 0)
        self.assertIn("src/low/a.c:2: warning: 106 columns", text)


class Exports(Tree):
    def build(self, name, source):
        self.write("a.c", source)
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        subprocess.run(["cc", "-shared", "-fPIC", "-o", self.path(name), self.path("a.c")],
                       check=True)

    def test_sip_names_and_the_module_file_pass(self):
        self.build("build/src/libres_sip.so.0", "int sip_a, ast_sip_b;\n")
        self.build("build/modules/m.so", "int ast_sip_module_file;\n")
        self.is_content("check_exports.py")

    def test_another_name_of_the_library_is_found(self):
        self.build("build/src/libres_sip.so", "int sip_a, helper;\n")
        self.finds("check_exports.py", "libres_sip.so: exports helper")

    def test_a_module_exports_one_name(self):
        self.build("build/src/libres_sip.so", "int sip_a;\n")
        self.build("build/modules/m/m.so", "int ast_sip_module_file, sip_b;\n")
        self.finds("check_exports.py", "m.so: exports sip_b")
        self.build("build/modules/m/m.so", "static int a; int *f(void);\n")
        self.finds("check_exports.py", "m.so: does not export ast_sip_module_file")

    def test_no_library_is_no_success(self):
        self.assertEqual(self.run_tool("check_exports.py")[0], 2)


class Format(Tree):
    def test_a_file_that_would_change_is_named(self):
        shutil.copy(os.path.join(TOOLS, "..", ".clang-format"), self.root)
        self.write("a.c", "int a;\n")
        self.write("b.c", "int   b ;\n")
        self.assertEqual(self.run_tool("check_format.sh", "a.c")[0], 0)
        code, text = self.run_tool("check_format.sh", "a.c", "b.c")
        self.assertEqual(code, 1)
        self.assertIn("b.c: clang-format would change it", text)


class AllocFail(Tree):
    """Stand-ins for a test executable: what they print, and how they end."""

    def verdict(self, script):
        self.write("test_x", "#!/bin/sh\n" + script)
        os.chmod(self.path("test_x"), 0o755)
        return self.run_tool("run_alloc_fail.py", self.path("test_x"))

    def test_survived_failures_pass(self):
        code, text = self.verdict('echo "alloc_fail: seen=3"; [ $SIP_ALLOC_FAIL = 0 ]\n')
        self.assertEqual(code, 0, text)
        self.assertIn("3 of 3 allocations failed in turn, 0 not survived", text)

    def test_a_signal_is_a_crash(self):
        code, text = self.verdict('[ $SIP_ALLOC_FAIL = 2 ] && kill -ABRT $$\n'
                                  'echo "alloc_fail: seen=3"\n')
        self.assertEqual(code, 1)
        self.assertIn("SIP_ALLOC_FAIL=2: killed by signal 6", text)

    def test_a_signal_that_cmocka_caught_is_a_crash(self):
        code, text = self.verdict(
            'echo "alloc_fail: seen=1"; [ $SIP_ALLOC_FAIL = 0 ] && exit 0\n'
            'echo "Test failed with exception: Segmentation fault(11)"; exit 1\n')
        self.assertEqual(code, 1)
        self.assertIn("Segmentation fault", text)

    def test_a_leak_counts_where_no_test_failed(self):
        leak = 'echo "alloc_fail: seen=1"; [ $SIP_ALLOC_FAIL = 0 ] && exit 0\n' \
               'echo "==1==ERROR: LeakSanitizer: detected"; exit 99\n'
        self.assertEqual(self.verdict(leak)[0], 1)
        self.assertEqual(self.verdict(leak.replace("exit 0\n", "exit 0\n"
                                                   'echo "[  FAILED  ] x"\n'))[0], 0)

    def test_a_suite_that_fails_anyway_is_said(self):
        code, text = self.verdict('echo "alloc_fail: seen=1"; exit 1\n')
        self.assertEqual(code, 1)
        self.assertIn("fails without a failing allocation", text)


if __name__ == "__main__":
    sys.exit(unittest.main())
