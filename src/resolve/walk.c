/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The walk: RFC 3263 sections 4.1 and 4.2.
 *
 *      the URI's transport, or port  ->  an address: that
 *                                        a port:     A and AAAA of the name
 *                                        else        SRV of that transport -> A and AAAA
 *      neither                       ->  NAPTR -> SRV -> A and AAAA
 *                                        SRV of each transport -> A and AAAA
 *      and where there is no SRV         A and AAAA of the name
 *
 * A look-up that fails is not one that finds nothing: what comes after SRV in the RFC is
 * not tried then, for a domain's own address is often its web server's.
 * Elsewhere: the order of addresses (rank.c), targets that have failed (health.c).
 */
#include "resolve/walk.h"

#include "res_sip/error.h"
#include "resolve/host.h"
#include "resolve/rank.h"

/* The longest service is `_sips._tcp.`. */
#define SERVICE_NAME_LEN (SIP_DNS_NAME_LEN + 1)

static bool is_known(const struct walk *walk, const struct sip_target *target)
{
	for (unsigned i = 0; i < walk->count; i++)
		if (walk->target[i].kind == target->kind &&
			sip_addr_equal(&walk->target[i].addr, &target->addr))
			return true;
	return false;
}

static void add_target(struct walk *walk, enum sip_transport_kind kind,
	const struct sip_addr *addr, uint16_t port)
{
	struct sip_target target = { .kind = kind, .addr = *addr };

	sip_addr_set_port(&target.addr, port);
	if (walk->count < WALK_TARGETS_MAX && walk->tries++ < WALK_TRIES_MAX &&
		!is_known(walk, &target))
		walk->target[walk->count++] = target;
}

/* NULL: it is not there yet, or failed. */
static const struct sip_dns_answer *look_up(
	struct walk *walk, struct sip_str name, enum sip_dns_type type)
{
	const struct sip_dns_answer *answer = NULL;
	int error = walk->look(walk->arg, name, type, &answer);

	if (error == SIP_OK)
		return answer;
	if (error == WALK_WAITS)
		walk->waits = true;
	else if (walk->failure == SIP_OK)
		walk->failure = error;
	return NULL;
}

/* ---- addresses ---- */

struct row {
	const struct sip_dns_answer *answer; /* NULL: none; sorted by rank */
	unsigned next;
};

static const struct sip_dns_record *head(const struct row *row, bool usable)
{
	if (row->answer == NULL || row->next >= row->answer->count ||
		rank_is_usable(row->answer->record[row->next].rank) != usable)
		return NULL;
	return &row->answer->record[row->next];
}

/* The best comes first, then in turn one of each family (RFC 8305 section 4). */
static void add_rows(struct walk *walk, struct row rows[2], bool usable,
	enum sip_transport_kind kind, uint16_t port)
{
	const struct sip_dns_record *first = head(&rows[0], usable);
	const struct sip_dns_record *second = head(&rows[1], usable);
	unsigned turn = first == NULL || (second != NULL && second->rank > first->rank);

	while (head(&rows[0], usable) != NULL || head(&rows[1], usable) != NULL) {
		const struct sip_dns_record *record = head(&rows[turn], usable);

		if (record != NULL) {
			add_target(walk, kind, &record->addr, port);
			rows[turn].next++;
		}
		turn = 1 - turn;
	}
}

/* False: there is none. */
static bool add_name(struct walk *walk, struct sip_str name, enum sip_transport_kind kind,
	uint16_t port)
{
	uint8_t families = walk->plan->request->families[kind];
	struct row rows[2] = { { NULL, 0 }, { NULL, 0 } };
	bool known = true;

	if (families & SIP_FAMILY_IPV6)
		known = (rows[0].answer = look_up(walk, name, SIP_DNS_AAAA)) != NULL;
	if (families & SIP_FAMILY_IPV4)
		known = (rows[1].answer = look_up(walk, name, SIP_DNS_A)) != NULL &&
			known;
	add_rows(walk, rows, true, kind, port);
	add_rows(walk, rows, false, kind, port);
	return !known || rows[0].next + rows[1].next > 0;
}

