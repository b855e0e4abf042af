/* SPDX-License-Identifier: BSD-2-Clause */
/* Datagrams in groups: see udp_group.h. */
#include "transport/udp_group.h"

#include <stdlib.h>
#include <string.h>
#include <netinet/udp.h>

/* What kernels since the first one with UDP_SEGMENT take, and what a datagram of theirs
 * may be together. */
#define GROUP_MOST 64u
#define GROUP_LEN  65000u

/* Places for the groups that may grow, by address.  Who finds none of his next few free,
 * of more addresses than there are places, takes the first from its group. */
#define OPEN_PLACES 64u
#define OPEN_NEXT   4u

#define NONE UINT16_MAX

struct group {
	uint16_t first; /* waiting */
	uint16_t count;
	uint16_t segment; /* how long each is but the last */
	bool full;        /* that one is shorter */
	uint32_t len;     /* of all */
	uint16_t at;      /* of its vectors and members */
};

struct control {
	/* The address to send from, and where to cut. */
	_Alignas(struct cmsghdr) char bytes[CMSG_SPACE(sizeof(struct in6_pktinfo)) +
		CMSG_SPACE(sizeof(uint16_t))];
};

struct sip_udp_grouping {
	struct mmsghdr *messages;
	struct control *controls;
	struct iovec *vectors;
	struct group *groups;
	uint16_t *group_of; /* of each waiting one */
	uint16_t *members;
	uint16_t open[OPEN_PLACES];
};

struct sip_udp_grouping *sip_udp_grouping_create(unsigned batch)
{
	struct sip_udp_grouping *made = calloc(1, sizeof(*made));

	SIP_ASSERT(batch < NONE);
	if (made == NULL)
		return NULL;
	made->messages = calloc(batch, sizeof(*made->messages));
	made->controls = calloc(batch, sizeof(*made->controls));
	made->vectors = calloc(batch, sizeof(*made->vectors));
	made->groups = calloc(batch, sizeof(*made->groups));
	made->group_of = calloc(batch, sizeof(*made->group_of));
	made->members = calloc(batch, sizeof(*made->members));
	if (made->messages == NULL || made->controls == NULL || made->vectors == NULL ||
		made->groups == NULL || made->group_of == NULL || made->members == NULL)
		sip_udp_grouping_destroy(&made);
	return made;
}

void sip_udp_grouping_destroy(struct sip_udp_grouping **place)
{
	struct sip_udp_grouping *old = *place;

	*place = NULL;
	if (old == NULL)
		return;
	free(old->members);
	free(old->group_of);
	free(old->groups);
	free(old->vectors);
	free(old->controls);
	free(old->messages);
	free(old);
}

/* ---- control messages ---- */

static void put_control(
	struct msghdr *message, int level, int type, const void *data, size_t len)
{
	struct cmsghdr *cmsg = (struct cmsghdr *)(void *)((char *)message->msg_control +
		message->msg_controllen);

	message->msg_controllen += CMSG_SPACE(len);
	cmsg->cmsg_level = level;
	cmsg->cmsg_type = type;
	cmsg->cmsg_len = CMSG_LEN(len);
	memcpy(CMSG_DATA(cmsg), data, len);
}

/* An answer leaves from the address that was addressed. */
static void put_source(struct msghdr *message, const struct sip_addr *local)
{
	struct in_pktinfo v4 = { .ipi_ifindex = 0 };
	struct in6_pktinfo v6 = { .ipi6_ifindex = 0 };

	if (local->sa.sa_family == AF_INET) {
		v4.ipi_spec_dst = local->v4.sin_addr;
		put_control(message, IPPROTO_IP, IP_PKTINFO, &v4, sizeof(v4));
	} else if (local->sa.sa_family == AF_INET6) {
		v6.ipi6_addr = local->v6.sin6_addr;
		v6.ipi6_ifindex = local->v6.sin6_scope_id;
		put_control(message, IPPROTO_IPV6, IPV6_PKTINFO, &v6, sizeof(v6));
	}
}

/* ---- which go together ---- */

static unsigned place_of(const struct sip_addr *peer)
{
	uint32_t host = peer->v4.sin_addr.s_addr;
	uint32_t mixed;

	if (peer->sa.sa_family == AF_INET6)
		memcpy(&host, &peer->v6.sin6_addr.s6_addr[12], sizeof(host));
	mixed = (host ^ (uint32_t)sip_addr_port(peer) << 8) * UINT32_C(0x9e3779b1);
	return mixed >> 26;
}

static bool same_way(const struct sip_flow *a, const struct sip_flow *b)
{
	return sip_addr_equal(&a->peer, &b->peer) && sip_addr_equal(&a->local, &b->local);
}

