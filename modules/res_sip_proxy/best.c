/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Choosing the best of the final answers: RFC 3261 section 16.7, steps 6 and 7.
 */
#include "fork.h"

#include <stdlib.h>

/* Smaller is better: 6xx, then the lowest class; in 4xx first what helps to ask again. */
static int rank(int code)
{
	if (code >= 600)
		return 0;
	switch (code) {
	case 401:
	case 407:
	case 415:
	case 420:
	case 484: return 400;
	/* Somebody is busy or refused: says more than a phone that is not there. */
	case 486: return 401;
	case 503: return 599;
	default: return code / 100 * 100 + (code < 500 ? 50 : 0);
	}
}

const struct branch *best_branch(const struct fork *fork)
{
	const struct branch *best = NULL;

	for (size_t i = 0; i < fork->count; i++) {
		const struct branch *at = &fork->branch[i];

		if (at->code != 0 && (best == NULL || rank(at->code) < rank(best->code)))
			best = at;
	}
	return best;
}

/* 16.7 step 7: a challenge goes back with those of the other branches. */
static int add_challenges(
	const struct fork *fork, const struct branch *best, struct sip_tx_data *tdata)
{
	static const struct {
		enum sip_hdr_id id;
		const char *name;
	} fields[] = {
		{ SIP_HDR_WWW_AUTHENTICATE, "WWW-Authenticate" },
		{ SIP_HDR_PROXY_AUTHENTICATE, "Proxy-Authenticate" },
	};

	for (size_t i = 0; i < fork->count; i++) {
		const struct branch *at = &fork->branch[i];

		if (at == best || at->response == NULL ||
			(at->code != 401 && at->code != 407))
			continue;
		for (size_t f = 0; f < 2; f++) {
			struct sip_hdr_iter iter = { 0 };

			while (sip_rx_data_next_header(
				at->response, fields[f].id, &iter)) {
				char *value = sip_str_copy(iter.value);
				int result = value == NULL
					? -1
					: ast_sip_add_header(
						  tdata, fields[f].name, value);

				free(value);
				if (result != 0)
					return -1;
			}
		}
	}
	return 0;
}

/* An INVITE that has its 100 does not come again: where there is no memory for the answer
 * there is some for a 500, perhaps; or, where it is that, for another try. */
static void send_own(struct fork *fork, int code)
{
	if (ast_sip_respond(fork->request, code, NULL) != 0)
		SIP_IGNORE(ast_sip_respond(fork->request, 500, NULL)); /* at its end */
}

/*
 * Nothing could be sent.  A phone that is not where it registered is a callee who is not
 * available: 480 (RFC 5626 says it of flows that are gone), and 430 where another server
 * is its registrar and we are the edge.  Another server is none of ours: 503 goes up as
 * 500 (16.7 step 6).  The log has the target; the caller, whom it
 * is no business of, hears why in words.
 */
static void send_lost(struct fork *fork, const struct branch *best)
{
	struct sip_tx_data *tdata;
	bool edge = ast_sip_request_route(fork->request)->by_path;
	int code = best->contact ? 480 : edge ? 430 : 500;
	const char *warning = best->contact || edge
		? "399 res_sip \"no contact can be reached\""
		: "399 res_sip \"the next hop can not be reached\"";

	if (ast_sip_create_response(fork->request, code, NULL, &tdata) != 0) {
		send_own(fork, 500);
		return;
	}
	/* Without memory for it the answer goes without. */
	SIP_IGNORE(ast_sip_add_header(tdata, "Warning", warning));
	if (ast_sip_send_response(fork->request, tdata) != 0)
		send_own(fork, 500);
}

void best_send(struct fork *fork)
{
	const struct branch *best = best_branch(fork);
	struct sip_tx_data *tdata;
	int code = best != NULL ? best->code : 0;

	fork->answered = true;
	if (best == NULL) {
		/* RFC 4320: nobody waits for a 408 of a request that is not an INVITE. */
		ast_sip_abandon_request(fork->request);
		return;
	}
	if (best->lost) {
		send_lost(fork, best);
		return;
	}
	/* A lone 503 would make the caller shun this server. */
	if (best->response == NULL || code == 503) {
		send_own(fork, code == 503 ? 500 : code);
		return;
	}
	if (ast_sip_create_forwarded_response(fork->request, best->response, &tdata) !=
		0) {
		send_own(fork, 500);
		return;
	}
	if ((code == 401 || code == 407) && add_challenges(fork, best, tdata) != 0) {
		ast_sip_destroy_tx_data(tdata);
		send_own(fork, 500);
		return;
	}
	if (ast_sip_send_response(fork->request, tdata) != 0)
		send_own(fork, 500);
}
