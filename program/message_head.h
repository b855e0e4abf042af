/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the trace has to know of a message: which call, which transaction.
 *
 * It is read from the bytes as they were on the wire, before or after the server judged
 * them, so anything may be missing.
 */
#pragma once

#include <res_sip.h>

/* All borrow the message; empty: not found. */
struct message_head {
	struct sip_str method; /* of a request; of a response: that of its CSeq */
	bool is_response;
	uint32_t status; /* of a response; 0: not found */
	struct sip_str call_id;
	struct sip_str cseq;          /* the number */
	struct sip_str branch;        /* of the topmost Via */
	struct sip_str second_branch; /* of the Via below it */
};

void message_head_read(struct sip_str message, struct message_head *head);
