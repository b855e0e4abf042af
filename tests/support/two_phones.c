/* SPDX-License-Identifier: BSD-2-Clause */
/* See two_phones.h. */
#include "support/two_phones.h"

#include <res_sip.h>

int two_phones_create(struct sip_server **server)
{
	static const char *const names[] = { "6001", "6002" };
	static const char *const contacts[] = { "sip:6002@192.0.2.20:5070" };
	struct sip_identify_match match = { .prefix_len = 32 };
	struct sip_identify_config identify = {
		.name = "i", .endpoint = "6001", .match = &match, .match_count = 1
	};
	struct sip_endpoint_config endpoints[2];
	struct sip_aor_config aors[2];
	struct sip_config config;
	char error[SIP_SERVER_ERROR_LEN];
	int result = sip_addr_parse(SIP_STR("192.0.2.10"), 0, &match.network);

	sip_config_init(&config);
	config.system.servants = 1;
	config.global.authentication = false;
	for (int i = 0; i < 2; i++) {
		sip_endpoint_config_init(&endpoints[i]);
		sip_aor_config_init(&aors[i]);
		endpoints[i].name = aors[i].name = names[i];
		endpoints[i].aors = (struct sip_config_list){ &names[i], 1 };
	}
	aors[1].contact = (struct sip_config_list){ contacts, 1 };
	config.endpoint = endpoints;
	config.aor = aors;
	config.identify = &identify;
	config.endpoint_count = config.aor_count = 2;
	config.identify_count = 1;
	if (result == 0)
		result = sip_server_create(&config, server, error);
	if (result == 0)
		ast_sip_set_server(*server);
	return result;
}
