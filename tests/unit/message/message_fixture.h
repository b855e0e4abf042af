/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages for tests, each in a heap block of its exact length and padding. */
#pragma once

#include "message/index.h"

#define FIXTURE_HDRS 256

struct message_fixture {
	struct sip_msg msg;
	int error; /* what the parser returned */
	struct sip_hdr hdrs[FIXTURE_HDRS];
	char *block;
};

/** Parse a copy of `text`; fini gives it back.  Out of memory fails the test. */
void message_fixture_init(struct message_fixture *f, struct sip_str text);

/** Likewise with limits, room for `hdr_room` fields, and a parser of the caller's choice.
 */
void message_fixture_init_with(struct message_fixture *f, struct sip_str text,
	const struct sip_msg_limits *limits, uint16_t hdr_room,
	const struct sip_parser *parser);

void message_fixture_fini(struct message_fixture *f);

/** A good OPTIONS request with `extra` ("Name: value\r\n...") among its fields. */
void message_fixture_with(struct message_fixture *f, const char *extra);

/** Read `directory`/`name`; owned by the caller. */
struct sip_str message_fixture_read(const char *directory, const char *name);
