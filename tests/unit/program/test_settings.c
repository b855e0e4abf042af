/* SPDX-License-Identifier: BSD-2-Clause */
/* From text to structs: values, defaults, mistakes in values. */
#include "reading.h"

static const char transport[] = "[udp]\ntype=transport\nbind=127.0.0.1:5070\n";

static void read_with_transport(struct reading *reading, const char *text)
{
	read_text_of(reading, store_format(&reading->store, "%s%s", text, transport));
}

TEST(a_transport_is_read)
{
	READING(r);
	char text[SIP_ADDR_TEXT_LEN];

	read_with_transport(&r, "[six]\ntype=transport\nprotocol=UDP\nbind=[::1]\n");

	CHECK_CLEAN(&r);
	CHECK_INT(r.settings.config.transport_count, ==, 2);
	CHECK_STR(sip_str_of(r.settings.config.transport[0].name), "six");
	CHECK_STR(sip_str_of(sip_addr_text(&r.settings.config.transport[0].bind, text)),
		"[::1]:5060");
	CHECK_STR(sip_str_of(sip_addr_text(&r.settings.config.transport[1].bind, text)),
		"127.0.0.1:5070");
	CHECK_INT(r.settings.config.transport[1].source.line, ==, 5);
	reading_fini(&r);
}

TEST(the_networks_of_a_transport_behind_a_1_to_1_nat_are_read)
{
	READING(r);
	const struct sip_transport_section *section;
	char text[SIP_ADDR_TEXT_LEN];

	read_text_of(&r,
		"[udp]\ntype=transport\nbind=0.0.0.0\nexternal_signaling_port=5080\n"
		"external_signaling_address=203.0.113.7\n"
		"local_net=10.1.2.3/8, 192.168.0.0/255.255.0.0\nlocal_net=2001:db8::1\n");
	section = &r.settings.config.transport[0];

	CHECK_CLEAN(&r);
	CHECK_STR(sip_str_of(sip_addr_host_text(&section->external_signaling, text)),
		"203.0.113.7");
	CHECK_INT(section->external_signaling_port, ==, 5080);
	CHECK_INT(section->local_net_count, ==, 3);
	CHECK_STR(sip_str_of(sip_addr_host_text(&section->local_net[0].network, text)),
		"10.0.0.0");
	CHECK_INT(section->local_net[1].prefix_len, ==, 16);
	CHECK_INT(section->local_net[2].prefix_len, ==, 128);
	reading_fini(&r);
}

TEST(load_balancers_are_read_where_there_are_connections)
{
	READING(r);
	const struct sip_transport_section *section;

	read_text_of(&r,
		"[tcp]\ntype=transport\nprotocol=tcp\nbind=0.0.0.0\n"
		"proxy_protocol_from=192.0.2.2\nproxy_protocol_from=2001:db8::/64\n");
	section = &r.settings.config.transport[0];
	CHECK_CLEAN(&r);
	CHECK_INT(section->proxy_protocol_from_count, ==, 2);
	CHECK_INT(section->proxy_protocol_from[0].prefix_len, ==, 32);
	CHECK_INT(section->proxy_protocol_from[1].prefix_len, ==, 64);
	reading_fini(&r);
}

/* RFC 2474 section 4.2.2.2: cs3 is 011000; RFC 2597: AF31 is 011010; RFC 3246: EF is
 * 101110; two bits follow. */
TEST(marks_are_read_by_their_names_and_as_numbers)
{
	static const struct {
		const char *text;
		unsigned tos;
	} rows[] = { { "cs3", 0x60 }, { "CS0", 0 }, { "cs7", 0xe0 }, { "af31", 0x68 },
		{ "AF43", 0x98 }, { "af11", 0x28 }, { "ef", 0xb8 }, { "184", 0xb8 },
		{ "0", 0 }, { "255", 255 } };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		READING(r);
		char text[128];

		snprintf(text, sizeof(text),
			"[udp]\ntype=transport\nbind=0.0.0.0\ntos=%s\ncos=5\n",
			rows[i].text);
		read_text_of(&r, text);
		CHECK_CLEAN(&r);
		CHECK_INT(r.settings.config.transport[0].tos, ==, rows[i].tos);
		CHECK_INT(r.settings.config.transport[0].cos, ==, 5);
		reading_fini(&r);
	}
}