static bool add_addr(struct walk *walk, const struct sip_addr *addr,
	enum sip_transport_kind kind, uint16_t port)
{
	uint8_t family = addr->sa.sa_family == AF_INET ? SIP_FAMILY_IPV4
						       : SIP_FAMILY_IPV6;

	if ((walk->plan->request->families[kind] & family) == 0)
		return false;
	add_target(walk, kind, addr, port);
	return true;
}

/* Of a record, which may say anything.  False: there is none. */
static bool add_host(struct walk *walk, struct sip_str host, enum sip_transport_kind kind,
	uint16_t port)
{
	struct sip_addr addr;
	struct sip_str name;

	switch (host_read(host, &addr, &name)) {
	/* Not allowed as an SRV's target (RFC 2782), and met. */
	case HOST_ADDRESS: return add_addr(walk, &addr, kind, port);
	case HOST_NAME: return add_name(walk, name, kind, port);
	case HOST_INVALID:
	case HOST_GARBLED: break;
	}
	return false;
}

/* ---- SRV ---- */

static struct sip_str service_prefix(enum sip_transport_kind kind)
{
	switch (kind) {
	case SIP_UDP: return SIP_STR("_sip._udp.");
	case SIP_TCP: return SIP_STR("_sip._tcp.");
	case SIP_TLS: return SIP_STR("_sips._tcp.");
	/* RFC 7118 gives WebSocket none of its own: NAPTR says which. */
	case SIP_WS:
	case SIP_WSS: break;
	}
	return (struct sip_str){ NULL, 0 };
}

/* RFC 2782, "Weight": of the records from `from` to `end`, all of one priority, one is
 * drawn and comes next; those of no weight stand first, and have a small chance. */
static void draw_next(struct walk *walk, const struct sip_dns_answer *answer,
	uint8_t *order, unsigned from, unsigned end)
{
	uint64_t sum = 0;
	uint64_t running = 0;
	uint64_t drawn;
	unsigned at = from;
	uint8_t chosen;

	for (unsigned i = from; i < end; i++)
		sum += answer->record[order[i]].preference;
	drawn = sip_random_below(&walk->random, sum + 1);
	for (;; at++) {
		running += answer->record[order[at]].preference;
		if (running >= drawn)
			break;
	}
	chosen = order[at];
	memmove(order + from + 1, order + from, at - from);
	order[from] = chosen;
}

static void draw_order(
	struct walk *walk, const struct sip_dns_answer *answer, uint8_t *order)
{
	unsigned end = 0;

	for (unsigned i = 0; i < answer->count; i++)
		order[i] = (uint8_t)i;
	for (unsigned from = 0; from < answer->count; from++) {
		while (end < answer->count &&
			answer->record[end].order == answer->record[from].order)
			end++;
		draw_next(walk, answer, order, from, end);
	}
}

/* False: there is no such service.  One that is said not to be there (`.`) has no
 * targets, and nothing else is tried for it. */
static bool add_records(
	struct walk *walk, struct sip_str name, enum sip_transport_kind kind)
{
	const struct sip_dns_answer *answer = look_up(walk, name, SIP_DNS_SRV);
	uint8_t order[SIP_DNS_RECORDS_MAX];

	if (answer == NULL)
		return true;
	draw_order(walk, answer, order);
	for (unsigned i = 0; i < answer->count; i++) {
		const struct sip_dns_record *record = &answer->record[order[i]];

		if (record->name.len > 0)
			SIP_IGNORE(add_host(/* without an address: the next one */
				walk, record->name, kind, record->port));
	}
	return answer->count > 0;
}

/* The same for a transport's own name. */
static bool add_service(struct walk *walk, enum sip_transport_kind kind)
{
	struct sip_str prefix = service_prefix(kind);
	struct sip_str host = walk->plan->name;
	char text[SERVICE_NAME_LEN];

	if (prefix.len == 0 || prefix.len + host.len > SIP_DNS_NAME_LEN)
		return false;
	memcpy(text, prefix.ptr, prefix.len);
	memcpy(text + prefix.len, host.ptr, host.len);
	return add_records(walk, (struct sip_str){ text, prefix.len + host.len }, kind);
}

/* ---- NAPTR ---- */

