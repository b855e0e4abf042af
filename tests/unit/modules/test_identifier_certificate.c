/* SPDX-License-Identifier: BSD-2-Clause */
/* Whose certificate it is. */
#include "support/check.h"

#include "unit/modules/fake_core.h"

extern const struct ast_sip_module_file ast_sip_module_file;

static struct ast_sip_endpoint trunk = { .options = { .name = "trunk" } };

static struct ast_sip_endpoint *identified_when(uint32_t identify_by)
{
	struct ast_sip_endpoint *endpoint;

	fake_begin(&ast_sip_module_file);
	fake.endpoint[0] = &trunk;
	fake.by_certificate = &trunk;
	trunk.options.identify_by = identify_by;
	endpoint = fake.identifier[0]->identify_endpoint(
		fake_request(&(struct fake_message){ 0 }));
	ast_sip_endpoint_unref(endpoint);
	fake_end(&ast_sip_module_file);
	return endpoint;
}

TEST(an_endpoint_is_known_by_its_certificate)
{
	CHECK(identified_when(SIP_IDENTIFY_CERTIFICATE) == &trunk);
	CHECK(identified_when(SIP_IDENTIFY_IP | SIP_IDENTIFY_CERTIFICATE) == &trunk);
}

TEST(an_endpoint_that_is_not_to_be_known_by_certificate_is_not)
{
	CHECK(identified_when(SIP_IDENTIFY_USERNAME | SIP_IDENTIFY_IP) == NULL);
}

/* decision 035: what the sender can't choose. */
TEST(who_is_known_by_certificate_has_proved_it)
{
	fake_begin(&ast_sip_module_file);
	CHECK(fake.identifier[0]->proves);
	CHECK(fake.identifier[0]->identify_endpoint(
		      fake_request(&(struct fake_message){ 0 })) == NULL);
	fake_end(&ast_sip_module_file);
}
