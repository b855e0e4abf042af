/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Forking: the response context of RFC 3261 section 16.7.
 *
 * Provisional answers go back as they come, the first 2xx at once (further ones
 * too, for an INVITE), and then the branches that have not answered are
 * cancelled; otherwise the best answer when all have one.
 *
 * A phone that has registered several flows (RFC 5626) is tried by one of them, and by
 * the next where that fails or nothing comes back; once it has answered, it has answered.
 */
#include "fork.h"

#include <stdlib.h>

#define ANSWERED_ELSEWHERE "SIP;cause=200;text=\"Call completed elsewhere\""

static struct sip_log_limit limit;

static bool is_invite(const struct fork *fork)
{
	return sip_rx_data_method(fork->request) == SIP_INVITE;
}

/* Another flow of a phone that is tried by one (RFC 5626 section 7).  Out of memory: that
 * flow is not tried. */
static void keep_spare(struct branch *branch, const struct target *target)
{
	struct target *spare = malloc(sizeof(*spare));

	branch->state = spare != NULL ? BRANCH_WAITING : BRANCH_FINAL;
	branch->phone = target->phone;
	branch->spare = spare;
	if (spare == NULL)
		return;
	*spare = *target;
	ast_sip_contact_ref(target->contact);
}

static void drop_spare(struct target *spare)
{
	if (spare != NULL)
		ast_sip_contact_unref(spare->contact);
	free(spare);
}

/* Nobody will choose among them any more. */
static void forget_responses(struct fork *fork)
{
	for (size_t i = 0; i < fork->count; i++) {
		ast_sip_release_rx_data(fork->branch[i].response);
		fork->branch[i].response = NULL;
	}
}

static void release(struct fork *fork)
{
	if (--fork->references > 0)
		return;
	forget_responses(fork);
	for (size_t i = 0; i < fork->count; i++) {
		ast_sip_timer_destroy(&fork->branch[i].timer_c);
		drop_spare(fork->branch[i].spare);
	}
	free(fork);
}

/* Those that have not answered. */
static void cancel_others(struct fork *fork, const char *reason)
{
	for (size_t i = 0; i < fork->count; i++) {
		struct branch *branch = &fork->branch[i];

		if (branch->state != BRANCH_FINAL && branch->sent != NULL)
			ast_sip_cancel_branch(branch->sent, reason);
	}
}

/* A branch has come to its end: with `code`, or with none (0). */
static void finish(struct branch *branch, int code, struct sip_rx_data *response)
{
	struct fork *fork = branch->fork;

	if (branch->state == BRANCH_FINAL)
		return;
	branch->state = BRANCH_FINAL;
	branch->code = code;
	if (response != NULL && !fork->answered)
		branch->response = ast_sip_hold_rx_data(response);
	if (branch->timer_c != NULL)
		ast_sip_timer_stop(branch->timer_c);
	fork->pending--;
}

static void start_branch(
	struct fork *fork, struct branch *branch, const struct target *target);

/* RFC 5626 section 7: the flow has failed, and says nothing of the phone.  False: there
 * is no other to it, or nobody wants to know any more. */
static bool try_next_flow(const struct branch *failed)
{
	struct fork *fork = failed->fork;

	if (failed->phone == 0 || fork->request == NULL || fork->answered ||
		fork->cancelled || fork->declined)
		return false;
	for (size_t i = 0; i < fork->count; i++) {
		struct branch *branch = &fork->branch[i];
		struct target *spare = branch->spare;

		if (branch->state != BRANCH_WAITING || branch->phone != failed->phone)
			continue;
		branch->state = BRANCH_TRYING;
		branch->spare = NULL;
		start_branch(fork, branch, spare);
		drop_spare(spare);
		return true;
	}
	return false;
}

