/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls that a desk makes, alone or for a call that came: see desk.h. */
#include "desk_state.h"

#include <string.h>

/* Whoever is called by somebody else's server is called by its address. */
static const char *uri_of(struct desk *desk, const char *user, unsigned host)
{
	char place[PLACE_TEXT_LEN];

	return memory_format(&desk->sim->memory, "sip:%s@%s", user,
		place_text(desk->sim->cast.host[host].place, place));
}

/* To that user: by his endpoint and its first contact, or by the other server.  NULL: he
 * can't be called. */
static struct ast_sip_session *create(
	struct desk *desk, const char *callee, struct desk_call *call)
{
	struct slice name = { callee, strlen(callee) };
	const struct cast_user *user = cast_find(&desk->sim->cast, name);
	bool own = user != NULL && user->host == desk->host->number;
	struct ast_sip_endpoint *endpoint = ast_sip_endpoint_find(own ? callee : "trunk");
	struct ast_sip_session *session = NULL;

	if (endpoint != NULL)
		session = ast_sip_create_session(endpoint,
			own ? NULL : uri_of(desk, callee, 1 - desk->host->number), NULL,
			desk_usage(&desk->draw), call);
	ast_sip_endpoint_unref(endpoint);
	if (session != NULL)
		desk_has_made(call, session);
	return session;
}

/* ---- of its own accord ---- */

static const char *somebody(struct desk *desk)
{
	struct cast *cast = &desk->sim->cast;

	if (draw_chance(&desk->draw, 150))
		return "desk";
	return cast->user[draw_below(&desk->draw, cast->user_count)].name;
}

static void dial(struct desk *desk)
{
	struct desk_call *call = desk_call_create(desk, DESK_MAKES);
	struct sip_str offer = { NULL, 0 };

	if (create(desk, somebody(desk), call) == NULL) {
		desk->ended++;
		return;
	}
	if (draw_chance(&desk->draw, 850))
		offer = desk_says(call);
	if (draw_chance(&desk->draw, 350))
		desk_ends_in(call, draw_below(&desk->draw, 10 * SECOND_US));
	else
		desk_ends_in(call, draw_below(&desk->draw, 120 * SECOND_US));
	if (ast_sip_session_invite(call->session, offer) != 0)
		ast_sip_session_end(call->session, 0);
}

static void live(void *arg)
{
	struct desk *desk = arg;
	struct sim *sim = desk->sim;

	if (sim->now_us >= sim->quiet_us)
		return;
	if (desk->host->server != NULL) {
		host_enter(desk->host);
		dial(desk);
		host_leave();
	}
	agenda_set(&sim->agenda, &desk->next,
		sim->now_us + draw_between(&desk->draw, 1, 40) * SECOND_US, live, desk);
}

void desk_begins_calling(struct desk *desk)
{
	agenda_set(&desk->sim->agenda, &desk->next,
		draw_between(&desk->draw, 1, 20) * SECOND_US, live, desk);
}

/* ---- for a call that came ---- */

static bool stands(const struct desk_call *call)
{
	return call != NULL && call->session != NULL;
}

/* The second leg, in the work of the first, which is refused where there is none. */
static void call_on(struct desk_call *caller, struct sip_str offer)
{
	struct desk *desk = caller->desk;
	struct desk_call *callee = desk_call_create(desk, DESK_CALLEE);

	caller->other = callee;
	callee->other = caller;
	desk_ends_in(caller, draw_below(&desk->draw, 200 * SECOND_US));
	if (create(desk, caller->callee, callee) == NULL) {
		desk->ended++;
		ast_sip_session_end(caller->session, 480);
		return;
	}
	scarcity_joins(&desk->host->scarcity, desk_call_id(callee), desk_call_id(caller));
	if (ast_sip_dialog_set_work(ast_sip_session_dialog(callee->session),
		    ast_sip_current_work()) != 0 ||
		ast_sip_session_invite(callee->session, offer) != 0)
		ast_sip_session_end(callee->session, 0);
}

void desk_middle_offer(struct desk_call *call, struct sip_str offer)
{
	int result = 0;

	if (call->kind == DESK_CALLER && call->other == NULL) {
		call_on(call, offer);
		return;
	}
	if (!stands(call->other))
		result = -1;
	else if (call->kind == DESK_CALLEE &&
		ast_sip_session_status(call->other->session) == 0)
		/* What the caller's INVITE has asked for. */
		result = ast_sip_session_answer(call->other->session, offer);
	else if (offer.ptr != NULL)
		result = ast_sip_session_offer(call->other->session, offer);
	else
		result = ast_sip_session_answer(call->session, offer);
	if (result != 0)
		SIP_IGNORE(ast_sip_session_refuse(call->session, 488)); /* it waits */
}

void desk_middle_progress(struct desk_call *call, struct sip_rx_data *response)
{
	/* Lost, it is one of several. */
	if (stands(call->other))
		SIP_IGNORE(ast_sip_session_progress(call->other->session,
			sip_rx_data_status(response), sip_rx_data_body(response)));
}

void desk_middle_answer(struct desk_call *call, struct sip_str answer)
{
	bool before = call->kind == DESK_CALLEE &&
		ast_sip_session_status(call->session) == 0;

	call->early = before;
	if (!before && stands(call->other) &&
		ast_sip_session_answer(call->other->session, answer) != 0)
		ast_sip_session_end(call->session, 0);
}

void desk_middle_established(struct desk_call *call)
{
	/* With what was said early. */
	if (call->kind == DESK_CALLEE && call->early && stands(call->other))
		SIP_IGNORE(ast_sip_session_answer(
			call->other->session, (struct sip_str){ NULL, 0 }));
}

/* Another server asks the desk for a password, who has none; the caller has no part in it
 * (22.2 would want the challenge). */
static int status_for_caller(int status)
{
	return status == 401 || status == 407 ? 480 : status;
}

void desk_middle_refused(struct desk_call *call, int status)
{
	/* That one leg is gone (12.2.1.2) is not the other's answer: it ends by itself.
	 */
	bool gone = status == 408 || status == 481;

	/* It has ended meanwhile, or waits for it. */
	if (stands(call->other))
		SIP_IGNORE(ast_sip_session_refuse(call->other->session,
			status >= 300 && !gone ? status_for_caller(status) : 500));
}

void desk_middle_ended(struct desk_call *call, int status)
{
	if (stands(call->other))
		ast_sip_session_end(call->other->session,
			call->kind == DESK_CALLEE && status >= 300
				? status_for_caller(status)
				: 480);
}
