#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Write src/message's constant tables: character classes, header names and their perfect hash.

Usage: make_message_tables.py OUTPUT

The build runs it; the C side is src/message/chars.h and src/message/hdr_id.c.
"""
import random
import string
import sys

ALPHA = string.ascii_letters
DIGIT = string.digits
ALNUM = ALPHA + DIGIT
MARK = "-_.!~*'()"
UNRESERVED = ALNUM + MARK
UTF8 = ''.join(chr(c) for c in range(0x80, 0x100))

# RFC 3261 section 25.1.  '%' stands in where an escape may; the parser checks the digits.
CLASSES = {
    'TOKEN': ALNUM + "-.!%*_+`'~",
    'WORD': ALNUM + "-.!%*_+`'~()<>:\\\"/[]?{}",
    # '_' is no host character, but many names in private networks have it.
    'HOST': ALNUM + '-._',
    # '#' is to be escaped in a user part; phones that dial *21# do not, and it means nothing else.
    'USER': UNRESERVED + '&=+$,;?/%#',
    'PASSWORD': UNRESERVED + '&=+$,%',
    'URI_PARAM': UNRESERVED + '[]/:&+$%',
    'URI_HEADER': UNRESERVED + '[]/?:+$%',
    'URIC': UNRESERVED + ';/?:@&=+$,%[]#',
    # What may stand between angle brackets; sip_uri_parse() looks closer.
    'GRAPHIC': ''.join(chr(c) for c in range(0x21, 0x7f) if chr(c) not in '<>"') + UTF8,
    'PHONE': DIGIT + 'abcdefABCDEF*#-.()',
    'VALUE': ALNUM + "-.!%*_+`'~:[]",
    'SCHEME': ALNUM + '+-.',
    'RESERVED': ';/?:@&=+$,',
    'DIGIT': DIGIT,
    'ALPHA': ALPHA,
    # The display name of a name-addr without quotes: tokens and the spaces between them.
    'DISPLAY': ALNUM + "-.!%*_+`'~ \t" + UTF8,
}

# Canonical name, compact form.
NAMES = [
    ('Accept', ''), ('Accept-Encoding', ''), ('Accept-Language', ''), ('Alert-Info', ''),
    ('Allow', ''), ('Allow-Events', 'u'), ('Authentication-Info', ''), ('Authorization', ''),
    ('Call-ID', 'i'), ('Call-Info', ''), ('Contact', 'm'), ('Content-Disposition', ''),
    ('Content-Encoding', 'e'), ('Content-Language', ''), ('Content-Length', 'l'),
    ('Content-Type', 'c'), ('CSeq', ''), ('Date', ''), ('Error-Info', ''), ('Event', 'o'),
    ('Expires', ''), ('From', 'f'), ('In-Reply-To', ''), ('Max-Breadth', ''),
    ('Max-Forwards', ''), ('MIME-Version', ''), ('Min-Expires', ''), ('Min-SE', ''),
    ('Organization', ''), ('P-Asserted-Identity', ''), ('P-Preferred-Identity', ''),
    ('Path', ''), ('Priority', ''), ('Privacy', ''), ('Proxy-Authenticate', ''),
    ('Proxy-Authorization', ''), ('Proxy-Require', ''), ('RAck', ''), ('Reason', ''),
    ('Record-Route', ''), ('Refer-To', 'r'), ('Referred-By', 'b'), ('Replaces', ''),
    ('Reply-To', ''), ('Require', ''), ('Retry-After', ''), ('Route', ''), ('RSeq', ''),
    ('Server', ''), ('Service-Route', ''), ('Session-Expires', 'x'), ('Subject', 's'),
    ('Subscription-State', ''), ('Supported', 'k'), ('Timestamp', ''), ('To', 't'),
    ('Unsupported', ''), ('User-Agent', ''), ('Via', 'v'), ('Warning', ''),
    ('WWW-Authenticate', ''),
]

SLOT_BITS = 9
FOLD = 0x20
MASK = (1 << 64) - 1


def key_of(name):
    """As key_of() in hdr_id.h: the first eight bytes, the last one and the length."""
    b = bytes(ord(c) | FOLD for c in name)
    return (int.from_bytes(b[:8], 'little') + (b[-1] & 31) + 8 * len(b)) & MASK


def slot_of(name, factor):
    return (key_of(name) * factor & MASK) >> (64 - SLOT_BITS)


def perfect_factor(keys):
    """A factor that gives each name a slot of its own.  Seeded: builds are repeatable."""
    assert len(set(map(key_of, keys))) == len(keys), "two names have one key"
    rng = random.Random(3261)
    while True:
        factor = rng.getrandbits(64) | 1
        seen = set()
        for name in keys:
            slot = slot_of(name, factor)
            if slot in seen:
                break
            seen.add(slot)
        else:
            return factor


def enum_of(name):
    return 'SIP_HDR_' + name.upper().replace('-', '_')


def write_classes(out):
    for bit, name in enumerate(CLASSES):
        out.write('#define CLASS_BIT_%s %d\n' % (name, bit))
    out.write('#define SIP_CHAR_TABLE')
    for c in range(256):
        bits = sum(1 << i for i, chars in enumerate(CLASSES.values()) if chr(c) in chars)
        out.write('%s0x%04x,' % (' \\\n\t' if c % 8 == 0 else ' ', bits))
    out.write('\n\n')


def write_rows(out):
    """For each class and lower half of a byte: a bit for each upper half below 8 of its characters."""
    out.write('#define SIP_CHAR_ROWS')
    for chars in CLASSES.values():
        rows = [sum(1 << upper for upper in range(8) if chr(upper << 4 | lower) in chars)
                for lower in range(16)]
        out.write(' \\\n\t{ %s },' % ', '.join('0x%02x' % row for row in rows))
    out.write('\n\n')


def write_names(out):
    entries = [(name, name) for name, _ in NAMES] + [(c, name) for name, c in NAMES if c]
    factor = perfect_factor([text for text, _ in entries])
    slots = [0] * (1 << SLOT_BITS)
    out.write('#define HDR_SLOT_BITS %d\n#define HDR_FACTOR 0x%016xull\n' % (SLOT_BITS, factor))
    out.write('#define HDR_ROWS %d\n' % (len(entries) + 1))
    out.write('#define HDR_ENTRIES')
    for index, (text, name) in enumerate(entries):
        slots[slot_of(text, factor)] = index + 1
        out.write(' \\\n\t{ "%s", 0x%xu, %d, %s },'
                  % (''.join(chr(ord(c) | FOLD) for c in text), (1 << len(text)) - 1, len(text),
                     enum_of(name)))
    out.write('\n#define HDR_SLOTS')
    for i, slot in enumerate(slots):
        out.write('%s%d,' % (' \\\n\t' if i % 16 == 0 else ' ', slot))
    out.write('\n#define HDR_NAMES')
    for name, _ in NAMES:
        out.write(' \\\n\t[%s] = { "%s", %d },' % (enum_of(name), name, len(name)))
    out.write('\n')


def main():
    with open(sys.argv[1], 'w', encoding='ascii') as out:
        out.write('/* SPDX-License-Identifier: BSD-2-Clause */\n')
        out.write('/* Made by tools/make_message_tables.py; not to be edited. */\n#pragma once\n\n')
        write_classes(out)
        write_rows(out)
        write_names(out)


main()
