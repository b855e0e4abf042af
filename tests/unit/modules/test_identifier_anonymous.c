/* SPDX-License-Identifier: BSD-2-Clause */
/* Who is nobody. */
#include "support/check.h"

#include "unit/modules/fake_core.h"

extern const struct ast_sip_module_file ast_sip_module_file;

static struct ast_sip_endpoint of_all = { .options = { .name = "anonymous" } };
static struct ast_sip_endpoint of_partner = { .options = {
						      .name = "anonymous@partner.org" } };

static struct ast_sip_endpoint *identified(const char *method, const char *from)
{
	struct ast_sip_endpoint *endpoint = fake.identifier[0]->identify_endpoint(
		fake_request(&(struct fake_message){ .method = method, .from = from }));

	ast_sip_endpoint_unref(endpoint);
	return endpoint;
}

TEST(a_stranger_is_anonymous)
{
	fake_begin(&ast_sip_module_file);
	fake.endpoint[0] = &of_all;
	fake.endpoint[1] = &of_partner;

	CHECK(identified("INVITE", "<sip:bob@other.org>;tag=f") == &of_all);
	CHECK(identified("MESSAGE", "<tel:+15551234>;tag=f") == &of_all);
	CHECK(identified("INVITE", "<sip:bob@Partner.ORG>;tag=f") == &of_partner);
	fake_end(&ast_sip_module_file);
}

TEST(nobody_registers_anonymously)
{
	fake_begin(&ast_sip_module_file);
	fake.endpoint[0] = &of_all;
	fake.endpoint[1] = &of_partner;

	CHECK(identified("REGISTER", "<sip:bob@other.org>;tag=f") == NULL);
	CHECK(identified("REGISTER", "<sip:bob@partner.org>;tag=f") == NULL);
	fake_end(&ast_sip_module_file);
}

TEST(without_such_an_endpoint_a_stranger_stays_one)
{
	fake_begin(&ast_sip_module_file);
	CHECK(identified("INVITE", "<sip:bob@other.org>;tag=f") == NULL);
	fake_end(&ast_sip_module_file);
}
