/* SPDX-License-Identifier: BSD-2-Clause */
/* Who sends from that address. */
#include "support/check.h"

#include "unit/modules/fake_core.h"

extern const struct ast_sip_module_file ast_sip_module_file;

static struct ast_sip_endpoint trunk = { .options = { .name = "trunk" } };

static struct ast_sip_endpoint *identified_when(uint32_t identify_by)
{
	fake_begin(&ast_sip_module_file);
	fake.endpoint[0] = &trunk;
	fake.by_address = &trunk;
	trunk.options.identify_by = identify_by;
	struct ast_sip_endpoint *endpoint = fake.identifier[0]->identify_endpoint(
		fake_request(&(struct fake_message){ 0 }));
	ast_sip_endpoint_unref(endpoint);
	fake_end(&ast_sip_module_file);
	return endpoint;
}

TEST(an_endpoint_is_known_by_its_address)
{
	CHECK(identified_when(SIP_IDENTIFY_IP) == &trunk);
	CHECK(identified_when(SIP_IDENTIFY_USERNAME | SIP_IDENTIFY_IP) == &trunk);
}

TEST(an_endpoint_that_is_not_to_be_known_by_address_is_not)
{
	CHECK(identified_when(SIP_IDENTIFY_USERNAME | SIP_IDENTIFY_AUTH_USERNAME) ==
		NULL);
}

TEST(an_address_of_nobody_is_nobody)
{
	fake_begin(&ast_sip_module_file);
	CHECK(fake.identifier[0]->by_address);
	CHECK(fake.identifier[0]->identify_endpoint(
		      fake_request(&(struct fake_message){ 0 })) == NULL);
	fake_end(&ast_sip_module_file);
}
