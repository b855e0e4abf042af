/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The table of listeners.
 *
 * It grows before the pool starts and is only read afterwards, so nothing locks.
 */
#include "transport/listener.h"

#include "transport/udp.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool is_wildcard(const struct sip_addr *addr)
{
	if (addr->sa.sa_family == AF_INET)
		return addr->v4.sin_addr.s_addr == htonl(INADDR_ANY);
	return IN6_IS_ADDR_UNSPECIFIED(&addr->v6.sin6_addr);
}

static int make_sockets(struct sip_listening *listening)
{
	struct sip_transport *transport = listening->transport;

	listening->sockets = calloc(
		transport->reactor_count, sizeof(*listening->sockets));
	if (listening->sockets == NULL)
		return SIP_EMEMORY;
	for (unsigned i = 0; i < transport->reactor_count; i++) {
		struct sip_socket *socket = &listening->sockets[i];

		socket->watch.fd = -1;
		socket->listening = listening;
		socket->side = &transport->sides[i];
		if (sip_outbox_init(&socket->outbox, transport->config.batch) != SIP_OK)
			return SIP_EMEMORY;
	}
	return SIP_OK;
}

static int copy_local_net(
	struct sip_listening *listening, const struct sip_listener_config *config)
{
	size_t size = config->local_net_count * sizeof(*config->local_net);

	if (size == 0)
		return SIP_OK;
	listening->local_net = malloc(size);
	if (listening->local_net == NULL)
		return SIP_EMEMORY;
	memcpy(listening->local_net, config->local_net, size);
	listening->local_net_count = config->local_net_count;
	return SIP_OK;
}

struct sip_listening *sip_listening_create(
	struct sip_transport *transport, const struct sip_listener_config *config)
{
	struct sip_listening *listening = calloc(1, sizeof(*listening));

	SIP_ASSERT(config->bind.sa.sa_family != AF_UNSPEC);
	if (listening == NULL)
		return NULL;
	listening->transport = transport;
	listening->name = strdup(config->name != NULL ? config->name : "");
	listening->shown.kind = config->kind;
	listening->shown.name = listening->name;
	listening->shown.bound = config->bind;
	listening->shown.external = config->external;
	listening->shown.wildcard = is_wildcard(&config->bind);
	if (listening->name == NULL || copy_local_net(listening, config) != SIP_OK ||
		make_sockets(listening) != SIP_OK)
		sip_listening_destroy(&listening);
	return listening;
}

void sip_listening_destroy(struct sip_listening **place)
{
	struct sip_listening *listening = *place;

	*place = NULL;
	if (listening == NULL)
		return;
	for (unsigned i = 0;
		listening->sockets != NULL && i < listening->transport->reactor_count;
		i++) {
		struct sip_socket *socket = &listening->sockets[i];

		/* The poll set forgets a descriptor that is closed. */
		if (socket->watch.fd >= 0)
			close(socket->watch.fd);
		sip_outbox_fini(&socket->outbox);
	}
	free(listening->sockets);
	free(listening->local_net);
	free(listening->name);
	free(listening);
}

int sip_listening_reserve(struct sip_transport *transport)
{
	struct sip_listening **larger = realloc(transport->listenings,
		(transport->listening_count + 1) * sizeof(struct sip_listening *));

	if (larger == NULL)
		return SIP_EMEMORY;
	transport->listenings = larger;
	return SIP_OK;
}

const struct sip_listener *sip_listening_add(struct sip_listening *listening)
{
	struct sip_transport *transport = listening->transport;

	transport->listenings[transport->listening_count++] = listening;
	listening->shown.number = transport->listening_count;
	/* An external address without a port is reached at the port we are bound to. */
	if (sip_addr_port(&listening->shown.external) == 0)
		sip_addr_set_port(&listening->shown.external,
			sip_addr_port(&listening->shown.bound));
	return &listening->shown;
}

struct sip_listening *sip_listening_find(
	const struct sip_transport *transport, uint32_t number)
{
	if (number == 0 || number > transport->listening_count)
		return NULL;
	return transport->listenings[number - 1];
}

int sip_transport_listen(struct sip_transport *transport,
	const struct sip_listener_config *config, const struct sip_listener **listener)
{
	struct sip_listening *listening;
	int error;

	if (config->kind != SIP_UDP)
		return SIP_EUNSUPPORTED;
	if (sip_listening_reserve(transport) != SIP_OK)
		return SIP_EMEMORY;
	listening = sip_listening_create(transport, config);
	if (listening == NULL)
		return SIP_EMEMORY;
	error = sip_udp_open(listening);
	if (error == SIP_OK)
		*listener = sip_listening_add(listening);
	else
		sip_listening_destroy(&listening);
	return error;
}

const struct sip_listener *sip_transport_listener(
	const struct sip_transport *transport, uint32_t number)
{
	const struct sip_listening *listening = sip_listening_find(transport, number);

	return listening != NULL ? &listening->shown : NULL;
}

uint32_t sip_transport_listener_count(const struct sip_transport *transport)
{
	return transport->listening_count;
}
