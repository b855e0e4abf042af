/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From c-ares' structures to an answer.  See parse.h.
 *
 * The records are counted before c-ares makes something of them, so that it makes no more
 * than we take.  Elsewhere: times (wire.c), which it does not hand out for SRV and NAPTR.
 */
#include "resolve/parse.h"

#include "res_sip/error.h"
#include "resolve/host.h"
#include "resolve/wire.h"

#include <ares.h>

/* What was found in a message; names are c-ares' until it is released. */
struct harvest {
	const uint8_t *message;
	int len;
	uint32_t ttl_s;
	unsigned count;
	struct sip_dns_record record[SIP_DNS_RECORDS_MAX];
	void *owned; /* of c-ares; NULL: none */
};

static void add(struct harvest *harvest, const struct sip_dns_record *record)
{
	if (harvest->count < SIP_DNS_RECORDS_MAX)
		harvest->record[harvest->count++] = *record;
}

/* ---- addresses ---- */

/* Not that of a host: unspecified, multicast, broadcast, or IPv4 in disguise. */
static bool is_nobodys(const struct sip_addr *addr)
{
	const struct in6_addr *v6 = &addr->v6.sin6_addr;
	uint32_t v4 = ntohl(addr->v4.sin_addr.s_addr);

	if (addr->sa.sa_family == AF_INET)
		return v4 >> 24 == 0 || v4 >> 28 == 14 || v4 == UINT32_MAX;
	return IN6_IS_ADDR_UNSPECIFIED(v6) || IN6_IS_ADDR_MULTICAST(v6) ||
		IN6_IS_ADDR_V4MAPPED(v6);
}

static void add_addr(struct harvest *harvest, const struct sip_addr *addr)
{
	const struct sip_dns_record record = { .addr = *addr };

	if (!is_nobodys(addr))
		add(harvest, &record);
}

static int harvest_a(struct harvest *harvest)
{
	struct ares_addrttl found[SIP_DNS_RECORDS_MAX];
	int count = SIP_DNS_RECORDS_MAX;
	int status = ares_parse_a_reply(
		harvest->message, harvest->len, NULL, found, &count);

	for (int i = 0; status == ARES_SUCCESS && i < count; i++) {
		struct sip_addr addr;

		memset(&addr, 0, sizeof(addr));
		addr.v4.sin_family = AF_INET;
		addr.v4.sin_addr = found[i].ipaddr;
		add_addr(harvest, &addr);
	}
	return status;
}

static int harvest_aaaa(struct harvest *harvest)
{
	struct ares_addr6ttl found[SIP_DNS_RECORDS_MAX];
	int count = SIP_DNS_RECORDS_MAX;
	int status = ares_parse_aaaa_reply(
		harvest->message, harvest->len, NULL, found, &count);

	for (int i = 0; status == ARES_SUCCESS && i < count; i++) {
		struct sip_addr addr;

		memset(&addr, 0, sizeof(addr));
		addr.v6.sin6_family = AF_INET6;
		memcpy(&addr.v6.sin6_addr, &found[i].ip6addr, 16);
		add_addr(harvest, &addr);
	}
	return status;
}

/* ---- names ---- */

/* It can be looked up, or says that there is nothing (`.`). */
static bool is_usable(struct sip_str name)
{
	struct sip_addr addr;
	struct sip_str host;

	return name.len <= SIP_DNS_NAME_LEN &&
		(name.len == 0 || host_read(name, &addr, &host) != HOST_GARBLED);
}

static int harvest_srv(struct harvest *harvest)
{
	struct ares_srv_reply *found = NULL;
	int status = ares_parse_srv_reply(harvest->message, harvest->len, &found);

	harvest->owned = found;
	for (const struct ares_srv_reply *at = found; at != NULL; at = at->next) {
		const struct sip_dns_record record = { .order = at->priority,
			.preference = at->weight,
			.port = at->port,
			.name = sip_str_of(at->host) };

		if (is_usable(record.name))
			add(harvest, &record);
	}
	/* Not one is as it should be: that is no reason to try the domain itself. */
	return status == ARES_SUCCESS && harvest->count == 0 ? ARES_EBADRESP : status;
}

