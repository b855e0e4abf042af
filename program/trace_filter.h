/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which messages somebody wants to see: those that every filter lets through.
 *
 * --ip and --call-id judge a message alone.  --endpoint judges its call: the endpoint
 * takes part where a request of the Call-ID was identified as it or looked for one of its
 * AORs, and where a message comes from or goes to one of its addresses: a match= of an
 * identify section, or where one of its contacts is.  A message whose call is not known
 * yet is held, for a while and among few, and shown when its call is.
 *
 * Threads: one, whose ast_sip_server() is the server.
 */
#pragma once

#include "network.h"
#include "syntax.h"
#include "trace_calls.h"
#include "trace_held.h"

#define FILTER_MOST_AORS 8 /* of an endpoint, whose contacts' addresses are looked at */

struct trace_filter {
	char *endpoint; /* NULL: any */
	char *call_id;  /* likewise */
	bool has_ip;
	struct network network;
	struct trace_calls *calls; /* in which the endpoint takes part */
	struct trace_held held;
};

/* Of the options --endpoint, --ip and --call-id.  False: error[SYNTAX_ERROR_LEN] says
 * what is wrong. */
SIP_MUST_USE bool trace_filter_init(
	struct trace_filter *filter, const struct arguments *arguments, char *error);

/* Judge a record: show it, or what it tells to be shown, or nothing. */
void trace_filter_take(struct trace_filter *filter, const struct trace_record *record,
	struct sip_str text, trace_show_fn *show, void *arg);

void trace_filter_fini(struct trace_filter *filter);
