/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Keep-alive: see qualify.h.
 *
 * An OPTIONS has a Call-ID, a work and a client transaction of its own (RFC 3261 section
 * 11), which is ended with the first final answer, or when qualify_timeout has passed.
 * Any final answer shows that somebody is there, unless qualify_2xx_only asks for more.
 */
#include "server/contacts/qualify.h"

#include "server/message/build.h"
#include "server/message/request_plan.h"
#include "server/proxy/branch_id.h"
#include "server/settings/settings_here.h"
#include "server/targets/tries.h"

#include "res_sip/location.h"
#include "res_sip/log.h"

#include <stdlib.h>

/* One contact that is being asked.  Begun by the location's work, then in the turn of its
 * Call-ID's. */
struct asking {
#define asking_MAGIC 0x61736b67u
	uint32_t magic;
	struct sip_task task;
	struct sip_timer deadline;
	struct sip_server *server;
	const struct ast_sip_contact *contact; /* counted */
	struct sip_tx_data *tdata;             /* counted, until it is sent */
	struct sip_txn *txn;     /* NULL: the contact's name is being looked up */
	struct sip_tries *tries; /* NULL: its host is an address */
	struct sip_flow flow;
	uint64_t sent_us;
	uint64_t timeout_us;
	bool only_2xx;
	char branch[SIP_BRANCH_LEN];
	uint64_t call_hash;
	char call_id[33];
	struct sip_str aor; /* the text behind */
	char text[];
};

static struct sip_log_limit limit;

static void destroy(struct asking *asking)
{
	atomic_fetch_sub(&asking->server->asking, 1);
	ast_sip_contact_unref(asking->contact);
	if (asking->tdata != NULL)
		sip_tx_data_unref(&asking->tdata);
	asking->magic = 0;
	free(asking);
}

/* A change of state is a line, not each answer; that one who was never asked is there is
 * nothing to notice. */
static void log_change(const struct asking *asking, enum ast_sip_reachability before,
	enum ast_sip_reachability what, uint32_t rtt_us, const char *why)
{
	char peer[SIP_ADDR_TEXT_LEN];

	if (what == AST_SIP_REACHABLE)
		sip_log_limited(&limit,
			before == AST_SIP_UNKNOWN ? SIP_LOG_INFO : SIP_LOG_NOTICE,
			"location",
			"contact reachable aor=%.*s uri=%.*s source=%s rtt_ms=%u.%03u",
			SIP_STR_ARG(asking->aor), SIP_STR_ARG(asking->contact->uri),
			sip_addr_text(&asking->flow.peer, peer), rtt_us / 1000,
			rtt_us % 1000);
	else
		sip_log_limited(&limit, SIP_LOG_NOTICE, "location",
			"contact unreachable aor=%.*s uri=%.*s source=%s reason=%s",
			SIP_STR_ARG(asking->aor), SIP_STR_ARG(asking->contact->uri),
			sip_addr_text(&asking->flow.peer, peer), why);
}

static void conclude(
	struct asking *asking, enum ast_sip_reachability what, const char *why)
{
	uint64_t now_us = sip_pool_now_us(asking->server->pool);
	/* The clocks of two servants differ a little. */
	uint64_t took_us = now_us > asking->sent_us ? now_us - asking->sent_us : 0;
	uint32_t rtt_us = what == AST_SIP_REACHABLE ? (uint32_t)took_us : 0;
	enum ast_sip_reachability before = sip_location_answered(
		asking->server->location, asking->aor, asking->contact, what, rtt_us);

	if (before != what && before != AST_SIP_NOT_ASKED)
		log_change(asking, before, what, rtt_us, why);
}

static void on_response(void *arg, struct sip_txn *txn, struct sip_rx_data *response)
{
	struct asking *asking = SIP_CAST(asking, arg);
	int status = response->msg.status;

	if (status < 200)
		return;
	if (asking->only_2xx && status >= 300)
		conclude(asking, AST_SIP_UNREACHABLE, "answer is not 2xx");
	else
		conclude(asking, AST_SIP_REACHABLE, NULL);
	/* What it would absorb yet is dropped as well without it. */
	sip_txn_terminate(txn);
}

static void on_timeout(void *arg, struct sip_txn *txn)
{
	(void)txn;
	conclude(SIP_CAST(asking, arg), AST_SIP_UNREACHABLE, "no answer");
}

