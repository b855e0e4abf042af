# SPDX-License-Identifier: BSD-2-Clause
"""Phones come, and strangers do not."""
from lab import check


def scenario_two_phones_register_with_digest(lab):
    server = lab.server()
    phones = [lab.baresip(user, server).registered() for user in ("6001", "6002")]
    contacts = server.contacts()
    for phone in phones:
        check(phone.received("REGISTER", 401), f"{phone.name} was not challenged")
        check(f"127.0.0.1:{phone.port}" in contacts, f"no contact of {phone.name} in {contacts}")