/* 16.9: what can't be sent to counts as 503. */
static void lose(struct branch *branch)
{
	if (branch->state == BRANCH_FINAL)
		return;
	branch->lost = true;
	/* Where the phone is tried by another, what that comes to counts. */
	finish(branch, try_next_flow(branch) ? 0 : 503, NULL);
}

static bool only_silent_are_left(const struct fork *fork)
{
	for (size_t i = 0; i < fork->count; i++) {
		const struct branch *branch = &fork->branch[i];

		if (branch->state != BRANCH_FINAL && branch->state != BRANCH_WAITING &&
			(!branch->silent || branch->state != BRANCH_TRYING))
			return false;
	}
	return true;
}

/* All that could be reached have refused.  Those that could not be get a moment, in which
 * a phone that has come back shows itself, and not half a minute. */
static void hurry_silent(struct fork *fork)
{
	if (fork->hurried || fork->pending == fork->started || !is_invite(fork) ||
		!only_silent_are_left(fork))
		return;
	fork->hurried = true;
	for (size_t i = 0; i < fork->count; i++) {
		if (fork->branch[i].state == BRANCH_TRYING)
			ast_sip_timer_start(fork->branch[i].timer_c,
				2 * ast_sip_system_options()->timer_t1_ms);
	}
}

static void send_best_when_all_are_through(struct fork *fork)
{
	if (fork->pending > 0 && !fork->starting && !fork->answered &&
		fork->request != NULL)
		hurry_silent(fork);
	if (fork->pending > 0 || fork->starting || fork->answered ||
		fork->request == NULL)
		return;
	best_send(fork);
	forget_responses(fork);
}

static void pass_back(struct fork *fork, struct sip_rx_data *response)
{
	struct sip_tx_data *tdata;

	/* Out of memory: the callee sends its answer again. */
	if (ast_sip_create_forwarded_response(fork->request, response, &tdata) == 0)
		SIP_IGNORE(ast_sip_send_response(fork->request, tdata));
}

/* 16.7 step 2: timer C starts again at each 101 to 199.  Step 5: these go back. */
static void on_provisional(struct branch *branch, struct sip_rx_data *response)
{
	/* RFC 4320: "An element MUST NOT send any provisional response with a Status-Code
	 * other than 100 to a non-INVITE request." */
	if (!is_invite(branch->fork))
		return;
	if (branch->state == BRANCH_TRYING)
		branch->state = BRANCH_PROCEEDING;
	if (sip_rx_data_status(response) == 100)
		return;
	if (branch->timer_c != NULL && branch->state == BRANCH_PROCEEDING)
		ast_sip_timer_start(
			branch->timer_c, ast_sip_system_options()->timer_c_ms);
	if (!branch->fork->answered)
		pass_back(branch->fork, response);
}

/* 16.7 step 5: at once; more than one for an INVITE, one for anything else. */
static void on_success(struct branch *branch, struct sip_rx_data *response)
{
	struct fork *fork = branch->fork;
	bool first = !fork->answered;

	finish(branch, sip_rx_data_status(response), NULL);
	if (!first && !is_invite(fork))
		return;
	fork->answered = true;
	forget_responses(fork);
	pass_back(fork, response);
	if (first && is_invite(fork))
		cancel_others(fork, ANSWERED_ELSEWHERE);
}

static void on_refusal(struct branch *branch, struct sip_rx_data *response)
{
	struct fork *fork = branch->fork;
	int code = sip_rx_data_status(response);

	/* Its edge proxy has no flow to the phone any more; a caller who has no flows is
	 * told that nobody can be reached. */
	if (code == 430 && branch->contact)
		lose(branch);
	/* RFC 4320: a 408 is not passed to who has given up waiting. */
	else if (code == 408 && (try_next_flow(branch) || !is_invite(fork)))
		finish(branch, 0, NULL);
	else
		finish(branch, code, response);
	/* 16.7 step 5: a 6xx ends the search. */
	if (code >= 600 && !fork->declined && fork->request != NULL && is_invite(fork)) {
		fork->declined = true;
		cancel_others(fork, NULL);
	}
	send_best_when_all_are_through(fork);
}

