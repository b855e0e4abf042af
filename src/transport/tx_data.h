/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * The bytes of a message to send, and the buffer in which it is built.
 *
 * Built by one owner, then sealed; a sealed one never changes, so a batch, a
 * transaction and its retransmissions share it by reference.
 *
 * Threads: one at a time until sealed; then any, the reference count is atomic.
 */
#pragma once

#include "base/slab.h"
#include "message/builder.h"
#include "res_sip/flow.h"

#include <stdatomic.h>

#define SIP_TX_SLAB_LEN 4096

struct sip_request_plan; /* server/: what is filled in when a request is sent */

struct sip_tx_data {
#define sip_tx_data_MAGIC 0x74786461u
	uint32_t magic;
	_Atomic uint32_t refs;
	struct sip_slab *slab;
	char *text;    /* in the slab, or `large` */
	char *large;   /* NULL, or free()d with it */
	uint32_t size; /* bytes in `text` */
	uint32_t len;  /* bytes of the message, once sealed */
	bool sealed;

	/* Server's: how it is being built.  The head is written into text from the front;
	 * the body waits apart until the message is sealed. */
	struct sip_builder head;
	char *body; /* malloc()ed */
	uint32_t body_len;
	bool has_content_type;
	bool type_of_body;      /* it came with the body, and goes with it */
	bool forwarded;         /* somebody else's: no Server or User-Agent of ours */
	uint16_t status;        /* of a response */
	enum sip_method method; /* of a request, or the one responded to */
	struct sip_flow
		flow; /* where a request goes; family AF_UNSPEC: not decided yet */
	struct sip_request_plan *plan; /* malloc()ed; NULL for responses */
	/* What the plan holds, before it is free()d; NULL: nothing. */
	void (*plan_fini)(struct sip_request_plan *plan);
};

/** Empty, one reference, `size` bytes at least.  NULL: out of memory. */
SIP_MUST_USE struct sip_tx_data *sip_tx_data_create(struct sip_slab *slab, size_t size);
struct sip_tx_data *sip_tx_data_ref(struct sip_tx_data *tdata);
void sip_tx_data_unref(struct sip_tx_data **tdata);

/** Give the builder a larger buffer (before sealing); SIP_EMEMORY. */
SIP_MUST_USE int sip_tx_data_grow(struct sip_tx_data *tdata, size_t size);
