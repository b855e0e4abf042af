/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The way of a received message from any listener to the folder above.
 *
 * Datagrams that only keep a NAT binding open end here: line ends (RFC 5626
 * section 3.5.1 has CRLFCRLF for streams, phones send it over UDP as well),
 * nothing at all, or the four NULs of some phones.  Over UDP they get no answer.
 */
#include "transport/listener.h"

#include "transport/rx_room.h"

#include <string.h>

/* Line ends before a start-line are ignored (RFC 3261 section 7.5). */
static size_t leading_line_ends(const char *text, size_t len)
{
	size_t at = 0;

	while (at < len && (text[at] == '\r' || text[at] == '\n'))
		at++;
	return at;
}

static bool is_keepalive(const char *text, size_t len)
{
	static const char nuls[4] = { 0 };

	return len == 0 || (len == sizeof(nuls) && memcmp(text, nuls, sizeof(nuls)) == 0);
}

void sip_transport_trace(struct sip_transport *transport, bool sent,
	const struct sip_flow *flow, struct sip_str text)
{
	const struct sip_transport_user *user = &transport->config.user;

	/* relaxed: a message more or less in the trace does not matter; partner:
	 * sip_transport_set_traced() */
	if (!atomic_load_explicit(&transport->traced, memory_order_relaxed))
		return;
	if (user->traced != NULL)
		user->traced(user->arg, sent, flow, text);
}

/* The last resort: what is long and has to wait. */
bool sip_transport_takes(struct sip_transport *transport, size_t len)
{
	uint64_t max = transport->config.max_large_bytes;

	/* Relaxed: a few more do not matter; partner: count_large() in rx_data.c. */
	return len <= SIP_RX_TEXT_ROOM || max == 0 ||
		atomic_load_explicit(&transport->large_bytes, memory_order_relaxed) < max;
}

const struct sip_msg_limits *sip_transport_limits(const struct sip_transport *transport)
{
	const struct sip_transport_user *user = &transport->config.user;

	return user->limits != NULL ? user->limits(user->arg) : &transport->limits;
}

bool sip_transport_admits(struct sip_transport *transport, struct sip_rx_data *rdata)
{
	struct sip_msg *msg = &rdata->msg;
	size_t skipped = leading_line_ends(msg->text, msg->len);

	msg->text += skipped;
	msg->len -= (uint32_t)skipped;
	if (is_keepalive(msg->text, msg->len)) {
		sip_count(transport->config.counters, SIP_COUNT_RX_KEEPALIVES);
		sip_rx_data_unref(&rdata);
		return false;
	}
	sip_transport_trace(
		transport, false, &rdata->flow, (struct sip_str){ msg->text, msg->len });
	return true;
}

void sip_transport_hand_up(
	struct sip_transport *transport, struct sip_rx_data **batch, unsigned count)
{
	const struct sip_transport_user *user = &transport->config.user;

	if (count > 0)
		user->received(user->arg, batch, count);
}