TEST(load_balancers_of_datagrams_are_an_error)
{
	READING(r);

	read_text_of(&r,
		"[udp]\ntype=transport\nbind=0.0.0.0\n"
		"proxy_protocol_from=192.0.2.2\n");
	CHECK_PROBLEM(&r, PROBLEM_ERROR, 4, 21, "the PROXY protocol is for connections");
	reading_fini(&r);
}

TEST(an_external_address_of_another_family_is_an_error)
{
	READING(r);

	read_text_of(&r,
		"[udp]\ntype=transport\nbind=0.0.0.0\n"
		"external_signaling_address=2001:db8::1\n");

	CHECK_PROBLEM(&r, PROBLEM_ERROR, 4, 28, "of another family than bind");
	reading_fini(&r);
}

TEST(the_origins_of_pages_are_read)
{
	READING(r);
	const struct sip_config_list *origins;

	read_text_of(&r,
		"[ws]\ntype=transport\nprotocol=ws\nbind=0.0.0.0:8088\n"
		"websocket_origin=https://Phone.example.com, http://localhost:8080\n"
		"websocket_origin=http://[::1]:80,null,*\n");
	origins = &r.settings.config.transport[0].websocket_origin;

	CHECK_CLEAN(&r);
	CHECK_INT(origins->count, ==, 5);
	CHECK_STR(sip_str_of(origins->item[0]), "https://phone.example.com");
	CHECK_STR(sip_str_of(origins->item[2]), "http://[::1]:80");
	CHECK_STR(sip_str_of(origins->item[4]), "*");
	reading_fini(&r);
}

TEST(a_websocket_without_origins_and_origins_without_a_websocket_are_warned_of)
{
	READING(r);
	READING(other);

	read_text_of(&r, "[ws]\ntype=transport\nprotocol=ws\nbind=0.0.0.0:8088\n");
	read_text_of(&other,
		"[tcp]\ntype=transport\nprotocol=tcp\nbind=0.0.0.0\n"
		"websocket_origin=*\n");

	CHECK_PROBLEM(&r, PROBLEM_WARNING, 1, 1, "has no websocket_origin=");
	CHECK_PROBLEM(&other, PROBLEM_WARNING, 5, 18, "where it changes nothing");
	reading_fini(&r);
	reading_fini(&other);
}

/* Both are ports of TCP. */
TEST(a_websocket_at_the_port_of_tcp_is_an_error)
{
	READING(r);

	read_text_of(&r,
		"[tcp]\ntype=transport\nprotocol=tcp\nbind=0.0.0.0\n"
		"[ws]\ntype=transport\nprotocol=ws\nbind=0.0.0.0\nwebsocket_origin=*\n");

	CHECK_PROBLEM(&r, PROBLEM_ERROR, 8, 6, "[tcp] listens on");
	reading_fini(&r);
}

TEST(an_endpoint_is_read)
{
	READING(r);
	const struct sip_endpoint_config *endpoint;

	read_with_transport(&r,
		"[e]\ntype=endpoint\naors=a, b,\nauth=u\nidentify_by=auth_username,ip\n"
		"from_user=x\nfrom_domain=example.com\ntransport=udp\ntrust_id_inbound=yes\n"
		"rewrite_contact=off\nforce_rport=0\n"
		"[a]\ntype=aor\nmax_contacts=1\n[b]\ntype=aor\nmax_contacts=1\n"
		"[u]\ntype=auth\nusername=e\npassword=p\n");
	endpoint = &r.settings.config.endpoint[0];

	CHECK_CLEAN(&r);
	CHECK_STR(sip_str_of(endpoint->name), "e");
	CHECK_INT(endpoint->aors.count, ==, 2);
	CHECK_STR(sip_str_of(endpoint->aors.item[1]), "b");
	CHECK_INT(endpoint->auth.count, ==, 1);
	CHECK_INT(
		endpoint->identify_by, ==, SIP_IDENTIFY_AUTH_USERNAME | SIP_IDENTIFY_IP);
	CHECK_STR(sip_str_of(endpoint->from_user), "x");
	CHECK_STR(sip_str_of(endpoint->from_domain), "example.com");
	CHECK_STR(sip_str_of(endpoint->transport), "udp");
	CHECK(endpoint->trust_id_inbound);
	CHECK(!endpoint->rewrite_contact);
	CHECK(!endpoint->force_rport);
	reading_fini(&r);
}

