# SPDX-License-Identifier: BSD-2-Clause
"""Pages of the documentation: their commands are run, and must print what the pages show."""
import sys

from lab.building import ROOT, Installed, command


def play(lab, page):
    print(command(sys.executable, ROOT / "tools/play_page.py", ROOT / page,
                  RES_SIP=lab.program).strip(), flush=True)


def play_installed(lab, page):
    """One that compiles against an installed prefix.  The examples' modules are in it too."""
    installed = Installed.of(lab.program)
    print(command(sys.executable, ROOT / "tools/play_page.py", ROOT / page,
                  RES_SIP=installed.program, PKG_CONFIG_PATH=str(installed.packages)).strip(),
          flush=True)


def scenario_modules_md_is_what_happens(lab):
    play_installed(lab, "docs/modules.md")


def scenario_dialogs_md_is_what_happens(lab):
    play_installed(lab, "docs/dialogs.md")


def scenario_the_readme_of_each_example_is_what_happens(lab):
    for page in sorted(ROOT.glob("examples/*/README.md")):
        play_installed(lab, page.relative_to(ROOT))


def scenario_explain_md_is_what_happens(lab):
    play(lab, "docs/explain.md")


def scenario_reload_md_is_what_happens(lab):
    play(lab, "docs/reload.md")


def scenario_from_asterisk_md_is_what_happens(lab):
    play(lab, "docs/from-asterisk.md")


def scenario_getting_started_md_is_what_happens(lab):
    play(lab, "docs/getting-started.md")