static enum sip_transport_kind kind_of(enum sip_dns_service service)
{
	static const enum sip_transport_kind kinds[] = {
		[SIP_DNS_D2U] = SIP_UDP,
		[SIP_DNS_D2T] = SIP_TCP,
		[SIP_DNS_SD2T] = SIP_TLS,
		[SIP_DNS_D2W] = SIP_WS,
		[SIP_DNS_SD2W] = SIP_WSS,
	};

	return kinds[service];
}

static bool is_for_us(const struct walk *walk, const struct sip_dns_record *record)
{
	enum sip_transport_kind kind = kind_of(record->service);

	return walk->plan->request->families[kind] != 0 && record->name.len > 0 &&
		(!walk->plan->secure || sip_is_tls(kind));
}

/* False: no record that is for us leads anywhere. */
static bool add_naptr(struct walk *walk)
{
	const struct sip_dns_answer *answer = look_up(
		walk, walk->plan->name, SIP_DNS_NAPTR);
	bool found = false;
	bool any = false;
	uint16_t order = 0;

	for (unsigned i = 0; answer != NULL && i < answer->count; i++) {
		const struct sip_dns_record *record = &answer->record[i];
		enum sip_transport_kind kind = kind_of(record->service);

		if (!is_for_us(walk, record))
			continue;
		/* RFC 3403 4.1: once one of an order is for us, later orders are not. */
		if (any && record->order != order)
			break;
		any = true;
		order = record->order;
		found |= record->terminal
			? add_host(walk, record->name, kind, plan_usual_port(kind))
			: add_records(walk, record->name, kind);
	}
	return found;
}

/* ---- all of it ---- */

/* Neither transport nor port are given. */
static bool add_open(struct walk *walk)
{
	static const enum sip_transport_kind plain[] = { SIP_UDP, SIP_TCP };
	static const enum sip_transport_kind secure[] = { SIP_TLS };
	const uint8_t *families = walk->plan->request->families;
	const enum sip_transport_kind *kinds = walk->plan->secure ? secure : plain;
	size_t count = walk->plan->secure ? 1 : 2;
	bool found = add_naptr(walk);

	if (found || walk->waits)
		return true;
	for (size_t i = 0; i < count; i++)
		if (families[kinds[i]] != 0)
			found |= add_service(walk, kinds[i]);
	return found;
}

int walk_run(struct walk *walk, const struct plan *plan)
{
	enum sip_transport_kind kind = plan->kind;
	bool found = false;

	SIP_ASSERT(plan->addr.sa.sa_family == AF_UNSPEC);
	walk->plan = plan;
	walk->waits = false;
	walk->failure = SIP_OK;
	walk->tries = 0;
	walk->count = 0;
	sip_random_init_seed(&walk->random, walk->seed);
	if (plan->request->port == 0)
		found = plan->chosen ? add_service(walk, kind) : add_open(walk);
	/* NAPTR alone could have led to what we have a listener of. */
	if (!found && plan->request->families[kind] == 0 && walk->failure == SIP_OK)
		walk->failure = SIP_EUNSUPPORTED;
	if (!found)
		SIP_IGNORE(add_name(/* counted below */
			walk, plan->name, kind, plan_port(plan)));
	if (walk->waits)
		return WALK_WAITS;
	if (walk->count > 0)
		return SIP_OK;
	return walk->failure != SIP_OK ? walk->failure : SIP_ENOTFOUND;
}

/* ---- the order of records ---- */

static bool comes_before(enum sip_dns_type type, const struct sip_dns_record *a,
	const struct sip_dns_record *b)
{
	if (type == SIP_DNS_A || type == SIP_DNS_AAAA)
		return a->rank > b->rank;
	return a->order != b->order ? a->order < b->order : a->preference < b->preference;
}

/* By insertion: equal ones stay as they came, and there are few. */
void walk_sort(struct sip_dns_answer *answer)
{
	for (unsigned i = 1; i < answer->count; i++) {
		struct sip_dns_record record = answer->record[i];
		unsigned at = i;

		for (; at > 0 &&
			comes_before(answer->type, &record, &answer->record[at - 1]);
			at--)
			answer->record[at] = answer->record[at - 1];
		answer->record[at] = record;
	}
}
