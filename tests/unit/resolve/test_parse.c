/* SPDX-License-Identifier: BSD-2-Clause */
/* DNS messages as they come: RFC 1035 section 4, RFC 2308, RFC 2782, RFC 3403. */
#include "support/check.h"

#include "res_sip/error.h"
#include "resolve/parse.h"
#include "resolve/wire.h"

#include <stdlib.h>
#include <string.h>

/* A message as it is written, a record after the other. */
struct message {
	uint8_t bytes[8192];
	size_t len;
	struct sip_dns_query query; /* that it answers */
};

enum section { ANSWER = 7, AUTHORITY = 9 };

static void put(struct message *m, uint32_t number, size_t len)
{
	while (len-- > 0)
		m->bytes[m->len++] = (uint8_t)(number >> 8 * len);
}

static void put_name(struct message *m, const char *name)
{
	while (*name != '\0') {
		size_t len = strcspn(name, ".");

		put(m, (uint32_t)len, 1);
		memcpy(m->bytes + m->len, name, len);
		m->len += len;
		name += len + (name[len] == '.');
	}
	put(m, 0, 1);
}

static void put_text(struct message *m, const char *text)
{
	put(m, (uint32_t)strlen(text), 1);
	memcpy(m->bytes + m->len, text, strlen(text));
	m->len += strlen(text);
}

static void begin(struct message *m, const char *name, enum sip_dns_type type)
{
	memset(m, 0, sizeof(*m));
	m->query.type = type;
	strcpy(m->query.name, name);
	put(m, 0x1234, 2);
	put(m, 0x8180, 2);
	put(m, 1, 2);
	put(m, 0, 4);
	put(m, 0, 2);
	put_name(m, name);
	put(m, wire_type(type), 2);
	put(m, 1, 2);
}

/* Returns where its data begins; end_record() says how long they are. */
static size_t begin_record(struct message *m, enum section section, const char *name,
	uint16_t type, uint32_t ttl_s)
{
	m->bytes[section]++;
	put_name(m, name);
	put(m, type, 2);
	put(m, 1, 2);
	put(m, ttl_s, 4);
	put(m, 0, 2);
	return m->len;
}

static void end_record(struct message *m, size_t data)
{
	m->bytes[data - 2] = (uint8_t)((m->len - data) >> 8);
	m->bytes[data - 1] = (uint8_t)(m->len - data);
}

static void add_a(struct message *m, const char *name, uint32_t ttl_s, uint32_t addr)
{
	size_t data = begin_record(m, ANSWER, name, WIRE_A, ttl_s);

	put(m, addr, 4);
	end_record(m, data);
}

static void add_srv(struct message *m, const char *name, const char *target)
{
	size_t data = begin_record(m, ANSWER, name, WIRE_SRV, 300);

	put(m, 1, 2);
	put(m, 2, 2);
	put(m, 5062, 2);
	put_name(m, target);
	end_record(m, data);
}

static void add_naptr(struct message *m, const char *flags, const char *service,
	const char *expression, const char *target)
{
	size_t data = begin_record(m, ANSWER, m->query.name, WIRE_NAPTR, 300);

	put(m, 10, 2);
	put(m, 20, 2);
	put_text(m, flags);
	put_text(m, service);
	put_text(m, expression);
	put_name(m, target);
	end_record(m, data);
}

static void add_soa(struct message *m, uint32_t ttl_s, uint32_t minimum_s)
{
	size_t data = begin_record(m, AUTHORITY, "example.test", WIRE_SOA, ttl_s);

	put_name(m, "ns.example.test");
	put_name(m, "hostmaster.example.test");
	for (int i = 0; i < 4; i++)
		put(m, 1, 4);
	put(m, minimum_s, 4);
	end_record(m, data);
}

/* From an allocation of its length, so that a look beyond its end is seen. */
static int parse_part(const struct message *m, size_t len, struct sip_dns_answer **answer)
{
	uint8_t *copy = malloc(len > 0 ? len : 1);
	int result;

	CHECK(copy != NULL);
	memcpy(copy, m->bytes, len);
	*answer = NULL;
	result = parse_answer(&m->query, copy, len, answer);
	free(copy);
	CHECK((result == 0) == (*answer != NULL));
	return result;
}

static struct sip_dns_answer *parse(const struct message *m)
{
	struct sip_dns_answer *answer;

	CHECK_INT(parse_part(m, m->len, &answer), ==, 0);
	CHECK_STR(answer->name, m->query.name);
	CHECK_INT(answer->type, ==, m->query.type);
	return answer;
}

static struct message message;