TEST(an_aor_is_read_and_contacts_add_up)
{
	READING(r);
	const struct sip_aor_config *aor;

	read_with_transport(&r,
		"[t](!)\ntype=aor\ncontact=sip:a@192.0.2.1\n"
		"[a](t)\ncontact=sip:b@192.0.2.2\\;transport=udp,sip:c@[2001:db8::1]\n"
		"default_expiration=120\nminimum_expiration=30\nmaximum_expiration=600\n"
		"max_contacts=3\nremove_existing=yes\nsupport_path=true\n"
		"qualify_frequency=60\nqualify_timeout=2.5\nqualify_2xx_only=yes\n");
	aor = &r.settings.config.aor[0];

	CHECK_CLEAN(&r);
	CHECK_INT(r.settings.config.aor_count, ==, 1);
	CHECK_INT(aor->contact.count, ==, 3);
	CHECK_STR(sip_str_of(aor->contact.item[0]), "sip:a@192.0.2.1");
	CHECK_STR(sip_str_of(aor->contact.item[1]), "sip:b@192.0.2.2;transport=udp");
	CHECK_INT(aor->default_expiration, ==, 120);
	CHECK_INT(aor->minimum_expiration, ==, 30);
	CHECK_INT(aor->maximum_expiration, ==, 600);
	CHECK_INT(aor->max_contacts, ==, 3);
	CHECK(aor->remove_existing && aor->support_path);
	CHECK_INT(aor->qualify_frequency, ==, 60);
	CHECK_INT(aor->qualify_timeout_ms, ==, 2500);
	CHECK(aor->qualify_2xx_only);
	reading_fini(&r);
}

#define MD5_HEX "dce9ccd0a69e3ef90d8b9bf725053e78"
#define SHA_HEX MD5_HEX MD5_HEX

TEST(auth_sections_are_read)
{
	READING(r);
	const struct sip_auth_config *auth;

	read_with_transport(&r,
		"[plain]\ntype=auth\nauth_type=userpass\nusername=u\npassword=a\\;b\n"
		"[md5]\ntype=auth\nauth_type=md5\nusername=u\n"
		"md5_cred=DCE9CCD0A69E3EF90D8B9BF725053E78\n"
		"[digest]\ntype=auth\nauth_type=digest\nusername=u\nrealm=x\n"
		"password_digest=md5:" MD5_HEX ",sha-256:" SHA_HEX "\n"
		"password_digest=SHA-512-256:" SHA_HEX "\n");
	auth = r.settings.config.auth;

	CHECK_CLEAN(&r);
	CHECK_INT(auth[0].auth_type, ==, SIP_AUTH_USERPASS);
	CHECK_STR(sip_str_of(auth[0].password), "a;b");
	CHECK_INT(auth[1].auth_type, ==, SIP_AUTH_MD5);
	CHECK_STR(sip_str_of(auth[1].md5_cred), MD5_HEX);
	CHECK_INT(auth[2].auth_type, ==, SIP_AUTH_DIGEST);
	CHECK_STR(sip_str_of(auth[2].md5_cred), MD5_HEX);
	CHECK_STR(sip_str_of(auth[2].sha256), SHA_HEX);
	CHECK_STR(sip_str_of(auth[2].sha512_256), SHA_HEX);
	CHECK_STR(sip_str_of(auth[2].realm), "x");
	reading_fini(&r);
}

