/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Endpoints by address: res_sip/endpoint.h: "The longest match wins.  The table is
 * compiled when the configuration is read."
 */
#include "server/settings/match.h"

#include "support/check.h"

#include "res_sip/endpoint.h"

#include <string.h>

static struct sip_addr addr(const char *text)
{
	struct sip_addr parsed;

	CHECK_INT(sip_addr_parse(sip_str_of(text), 0, &parsed), ==, 0);
	return parsed;
}

/* Settings with the endpoints wide, net, host, port, six; each known by one network. */
static struct sip_settings *settings(void)
{
	static const char *const names[] = { "wide", "net", "host", "port", "six" };
	static struct sip_endpoint_config endpoints[5];
	static struct sip_identify_match match[5];
	static struct sip_identify_config identify[5];
	struct sip_settings *made;
	struct sip_config config;
	char error[SIP_SERVER_ERROR_LEN];

	match[0] = (struct sip_identify_match){ addr("0.0.0.0"), 0 };
	match[1] = (struct sip_identify_match){ addr("192.0.2.128"), 25 };
	match[2] = (struct sip_identify_match){ addr("192.0.2.130"), 32 };
	match[3] = (struct sip_identify_match){ addr("192.0.2.130:5070"), 32 };
	match[4] = (struct sip_identify_match){ addr("2001:db8:8000::"), 33 };
	sip_config_init(&config);
	for (size_t i = 0; i < 5; i++) {
		sip_endpoint_config_init(&endpoints[i]);
		endpoints[i].name = names[i];
		identify[i] = (struct sip_identify_config){ .name = names[i],
			.endpoint = names[i],
			.match = &match[i],
			.match_count = 1 };
	}
	config.endpoint = endpoints;
	config.endpoint_count = 5;
	config.identify = identify;
	config.identify_count = 5;
	CHECK_INT(sip_settings_create(&config, NULL, &made, error), ==, 0);
	return made;
}

TEST(the_longest_network_wins_and_a_port_before_none)
{
	static const struct {
		const char *addr;
		const char *endpoint; /* NULL: none */
	} cases[] = {
		{ "192.0.2.130:5060", "host" },
		{ "192.0.2.130:5070", "port" },
		{ "192.0.2.131:5070", "net" },
		{ "192.0.2.255", "net" },
		{ "192.0.2.127", "wide" },
		{ "10.0.0.1", "wide" },
		{ "[2001:db8:8000::1]:5060", "six" },
		{ "[2001:db8:ffff::1]:5060", "six" },
		{ "[2001:db8:7fff::1]:5060", NULL },
		{ "[::1]:5060", NULL },
		{ "[::ffff:192.0.2.130]:5060", "host" },
	};
	struct sip_settings *s = settings();

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sip_addr from = addr(cases[i].addr);
		struct ast_sip_endpoint *found = sip_match_find(s, &from);

		CHECK_STR(sip_str_of(found != NULL ? ast_sip_endpoint_name(found) : NULL),
			cases[i].endpoint);
	}
	sip_settings_unref(&s);
}

static void refused(const struct sip_config *config, const char *why)
{
	struct sip_settings *made;
	char error[SIP_SERVER_ERROR_LEN];

	CHECK_INT(sip_settings_create(config, NULL, &made, error), ==, SIP_EINVALID);
	CHECK(strstr(error, why) != NULL);
}

TEST(a_configuration_that_contradicts_itself_is_refused_in_words)
{
	static const char *const auth_name = "nobody";
	struct sip_endpoint_config twins[2];
	struct sip_aor_config aors[2];
	struct sip_identify_config identify = { .name = "i", .endpoint = "gone" };
	struct sip_config config;

	sip_config_init(&config);
	sip_endpoint_config_init(&twins[0]);
	twins[0].name = "a";
	twins[1] = twins[0];
	config.endpoint = twins;
	config.endpoint_count = 2;
	refused(&config, "endpoint a: exists twice");
	config.endpoint_count = 1;
	twins[0].auth = (struct sip_config_list){ &auth_name, 1 };
	refused(&config, "endpoint a: there is no auth nobody");
	twins[0].auth.count = 0;
	sip_aor_config_init(&aors[0]);
	aors[0].name = "b";
	aors[1] = aors[0];
	config.aor = aors;
	config.aor_count = 2;
	refused(&config, "aor b: exists twice");
	config.aor_count = 1;
	config.identify = &identify;
	config.identify_count = 1;
	refused(&config, "identify i: there is no endpoint gone");
}