static void on_error(void *arg, struct sip_txn *txn, int error)
{
	(void)txn;
	conclude(SIP_CAST(asking, arg), AST_SIP_UNREACHABLE, strerror(error));
}

static void on_ended(void *arg, struct sip_txn *txn)
{
	struct asking *asking = SIP_CAST(asking, arg);

	(void)txn;
	sip_timer_stop(&asking->deadline);
	destroy(asking);
}

static void on_deadline(struct sip_timer *timer)
{
	struct asking *asking = SIP_CONTAINER(timer, struct asking, deadline);

	conclude(asking, AST_SIP_UNREACHABLE, "no answer");
	if (asking->tries != NULL)
		sip_tries_terminate(asking->tries);
	else
		sip_txn_terminate(asking->txn);
}

static const struct sip_txn_user callbacks = {
	.on_response = on_response,
	.on_timeout = on_timeout,
	.on_error = on_error,
	.on_ended = on_ended,
};

static struct sip_tx_data *build_copy(
	void *arg, const struct sip_flow *flow, struct sip_str branch)
{
	struct asking *asking = SIP_CAST(asking, arg);

	return sip_retarget(
		asking->server, asking->tdata, &asking->tdata->flow, flow, branch);
}

/* How long its name took is not how long it takes to answer. */
static void note_try(void *arg, struct sip_txn *txn)
{
	struct asking *asking = SIP_CAST(asking, arg);

	asking->txn = txn;
	asking->flow = *sip_txn_flow(txn);
	asking->sent_us = sip_pool_now_us(asking->server->pool);
}

static int start_tries(struct asking *asking)
{
	struct sip_tries_user user = {
		.build = build_copy,
		.began = note_try,
		.events = callbacks,
	};
	struct sip_uri uri;
	struct sip_tries_start tries = {
		.server = asking->server,
		.call = sip_call_current(),
		.call_hash = asking->call_hash,
		.where = { .uri = &uri },
		.user = &user,
	};

	if (sip_uri_parse(ast_sip_contact_next_hop(asking->contact), &uri) != 0)
		return SIP_ESYNTAX;
	user.events.arg = asking;
	return sip_tries_start(&tries, &asking->tries);
}

static int start_only(struct asking *asking)
{
	struct sip_txn_user user = callbacks;
	int result;

	user.arg = asking;
	result = sip_uac_create(asking->server->txns, sip_call_current(), asking->tdata,
		&asking->flow, (struct sip_str){ asking->branch, SIP_BRANCH_LEN }, &user,
		&asking->txn);
	if (result == 0)
		sip_tx_data_unref(&asking->tdata);
	return result;
}

/* In the turn of the Call-ID's work. */
static enum sip_task_result begin(struct sip_task *task)
{
	struct asking *asking = SIP_CONTAINER(task, struct asking, task);
	bool by_name = asking->flow.listener == 0;
	int result;

	asking->sent_us = sip_pool_now_us(asking->server->pool);
	result = by_name ? start_tries(asking) : start_only(asking);
	/* The server stops, or has no memory: the contact is asked another time. */
	if (result != 0) {
		if (by_name && result != SIP_EMEMORY && result != SIP_ESTATE)
			conclude(asking, AST_SIP_UNREACHABLE, sip_lookup_error(result));
		destroy(asking);
		return SIP_TASK_DONE;
	}
	sip_timer_init(&asking->deadline, on_deadline);
	sip_timer_start(&asking->deadline, asking->timeout_us);
	return SIP_TASK_DONE;
}

static void put_text(struct asking *asking, const struct sip_global_config *global)
{
	struct sip_server *server = asking->server;
	struct sip_builder *b = &asking->tdata->head;
	struct sip_str uri = asking->contact->uri;
	char tag[17];

	sip_random_hex(&server->random, tag, 16);
	sip_put(b, SIP_STR("OPTIONS "));
	sip_put_clean(b, uri);
	sip_put(b, SIP_STR(" SIP/2.0\r\n"));
	sip_put_our_via(b, server, &asking->flow,
		(struct sip_str){ asking->branch, SIP_BRANCH_LEN });
	sip_put(b, SIP_STR("Max-Forwards: "));
	sip_put_number(b, global->max_forwards);
	sip_put(b, SIP_STR("\r\nFrom: <sip:"));
	sip_request_put_host(b, global, &asking->flow);
	sip_put(b, SIP_STR(">;tag="));
	sip_put(b, sip_str_of(tag));
	sip_put(b, SIP_STR("\r\nTo: <"));
	sip_put_clean(b, uri);
	sip_put(b, SIP_STR(">\r\nCall-ID: "));
	sip_put(b, sip_str_of(asking->call_id));
	sip_put(b, SIP_STR("\r\nCSeq: 1 OPTIONS\r\n"));
	if (asking->contact->path.len > 0)
		sip_put_header(b, SIP_STR("Route"), asking->contact->path);
}