TEST(matches_are_addresses_ports_and_networks)
{
	static const struct {
		const char *match;
		const char *network;
		uint8_t prefix_len;
	} rows[] = {
		{ "192.0.2.1", "192.0.2.1:0", 32 },
		{ "192.0.2.1:5061", "192.0.2.1:5061", 32 },
		{ "192.0.2.77/24", "192.0.2.0:0", 24 },
		{ "192.0.2.77/255.255.255.240", "192.0.2.64:0", 28 },
		{ "192.0.2.1:5060/32", "192.0.2.1:5060", 32 },
		{ "0.0.0.0/0", "0.0.0.0:0", 0 },
		{ "2001:db8::1", "[2001:db8::1]:0", 128 },
		{ "[2001:db8::1]:5060", "[2001:db8::1]:5060", 128 },
		{ "2001:db8:ffff::/33", "[2001:db8:8000::]:0", 33 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		READING(r);
		char text[SIP_ADDR_TEXT_LEN];
		const struct sip_identify_config *identify;

		read_with_transport(&r,
			store_format(&r.store,
				"[i]\ntype=identify\nendpoint=e\nmatch=%s\n"
				"[e]\ntype=endpoint\nidentify_by=ip\n",
				rows[i].match));
		identify = &r.settings.config.identify[0];

		CHECK_CLEAN(&r);
		CHECK_INT(identify->match_count, ==, 1);
		CHECK_STR(sip_str_of(sip_addr_text(&identify->match[0].network, text)),
			rows[i].network);
		CHECK_INT(identify->match[0].prefix_len, ==, rows[i].prefix_len);
		reading_fini(&r);
	}
}

TEST(global_options_are_read)
{
	READING(r);
	const struct sip_global_config *global = &r.settings.config.global;

	read_with_transport(&r,
		"[global]\ndomain=Example.COM,b.example\ndomain=c.example\ndomain=example.com\n"
		"default_realm=realm\nmax_call=3600\nnonce_lifetime=60\nmax_forwards=20\n"
		"user_agent=\nlog_level=debug\ncontrol_socket=/run/x.sock\nkey_file=my.key\n"
		"default_auth_algorithms_uas=sha-256,MD5\nendpoint_identifier_order=ip,username\n");

	CHECK_CLEAN(&r);
	CHECK_INT(global->domain.count, ==, 3);
	CHECK_STR(sip_str_of(global->domain.item[0]), "example.com");
	CHECK_STR(sip_str_of(global->domain.item[2]), "c.example");
	CHECK_STR(sip_str_of(global->default_realm), "realm");
	CHECK_INT(global->max_call_s, ==, 3600);
	CHECK_INT(global->nonce_lifetime_s, ==, 60);
	CHECK_INT(global->max_forwards, ==, 20);
	CHECK_STR(sip_str_of(global->user_agent), "");
	CHECK_INT(r.settings.log_level, ==, SIP_LOG_DEBUG);
	CHECK_STR(sip_str_of(r.settings.control_socket), "/run/x.sock");
	CHECK_STR(sip_str_of(global->key_file), "/etc/res_sip/my.key");
	CHECK_STR(sip_str_of(global->config_folder), "/etc/res_sip");
	CHECK_INT(global->default_auth_algorithms_uas.count, ==, 2);
	CHECK_STR(sip_str_of(global->default_auth_algorithms_uas.item[0]), "SHA-256");
	CHECK_INT(global->endpoint_identifier_order.count, ==, 2);
	reading_fini(&r);
}

TEST(system_options_are_read_and_timer_b_follows_timer_t1)
{
	READING(r);
	const struct sip_system_config *system = &r.settings.config.system;

	read_with_transport(&r,
		"[anything]\ntype=system\nservants_max=7\npin_cores=0,3\ntimer_t1=100\n"
		"timer_t2=800\ntimer_t4=900\ntimer_c=200000\nmax_contacts=9\n");

	CHECK_CLEAN(&r);
	CHECK_INT(system->servants, ==, 2);
	CHECK_INT(system->pin_cores[1], ==, 3);
	CHECK_INT(system->servants_max, ==, 7);
	CHECK_INT(system->timer_t1_ms, ==, 100);
	CHECK_INT(system->timer_b_ms, ==, 6400);
	CHECK_INT(system->timer_t2_ms, ==, 800);
	CHECK_INT(system->timer_t4_ms, ==, 900);
	CHECK_INT(system->timer_c_ms, ==, 200000);
	CHECK_INT(system->max_contacts, ==, 9);
	reading_fini(&r);
}

TEST(paths_default_to_the_folder_of_the_configuration)
{
	READING(r);

	read_with_transport(&r, "");

	CHECK_STR(sip_str_of(r.settings.control_socket), "/etc/res_sip/res_sip.sock");
	CHECK_STR(sip_str_of(r.settings.config.global.key_file),
		"/etc/res_sip/res_sip.key");
	reading_fini(&r);
}

TEST(plus_equals_adds_to_lists_and_texts_only)
{
	READING(r);

	read_with_transport(&r,
		"[t](!)\ntype=endpoint\naors=a\nidentify_by=ip\nfrom_user=x\n"
		"[e](t)\naors+=b\nidentify_by += auth_username\nfrom_user += y\n"
		"force_rport += yes\n"
		"[a]\ntype=aor\nmax_contacts += 1\n[b]\ntype=aor\n");

	CHECK_INT(r.settings.config.endpoint[0].aors.count, ==, 2);
	CHECK_INT(r.settings.config.endpoint[0].identify_by, ==,
		SIP_IDENTIFY_AUTH_USERNAME | SIP_IDENTIFY_IP);
	CHECK_STR(sip_str_of(r.settings.config.endpoint[0].from_user), "xy");
	CHECK_PROBLEM(&r, PROBLEM_ERROR, 10, 1, "`+=` adds to a list or a text");
	CHECK_PROBLEM(&r, PROBLEM_ERROR, 13, 1, "`+=` adds to a list or a text");
	reading_fini(&r);
}

TEST(a_list_of_a_section_takes_the_place_of_its_template_s)
{
	READING(r);

	read_with_transport(&r,
		"[t](!)\ntype=endpoint\nidentify_by=ip\naors=a\n[e](t)\naors=b\n"
		"[b]\ntype=aor\n");

	CHECK_CLEAN(&r);
	CHECK_INT(r.settings.config.endpoint[0].aors.count, ==, 1);
	CHECK_STR(sip_str_of(r.settings.config.endpoint[0].aors.item[0]), "b");
	reading_fini(&r);
}

TEST(a_wrong_value_is_told_at_its_place)
{
	static const struct {
		const char *type;
		const char *line;
		const char *part;
	} rows[] = {
		{ "endpoint", "force_rport=maybe", "neither yes nor no" },
		{ "endpoint", "force_rport=yse", "did you mean `yes`?" },
		{ "endpoint", "identify_by=usrname", "did you mean `username`?" },
		{ "endpoint", "from_domain=a b", "not the name of a host" },
		{ "aor", "max_contacts=many", "not a whole number" },
		{ "aor", "max_contacts=-1", "not a whole number" },
		{ "aor", "max_contacts=1001", "out of range: from 0 to 1000" },
		{ "aor", "max_contacts=99999999999999999999999", "out of range" },
		{ "aor", "default_expiration=0", "out of range" },
		{ "aor", "qualify_timeout=soon", "not a number of seconds" },
		{ "aor", "qualify_timeout=1.2345", "not a number of seconds" },
		{ "aor", "qualify_timeout=-1", "not a number of seconds" },
		{ "aor", "qualify_timeout=0.05", "from 0.100 to 30.000" },
		{ "aor", "qualify_timeout=31", "from 0.100 to 30.000" },
		{ "aor", "qualify_frequency=86401", "out of range" },
		{ "aor", "contact=6001", "not a URI" },
		{ "aor", "contact=tel:+15551234", "only sip: and sips: URIs" },
		{ "auth", "auth_type=google_oauth", "not possible" },
		{ "auth", "auth_type=userpas", "did you mean `userpass`?" },
		{ "auth", "md5_cred=abc", "32 hexadecimal digits" },
		{ "auth", "md5_cred=xce9ccd0a69e3ef90d8b9bf725053e78",
			"hexadecimal digits only" },
		{ "auth", "password_digest=secret", "ALGORITHM:HASH" },
		{ "auth", "password_digest=SHA-1:" MD5_HEX, "none of MD5, SHA-256" },
		{ "auth", "password_digest=SHA-256:" MD5_HEX, "64 hexadecimal digits" },
		{ "transport", "bind=example.com", "not an address" },
		{ "transport", "bind=192.0.2.1:99999", "not an address" },
		{ "transport", "protocol=upd", "did you mean `udp`?" },
		{ "transport", "external_signaling_address=sip.example.com",
			"not resolved yet" },
		{ "transport", "external_signaling_address=192.0.2.1:5060",
			"has a port" },
		{ "transport", "external_signaling_port=65536", "out of range" },
		{ "transport", "local_net=192.0.2.0/33", "not the mask" },
		{ "transport", "websocket_origin=https://a/", "not an origin" },
		{ "transport", "websocket_origin=phone.example.com", "not an origin" },
		{ "transport", "websocket_origin=https://a:70000", "not an origin" },
		{ "transport", "local_net=10.0.0.0/8,office", "not resolved yet" },
		{ "transport", "proxy_protocol_from=haproxy", "not resolved yet" },
		{ "transport", "tos=cs8", "none of cs0 to cs7" },
		{ "transport", "tos=af14", "none of cs0 to cs7" },
		{ "transport", "tos=af5", "none of cs0 to cs7" },
		{ "transport", "tos=256", "none of cs0 to cs7" },
		{ "transport", "tos=e", "none of cs0 to cs7" },
		{ "transport", "cos=8", "out of range" },
		{ "identify", "match=sip.example.com", "not resolved yet" },
		{ "identify", "match=sip.example.com:5060", "not resolved yet" },
		{ "identify", "match=192.0.2.0/33", "not the mask" },
		{ "identify", "match=192.0.2.0/255.0.255.0", "not the mask" },
		{ "identify", "match=2001:db8::/129", "not the mask" },
		{ "identify", "match=300.0.0.1", "not an address" },
		{ "global", "log_level=warn", "did you mean `warning`?" },
		{ "global", "authentication=no", "neither `required`" },
		{ "global", "domain=a/b", "not the name of a host" },
		{ "global", "default_auth_algorithms_uas=SHA256",
			"did you mean `SHA-256`?" },
		{ "system", "servants=99999", "out of range" },
		{ "system", "pin_cores=a", "not the number of a core" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		READING(r);
		const char *equals = strchr(rows[i].line, '=');

		read_text_of(&r,
			store_format(&r.store, "[x]\ntype=%s\n%s\n", rows[i].type,
				rows[i].line));

		CHECK_PROBLEM(&r, PROBLEM_ERROR, 3, (uint32_t)(equals - rows[i].line) + 2,
			rows[i].part);
		reading_fini(&r);
	}
}

/* A secret does not belong in a log. */
TEST(a_wrong_secret_is_not_repeated)
{
	READING(r);

	read_text_of(&r, "[x]\ntype=auth\npassword_digest=hunter2\nmd5_cred=hunter2\n");

	CHECK(r.problems.of[PROBLEM_ERROR] >= 2);
	CHECK(find_problem(&r, "hunter2") == NULL);
	reading_fini(&r);
}

TEST(an_option_that_comes_twice_is_told)
{
	READING(r);

	read_with_transport(&r, "[a]\ntype=aor\nmax_contacts=1\nmax_contacts=2\n");

	CHECK_CLEAN(&r);
	CHECK_PROBLEM(&r, PROBLEM_NOTICE, 4, 1, "stands in line 3 already");
	CHECK_INT(r.settings.config.aor[0].max_contacts, ==, 2);
	reading_fini(&r);
}

TEST(global_and_system_need_no_type)
{
	READING(r);

	read_with_transport(&r, "[global]\ndomain=a\n[system]\nservants=1\n");

	CHECK_CLEAN(&r);
	CHECK_INT(r.settings.config.system.servants, ==, 1);
	reading_fini(&r);
}

TEST(sections_of_different_types_may_share_a_name)
{
	READING(r);

	read_with_transport(&r,
		"[a]\ntype=endpoint\nauth=a\naors=a\n[a]\ntype=aor\n"
		"max_contacts=1\n[a]\ntype=auth\nusername=a\npassword=a\n");

	CHECK_CLEAN(&r);
	CHECK_INT(r.settings.config.endpoint_count, ==, 1);
	CHECK_INT(r.settings.config.aor_count, ==, 1);
	CHECK_INT(r.settings.config.auth_count, ==, 1);
	reading_fini(&r);
}

TEST(a_domain_alias_is_read)
{
	READING(r);
	const struct sip_domain_alias_config *alias;

	read_with_transport(&r,
		"[global]\ndomain=example.com\n"
		"[Alias.Example.com]\ntype=domain_alias\ndomain=EXAMPLE.com\n");
	alias = &r.settings.config.domain_alias[0];

	CHECK_CLEAN(&r);
	CHECK_INT(r.settings.config.domain_alias_count, ==, 1);
	CHECK_STR(sip_str_of(alias->name), "alias.example.com");
	CHECK_STR(sip_str_of(alias->domain), "example.com");
	CHECK_INT(alias->source.line, ==, 3);
	reading_fini(&r);
}

TEST(a_domain_alias_that_makes_no_sense_is_told)
{
	READING(r);

	read_with_transport(&r,
		"[global]\ndomain=b.example\n"
		"[a.example]\ntype=domain_alias\n"
		"[b.example]\ntype=domain_alias\ndomain=B.example\n"
		"[a b]\ntype=domain_alias\ndomain=c.example\n");

	CHECK_PROBLEM(&r, PROBLEM_ERROR, 3, 1, "has no domain=");
	CHECK_PROBLEM(&r, PROBLEM_ERROR, 7, 8, "an alias of itself");
	CHECK_PROBLEM(&r, PROBLEM_WARNING, 5, 1, "domain= of [global] as well");
	CHECK_PROBLEM(&r, PROBLEM_ERROR, 8, 1, "is to be a domain");
	reading_fini(&r);
}

TEST(a_contact_may_be_a_name)
{
	READING(r);

	read_with_transport(&r,
		"[a]\ntype=aor\ncontact=sip:sip.example.com:5060\ncontact=sip:[2001:db8::1]\n");

	CHECK_INT(r.problems.of[PROBLEM_WARNING], ==, 0);
	CHECK_INT(r.settings.config.aor[0].contact.count, ==, 2);
	reading_fini(&r);
}

TEST(name_servers_are_addresses_with_ports)
{
	READING(r);

	read_with_transport(&r,
		"[global]\nnameservers=192.0.2.53, [2001:db8::53]:5353\n"
		"nameservers+=,192.0.2.54:54\n");
	CHECK_STR(sip_str_of(r.settings.config.global.nameservers),
		"192.0.2.53:53,[2001:db8::53]:5353,192.0.2.54:54");
	reading_fini(&r);
}

TEST(a_name_server_without_an_address_is_a_mistake)
{
	READING(r);

	read_with_transport(&r, "[global]\nnameservers=192.0.2.53,ns.example.com\n");
	CHECK_PROBLEM(&r, PROBLEM_ERROR, 2, 13,
		"`ns.example.com` is not the address of a name server");
	reading_fini(&r);
}

/* What a command needs that asks the server. */
TEST(global_is_read_without_the_rest_of_its_files)
{
	READING(r);
	struct folder folder;

	folder_create(&folder);
	folder_write(&folder, "res_sip.conf",
		SIP_STR("[phone]\ntype=endpoint\nauth=nobody\n[g](!)\ntype=global\n"
			"control_socket=/run/y.sock\n#include g.conf\n"));
	folder_write(&folder, "g.conf", SIP_STR("[h](g)\ncontrol_socket=/run/x.sock\n"));
	settings_read_global(&r.settings, folder.path);
	folder_remove(&folder);

	CHECK_STR(sip_str_of(r.settings.control_socket), "/run/x.sock");
	CHECK_INT(r.settings.config.endpoint_count, ==, 0);
	reading_fini(&r);
}
