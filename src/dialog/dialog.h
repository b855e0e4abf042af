/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * Dialogs: the state of RFC 3261 section 12.
 *
 *      establish.c  from an INVITE and its answers: tags, route set, target (12.1)
 *      request.c    requests within: what ours look like, what order theirs have (12.2)
 *      repeat.c     a 2xx until its ACK, a provisional answer each minute (13.3.1)
 *
 * Nothing here sends, or knows endpoints and services: that is server/dialogs/.
 *
 * Threads: the turn of the dialog's work, as transactions; before it has one, whoever
 * makes it.
 */
#pragma once

#include "base/compiler.h"
#include "message/builder.h"

struct sip_dialog {
#define sip_dialog_MAGIC 0x646c6700u
	uint32_t magic;
	bool uac;             /* we have sent the INVITE */
	bool secure;          /* 12.1.1: sips, over TLS */
	bool sips;            /* our Contact is a sips: URI */
	bool numbered;        /* remote_cseq is known */
	uint32_t local_cseq;  /* of our latest request; 0: none */
	uint32_t remote_cseq; /* of the peer's latest */
	struct sip_str call_id;
	struct sip_str local_tag;
	struct sip_str remote_tag; /* ptr NULL: none yet, or a peer of RFC 2543 */
	struct sip_str local;      /* From of our requests, without its tag */
	struct sip_str remote;     /* To of our requests, without its tag */
	struct sip_str target;     /* a URI */
	struct sip_str routes;     /* elements as in a Route, with commas; may be empty */
};

/* What a dialog that we begin is made of; borrowed. */
struct sip_dialog_plan {
	struct sip_str call_id;
	struct sip_str local_tag;
	struct sip_str local;  /* name-addr or <uri> */
	struct sip_str remote; /* likewise */
	struct sip_str target; /* the URI of the INVITE */
	struct sip_str
		routes; /* that it goes along, until an answer says others; or none */
};

/* ---- establish.c; each returns 0 or SIP_EMEMORY, and `dlg` needs fini in any case ----
 */

/** 12.1.2, up to the answer. */
SIP_MUST_USE int sip_dialog_init_uac(
	struct sip_dialog *dlg, const struct sip_dialog_plan *plan);

/** 12.1.1: from the INVITE, which gets answers with `local_tag`.  Also SIP_EMISSING: no
 * Contact; SIP_ESYNTAX: it is no SIP URI, or a Record-Route is none. */
SIP_MUST_USE int sip_dialog_init_uas(
	struct sip_dialog *dlg, const struct sip_msg *invite, struct sip_str local_tag);

/** Another dialog of the same INVITE: our half of `of`, with what was called for target.
 */
SIP_MUST_USE int sip_dialog_init_fork(
	struct sip_dialog *dlg, const struct sip_dialog *of);

/** 12.1.2: from a response to our INVITE with a To tag, or a 2xx.  A 2xx determines the
 * route set anew (13.2.2.4).  Also SIP_EMISSING: a 2xx without Contact; SIP_ESYNTAX:
 * nothing has changed, but that a 2xx's tag is known. */
SIP_MUST_USE int sip_dialog_establish(
	struct sip_dialog *dlg, const struct sip_msg *response);

/** A target refresh request, or a 2xx to one (12.2.1.2, 12.2.2): its Contact, if any, is
 * the target. Also SIP_ESYNTAX. */
SIP_MUST_USE int sip_dialog_refresh(struct sip_dialog *dlg, const struct sip_msg *msg);

/** What the two know of the peer, swapped: tags, route set, target, order. */
void sip_dialog_swap_peers(struct sip_dialog *a, struct sip_dialog *b);

/* ---- dialog.c ---- */

void sip_dialog_fini(struct sip_dialog *dlg);

/** The request is of this dialog (12.2.2), a peer without tags included. */
bool sip_dialog_has_request(const struct sip_dialog *dlg, const struct sip_msg *request);

/** The method may change the remote target: INVITE, UPDATE, and SUBSCRIBE, NOTIFY, REFER.
 */
bool sip_dialog_refreshes(enum sip_method method);

/* ---- request.c ---- */

/** Where our requests go first: the topmost route, else the target.  0 or SIP_ESYNTAX. */
SIP_MUST_USE int sip_dialog_next_hop(const struct sip_dialog *dlg, struct sip_uri *uri);

/** The start line. */
void sip_dialog_put_line(
	struct sip_builder *b, const struct sip_dialog *dlg, struct sip_str method);

/** Route, From, To, Call-ID and CSeq (12.2.1.1); the number is the caller's, for ACK and
 * CANCEL have that of their request. */
void sip_dialog_put_fields(struct sip_builder *b, const struct sip_dialog *dlg,
	struct sip_str method, uint32_t cseq);

/** How much the two write at most, without the method. */
size_t sip_dialog_request_len(const struct sip_dialog *dlg);

/** Is it the peer's next request (12.2.2)?  False: its number is lower: 500.  Not of ACK
 * and CANCEL. */
bool sip_dialog_in_order(struct sip_dialog *dlg, uint32_t cseq);