static struct sip_str text_of(const unsigned char *text)
{
	return sip_str_of((const char *)text);
}

/* RFC 3263 4.1: a service of ours that a replacement leads to, no expression. */
static bool read_naptr(const struct ares_naptr_reply *from, struct sip_dns_record *record)
{
	struct sip_str flags = text_of(from->flags);

	*record = (struct sip_dns_record){ .order = from->order,
		.preference = from->preference,
		.terminal = sip_str_equal_nocase(flags, SIP_STR("a")),
		.name = sip_str_of(from->replacement) };
	return (record->terminal || sip_str_equal_nocase(flags, SIP_STR("s"))) &&
		text_of(from->regexp).len == 0 && record->name.len > 0 &&
		is_usable(record->name) &&
		sip_dns_service_of(text_of(from->service), &record->service);
}

static int harvest_naptr(struct harvest *harvest)
{
	struct ares_naptr_reply *found = NULL;
	int status = ares_parse_naptr_reply(harvest->message, harvest->len, &found);

	harvest->owned = found;
	for (const struct ares_naptr_reply *at = found; at != NULL; at = at->next) {
		struct sip_dns_record record;

		if (read_naptr(at, &record))
			add(harvest, &record);
	}
	return status;
}

/* ---- all of it ---- */

static int harvest_type(struct harvest *harvest, enum sip_dns_type type)
{
	switch (type) {
	case SIP_DNS_A: return harvest_a(harvest);
	case SIP_DNS_AAAA: return harvest_aaaa(harvest);
	case SIP_DNS_SRV: return harvest_srv(harvest);
	case SIP_DNS_NAPTR: return harvest_naptr(harvest);
	}
	return ARES_EBADRESP;
}

static int error_of(int status)
{
	switch (status) {
	case ARES_SUCCESS:
	case ARES_ENODATA: return SIP_OK;
	case ARES_ENOMEM: return SIP_EMEMORY;
	default: return SIP_ESYNTAX;
	}
}

static struct sip_dns_answer *make_answer(
	const struct harvest *harvest, const struct sip_dns_query *query)
{
	struct sip_dns_answer *answer;
	size_t text_len = 0;

	for (unsigned i = 0; i < harvest->count; i++)
		text_len += harvest->record[i].name.len;
	answer = sip_dns_answer_create(
		sip_str_of(query->name), query->type, harvest->count, text_len);
	if (answer == NULL)
		return NULL;
	answer->ttl_s = harvest->ttl_s;
	for (unsigned i = 0; i < harvest->count; i++)
		sip_dns_answer_add(answer, &harvest->record[i]);
	return answer;
}

int parse_answer(const struct sip_dns_query *query, const uint8_t *message, size_t len,
	struct sip_dns_answer **answer)
{
	struct harvest harvest;
	struct wire_answer wire;
	int error;

	if (len > UINT16_MAX || wire_read(message, len, query->type, &wire) != SIP_OK)
		return SIP_ESYNTAX;
	if (wire.count > SIP_DNS_RECORDS_MAX)
		return SIP_ELIMIT;
	harvest.message = message;
	harvest.len = (int)len;
	harvest.ttl_s = wire.ttl_s;
	harvest.count = 0;
	harvest.owned = NULL;
	error = wire.count > 0 ? error_of(harvest_type(&harvest, query->type)) : SIP_OK;
	if (error == SIP_OK) {
		*answer = make_answer(&harvest, query);
		error = *answer == NULL ? SIP_EMEMORY : SIP_OK;
	}
	if (harvest.owned != NULL)
		ares_free_data(harvest.owned);
	return error;
}
