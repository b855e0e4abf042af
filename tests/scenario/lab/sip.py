# SPDX-License-Identifier: BSD-2-Clause
"""As much of SIP's syntax as judging a trace needs: a first line and header fields."""
import re

TRACED = re.compile(r"^(?:UDP|TCP|TLS) (\S+) -> (\S+)\n((?:SIP/2\.0 \d{3} |[A-Z]+ \S+ SIP/2\.0$)"
                    r".*?)\n\n", re.MULTILINE | re.DOTALL)


class Message:
    def __init__(self, text):
        head, _, self.body = text.replace("\r", "").partition("\n\n")
        self.first, *lines = head.split("\n")
        self.fields = [(name.strip(), value.strip()) for name, _, value in
                       (line.partition(":") for line in lines)]
        self.source = self.target = None

    @property
    def status(self):
        """The status code, 0 of a request."""
        return int(self.first.split()[1]) if self.first.startswith("SIP/2.0 ") else 0

    @property
    def method(self):
        """Of a response the one that it answers."""
        return self["CSeq"].split()[-1] if self.status else self.first.split()[0]

    def all(self, name):
        return [value for key, value in self.fields if key.lower() == name.lower()]

    def __getitem__(self, name):
        values = self.all(name)
        return values[0] if values else ""

    def __str__(self):
        return self.first


def traced(text):
    """The messages in a trace of baresip's, in order."""
    found = []
    for match in TRACED.finditer(text):
        one = Message(match[3])
        one.source, one.target = match[1], match[2]
        # Its lines end in \n there: what is too long ends where the colour does.
        end = match.end() + int(one["Content-Length"] or 0)
        one.body = text[match.end():end].partition("\x1b")[0]
        found.append(one)
    return found
