/* SPDX-License-Identifier: BSD-2-Clause */
/** What is known of a request of ours when it is sent; goes with its sip_tx_data. */
#pragma once

#include "server/message/request_branch.h"
#include "server/proxy/branch_id.h"

struct sip_leg;

/* Where a request of ours goes. */
struct sip_request_way {
	char *uri;   /* malloc()ed */
	char *route; /* malloc()ed; the Path of a contact (RFC 3327); NULL: none */
	struct sip_str first_route; /* its first URI, in it */
	struct sip_flow flow;       /* listener 0: the URI's host is a name */
	uint32_t listener;          /* it leaves by that one; 0: by any */
	bool registered;            /* that contact's flow and no other */
};

struct sip_request_plan {
	struct sip_task task;
	struct sip_server *server;
	struct sip_tx_data *tdata; /* counted, once it is sent */
	uint64_t call_hash;
	char call_id[33];
	char branch[SIP_BRANCH_LEN];
	struct sip_request_listener listener;
	struct sip_leg
		*leg; /* within a dialog, counted; call_id and branch are not used */
	bool moved;   /* it had, when the request was made */
	char *method; /* likewise; malloc()ed */
	struct sip_request_way way; /* of one that is in no dialog */
};

/** Services that want to see what goes out. */
void sip_request_show(struct sip_server *server, struct sip_tx_data *tdata);

/** Where to: `uri`, else the first contact of the endpoint's AORs.  0 and *way, which
 * needs sip_request_way_fini(); -1: nowhere. */
SIP_MUST_USE int sip_request_target(
	struct ast_sip_endpoint *endpoint, const char *uri, struct sip_request_way *way);
void sip_request_way_fini(struct sip_request_way *way);

/** Where our own requests are from: the first domain=; else the default_realm= where the
 * flow is not known yet, else its address. */
void sip_request_put_host(struct sip_builder *b, const struct sip_global_config *global,
	const struct sip_flow *flow);

/** `<sip:user@domain>`, as the endpoint's requests are from. */
void sip_request_put_identity(struct sip_builder *b, const struct sip_settings *settings,
	struct ast_sip_endpoint *endpoint, const struct sip_flow *flow);
