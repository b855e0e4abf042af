/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Asking the routing table: a UDP socket that is connected to the peer gets the
 * source address that the system would choose.  Nothing is sent by that.
 */
#include "transport/route.h"

#include "base/hash.h"
#include "res_sip/error.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define REMEMBER_US 1000000

int sip_route_ask(const struct sip_addr *peer, struct sip_addr *local)
{
	int fd = socket(peer->sa.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct sip_addr found;
	socklen_t len = sizeof(found);
	int error = SIP_ESYSTEM;
	int reason;

	if (fd < 0)
		return SIP_ESYSTEM;
	memset(&found, 0, sizeof(found));
	if (connect(fd, &peer->sa, sip_addr_len(peer)) == 0 &&
		getsockname(fd, &found.sa, &len) == 0) {
		sip_addr_set_port(&found, 0);
		*local = found;
		error = SIP_OK;
	}
	reason = errno;
	close(fd);
	errno = reason;
	return error;
}

/* A place by the peer's host: what a peer can gain by crowding one is that we ask again.
 */
static struct sip_route_place *place_of(
	struct sip_route_memory *memory, const struct sip_addr *peer)
{
	static const struct sip_hash_key key = { { 0, 0 } };
	uint64_t hash = peer->sa.sa_family == AF_INET
		? sip_hash(&key, &peer->v4.sin_addr, sizeof(peer->v4.sin_addr))
		: sip_hash(&key, &peer->v6.sin6_addr, sizeof(peer->v6.sin6_addr));

	return &memory->places[hash % SIP_ROUTE_PLACES];
}

static bool same_host(const struct sip_addr *a, const struct sip_addr *b)
{
	/* A link-local address means another peer on another link. */
	return sip_addr_same_host(a, b) &&
		(a->sa.sa_family != AF_INET6 ||
			a->v6.sin6_scope_id == b->v6.sin6_scope_id);
}

int sip_route_find(struct sip_route_memory *memory, const struct sip_addr *peer,
	uint64_t now_us, struct sip_addr *local)
{
	struct sip_route_place *place;
	int error;

	if (memory == NULL)
		return sip_route_ask(peer, local);
	place = place_of(memory, peer);
	if (same_host(&place->peer, peer) && now_us - place->asked_us < REMEMBER_US) {
		*local = place->local;
		return SIP_OK;
	}
	error = sip_route_ask(peer, local);
	if (error == SIP_OK)
		*place = (struct sip_route_place){ *peer, *local, now_us };
	return error;
}
