/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Offers and answers that may cross.
 *
 *                 body sent                       body sent
 *      SENT  <----------------   NONE   <----------------------  RECEIVED
 *        |                      ^    |                            ^
 *        +----------------------+    +----------------------------+
 *          body received                body received
 */
#include "session/exchange.h"

#include "res_sip/error.h"

static void begin(struct sip_exchange *exchange, enum sip_exchange_side side,
	enum sip_method method, bool body)
{
	if (method == SIP_INVITE)
		exchange->invite[side] = true;
	if (method == SIP_UPDATE)
		exchange->update[side] = true;
	if (!body)
		return;
	if (side == SIP_SIDE_OURS)
		sip_exchange_body_sent(exchange, method);
	else
		sip_exchange_body_received(exchange, method);
}

/* PRACK answers an offer of the response that it acknowledges; else it may make one. */
static bool answers(
	const struct sip_exchange *exchange, enum sip_method method, enum sip_offer open)
{
	return method == SIP_PRACK && exchange->offer == open;
}

int sip_exchange_send(struct sip_exchange *exchange, enum sip_method method, bool body)
{
	/* 14.1: "either direction" */
	if (method == SIP_INVITE &&
		(exchange->invite[SIP_SIDE_OURS] || exchange->invite[SIP_SIDE_THEIRS] ||
			exchange->unacknowledged))
		return SIP_ESTATE;
	/* An INVITE without a body asks for an offer: nothing else may be open. */
	if ((method == SIP_INVITE ||
		    (body && !answers(exchange, method, SIP_OFFER_RECEIVED))) &&
		exchange->offer != SIP_OFFER_NONE)
		return SIP_ESTATE;
	if (method == SIP_UPDATE && exchange->update[SIP_SIDE_OURS])
		return SIP_ESTATE;
	begin(exchange, SIP_SIDE_OURS, method, body);
	return 0;
}

/* 14.2; RFC 3311 section 5.2 says the same of offers in UPDATE. */
static int crossing(const struct sip_exchange *exchange)
{
	if (exchange->offer == SIP_OFFER_SENT)
		return 491;
	return exchange->offer == SIP_OFFER_RECEIVED ? 500 : 0;
}

int sip_exchange_receive(struct sip_exchange *exchange, enum sip_method method, bool body)
{
	int status = 0;

	if (method == SIP_INVITE && exchange->invite[SIP_SIDE_OURS])
		return 491;
	if (method == SIP_INVITE && exchange->invite[SIP_SIDE_THEIRS])
		return 500;
	if (method == SIP_UPDATE && exchange->update[SIP_SIDE_THEIRS])
		return 500;
	if (method == SIP_INVITE || (body && !answers(exchange, method, SIP_OFFER_SENT)))
		status = crossing(exchange);
	if (status == 0)
		begin(exchange, SIP_SIDE_THEIRS, method, body);
	return status;
}

static void open(
	struct sip_exchange *exchange, enum sip_offer offer, enum sip_method method)
{
	exchange->offer = offer;
	exchange->carrier = method;
}

void sip_exchange_body_sent(struct sip_exchange *exchange, enum sip_method method)
{
	if (exchange->offer == SIP_OFFER_RECEIVED) {
		open(exchange, SIP_OFFER_NONE, method);
	} else if (exchange->offer == SIP_OFFER_NONE) {
		open(exchange, SIP_OFFER_SENT, method);
		exchange->carrier_side = exchange->invite[SIP_SIDE_THEIRS] &&
				method == SIP_INVITE
			? SIP_SIDE_THEIRS
			: SIP_SIDE_OURS;
	}
}

void sip_exchange_body_received(struct sip_exchange *exchange, enum sip_method method)
{
	if (exchange->offer == SIP_OFFER_SENT) {
		open(exchange, SIP_OFFER_NONE, method);
	} else if (exchange->offer == SIP_OFFER_NONE) {
		open(exchange, SIP_OFFER_RECEIVED, method);
		exchange->carrier_side = exchange->invite[SIP_SIDE_OURS] &&
				method == SIP_INVITE
			? SIP_SIDE_OURS
			: SIP_SIDE_THEIRS;
	}
}

void sip_exchange_final(struct sip_exchange *exchange, enum sip_exchange_side side,
	enum sip_method method, int status)
{
	bool carried = exchange->offer != SIP_OFFER_NONE && exchange->carrier == method &&
		exchange->carrier_side == side;

	if (method == SIP_INVITE) {
		exchange->invite[side] = false;
		/* The ACK of a refusal is the transaction's. */
		exchange->unacknowledged = side == SIP_SIDE_THEIRS && status < 300;
	}
	if (method == SIP_UPDATE)
		exchange->update[side] = false;
	/* 14.1: after a refusal the session is what it was. */
	if (carried && (status >= 300 || method != SIP_INVITE))
		exchange->offer = SIP_OFFER_NONE;
}

void sip_exchange_acknowledged(struct sip_exchange *exchange)
{
	exchange->unacknowledged = false;
	/* An offer in our 2xx is answered in its ACK, or not at all. */
	if (exchange->carrier == SIP_INVITE && exchange->carrier_side == SIP_SIDE_THEIRS)
		exchange->offer = SIP_OFFER_NONE;
}

uint32_t sip_exchange_retry_ms(struct sip_random *random, bool chose_call_id)
{
	return chose_call_id ? 2100 + 10 * (uint32_t)sip_random_below(random, 191)
			     : 10 * (uint32_t)sip_random_below(random, 201);
}

uint32_t sip_exchange_retry_after_s(struct sip_random *random)
{
	return (uint32_t)sip_random_below(random, 11);
}
