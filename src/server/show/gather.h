/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * Asking all calls, each in its own turn, and putting together what they say.
 *
 * Nobody is held up: a task per call, few at a time, and whoever asks waits, not with the
 * server's locks and not for ever.
 *
 * Threads: none of the server's.
 */
#pragma once

#include "server/server.h"

#include "res_sip/dialog.h"

/* A transaction, or a dialog, copied. */
struct sip_gathered {
	enum sip_txn_role role;
	enum sip_txn_state state;
	char method[24];
	char call_id[128]; /* longer ones are cut */
	char branch[80];
	char endpoint[64]; /* of a server transaction that still has its request; or empty
			    */
	struct sip_addr peer;
	unsigned status; /* the last; 0: none */
	uint32_t age_ms;
	uint64_t next_timer_us; /* SIP_NEVER: none runs */

	/* Of a dialog, which has of the above call_id, endpoint and peer. */
	bool uac;
	enum ast_sip_dialog_state dialog_state;
	char local_tag[40];
	char remote_tag[40]; /* empty: not known */
	char target[128];
	char usage[32];
};

struct sip_gathering {
	struct sip_gathered *item;
	size_t count;
	unsigned silent_calls; /* that did not answer in time */
};

/** At most `most` transactions for which `wanted` (NULL: all) is true.  SIP_EMEMORY. */
typedef bool sip_gather_fn(void *arg, const struct sip_gathered *gathered);
SIP_MUST_USE int sip_gather_transactions(struct sip_server *server, size_t most,
	sip_gather_fn *wanted, void *arg, struct sip_gathering *gathering);

/** Likewise dialogs, all of them. */
SIP_MUST_USE int sip_gather_dialogs(
	struct sip_server *server, size_t most, struct sip_gathering *gathering);

void sip_gathering_fini(struct sip_gathering *gathering);
