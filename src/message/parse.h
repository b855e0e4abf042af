/* SPDX-License-Identifier: BSD-2-Clause */
/* What is known while a message is parsed, and what parse.c does for its decoders. */
#pragma once

#include "base/compiler.h"
#include "message/index.h"

struct sip_parse {
	struct sip_msg *msg;
	const struct sip_msg_limits *limits;
	struct sip_index index;
	int error; /* the first */
	bool unanswerable;
};

/** Note an error; the first stays. */
void sip_parse_fail(struct sip_parse *p, int error, uint16_t status, const char *reason);

/** The field is not there, or can't be read. */
void sip_parse_fail_field(struct sip_parse *p, enum sip_hdr_id id);

/** sip_msg_header(), without the call. */
static inline struct sip_str sip_parse_value(
	const struct sip_msg *msg, enum sip_hdr_id id)
{
	const struct sip_hdr *hdr;

	if (SIP_UNLIKELY(msg->first[id] == UINT16_MAX))
		return (struct sip_str){ NULL, 0 };
	hdr = &msg->hdrs[msg->first[id]];
	return (struct sip_str){ msg->text + hdr->value_off, hdr->value_len };
}
