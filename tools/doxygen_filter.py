#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""A public header as Doxygen wants it: our headers stay as people read them.

    tools/doxygen_filter.py include/res_sip/work.h      (docs/Doxyfile calls it)

The opening comment becomes that of a group which holds the whole file; its first paragraph is the
title.  A comment behind a field, an enumerator, a function or the brace of a struct is about that.
A line that begins with 0, -1 or an error and two spaces says what that result means.
"""
import pathlib
import re
import sys

OPENING = re.compile(r"/\*\*\n((?: \*.*\n)+?) \*/\n")
RESULT = re.compile(r"^ \* (0|-1|SIP_E[A-Z]+)(?=$|  )", re.MULTILINE)
STRUCT = re.compile(r"^(struct \w+ \{)[ \t]*/\*(?![*!])(.*?)\*/", re.MULTILINE)
BEHIND = re.compile(r"([,;])([ \t]+|\n\t+)/\*(?![*!])")


def group(opening, name):
    """The opening comment, as a group's."""
    lines = [line[3:].rstrip() for line in opening.splitlines()]
    paragraph = lines.index("") if "" in lines else len(lines)
    title = " ".join(lines[:paragraph]).rstrip(".").replace("`", "")
    return "\n * ".join(["/**", f"@defgroup {name} {title}", "", *lines[paragraph:], "@{"]) + " */\n"


def filtered(text, name):
    text = OPENING.sub(lambda match: group(match.group(1), name), text, count=1)
    text = RESULT.sub(r" * @retval \1", text)
    text = STRUCT.sub(r"/**\2*/ \1", text)
    return BEHIND.sub(r"\1\2/**<", text) + "\n/** @} */\n"


def main():
    path = pathlib.Path(sys.argv[1])
    sys.stdout.write(filtered(path.read_text(), path.stem))


if __name__ == "__main__":
    main()