/* The place of the latest group that goes the same way, or for one that will. */
static uint16_t *open_for(struct sip_udp_grouping *grouping,
	const struct sip_outgoing *waiting, const struct sip_flow *flow)
{
	unsigned place = place_of(&flow->peer);

	for (unsigned i = 0; i < OPEN_NEXT; i++) {
		uint16_t *open = &grouping->open[(place + i) % OPEN_PLACES];

		if (*open == NONE ||
			same_way(&waiting[grouping->groups[*open].first].flow, flow))
			return open;
	}
	grouping->open[place] = NONE;
	return &grouping->open[place];
}

static bool takes(const struct group *group, uint32_t len)
{
	return !group->full && group->count < GROUP_MOST && len <= group->segment &&
		group->len + len <= GROUP_LEN;
}

static void begin(struct group *group, uint16_t first, uint32_t len)
{
	*group = (struct group){ .first = first,
		.count = 1,
		.segment = len <= UINT16_MAX ? (uint16_t)len : 0,
		.len = len };
}

static void add(struct group *group, uint32_t len)
{
	group->count++;
	group->len += len;
	group->full = len < group->segment;
}

/* How many. */
static unsigned choose_groups(struct sip_udp_grouping *grouping,
	const struct sip_outgoing *waiting, unsigned count, uint16_t segment_most)
{
	unsigned groups = 0;

	for (unsigned i = 0; i < OPEN_PLACES; i++)
		grouping->open[i] = NONE;
	for (unsigned i = 0; i < count; i++) {
		uint32_t len = waiting[i].tdata->len;
		uint16_t *open = open_for(grouping, waiting, &waiting[i].flow);

		if (*open != NONE && takes(&grouping->groups[*open], len))
			add(&grouping->groups[*open], len);
		else {
			*open = (uint16_t)groups++;
			begin(&grouping->groups[*open], (uint16_t)i, len);
			/* It is not what others may join. */
			grouping->groups[*open].full = len == 0 || len > segment_most;
		}
		grouping->group_of[i] = *open;
	}
	return groups;
}

static void choose_none(struct sip_udp_grouping *grouping,
	const struct sip_outgoing *waiting, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		begin(&grouping->groups[i], (uint16_t)i, waiting[i].tdata->len);
		grouping->group_of[i] = (uint16_t)i;
	}
}

/* ---- what is sent ---- */

static void form(struct sip_udp_grouping *grouping, unsigned number,
	struct sip_outgoing *waiting, bool wildcard)
{
	const struct group *group = &grouping->groups[number];
	struct sip_flow *flow = &waiting[group->first].flow;
	struct msghdr *message = &grouping->messages[number].msg_hdr;

	*message = (struct msghdr){
		.msg_name = &flow->peer,
		.msg_namelen = sip_addr_len(&flow->peer),
		.msg_iov = &grouping->vectors[group->at],
		.msg_iovlen = group->count,
		.msg_control = grouping->controls[number].bytes,
	};
	if (wildcard && flow->local.sa.sa_family == flow->peer.sa.sa_family)
		put_source(message, &flow->local);
	if (group->count > 1)
		put_control(message, IPPROTO_UDP, UDP_SEGMENT, &group->segment,
			sizeof(group->segment));
	if (message->msg_controllen == 0)
		message->msg_control = NULL;
}

unsigned sip_udp_group(struct sip_udp_grouping *grouping, struct sip_outgoing *waiting,
	unsigned count, bool wildcard, uint16_t segment_most)
{
	unsigned groups = count;
	uint16_t at = 0;

	if (segment_most == 0)
		choose_none(grouping, waiting, count);
	else
		groups = choose_groups(grouping, waiting, count, segment_most);
	for (unsigned i = 0; i < groups; i++) {
		struct group *group = &grouping->groups[i];

		group->at = at;
		at = (uint16_t)(at + group->count);
		form(grouping, i, waiting, wildcard);
		group->count = 0; /* to be counted again: */
	}
	for (unsigned i = 0; i < count; i++) {
		struct group *group = &grouping->groups[grouping->group_of[i]];
		unsigned place = group->at + group->count++;
		const struct sip_tx_data *tdata = waiting[i].tdata;

		grouping->vectors[place] = (struct iovec){ (char *)(uintptr_t)tdata->text,
			tdata->len };
		grouping->members[place] = (uint16_t)i;
	}
	return groups;
}

struct mmsghdr *sip_udp_group_messages(struct sip_udp_grouping *grouping)
{
	return grouping->messages;
}

struct sip_udp_members sip_udp_group_members(
	const struct sip_udp_grouping *grouping, unsigned number)
{
	const struct group *group = &grouping->groups[number];

	return (struct sip_udp_members){ &grouping->members[group->at], group->count };
}
