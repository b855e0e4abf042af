/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls that come to a desk: see desk.h. */
#include "desk_state.h"

/* So long after the last that anybody begins the longest call is over. */
#define LONGEST_AFTER_US (300 * SECOND_US)

static void answer(struct desk_call *call)
{
	/* It is over meanwhile, or was answered by what ended it. */
	if (ast_sip_session_answer(call->session, desk_says(call)) != 0)
		ast_sip_session_end(call->session, 500);
}

static void take(struct desk_call *call)
{
	struct desk *desk = call->desk;
	bool repeats = draw_chance(&desk->draw, 300);

	/* What went with a 183 says it already. */
	if (!repeats ||
		ast_sip_session_answer(call->session, (struct sip_str){ NULL, 0 }) != 0)
		answer(call);
}

static void decline(struct desk_call *call)
{
	ast_sip_session_end(call->session, 603);
}

static void progress(struct desk_call *call);

/* Until it does something else with it. */
static void wait(struct desk_call *call)
{
	struct draw *draw = &call->desk->draw;
	uint64_t ms = draw_below(draw, 15000);
	uint64_t kind = draw_below(draw, 100);

	if (draw_chance(draw, 200))
		ms = 0;
	if (kind < 25)
		desk_later(call, ms, progress);
	else if (kind < 85)
		desk_later(call, ms, take);
	else if (kind < 92)
		desk_later(call, ms, decline);
	/* Else until the caller gives up, or it does itself. */
}

static void progress(struct desk_call *call)
{
	struct draw *draw = &call->desk->draw;
	struct sip_str text = { NULL, 0 };
	int code = draw_chance(draw, 500) ? 180 : 183;

	if (code == 183 && draw_chance(draw, 600))
		text = desk_says(call);
	/* What can't be said now the next will say. */
	SIP_IGNORE(ast_sip_session_progress(call->session, code, text));
	if (draw_chance(draw, 100))
		SIP_IGNORE(ast_sip_session_progress(
			call->session, 182, (struct sip_str){ NULL, 0 }));
	/* A caller who knows UPDATE can be asked for something else before he is
	 * answered. */
	if (draw_chance(draw, 100))
		SIP_IGNORE(ast_sip_session_offer(call->session, desk_says(call)));
	wait(call);
}

void desk_takes_offer(struct desk_call *call, struct sip_str offer)
{
	struct draw *draw = &call->desk->draw;
	uint64_t kind = draw_below(draw, 100);

	(void)offer;
	desk_ends_in(call, draw_below(draw, 250 * SECOND_US));
	if (kind < 8)
		SIP_IGNORE(ast_sip_session_refuse(call->session, 486)); /* it waits */
	else if (kind < 15)
		ast_sip_session_end(call->session, 603);
	else if (kind < 35)
		answer(call);
	else if (kind < 40)
		wait(call);
	else
		progress(call);
}

/* ---- in its course ---- */

static void answer_late(struct desk_call *call)
{
	/* It has been taken back meanwhile: then nothing waits. */
	SIP_IGNORE(ast_sip_session_answer(call->session, desk_says(call)));
}

void desk_answers_offer(struct desk_call *call)
{
	struct draw *draw = &call->desk->draw;
	uint64_t kind = call->established ? draw_below(draw, 100) : 50;

	if (kind < 10)
		SIP_IGNORE(ast_sip_session_refuse(call->session, 488)); /* it waits */
	else if (kind < 25)
		desk_later(call, draw_below(draw, 8000), answer_late);
	else
		answer(call);
}

static void hold(struct desk_call *call)
{
	/* It has ended meanwhile. */
	SIP_IGNORE(ast_sip_session_offer(call->session, desk_says(call)));
	if (draw_chance(&call->desk->draw, 300))
		desk_later(call, draw_below(&call->desk->draw, 10000), hold);
}

void desk_talks(struct desk_call *call)
{
	struct sim *sim = call->desk->sim;
	struct draw *draw = &call->desk->draw;
	uint64_t left_us = sim->quiet_us > sim->now_us ? sim->quiet_us - sim->now_us : 0;
	uint64_t kind = draw_below(draw, 100);

	if (kind < 40)
		desk_later(call, draw_below(draw, 30000), hold);
	if (draw_chance(draw, 500))
		desk_ends_in(call, draw_below(draw, 40 * SECOND_US));
	else
		desk_ends_in(call, left_us + draw_below(draw, LONGEST_AFTER_US));
}

/* What it refuses without keeping anything it refuses again where a copy comes. */
static const struct ast_sip_session_usage *usage_for(
	struct desk *desk, struct sip_rx_data *request)
{
	struct sip_str id = sip_rx_data_call_id(request);
	struct draw draw;

	draw_init(&draw, desk->sim->options.seed,
		memory_copy(&desk->sim->memory, id.ptr, id.len).at);
	return desk_usage(&draw);
}

bool desk_on_request(struct sip_rx_data *request)
{
	const struct ast_sip_route *route = ast_sip_request_route(request);
	struct sip_str user = route->request_uri->user;
	struct desk *desk = desk_here();
	struct desk_call *call;
	bool is_desk;

	if (desk == NULL || sip_rx_data_to_tag(request).ptr != NULL ||
		sip_rx_data_method(request) != SIP_INVITE || !route->target_is_ours ||
		user.ptr == NULL || !desk_takes((struct slice){ user.ptr, user.len }))
		return false;
	is_desk = sip_str_equal(user, SIP_STR("desk"));
	call = desk_call_create(desk, is_desk ? DESK_TAKES : DESK_CALLER);
	if (!is_desk)
		call->callee = memory_copy(&desk->sim->memory, user.ptr + 4, user.len - 4)
				       .at;
	if (ast_sip_session_receive(request, usage_for(desk, request), call) != 0)
		desk->ended++;
	return true;
}