static void on_response(struct branch *branch, struct sip_rx_data *response)
{
	int code = sip_rx_data_status(response);

	/* 16.7 step 5: nothing is the answer to a request that has none to come.  Step 3:
	 * "If there are no more Via header field values, the response was meant for this
	 * element and MUST NOT be forwarded."  Nobody means such a one: it counts as
	 * lost.
	 */
	if (branch->fork->request == NULL || !sip_rx_data_has_further_via(response))
		return;
	/* A branch that was given up for lost (timer C) may still answer with success. */
	if (code >= 200 && code < 300)
		on_success(branch, response);
	else if (branch->state == BRANCH_FINAL)
		return;
	else if (code < 200)
		on_provisional(branch, response);
	else
		on_refusal(branch, response);
}

/* A trunk that is dead is seen by nobody but the callers.  Of a contact that is known not
 * to answer there was a line when it stopped. */
static void log_lost(const struct branch *branch, const char *why)
{
	const struct fork *fork = branch->fork;
	char target[SIP_ADDR_TEXT_LEN];

	if (branch->state == BRANCH_FINAL || fork->request == NULL || fork->cancelled ||
		fork->answered)
		return;
	/* Of a name the core has said it. */
	if (branch->target.sa.sa_family == AF_UNSPEC)
		return;
	sip_log_limited(&limit, branch->silent ? SIP_LOG_INFO : SIP_LOG_NOTICE, "proxy",
		"%s method=%.*s target=%s call_id=%.*s", why,
		SIP_STR_ARG(sip_rx_data_method_text(fork->request)),
		sip_addr_text(&branch->target, target),
		SIP_STR_ARG(sip_rx_data_call_id(fork->request)));
}

/* Nothing final came.  RFC 4320: only an INVITE has a 408. */
static void on_silence(struct branch *branch)
{
	struct fork *fork = branch->fork;
	int code = 0;

	if (fork->request != NULL && is_invite(fork))
		code = fork->cancelled ? 487 : 408;
	if (branch->state == BRANCH_TRYING && try_next_flow(branch))
		code = 0;
	finish(branch, code, NULL);
	send_best_when_all_are_through(fork);
}

static void on_event(
	void *token, enum ast_sip_request_event event, struct sip_rx_data *response)
{
	struct branch *branch = token;

	switch (event) {
	case AST_SIP_REQUEST_RESPONSE: on_response(branch, response); break;
	case AST_SIP_REQUEST_TIMEOUT:
		log_lost(branch, "no answer from a target");
		on_silence(branch);
		break;
	case AST_SIP_REQUEST_FAILED:
		log_lost(branch, "a target can't be sent to");
		lose(branch);
		send_best_when_all_are_through(branch->fork);
		break;
	case AST_SIP_REQUEST_ENDED:
		branch->sent = NULL;
		if (branch->timer_c != NULL)
			ast_sip_timer_stop(branch->timer_c);
		if (branch->state != BRANCH_FINAL)
			on_silence(branch);
		release(branch->fork);
		break;
	}
}

/*
 * 16.8: somebody rings for too long.  "If the client transaction has received a
 * provisional response, the proxy MUST generate a CANCEL request matching that
 * transaction.  If the client transaction has not received a provisional response, the
 * proxy MUST behave as if the transaction received a 408".  There the CANCEL waits for
 * the first one: a phone must not begin to ring for nobody, nor ring for ever.
 */
static void on_timer_c(void *arg)
{
	struct branch *branch = arg;

	/* Once: it is cancelled the next time. */
	if (branch->sent != NULL)
		ast_sip_cancel_branch(branch->sent, NULL);
	if (branch->state == BRANCH_PROCEEDING)
		branch->state = BRANCH_OVERDUE; /* 9.1: it has 64*T1 to answer */
	else
		on_silence(branch);
	if (branch->sent != NULL)
		ast_sip_timer_start(
			branch->timer_c, ast_sip_system_options()->timer_b_ms);
}

