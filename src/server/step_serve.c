/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Step "serve": the services, LOCAL before FORWARD, in order, until one takes it;
 * else 404, 405, 416, 420 or 501.
 */
#include "server/dialogs/leg.h"
#include "server/modules/callback.h"
#include "server/modules/registry.h"
#include "server/show/dry_run.h"

#include "res_sip/log.h"
#include "res_sip/response.h"

static struct sip_log_limit limit;

static bool is_asked(
	const struct sip_registered *registered, const struct sip_rx_data *rdata)
{
	return (registered->methods >> rdata->msg.method & 1) != 0 &&
		!sip_registered_is_leaving(registered);
}

/* The LOCAL service that says that it would take the request, or NULL. */
static const struct sip_service *claimant_of(struct sip_rx_data *rdata)
{
	const struct sip_registered_list *local = &rdata->serving->snapshot->local;

	for (size_t i = 0; i < local->count; i++) {
		const struct sip_service *service = local->item[i]->service;

		if (!is_asked(local->item[i], rdata) ||
			(rdata->serving->dry_run != NULL &&
				!sip_registered_dry_safe(local->item[i])))
			continue;
		if (service->claims != NULL && service->claims(rdata))
			return service;
	}
	return NULL;
}

bool sip_serving_is_claimed(struct sip_rx_data *rdata)
{
	return rdata->serving->request_uri->user.ptr == NULL ||
		sip_leg_is_target(rdata) || claimant_of(rdata) != NULL;
}

/* Case-insensitive (7.3.1), as sip_rx_data_has_token() is. */
static bool has_word(const char *words, struct sip_str word)
{
	struct sip_str rest = sip_str_of(words);
	struct sip_str at;

	while (sip_words_next(&rest, &at)) {
		if (sip_str_equal_nocase(at, word))
			return true;
	}
	return false;
}

/* The claimant does; of what nobody claims, any service. */
static bool is_understood(const struct sip_registered_list *local,
	const struct sip_service *claimant, struct sip_str option)
{
	for (size_t i = 0; i < local->count; i++) {
		const struct sip_service *service = local->item[i]->service;

		if ((claimant == NULL || service == claimant) &&
			!sip_registered_is_leaving(local->item[i]) &&
			service->understands != NULL &&
			has_word(service->understands, option))
			return true;
	}
	return false;
}

/* 8.2.2.3: 420 with every option that is not understood. */
static bool unsupported(struct sip_rx_data *rdata, enum sip_hdr_id id)
{
	const struct sip_registered_list *local = &rdata->serving->snapshot->local;
	const struct sip_service *claimant;
	struct sip_hdr_iter iter = { 0 };
	char text[256];
	struct sip_builder b;

	if (sip_msg_hdr(&rdata->msg, id) == NULL)
		return false;
	claimant = claimant_of(rdata);
	sip_builder_init(&b, text, sizeof(text) - 1);
	while (sip_msg_next_element(&rdata->msg, id, &iter)) {
		if (is_understood(local, claimant, iter.value))
			continue;
		if (b.len > 0)
			sip_put(&b, SIP_STR(", "));
		sip_put_clean(&b, iter.value);
	}
	if (b.len == 0 && b.error == 0)
		return false;
	if (b.error != 0) {
		/* Too many to be named, or one that is too long: none is. */
		sip_answer(rdata, 420, NULL);
		return true;
	}
	text[b.len] = '\0';
	sip_answer_with(rdata, 420, NULL, "Unsupported", text);
	return true;
}

/* Who answers it has to understand what Require says; who passes it on need not (16.3).
 */
static bool requires_too_much(struct sip_rx_data *rdata)
{
	return sip_msg_hdr(&rdata->msg, SIP_HDR_REQUIRE) != NULL &&
		rdata->msg.method != SIP_ACK && rdata->serving->route.target_is_ours &&
		(rdata->msg.method == SIP_REGISTER || sip_serving_is_claimed(rdata)) &&
		unsupported(rdata, SIP_HDR_REQUIRE);
}

/* Offer it to the services of one stage, from `resume` on.  *taken: somebody has it. */
static enum sip_step_result offer(struct sip_rx_data *rdata,
	const struct sip_registered_list *list, size_t offset, bool *taken)
{
	struct sip_serving *serving = rdata->serving;

	for (; serving->resume < offset + list->count; serving->resume++) {
		struct sip_registered *registered = list->item[serving->resume - offset];
		struct sip_callback_scope scope;

		if (!is_asked(registered, rdata) ||
			registered->service->on_rx_request == NULL)
			continue;
		if (sip_callback_must_move(&registered->request_site))
			return SIP_STEP_ELSEWHERE;
		if (serving->dry_run != NULL &&
			!sip_dry_may_call(serving->dry_run, registered,
				"would be offered to", registered->service->name))
			return SIP_STEP_DONE;
		serving->service = registered;
		sip_callback_open(&scope, &registered->request_site, rdata);
		*taken = registered->service->on_rx_request(rdata);
		sip_callback_close(&scope);
		/* Who answers has taken it, whatever he returns: nobody may answer again.
		 */
		*taken = *taken || serving->answered;
		if (*taken)
			return SIP_STEP_DONE;
		serving->service = NULL;
	}
	return SIP_STEP_NEXT;
}