TEST(addresses_come_with_the_least_of_their_times)
{
	struct message *m = &message;
	struct sip_dns_answer *answer;
	char text[SIP_ADDR_TEXT_LEN];

	begin(m, "a.example.test", SIP_DNS_A);
	add_a(m, "a.example.test", 300, 0xc0000201);
	add_a(m, "a.example.test", 200, 0xc0000202);
	answer = parse(m);
	CHECK_INT(answer->count, ==, 2);
	CHECK_INT(answer->ttl_s, ==, 200);
	CHECK_STR(
		sip_str_of(sip_addr_text(&answer->record[1].addr, text)), "192.0.2.2:0");
	sip_dns_answer_unref(&answer);
}

TEST(an_alias_may_be_kept_no_longer_than_it_says)
{
	struct message *m = &message;
	struct sip_dns_answer *answer;
	size_t data;

	begin(m, "www.example.test", SIP_DNS_A);
	data = begin_record(m, ANSWER, "www.example.test", WIRE_CNAME, 60);
	put_name(m, "a.example.test");
	end_record(m, data);
	add_a(m, "a.example.test", 300, 0xc0000201);
	answer = parse(m);
	CHECK_INT(answer->count, ==, 1);
	CHECK_INT(answer->ttl_s, ==, 60);
	sip_dns_answer_unref(&answer);
}

TEST(ipv6_addresses_are_read)
{
	struct message *m = &message;
	struct sip_dns_answer *answer;
	char text[SIP_ADDR_TEXT_LEN];
	size_t data;

	begin(m, "a.example.test", SIP_DNS_AAAA);
	data = begin_record(m, ANSWER, "a.example.test", WIRE_AAAA, 300);
	put(m, 0x20010db8, 4);
	put(m, 0, 4);
	put(m, 0, 4);
	put(m, 9, 4);
	end_record(m, data);
	answer = parse(m);
	CHECK_INT(answer->count, ==, 1);
	CHECK_STR(sip_str_of(sip_addr_host_text(&answer->record[0].addr, text)),
		"[2001:db8::9]");
	sip_dns_answer_unref(&answer);
}

/* Nobody is there, and 0.0.0.0 would be ourselves. */
TEST(addresses_of_nobody_are_left_out)
{
	struct message *m = &message;
	struct sip_dns_answer *answer;

	begin(m, "a.example.test", SIP_DNS_A);
	add_a(m, "a.example.test", 300, 0);
	add_a(m, "a.example.test", 300, 0xe0000001);
	add_a(m, "a.example.test", 300, 0xffffffff);
	add_a(m, "a.example.test", 300, 0x7f000001);
	answer = parse(m);
	CHECK_INT(answer->count, ==, 1);
	sip_dns_answer_unref(&answer);
}

TEST(services_are_read_in_small_letters)
{
	struct message *m = &message;
	struct sip_dns_answer *answer;

	begin(m, "_sip._udp.example.test", SIP_DNS_SRV);
	add_srv(m, "_sip._udp.example.test", "A.Example.TEST");
	add_srv(m, "_sip._udp.example.test", "");
	answer = parse(m);
	CHECK_INT(answer->count, ==, 2);
	CHECK_INT(answer->ttl_s, ==, 300);
	CHECK_INT(answer->record[0].order, ==, 1);
	CHECK_INT(answer->record[0].preference, ==, 2);
	CHECK_INT(answer->record[0].port, ==, 5062);
	CHECK_STR(answer->record[0].name, "a.example.test");
	CHECK_INT(answer->record[1].name.len, ==, 0);
	sip_dns_answer_unref(&answer);
}

/* Not "no such service", which would lead to the domain's own address. */
TEST(services_whose_names_are_garbage_are_a_bad_answer)
{
	struct message *m = &message;
	struct sip_dns_answer *answer;

	begin(m, "_sip._udp.example.test", SIP_DNS_SRV);
	add_srv(m, "_sip._udp.example.test", "a b.example.test");
	CHECK_INT(parse_part(m, m->len, &answer), ==, SIP_ESYNTAX);
	add_srv(m, "_sip._udp.example.test", "b.example.test");
	answer = parse(m);
	CHECK_INT(answer->count, ==, 1);
	sip_dns_answer_unref(&answer);
}

