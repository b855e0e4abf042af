#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""table.txt: what may become of each torture message in each role, and what does.

    table.py --markdown     docs/torture.md without its head
    table.py --c            what test_torture.c has to know

The scenario test (tests/scenario/cases/torture.py) imports it.  A verdict is a status code that the
message is answered with, `forwarded`, or `silence`: neither answered nor sent on.
"""
import configparser
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROLES = ("proxy", "registrar", "agent")
KEYS = {"section", "is", "parser", "why", "ours", "registrar contacts", "proxy as"}
KEYS |= {f"{role}{part}" for role in ROLES for part in ("", " may", " with")}


class Row:
    def __init__(self, name, text):
        unknown = set(text) - KEYS
        if unknown:
            sys.exit(f"table: {name}: what is {', '.join(sorted(unknown))}?")
        self.name = name
        self.section = text.get("section", "")
        self.title = text["is"]
        self.well_formed = {"well-formed": True, "malformed": False}[text["parser"]]
        self.does = {role: text[role] for role in ROLES}
        self.may = {role: text[f"{role} may"].split() for role in ROLES}
        self.answer_has = {role: text.get(f"{role} with", "") for role in ROLES}
        self.contacts = text.get("registrar contacts", "").split()
        self.why = text["why"]
        self.ours = text.get("ours", "")
        for role in ROLES:
            if self.does[role] not in self.may[role]:
                sys.exit(f"table: {name}: a {role} may not do what it does")
        if not self.well_formed and len(set(self.does.values())) != 1:
            sys.exit(f"table: {name}: what can't be parsed is the same to every role")

    @property
    def is_ipv6(self):
        return self.name.startswith("v6-")

    @property
    def bytes(self):
        return (HERE / f"{self.name}.dat").read_bytes()


def rows():
    """Every row, in the order of the table; each message has one."""
    text = configparser.ConfigParser(interpolation=None, delimiters=("=",), comment_prefixes=("#",))
    text.read(HERE / "table.txt", encoding="utf-8")
    found = [Row(name, text[name]) for name in text.sections()]
    files = {file.stem for file in HERE.glob("*.dat")}
    if files != {row.name for row in found}:
        sys.exit(f"table: messages without a row, or rows without a message: "
                 f"{', '.join(sorted(files ^ {row.name for row in found}))}")
    return found


def print_c():
    print("/* SPDX-License-Identifier: BSD-2-Clause */")
    print("/* Made by table.py from table.txt. */")
    print("static const struct {\n\tconst char *name;\n\tbool well_formed;\n"
          "\tunsigned status; /* to answer with; 0: none */\n} torture_rows[] = {")
    for row in rows():
        status = row.does["proxy"]
        if row.well_formed or status == "silence":
            status = "0"
        print(f'\t{{ "{row.name}", {str(row.well_formed).lower()}, {status} }},')
    print("};")


def cell(text):
    for mark in ("\\", "|", "<", "*", "_"):
        text = text.replace(mark, "\\" + mark)
    return text


def verdict(row, role):
    others = [word for word in row.may[role] if word != row.does[role]]
    return f"**{row.does[role]}**" + (f", or {', '.join(others)}" if others else "")


def print_part(title, words, part):
    print(f"\n## {title}\n\n{words}\n")
    print("| message | section | what it is | parser | proxy | registrar | user agent | why |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for row in part:
        why = f"{row.why} *{cell(row.ours)}*" if row.ours else cell(row.why)
        if row.ours:
            why = f"{cell(row.why)} *{cell(row.ours)}*"
        cells = [f"`{row.name}`", row.section or "-", cell(row.title),
                 "well formed" if row.well_formed else "malformed",
                 *(verdict(row, role) for role in ROLES), why]
        print("| " + " | ".join(cells) + " |")


def print_markdown():
    every = rows()
    print_part("RFC 4475", "The messages of its appendix, byte for byte. Sections are those of RFC 4475.",
               [row for row in every if not row.is_ipv6 and not row.name.startswith("our-")])
    print_part("IPv6: RFC 5118", "Messages of our own that have what its sections are about; those without a section go on "
               "from there.", [row for row in every if row.is_ipv6])
    print_part("Of our own", "What the messages above leave untested, because of the names in them.",
               [row for row in every if row.name.startswith("our-")])


if __name__ == "__main__":
    if sys.argv[1:] == ["--c"]:
        print_c()
    elif sys.argv[1:] == ["--markdown"]:
        print_markdown()
    else:
        sys.exit(__doc__)
