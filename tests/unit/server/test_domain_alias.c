/* SPDX-License-Identifier: BSD-2-Clause */
/* Another name of a domain: type=domain_alias.  The rules: "A URI is ours when its host
 * is a served domain (`[global] domain=`, repeatable; `domain_alias`)". */
#include "support/ask.h"
#include "support/check.h"

#include "server/settings/snapshot.h"

#include <string.h>

#define CONTACT "Max-Forwards: 70\nContact: <sip:6001@192.0.2.1:5071>\n"

static void with_alias(struct sip_config *config)
{
	static const struct sip_domain_alias_config alias = { .name = "alias.example",
		.domain = "real.example" };

	config->domain_alias = &alias;
	config->domain_alias_count = 1;
}

static const struct world_options options = { .configure = with_alias };

TEST(a_phone_registers_at_the_alias_and_at_the_domain)
{
	static const char *const hosts[] = { "sip:Alias.Example", "sip:real.example",
		"sip:example.org" };
	struct world *w = world_create(&options);

	for (unsigned i = 0; i < 3; i++)
		CHECK_INT(ASK_AS(w, .method = "REGISTER", .uri = hosts[i], .cseq = i + 1,
				  .extra = CONTACT),
			==, 200);
	world_destroy(&w);
}

TEST(a_domain_that_is_neither_stays_foreign)
{
	struct world *w = world_create(&options);

	CHECK_INT(ASK_AS(w, .method = "REGISTER", .uri = "sip:other.example", .cseq = 1,
			  .extra = CONTACT),
		!=, 200);
	world_destroy(&w);
}

TEST(an_aor_is_found_by_the_alias_then_by_the_domain_then_by_the_user)
{
	static const char *const names[] = { "a@alias.example", "a@real.example",
		"b@real.example", "b", "c" };
	static const struct {
		const char *uri;
		const char *aor; /* NULL: none */
	} rows[] = {
		{ "sip:a@ALIAS.example", "a@alias.example" },
		{ "sip:a@real.example", "a@real.example" },
		{ "sip:b@alias.example", "b@real.example" },
		{ "sip:b@other.example", "b" },
		{ "sip:c@alias.example", "c" },
		{ "sip:d@alias.example", NULL },
	};
	struct sip_aor_config aors[5];
	struct sip_settings *settings;
	struct sip_config config;
	char error[SIP_SERVER_ERROR_LEN];

	sip_config_init(&config);
	with_alias(&config);
	for (size_t i = 0; i < 5; i++) {
		sip_aor_config_init(&aors[i]);
		aors[i].name = names[i];
	}
	config.aor = aors;
	config.aor_count = 5;
	CHECK_INT(sip_settings_create(&config, NULL, &settings, error), ==, 0);

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct sip_aor_config *aor;
		struct sip_uri uri;

		CHECK_INT(sip_uri_parse(sip_str_of(rows[i].uri), &uri), ==, 0);
		aor = sip_settings_aor(settings, &uri);
		if (rows[i].aor == NULL)
			CHECK(aor == NULL);
		else
			CHECK_STR(sip_str_of(aor->name), rows[i].aor);
	}
	sip_settings_unref(&settings);
}