/* NULL: nobody can be asked there, or out of memory. */
static struct asking *create(struct sip_server *server, struct sip_str aor,
	const struct ast_sip_contact *contact, const struct sip_settings *settings)
{
	struct asking *asking;
	struct sip_flow flow;

	if (ast_sip_flow_to_contact(contact, &flow) < 0)
		return NULL;
	asking = calloc(1, sizeof(*asking) + aor.len);
	if (asking == NULL)
		return NULL;
	asking->magic = asking_MAGIC;
	asking->server = server;
	asking->flow = flow;
	asking->contact = ast_sip_contact_ref(contact);
	memcpy(asking->text, aor.ptr, aor.len);
	asking->aor = (struct sip_str){ asking->text, aor.len };
	sip_random_hex(&server->random, asking->call_id, 32);
	asking->call_hash = sip_calls_hash(server->calls, sip_str_of(asking->call_id));
	sip_branch_write(
		asking->branch, asking->call_hash, 0, sip_random_u64(&server->random));
	atomic_fetch_add(&server->asking, 1);
	asking->tdata = sip_build_begin(
		server, 2 * contact->uri.len + contact->path.len + 1024);
	if (asking->tdata != NULL) {
		asking->tdata->method = SIP_OPTIONS;
		asking->tdata->flow = flow;
		put_text(asking, &settings->global);
	}
	if (asking->tdata == NULL || sip_build_seal(server, asking->tdata) != 0) {
		destroy(asking);
		return NULL;
	}
	return asking;
}

static void ask(struct sip_server *server, struct sip_str aor,
	const struct sip_aor_config *options, const struct ast_sip_contact *contact,
	const struct sip_settings *settings)
{
	struct asking *asking = create(server, aor, contact, settings);

	if (asking == NULL)
		return;
	asking->timeout_us = options->qualify_timeout_ms * UINT64_C(1000);
	asking->only_2xx = options->qualify_2xx_only;
	asking->task.run = begin;
	asking->task.pushed_us = sip_pool_now_us(server->pool);
	if (sip_calls_push(server->calls, sip_str_of(asking->call_id), asking->call_hash,
		    &asking->task) != 0)
		destroy(asking);
	else
		sip_count(server->counters, SIP_COUNT_QUALIFY_SENT);
}

uint32_t sip_qualify(void *arg, struct sip_str aor, const struct ast_sip_contact *contact)
{
	struct sip_server *server = SIP_CAST(sip_server, arg);
	/* Before the snapshot is taken: without a reload it is that of the contact. */
	bool reloading = atomic_load(&server->reloading);
	struct sip_snapshot *snapshot = sip_snapshot_take(server);
	const struct sip_aor_config *options = sip_names_find(
		&snapshot->settings->aors, aor);
	uint32_t pause_ms = 0;

	if (options != NULL)
		pause_ms = options->qualify_frequency * 1000;
	if (pause_ms == 0 && reloading) {
		/* One that a reload has just added is not to be forgotten. */
		pause_ms = 1000;
	} else if (pause_ms != 0 && atomic_load(&server->asking) >= SIP_QUALIFY_MAX) {
		/* Spread again, so that they do not all come back at once. */
		sip_count(server->counters, SIP_COUNT_QUALIFY_DEFERRED);
		pause_ms = 1000 +
			(uint32_t)(sip_random_u64(&server->random) % (pause_ms / 4 + 1));
	} else if (pause_ms != 0 && !atomic_load(&server->stopping)) {
		ask(server, aor, options, contact, snapshot->settings);
	}
	sip_snapshot_unref(&snapshot);
	return pause_ms;
}
