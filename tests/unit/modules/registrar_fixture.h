/* SPDX-License-Identifier: BSD-2-Clause */
/* A registrar with the AOR 6001 of the endpoint 6001, for the tests of its module. */
#pragma once

#include "support/check.h"

#include "unit/modules/fake_core.h"

extern const struct ast_sip_module_file ast_sip_module_file;

static inline void registrar_begin(struct ast_sip_endpoint *phone)
{
	static const char *const aors[] = { "6001", "no-contacts" };

	fake_begin(&ast_sip_module_file);
	phone->options.name = "6001";
	phone->options.aors = (struct sip_config_list){ aors, 2 };
	phone->options.rewrite_contact = true;
	fake.request_endpoint = phone;
	fake.aor[0] = (struct sip_aor_config){ .name = "6001",
		.default_expiration = 3600,
		.minimum_expiration = 60,
		.maximum_expiration = 7200,
		.max_contacts = 5 };
	fake.aor[1] = fake.aor[0];
	fake.aor[1].name = "6002";
	fake.aor[2] = fake.aor[0];
	fake.aor[2].name = "no-contacts";
	fake.aor[2].max_contacts = 0;
}

static inline void registrar_end(void)
{
	fake_end(&ast_sip_module_file);
}

/* Send a REGISTER that has these header lines; the status of its answer. */
static inline int registrar_answers(const char *headers)
{
	fake.response = (struct fake_response){ 0 };
	CHECK(fake.service->on_rx_request(
		fake_request(&(struct fake_message){ .headers = headers })));
	return fake.response.status;
}