static bool serves(const struct sip_snapshot *snapshot, struct sip_str method)
{
	struct sip_str rest = snapshot->allow;
	struct sip_str word;

	while (sip_list_next(&rest, &word)) {
		if (sip_str_equal(word, method))
			return true;
	}
	return false;
}

/* A service took it, and neither answered nor kept it. */
static void answer_for_service(struct sip_rx_data *rdata)
{
	const struct sip_serving *serving = rdata->serving;

	if (serving->kept || serving->answered || rdata->msg.method == SIP_ACK)
		return;
	sip_log_limited(&limit, SIP_LOG_ERROR, "serve",
		"taken without an answer method=%.*s service=%s module=%s",
		SIP_STR_ARG(rdata->msg.method_text), serving->service->service->name,
		serving->service->module);
	sip_answer(rdata, 500, NULL);
}

/* Nobody took it. */
static void answer_for_nobody(struct sip_rx_data *rdata)
{
	const struct sip_serving *serving = rdata->serving;

	if (rdata->msg.method == SIP_ACK)
		sip_serving_count(rdata, SIP_COUNT_RX_STRAY_ACKS);
	else if (rdata->msg.to_tag.ptr != NULL)
		sip_answer(rdata, 481, NULL);
	else if (!serving->route.target_is_ours)
		sip_answer(rdata, serving->trusted ? 404 : 403, NULL);
	else if (unsupported(rdata, SIP_HDR_REQUIRE))
		return;
	else if (serves(serving->snapshot, rdata->msg.method_text))
		sip_answer(rdata, 404, NULL);
	else if (rdata->msg.method == SIP_METHOD_OTHER)
		sip_answer(rdata, 501, NULL);
	else
		sip_answer(rdata, 405, NULL);
}

/*
 * 8.2.2.2: the request came another way before, and a service of ours has it.  What goes
 * on is not our business (16.3): each way it came by is followed.
 */
static bool is_merged(struct sip_rx_data *rdata)
{
	const struct sip_txn *txn = sip_txn_match_merged(rdata->call, rdata);
	const struct sip_registered *service;
	const struct sip_rx_data *first;

	if (txn == NULL || txn == rdata->txn || rdata->msg.method == SIP_ACK)
		return false;
	/* NULL: it only passed through, or was answered and lingers for its copies. */
	first = sip_txn_request(txn);
	if (first == NULL)
		return false;
	service = first->serving->service;
	return service != NULL && service->service->stage == SIP_STAGE_LOCAL;
}

bool sip_refuse_unsupported(struct sip_rx_data *rdata)
{
	return unsupported(rdata, SIP_HDR_REQUIRE);
}

enum sip_step_result sip_step_serve(struct sip_rx_data *rdata)
{
	struct sip_serving *serving = rdata->serving;
	const struct sip_snapshot *snapshot = serving->snapshot;
	enum sip_step_result result;
	bool taken = false;

	if (SIP_UNLIKELY(serving->leg != NULL)) {
		sip_leg_receive_proven(rdata);
		return SIP_STEP_DONE;
	}
	if (serving->resume == 0 && requires_too_much(rdata))
		return SIP_STEP_DONE;
	if (serving->resume == 0 && serving->route.target_is_ours && is_merged(rdata)) {
		sip_answer(rdata, 482, NULL);
		return SIP_STEP_DONE;
	}
	/* What our Route vouches for goes to the other side of its call and nowhere else.
	 */
	if (serving->route.vouched && serving->resume == 0)
		serving->resume = (uint32_t)snapshot->local.count;
	result = offer(rdata, &snapshot->local, 0, &taken);
	if (result == SIP_STEP_NEXT)
		result = offer(rdata, &snapshot->forward, snapshot->local.count, &taken);
	if (result == SIP_STEP_ELSEWHERE)
		return sip_step_elsewhere(rdata);
	if (serving->dry_run != NULL && sip_dry_stopped(serving->dry_run))
		return SIP_STEP_DONE;
	if (taken)
		answer_for_service(rdata);
	else
		answer_for_nobody(rdata);
	return SIP_STEP_DONE;
}
