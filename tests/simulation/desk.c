/* SPDX-License-Identifier: BSD-2-Clause */
/* The desk in a server, and what each call of it has: see desk.h. */
#include "desk_state.h"

#include <string.h>

static struct desk *desks[CAST_HOSTS];
static struct desk *opening;

struct desk *desk_here(void)
{
	struct sip_server *server = ast_sip_server();

	for (unsigned i = 0; i < CAST_HOSTS; i++) {
		if (desks[i] != NULL && desks[i]->host->server == server)
			return desks[i];
	}
	return NULL;
}

bool desk_takes(struct slice user)
{
	return slice_is(user, "desk") ||
		(user.len > 4 && memcmp(user.at, "via-", 4) == 0);
}

/* ---- calls ---- */

struct desk_call *desk_call_create(struct desk *desk, enum desk_kind kind)
{
	struct desk_call *call = memory_take(&desk->sim->memory, sizeof(*call));

	call->desk = desk;
	call->kind = kind;
	desk->begun++;
	return call;
}

struct sip_str desk_says(struct desk_call *call)
{
	return sip_str_of(memory_format(&call->desk->sim->memory,
		"v=0\r\no=desk 1 %u IN IP4 10.0.0.9\r\ns=-\r\nc=IN IP4 10.0.0.9\r\n"
		"t=0 0\r\nm=audio 4000 RTP/AVP 0\r\n",
		++call->version));
}

static void fire(void *arg)
{
	struct desk_call *call = arg;

	if (call->session != NULL)
		call->then(call);
}

void desk_later(struct desk_call *call, uint64_t ms, void (*then)(struct desk_call *call))
{
	if (call->next == NULL)
		call->next = ast_sip_timer_create(fire, call);
	if (call->next == NULL)
		return; /* out of memory; what ends it is no such timer */
	call->then = then;
	ast_sip_timer_start(call->next, ms);
}

static void end_now(void *arg)
{
	struct desk_call *call = arg;

	host_enter(call->desk->host);
	ast_sip_session_end(call->session, 480);
	host_leave();
}

void desk_ends_in(struct desk_call *call, uint64_t us)
{
	agenda_set(&call->desk->sim->agenda, &call->over, call->desk->sim->now_us + us,
		end_now, call);
}

struct slice desk_call_id(const struct desk_call *call)
{
	struct sip_str id = ast_sip_dialog_call_id(ast_sip_session_dialog(call->session));

	return (struct slice){ id.ptr, id.len };
}

void desk_has_made(struct desk_call *call, struct ast_sip_session *session)
{
	call->session = session;
	watch_begins_call(
		call->desk->sim->watch, call->desk->host->number, desk_call_id(call));
}

/* ---- what a session tells ---- */

static bool is_between(const struct desk_call *call)
{
	return call->kind == DESK_CALLER || call->kind == DESK_CALLEE;
}

static void on_offer(struct ast_sip_session *session, struct sip_str offer)
{
	struct desk_call *call = ast_sip_session_token(session);
	bool first = call->session == NULL;

	call->session = session;
	if (is_between(call))
		desk_middle_offer(call, offer);
	else if (first)
		desk_takes_offer(call, offer);
	else
		desk_answers_offer(call);
}

static void on_answer(struct ast_sip_session *session, struct sip_str answer)
{
	struct desk_call *call = ast_sip_session_token(session);

	if (is_between(call))
		desk_middle_answer(call, answer);
}

static void on_refused(struct ast_sip_session *session, int status)
{
	struct desk_call *call = ast_sip_session_token(session);

	if (is_between(call))
		desk_middle_refused(call, status);
}

static void on_progress(struct ast_sip_session *session, struct sip_rx_data *response)
{
	struct desk_call *call = ast_sip_session_token(session);

	if (is_between(call))
		desk_middle_progress(call, response);
}

static void on_established(struct ast_sip_session *session)
{
	struct desk_call *call = ast_sip_session_token(session);

	call->established = true;
	if (is_between(call))
		desk_middle_established(call);
	else
		desk_talks(call);
}

static void on_ended(struct ast_sip_session *session)
{
	struct desk_call *call = ast_sip_session_token(session);

	agenda_drop(&call->desk->sim->agenda, &call->over);
	ast_sip_timer_destroy(&call->next);
	call->session = NULL;
	call->desk->ended++;
	if (is_between(call))
		desk_middle_ended(call, ast_sip_session_status(session));
}

#define USAGE(how, seconds)                                                              \
	{                                                                                \
		.name = "desk", .on_offer = on_offer, .on_answer = on_answer,            \
		.on_refused = on_refused, .on_progress = on_progress,                    \
		.on_established = on_established, .on_ended = on_ended,                  \
		.reliable = AST_SIP_SESSION_RELIABLE_##how,                              \
		.session_expires_s = (seconds)                                           \
	}

const struct ast_sip_session_usage *desk_usage(struct draw *draw)
{
	static const struct ast_sip_session_usage
		usages[DESK_USAGES_RELIABLE][DESK_USAGES_EXPIRES] = {
			{ USAGE(YES, 0), USAGE(YES, 90), USAGE(YES, 150) },
			{ USAGE(NO, 0), USAGE(NO, 90), USAGE(NO, 150) },
			{ USAGE(REQUIRED, 0), USAGE(REQUIRED, 90), USAGE(REQUIRED, 150) },
		};
	uint64_t reliable = draw_below(draw, 10);

	return &usages[reliable < 6    ? 0
			: reliable < 9 ? 1
				       : 2][draw_below(draw, DESK_USAGES_EXPIRES)];
}

/* ---- in a server ---- */

static int load(void)
{
	return ast_sip_register_service(&opening->service);
}

static void unload(void)
{
	ast_sip_unregister_service(&opening->service);
}

static const struct ast_sip_module_file module = {
	.abi = AST_SIP_MODULE_ABI, .name = "desk", .load = load, .unload = unload
};

void desk_open(struct host *host)
{
	struct desk *desk = host->desk;
	char error[SIP_SERVER_ERROR_LEN] = "";

	if (desk == NULL) {
		desk = memory_take(&host->sim->memory, sizeof(*desk));
		desk->sim = host->sim;
		desk->host = host;
		draw_init(&desk->draw, host->sim->options.seed,
			host->number == 0 ? "desk A" : "desk B");
		host->desk = desk;
		desk_begins_calling(desk);
	}
	desks[host->number] = desk;
	desk->service = (struct sip_service){
		.name = "desk",
		.stage = SIP_STAGE_LOCAL,
		.methods = "INVITE ACK BYE CANCEL PRACK UPDATE",
		.on_rx_request = desk_on_request,
		.understands = AST_SIP_SESSION_UNDERSTANDS,
	};
	opening = desk;
	if (sip_server_load_module(host->server, &module, error) != 0)
		sim_broken(host->sim, "server-works", (struct slice){ "", 0 },
			"the desk's module: %s", error);
}

void desk_close(struct host *host)
{
	opening = host->desk;
	sip_server_unload_module(host->server, &module);
	desks[host->number] = NULL;
}

unsigned desk_calls(const struct host *host)
{
	return host->desk->begun - host->desk->ended;
}
