/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Messages of a DNS server: the first byte chooses the question, the rest is what came.
 * What is made of it is within its bounds, and leads the walk to targets that are.
 */
#include "require.h"
#include "res_sip/error.h"
#include "resolve/host.h"
#include "resolve/parse.h"
#include "resolve/walk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require_name(struct sip_str name)
{
	struct sip_addr addr;
	struct sip_str host;

	REQUIRE(name.len <= SIP_DNS_NAME_LEN);
	REQUIRE(name.len == 0 || host_read(name, &addr, &host) != HOST_GARBLED);
}

static void require_bounds(const struct sip_dns_answer *answer)
{
	REQUIRE(answer->count <= SIP_DNS_RECORDS_MAX && answer->ttl_s <= INT32_MAX);
	for (unsigned i = 0; i < answer->count; i++) {
		const struct sip_dns_record *record = &answer->record[i];

		require_name(record->name);
		REQUIRE(answer->type == SIP_DNS_SRV || answer->type == SIP_DNS_NAPTR ||
			record->addr.sa.sa_family ==
				(answer->type == SIP_DNS_A ? AF_INET : AF_INET6));
	}
}

/* The answer to all questions of its type; of the others there is nothing yet. */
static int look(void *arg, struct sip_str name, enum sip_dns_type type,
	const struct sip_dns_answer **answer)
{
	require_name(name);
	*answer = arg;
	return (*answer)->type == type ? SIP_OK : WALK_WAITS;
}

static void walk_over(struct sip_dns_answer *answer)
{
	struct sip_resolve_request request = { .scheme = SIP_URI_SIP,
		.host = SIP_STR("example.test"),
		.families = { 3, 3, 3, 3, 3 } };
	struct walk walk = { .look = look, .arg = answer };
	struct plan plan;

	for (int i = 0; i < 3; i++) {
		request.port = i == 0 ? 5060 : 0;
		request.transport = i == 1 ? SIP_STR("tcp") : (struct sip_str){ NULL, 0 };
		REQUIRE(plan_make(&request, &plan) == SIP_OK);
		SIP_IGNORE(walk_run(&walk, &plan)); /* whatever it leads to */
		REQUIRE(walk.count <= WALK_TARGETS_MAX);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sip_dns_query query = { .name = "example.test" };
	struct sip_dns_answer *answer = NULL;
	uint8_t *copy;

	if (size == 0)
		return 0;
	query.type = (enum sip_dns_type)(data[0] % 4);
	copy = malloc(size);
	REQUIRE(copy != NULL);
	memcpy(copy, data + 1, size - 1);
	if (parse_answer(&query, copy, size - 1, &answer) == SIP_OK) {
		walk_sort(answer);
		require_bounds(answer);
		walk_over(answer);
	}
	free(copy);
	sip_dns_answer_unref(&answer);
	return 0;
}
