/* SPDX-License-Identifier: BSD-2-Clause */
/* What connections there are, for an operator: see sip_transport_look(). */
#include "transport/connection.h"
#include "transport/connections.h"

#include "base/slab.h"

#include <stdio.h>
#include <stdlib.h>

struct looking {
	uint64_t now_us;
	struct sip_connection_look *looks;
	size_t room;
	size_t count;
};

static uint64_t since(const struct looking *looking, uint64_t us)
{
	/* The clocks of two servants differ a little. */
	return looking->now_us > us ? looking->now_us - us : 0;
}

/* Its names stand there before its version does, and go when no table has it. */
static void note_name(
	const struct sip_connection *connection, struct sip_connection_look *look)
{
	const struct sip_peer_names *names = connection->names;

	if (names != NULL && names->count > 0)
		snprintf(look->proved, sizeof(look->proved), "%.*s",
			SIP_STR_ARG(names->name[0]));
}

static void note(const struct looking *looking, const struct sip_connection *connection,
	struct sip_connection_look *look)
{
	*look = (struct sip_connection_look){
		.flow = connection->flow,
		.accepted = connection->accepted,
		.opened = atomic_load(&connection->opened),
		.age_us = since(looking, connection->made_us),
		.quiet_us = since(looking, sip_connection_quiet_since(connection)),
		.waiting_bytes = sip_connection_waiting(connection),
		.tls_version = atomic_load(&connection->tls_version),
	};
	if (look->tls_version != NULL)
		note_name(connection, look);
}

/* The stripe is locked. */
static void visit(void *arg, struct sip_chain_link *link)
{
	struct looking *looking = arg;
	const struct sip_connection *connection = SIP_CONTAINER(
		link, struct sip_connection, by_number);

	if (looking->count < looking->room)
		note(looking, connection, &looking->looks[looking->count++]);
}

size_t sip_transport_connection_count(const struct sip_transport *transport)
{
	return transport->connections != NULL
		? sip_slab_live(transport->connections->slab)
		: 0;
}

static int compare(const void *a, const void *b)
{
	const struct sip_connection_look *one = a;
	const struct sip_connection_look *other = b;

	return one->flow.connection < other->flow.connection ? -1 : 1;
}

size_t sip_transport_look(
	struct sip_transport *transport, struct sip_connection_look *looks, size_t room)
{
	struct sip_connections *connections = transport->connections;
	struct looking looking = { .looks = looks, .room = room };

	if (connections == NULL)
		return 0;
	looking.now_us = sip_pool_now_us(transport->config.pool);
	for (uint64_t i = 0; i < SIP_CHAIN_STRIPES; i++) {
		struct sip_chain_stripe *stripe = sip_chain_lock(
			&connections->by_number, i << 32);

		sip_chain_each(stripe, visit, &looking);
		sip_chain_unlock(stripe);
	}
	qsort(looks, looking.count, sizeof(*looks), compare);
	return looking.count;
}