/* An INVITE's, before it is sent: without it nothing would end what rings for ever. */
static int start_timer_c(struct branch *branch)
{
	branch->timer_c = ast_sip_timer_create(on_timer_c, branch);
	if (branch->timer_c == NULL)
		return -1;
	ast_sip_timer_start(branch->timer_c, ast_sip_system_options()->timer_c_ms);
	return 0;
}

static void start_branch(
	struct fork *fork, struct branch *branch, const struct target *target)
{
	branch->silent = target->silent;
	branch->target = target->how.flow.peer;
	branch->phone = target->phone;
	branch->state = BRANCH_TRYING;
	fork->started++;
	fork->pending++;
	branch->contact = target->contact != NULL;
	if (!target->reachable) {
		lose(branch);
		return;
	}
	if (is_invite(fork) && start_timer_c(branch) != 0) {
		finish(branch, 503, NULL);
		return;
	}
	/* Counted before, for a failure may be told at once. */
	fork->references++;
	if (ast_sip_forward_request(
		    fork->request, &target->how, branch, on_event, &branch->sent) != 0) {
		fork->references--;
		if (target->how.flow.listener == 0)
			lose(branch); /* a name that leads nowhere */
		else
			finish(branch, 503, NULL);
	}
}

/* RFC 5393 5.3.3: what came is shared by what goes on in parallel. */
static uint32_t share_of(const struct targets *targets, size_t i)
{
	uint32_t count = (uint32_t)targets->count;
	uint32_t rest = targets->breadth % count;

	return targets->breadth / count + (i >= count - rest);
}

static void begin_branch(struct fork *fork, size_t i, struct targets *targets)
{
	struct target *target = &targets->item[i];
	struct branch *branch = &fork->branch[i];

	target->how.record_route = targets->record_route;
	target->how.path = targets->path;
	target->how.max_breadth = share_of(targets, i);
	branch->fork = fork;
	if (target->waits)
		keep_spare(branch, target);
	else
		start_branch(fork, branch, target);
}

void fork_start(struct sip_rx_data *request, struct targets *targets)
{
	const size_t size = targets->count * sizeof(struct branch);
	/* Not calloc(), which in glibc passes by what the thread has freed just now. */
	struct fork *fork = malloc(sizeof(*fork) + size);

	if (fork == NULL) {
		SIP_IGNORE(
			ast_sip_respond(request, 500, NULL)); /* its sender repeats it */
		return;
	}
	*fork = (struct fork){ .request = request,
		.references = 1,
		.count = targets->count,
		.starting = true };
	memset(fork->branch, 0, size);
	ast_sip_request_set_token(request, fork);
	/* A flow that fails at once is followed by one that is there already. */
	for (size_t i = 0; i < fork->count; i++)
		if (targets->item[i].waits)
			begin_branch(fork, i, targets);
	for (size_t i = 0; i < fork->count; i++)
		if (!targets->item[i].waits)
			begin_branch(fork, i, targets);
	fork->starting = false;
	send_best_when_all_are_through(fork);
}

void fork_on_txn_state(struct sip_rx_data *request, enum sip_txn_event event)
{
	struct fork *fork = ast_sip_request_token(request);

	if (fork == NULL)
		return;
	switch (event) {
	case SIP_TXN_CANCELLED:
		/* 16.10.  The branches' 487 will be the answer. */
		fork->cancelled = true;
		cancel_others(fork, NULL);
		break;
	case SIP_TXN_NO_ACK: break;
	case SIP_TXN_ENDED:
		ast_sip_request_set_token(request, NULL);
		/* Whoever still rings must not ring for a caller that is gone. */
		if (!fork->answered)
			cancel_others(fork, NULL);
		fork->request = NULL;
		release(fork);
		break;
	}
}