/* RFC 3263 4.1, and a row for each reason to leave a record out. */
TEST(naptr_records_for_sip_are_read_and_others_left_out)
{
	struct message *m = &message;
	struct sip_dns_answer *answer;

	begin(m, "example.test", SIP_DNS_NAPTR);
	add_naptr(m, "S", "sips+d2t", "", "_sips._tcp.Example.test");
	add_naptr(m, "a", "SIP+D2W", "", "a.example.test");
	add_naptr(m, "u", "E2U+sip", "!^.*$!sip:info@example.test!", "");
	add_naptr(m, "s", "SIP+D2S", "", "_sip._sctp.example.test");
	add_naptr(m, "s", "SIP+D2U", "!x!y!", "_sip._udp.example.test");
	add_naptr(m, "", "SIP+D2U", "", "_sip._udp.example.test");
	add_naptr(m, "s", "SIP+D2U", "", "");
	answer = parse(m);
	CHECK_INT(answer->count, ==, 2);
	CHECK_INT(answer->record[0].service, ==, SIP_DNS_SD2T);
	CHECK_INT(answer->record[0].order, ==, 10);
	CHECK_INT(answer->record[0].preference, ==, 20);
	CHECK(!answer->record[0].terminal);
	CHECK_STR(answer->record[0].name, "_sips._tcp.example.test");
	CHECK_INT(answer->record[1].service, ==, SIP_DNS_D2W);
	CHECK(answer->record[1].terminal);
	sip_dns_answer_unref(&answer);
}

/* RFC 2308 section 5: "the minimum of the MINIMUM field of the SOA record and the TTL of
 * the SOA itself" */
TEST(what_does_not_exist_has_the_time_of_its_zone)
{
	struct message *m = &message;
	struct sip_dns_answer *answer;

	for (int round = 0; round < 2; round++) {
		begin(m, "none.example.test", SIP_DNS_A);
		add_soa(m, round == 0 ? 120 : 3600, round == 0 ? 600 : 120);
		answer = parse(m);
		CHECK_INT(answer->count, ==, 0);
		CHECK_INT(answer->ttl_s, ==, 120);
		sip_dns_answer_unref(&answer);
	}
	begin(m, "none.example.test", SIP_DNS_A);
	answer = parse(m);
	CHECK_INT(answer->ttl_s, ==, 0);
	sip_dns_answer_unref(&answer);
}

/* It may lead elsewhere before that of the zone is over. */
TEST(an_alias_of_what_does_not_exist_may_be_kept_no_longer_than_it_says)
{
	struct message *m = &message;
	struct sip_dns_answer *answer;

	for (uint32_t ttl_s = 60; ttl_s <= 600; ttl_s += 540) {
		size_t data;

		begin(m, "www.example.test", SIP_DNS_A);
		data = begin_record(m, ANSWER, "www.example.test", WIRE_CNAME, ttl_s);
		put_name(m, "none.example.test");
		end_record(m, data);
		add_soa(m, 300, 300);
		answer = parse(m);
		CHECK_INT(answer->count, ==, 0);
		CHECK_INT(answer->ttl_s, ==, ttl_s < 300 ? ttl_s : 300);
		sip_dns_answer_unref(&answer);
	}
}

/* RFC 2181 section 8. */
TEST(a_time_with_its_highest_bit_set_is_none)
{
	struct message *m = &message;
	struct sip_dns_answer *answer;

	begin(m, "a.example.test", SIP_DNS_A);
	add_a(m, "a.example.test", 0x80000001, 0xc0000201);
	answer = parse(m);
	CHECK_INT(answer->ttl_s, ==, 0);
	sip_dns_answer_unref(&answer);
}

TEST(more_records_than_are_taken_are_refused)
{
	struct message *m = &message;
	struct sip_dns_answer *answer;

	begin(m, "a.example.test", SIP_DNS_A);
	for (uint32_t i = 0; i < SIP_DNS_RECORDS_MAX; i++)
		add_a(m, "a.example.test", 300, 0xc0000201 + i);
	answer = parse(m);
	CHECK_INT(answer->count, ==, SIP_DNS_RECORDS_MAX);
	sip_dns_answer_unref(&answer);
	add_a(m, "a.example.test", 300, 0xc0000001);
	CHECK_INT(parse_part(m, m->len, &answer), ==, SIP_ELIMIT);
}

TEST(a_message_that_is_cut_anywhere_is_no_answer)
{
	struct message *m = &message;
	struct sip_dns_answer *answer;

	begin(m, "example.test", SIP_DNS_NAPTR);
	add_naptr(m, "s", "SIP+D2U", "", "_sip._udp.example.test");
	for (size_t len = 0; len < m->len; len++)
		CHECK_INT(parse_part(m, len, &answer), ==, SIP_ESYNTAX);
	begin(m, "none.example.test", SIP_DNS_SRV);
	add_soa(m, 300, 300);
	for (size_t len = 0; len < m->len; len++)
		CHECK_INT(parse_part(m, len, &answer), ==, SIP_ESYNTAX);
}
