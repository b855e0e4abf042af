/* SPDX-License-Identifier: BSD-2-Clause */
/* Who names himself so. */
#include "support/check.h"

#include "unit/modules/fake_core.h"

extern const struct ast_sip_module_file ast_sip_module_file;

enum { BY_FROM, BY_CREDENTIALS };

#define BY_ANY (SIP_IDENTIFY_USERNAME | SIP_IDENTIFY_AUTH_USERNAME)

static struct ast_sip_endpoint endpoints[] = {
	{ .options = { .name = "6001", .identify_by = SIP_IDENTIFY_USERNAME } },
	{ .options = { .name = "6002@example.com", .identify_by = BY_ANY } },
	{ .options = { .name = "6002", .identify_by = BY_ANY } },
	{ .options = { .name = "anonymous", .identify_by = BY_ANY } },
	{ .options = { .name = "+15551234", .identify_by = BY_ANY } },
	{ .options = { .name = "by login", .identify_by = SIP_IDENTIFY_AUTH_USERNAME } },
	{ .options = { .name = "6003@example.org", .identify_by = BY_ANY } },
	{ .options = { .name = "6005@alias.example.com", .identify_by = BY_ANY } },
	{ .options = { .name = "6005@example.com", .identify_by = BY_ANY } },
};

/* The name of the endpoint found, {NULL, 0}: none. */
static struct sip_str identified(int by, const char *from, const char *headers)
{
	fake_begin(&ast_sip_module_file);
	for (size_t i = 0; i < sizeof(endpoints) / sizeof(endpoints[0]); i++)
		fake.endpoint[i] = &endpoints[i];
	CHECK_STR(sip_str_of(fake.identifier[BY_FROM]->name), "username");
	CHECK_STR(sip_str_of(fake.identifier[BY_CREDENTIALS]->name), "auth_username");
	struct ast_sip_endpoint *endpoint = fake.identifier[by]->identify_endpoint(
		fake_request(&(struct fake_message){ .from = from, .headers = headers }));
	ast_sip_endpoint_unref(endpoint);
	fake_end(&ast_sip_module_file);
	return endpoint != NULL ? sip_str_of(endpoint->options.name)
				: (struct sip_str){ 0 };
}

TEST(where_no_endpoint_has_a_domain_the_user_alone_counts)
{
	struct ast_sip_endpoint *endpoint;

	fake_begin(&ast_sip_module_file);
	fake.endpoint[0] = &endpoints[0];
	endpoint = fake.identifier[BY_FROM]->identify_endpoint(fake_request(
		&(struct fake_message){ .from = "<sip:6001@example.com>;tag=f" }));
	CHECK(endpoint == &endpoints[0]);
	ast_sip_endpoint_unref(endpoint);
	fake_end(&ast_sip_module_file);
}

static const struct {
	const char *from;
	const char *endpoint; /* NULL: nobody */
} froms[] = {
	{ "<sip:6001@example.com>;tag=f", "6001" },
	{ "<sips:6001@example.com>;tag=f", "6001" },
	{ "<sip:6001@example.org>;tag=f", "6001" },
	{ "<sip:%36001@example.com>;tag=f", "6001" },
	{ "<sip:6002@EXAMPLE.com>;tag=f", "6002@example.com" },
	{ "<sip:6002@example.org>;tag=f", "6002" },
	{ "<sip:6002@alias.EXAMPLE.com>;tag=f", "6002@example.com" },
	{ "<sip:6005@alias.example.com>;tag=f", "6005@alias.example.com" },
	{ "<sip:6003@example.org>;tag=f", NULL }, /* example.org is not ours */
	{ "<sip:6004@example.com>;tag=f", NULL },
	{ "<sip:example.com>;tag=f", NULL },
	{ "<sip:by%20login@example.com>;tag=f",
		NULL }, /* identify_by= names the other way only */
	{ "\"Anonymous\" <sip:anonymous@anonymous.invalid>;tag=f", NULL },
	{ "<sip:ANONYMOUS@example.com>;tag=f", NULL },
	{ "<tel:+1-555-1234>;tag=f", "+15551234" },
	{ "<mailto:6001@example.com>;tag=f", NULL },
	{ "<sip:6001%00@example.com>;tag=f", NULL },
};

TEST(the_user_of_from_is_the_endpoint)
{
	for (size_t i = 0; i < sizeof(froms) / sizeof(froms[0]); i++)
		CHECK_STR(identified(BY_FROM, froms[i].from, NULL), froms[i].endpoint);
}

TEST(a_name_longer_than_any_section_is_nobody)
{
	char from[400] = "<sip:";

	memset(from + 5, '6', 300);
	strcpy(from + 305, "@example.com>;tag=f");
	CHECK_STR(identified(BY_FROM, from, NULL), NULL);
}

#define CREDENTIALS(user, realm)                                                         \
	"Authorization: Digest username=\"" user "\", realm=\"" realm                    \
	"\", nonce=\"n\", uri=\"sip:example.com\", response=\"00\"\n"
#define ANONYMOUS "<sip:anonymous@anonymous.invalid>;tag=f"

TEST(the_user_of_the_credentials_is_the_endpoint_where_it_says_so)
{
	CHECK_STR(identified(BY_CREDENTIALS, ANONYMOUS,
			  CREDENTIALS("by login", "example.com")),
		"by login");
	CHECK_STR(
		identified(BY_CREDENTIALS, ANONYMOUS, CREDENTIALS("6002", "example.com")),
		"6002");
	CHECK_STR(identified(BY_CREDENTIALS, "<sip:a@example.com>;tag=f",
			  CREDENTIALS("6002", "example.com")),
		"6002@example.com");
	CHECK_STR(
		identified(BY_CREDENTIALS, ANONYMOUS, CREDENTIALS("6001", "example.com")),
		NULL);
}

TEST(credentials_of_another_realm_name_nobody)
{
	CHECK_STR(
		identified(BY_CREDENTIALS, ANONYMOUS, CREDENTIALS("6002", "else")), NULL);
	CHECK_STR(identified(BY_CREDENTIALS, ANONYMOUS, NULL), NULL);
}
