/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Behind a 1:1 NAT: what a peer is told as our address.
 *
 * Where we send from is the system's business; this is about what is written into Via
 * and Record-Route, which a peer outside of our networks must be able to reach.
 */
#include "transport/listener.h"

#include <string.h>

/* The first `bits` of both are the same. */
static bool same_bits(const void *left, const void *right, unsigned bits)
{
	const uint8_t *a = left;
	const uint8_t *b = right;
	unsigned rest = bits % 8;

	if (memcmp(a, b, bits / 8) != 0)
		return false;
	return rest == 0 || ((a[bits / 8] ^ b[bits / 8]) >> (8 - rest)) == 0;
}

static bool is_within(
	const struct sip_addr *addr, const struct sip_identify_match *network)
{
	const struct sip_addr *first = &network->network;

	if (addr->sa.sa_family != first->sa.sa_family)
		return false;
	return addr->sa.sa_family == AF_INET
		? same_bits(&addr->v4.sin_addr, &first->v4.sin_addr, network->prefix_len)
		: same_bits(
			  &addr->v6.sin6_addr, &first->v6.sin6_addr, network->prefix_len);
}

bool sip_networks_have(const struct sip_identify_match *networks, size_t count,
	const struct sip_addr *addr)
{
	for (size_t i = 0; i < count; i++) {
		if (is_within(addr, &networks[i]))
			return true;
	}
	return false;
}

/* The options whose external address the peer is told; NULL: that of the flow. */
static const struct sip_listener_options *external_of(
	const struct sip_listening *listening, const struct sip_flow *flow)
{
	const struct sip_listener_options *options;

	if (listening == NULL)
		return NULL;
	options = sip_listening_options(listening);
	if (options->external.sa.sa_family == AF_UNSPEC ||
		sip_networks_have(
			options->local_net, options->local_net_count, &flow->peer))
		return NULL;
	return options;
}

const struct sip_addr *sip_transport_told(
	const struct sip_transport *transport, const struct sip_flow *flow)
{
	const struct sip_listener_options *options = external_of(
		sip_listening_find(transport, flow->listener), flow);

	return options != NULL ? &options->external : &flow->local;
}

static struct sip_str text_of(const struct sip_addr_written *written)
{
	return (struct sip_str){ written->text, written->len };
}

struct sip_str sip_transport_told_text(
	const struct sip_transport *transport, const struct sip_flow *flow, char *text)
{
	const struct sip_listening *listening = sip_listening_find(
		transport, flow->listener);
	const struct sip_listener_options *options = external_of(listening, flow);

	if (options != NULL)
		return text_of(&options->external_written);
	if (listening != NULL && sip_addr_equal(&flow->local, &listening->shown.bound))
		return text_of(&listening->bound);
	return sip_str_of(sip_addr_text(&flow->local, text));
}
