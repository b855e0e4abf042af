/* SPDX-License-Identifier: BSD-2-Clause */
/* See fake_dns.h. */
#include "fake_dns.h"

#include "support/check.h"

#include "res_sip/error.h"

#include <stdio.h>
#include <string.h>

static const char *const type_names[] = {
	[SIP_DNS_A] = "A",
	[SIP_DNS_AAAA] = "AAAA",
	[SIP_DNS_SRV] = "SRV",
	[SIP_DNS_NAPTR] = "NAPTR",
};

struct zone_line {
	char name[256];
	char type[8];
	unsigned ttl_s;
	int rest; /* where the data begins */
};

static bool read_line(const char *text, struct sip_str name, struct zone_line *line)
{
	CHECK(sscanf(text, "%255s %u %7s %n", line->name, &line->ttl_s, line->type,
		      &line->rest) == 3);
	return sip_str_equal_nocase(sip_str_of(line->name), name);
}

static void add_record(struct sip_dns_answer *answer, const char *text, char target[256])
{
	struct sip_dns_record record = { .order = 0 };
	char flag;
	char service[16];

	target[0] = '\0';
	if (answer->type == SIP_DNS_SRV) {
		CHECK(sscanf(text, "%hu %hu %hu %255s", &record.order, &record.preference,
			      &record.port, target) == 4);
	} else if (answer->type == SIP_DNS_NAPTR) {
		CHECK(sscanf(text, "%hu %hu %c %15s %255s", &record.order,
			      &record.preference, &flag, service, target) == 5);
		CHECK(sip_dns_service_of(sip_str_of(service), &record.service));
		record.terminal = flag == 'a';
	} else {
		CHECK_INT(sip_addr_parse(sip_str_of(text), 0, &record.addr), ==, 0);
	}
	record.name = sip_str_of(target);
	sip_dns_answer_add(answer, &record);
}

struct sip_dns_answer *fake_dns_answer(
	const struct fake_dns *fake, struct sip_str name, enum sip_dns_type type)
{
	struct sip_dns_answer *answer = sip_dns_answer_create(
		name, type, SIP_DNS_RECORDS_MAX, SIP_DNS_RECORDS_MAX * SIP_DNS_NAME_LEN);
	uint32_t none_ttl_s = 60;
	struct zone_line line;
	char target[256];

	if (answer == NULL)
		return NULL;
	answer->ttl_s = UINT32_MAX;
	for (const char *const *text = fake->zone; *text != NULL; text++) {
		if (!read_line(*text, name, &line))
			continue;
		if (strcmp(line.type, "NONE") == 0)
			none_ttl_s = line.ttl_s;
		if (strcmp(line.type, type_names[type]) != 0)
			continue;
		add_record(answer, *text + line.rest, target);
		if (line.ttl_s < answer->ttl_s)
			answer->ttl_s = line.ttl_s;
	}
	if (answer->count == 0)
		answer->ttl_s = none_ttl_s;
	return answer;
}

static void answer_query(struct fake_dns *fake, struct sip_dns_query *query)
{
	struct sip_dns_answer *answer = NULL;
	int result = fake->stopped ? SIP_ESTATE : fake->fails;

	if (result == 0) {
		answer = fake_dns_answer(fake, sip_str_of(query->name), query->type);
		result = answer == NULL ? SIP_EMEMORY : 0;
	}
	sip_dns_answered(query, result, answer);
}

static void on_query(struct sip_dns_source *source, struct sip_dns_query *query)
{
	struct fake_dns *fake = SIP_CONTAINER(source, struct fake_dns, source);
	size_t len = strlen(fake->asked_for);

	fake->asked++;
	snprintf(fake->asked_for + len, sizeof(fake->asked_for) - len, "%s %s\n",
		type_names[query->type], query->name);
	if (fake->holds && !fake->stopped) {
		CHECK_INT(fake->held_count, <, 64);
		fake->held[fake->held_count++] = query;
	} else {
		answer_query(fake, query);
	}
}

void fake_dns_release(struct fake_dns *fake)
{
	unsigned count = fake->held_count;

	fake->held_count = 0;
	for (unsigned i = 0; i < count; i++)
		answer_query(fake, fake->held[i]);
}

static void on_stop(struct sip_dns_source *source)
{
	struct fake_dns *fake = SIP_CONTAINER(source, struct fake_dns, source);

	fake->stopped = true;
	fake_dns_release(fake);
}

void fake_dns_init(struct fake_dns *fake, const char *const *zone)
{
	*fake = (struct fake_dns){ .source = { .query = on_query, .stop = on_stop },
		.zone = zone };
}
