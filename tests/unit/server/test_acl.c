/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Access lists.  Quotes: docs/decisions/029-access-lists.md, and res_sip/config.h: "Of
 * the rules the last one that has the address decides; where none has, it may come."
 */
#include "server/settings/acl.h"

#include "res_sip/explain.h"

#include "support/ask.h"
#include "support/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OUTSIDER "198.51.100.7:5060"
#define CONTACT  "Max-Forwards: 70\nContact: <sip:6001@192.0.2.1:5071>\n"

static const char *const files[] = { "a.conf" };

static struct sip_acl_rule rule(bool permit, const char *addr, uint8_t len, uint32_t line)
{
	struct sip_acl_rule made = {
		.permit = permit, .prefix_len = len, .file = 0, .line = line
	};

	CHECK_INT(sip_addr_parse(sip_str_of(addr), 0, &made.network), ==, 0);
	return made;
}

static struct sip_acl_config list_of(const struct sip_acl_rule *rules, size_t count)
{
	return (struct sip_acl_config){
		.rule = rules, .rule_count = count, .files = { files, 1 }
	};
}

/* 192.0.2.0/24 only. */
static struct sip_acl_config office(void)
{
	static struct sip_acl_rule rules[3];

	rules[0] = rule(false, "0.0.0.0", 0, 11);
	rules[1] = rule(false, "::", 0, 12);
	rules[2] = rule(true, "192.0.2.0", 24, 13);
	return list_of(rules, 3);
}

static struct sip_settings *settings_with(
	const struct sip_acl_section *acls, size_t count)
{
	struct sip_settings *settings;
	struct sip_config config;
	char error[SIP_SERVER_ERROR_LEN];

	sip_config_init(&config);
	config.acl = acls;
	config.acl_count = count;
	CHECK_INT(sip_settings_create(&config, NULL, &settings, error), ==, 0);
	return settings;
}

static void check_verdict(const struct sip_settings *settings, const char *from,
	bool allowed, uint32_t line)
{
	struct sip_acl_verdict verdict;
	struct sip_addr addr;

	CHECK_INT(sip_addr_parse(sip_str_of(from), 5060, &addr), ==, 0);
	sip_acl_judge_source(settings, "udp", &addr, &verdict);
	if (verdict.allowed != allowed || verdict.source.line != line)
		check_failed(__FILE__, __LINE__, "%s: allowed %d by line %u", from,
			verdict.allowed, verdict.source.line);
}

/* An IPv4 network may be written in IPv6. */
TEST(a_mapped_network_is_that_ipv4_network)
{
	const struct sip_acl_rule rules[] = {
		rule(false, "::ffff:0.0.0.0", 96, 1),
		rule(true, "::ffff:192.0.2.0", 120, 2),
		rule(false, "::ffff:192.0.2.130", 128, 3),
	};
	struct sip_acl_section acl = { .name = "x", .source_acl = list_of(rules, 3) };
	struct sip_settings *settings = settings_with(&acl, 1);

	check_verdict(settings, "192.0.2.1", true, 2);
	check_verdict(settings, "192.0.2.130", false, 3);
	check_verdict(settings, "[::ffff:192.0.2.131]", true, 2);
	check_verdict(settings, "192.0.3.1", false, 1);
	check_verdict(settings, "2001:db8::1", true, 0);
	sip_settings_unref(&settings);
}

TEST(the_last_rule_that_has_the_address_decides_and_none_lets_it_come)
{
	const struct sip_acl_rule rules[] = {
		rule(false, "192.0.2.0", 24, 1),
		rule(true, "192.0.2.128", 25, 2),
		rule(false, "192.0.2.130", 32, 3),
		rule(false, "2001:db8:8000::", 33, 4),
		rule(true, "2001:db8:8000::1", 128, 5),
	};
	struct sip_acl_section acl = { .name = "x", .source_acl = list_of(rules, 5) };
	struct sip_settings *settings = settings_with(&acl, 1);

	check_verdict(settings, "192.0.2.1", false, 1);
	check_verdict(settings, "192.0.2.127", false, 1);
	check_verdict(settings, "192.0.2.128", true, 2);
	check_verdict(settings, "192.0.2.130", false, 3);
	check_verdict(settings, "192.0.3.1", true, 0);
	check_verdict(settings, "[::ffff:192.0.2.1]", false, 1);
	check_verdict(settings, "2001:db8:8000::2", false, 4);
	check_verdict(settings, "2001:db8:ffff::2", false, 4);
	check_verdict(settings, "2001:db8:8000::1", true, 5);
	check_verdict(settings, "2001:db8:7fff::1", true, 0);
	sip_settings_unref(&settings);
}

/* "Rules of IPv4 are about IPv4 addresses only, and so of IPv6." */
TEST(everybody_of_ipv4_is_nobody_of_ipv6)
{
	const struct sip_acl_rule four[] = { rule(false, "0.0.0.0", 0, 1) };
	const struct sip_acl_rule six[] = { rule(false, "::", 0, 2) };
	struct sip_acl_section acls[] = {
		{ .name = "four", .source_acl = list_of(four, 1) },
		{ .name = "six", .source_acl = list_of(six, 1) },
	};
	struct sip_settings *settings = settings_with(acls, 1);

	check_verdict(settings, "192.0.2.1", false, 1);
	check_verdict(settings, "::1", true, 0);
	sip_settings_unref(&settings);
	settings = settings_with(acls + 1, 1);
	check_verdict(settings, "192.0.2.1", true, 0);
	check_verdict(settings, "[::ffff:192.0.2.1]", true, 0);
	check_verdict(settings, "::1", false, 2);
	sip_settings_unref(&settings);
}

/* "Each list that `acl` names has to let it come as well." */
TEST(each_list_that_is_named_has_to_let_it_come)
{
	static const char *const names[] = { "net", "host" };
	const struct sip_acl_rule net[] = { rule(false, "0.0.0.0", 0, 1),
		rule(true, "192.0.2.0", 24, 2) };
	const struct sip_acl_rule host[] = { rule(false, "192.0.2.9", 32, 3) };
	const struct sip_acl_rule own[] = { rule(false, "192.0.2.8", 32, 4) };
	struct sip_acl_section acls[] = {
		{ .name = "all", .source_acl = list_of(own, 1) },
		{ .name = "net", .named_only = true, .source_acl = list_of(net, 2) },
		{ .name = "host", .named_only = true, .source_acl = list_of(host, 1) },
	};
	struct sip_settings *settings;

	acls[0].source_acl.acl = (struct sip_config_list){ names, 2 };
	settings = settings_with(acls, 3);

	check_verdict(settings, "192.0.2.7", true, 0);
	check_verdict(settings, "192.0.2.8", false, 4);
	check_verdict(settings, "192.0.2.9", false, 3);
	check_verdict(settings, "192.0.3.7", false, 1);
	sip_settings_unref(&settings);
}

TEST(a_list_that_is_only_named_holds_nowhere_else)
{
	struct sip_acl_section acl = {
		.name = "office", .named_only = true, .source_acl = office()
	};
	struct sip_settings *settings = settings_with(&acl, 1);

	CHECK(!settings->filters);
	check_verdict(settings, OUTSIDER, true, 0);
	sip_settings_unref(&settings);
}

TEST(a_list_that_is_not_there_is_an_error)
{
	static const char *const names[] = { "none" };
	struct sip_acl_section acl = { .name = "x",
		.contact_acl = { .acl = { names, 1 } } };
	struct sip_settings *settings;
	struct sip_config config;
	char error[SIP_SERVER_ERROR_LEN];

	sip_config_init(&config);
	config.acl = &acl;
	config.acl_count = 1;
	CHECK_INT(sip_settings_create(&config, NULL, &settings, error), ==, SIP_EINVALID);
	CHECK_STR(sip_str_of(error), "acl x: there is no acl none");
}

static void for_everything(struct sip_config *config)
{
	static struct sip_acl_section acl;

	acl = (struct sip_acl_section){ .name = "office", .source_acl = office() };
	config->acl = &acl;
	config->acl_count = 1;
}

/* "dropped without an answer ... before it is parsed, and counted" */
TEST(what_type_acl_denies_is_dropped_without_an_answer)
{
	struct world *w = world_create(
		&(struct world_options){ .configure = for_everything });

	keep_log();
	CHECK_INT(ASK(w, .method = "OPTIONS", .peer = OUTSIDER), ==, 0);
	CHECK_INT(ASK(w, .method = "INVITE", .peer = OUTSIDER), ==, 0);
	wire_receive(&w->wire, OUTSIDER, "garbage\n\n");
	CHECK_INT(counted(w, SIP_COUNT_ACL_SERVER), ==, 3);
	CHECK_INT(counted(w, SIP_COUNT_RX_BAD_DROPPED), ==, 0);
	CHECK_INT(counted(w, SIP_COUNT_RX_REQUESTS), ==, 0);
	CHECK_INT(logged("denied source=198.51.100.7:5060 acl=office list=office "
			 "line=a.conf:11"),
		==, 3);
	CHECK_INT(ASK(w, .method = "OPTIONS"), ==, 401);
	sip_log_set_sink(NULL, NULL);
	world_destroy(&w);
}

/* "Responses always may: they belong to requests of ours, or to nobody." */
TEST(an_answer_from_a_denied_address_is_let_through)
{
	struct world *w = world_create(
		&(struct world_options){ .configure = for_everything });

	wire_receive(&w->wire, OUTSIDER,
		"SIP/2.0 200 OK\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKx\nFrom: <sip:a@b>\n"
		"To: <sip:a@b>\nCall-ID: x\nCSeq: 1 OPTIONS\n\n");
	CHECK_INT(counted(w, SIP_COUNT_ACL_SERVER), ==, 0);
	CHECK_INT(counted(w, SIP_COUNT_RX_RESPONSES), ==, 1);
	world_destroy(&w);
}

static void for_the_transport(struct sip_config *config)
{
	static struct sip_transport_section transports[2];

	for (size_t i = 0; i < 2; i++)
		sip_transport_section_init(&transports[i]);
	transports[0].name = "another";
	transports[0].source_acl = office();
	transports[1].name = "wire";
	config->transport = transports;
	config->transport_count = 2;
}

static void for_this_transport(struct sip_config *config)
{
	static struct sip_transport_section transport;

	for_the_transport(config);
	transport = config->transport[0];
	transport.name = "wire";
	config->transport = &transport;
	config->transport_count = 1;
}

TEST(a_transport_s_list_is_about_what_comes_to_it)
{
	struct world *w = world_create(
		&(struct world_options){ .configure = for_the_transport });

	CHECK_INT(ASK(w, .method = "OPTIONS", .peer = OUTSIDER), ==, 401);
	world_destroy(&w);
	w = world_create(&(struct world_options){ .configure = for_this_transport });
	CHECK_INT(ASK(w, .method = "OPTIONS", .peer = OUTSIDER), ==, 0);
	CHECK_INT(ASK(w, .method = "OPTIONS"), ==, 401);
	CHECK_INT(counted(w, SIP_COUNT_ACL_TRANSPORT), ==, 1);
	CHECK_INT(counted(w, SIP_COUNT_ACL_SERVER), ==, 0);
	world_destroy(&w);
}

/* The usual endpoints, each with the list. */
static struct sip_endpoint_config *own_endpoints(struct sip_config *config)
{
	static struct sip_endpoint_config endpoints[3];

	CHECK_INT(config->endpoint_count, ==, 3);
	memcpy(endpoints, config->endpoint, sizeof(endpoints));
	config->endpoint = endpoints;
	return endpoints;
}

static void for_endpoints(struct sip_config *config)
{
	struct sip_endpoint_config *endpoints = own_endpoints(config);

	for (size_t i = 0; i < 3; i++)
		endpoints[i].source_acl = office();
}

/* The answer without its nonce, each `from` in it as `same`. */
static char *without_nonce(struct world *w, const char *from, const char *same)
{
	char *text = strdup(said(w, "SIP/2.0 401"));
	char *nonce;
	char *end;

	CHECK(text != NULL);
	nonce = strstr(text, " nonce=\"");
	CHECK(nonce != NULL);
	end = strstr(nonce, "\", ");
	CHECK(end != NULL);
	memmove(nonce, end, strlen(end) + 1);
	for (char *at = text; (at = strstr(at, from)) != NULL; at += strlen(from))
		memcpy(at, same, strlen(from));
	return text;
}

/* "gets the same bytes as an unknown user" */
TEST(who_may_not_be_that_endpoint_from_there_is_answered_as_if_unknown)
{
	struct world *w = world_create(
		&(struct world_options){ .configure = for_endpoints });
	char *known;
	char *unknown;

	CHECK_INT(ASK(w, .method = "REGISTER", .from = "6009", .branch = "b",
			  .peer = OUTSIDER, .extra = CONTACT),
		==, 401);
	unknown = without_nonce(w, "6009", "6001");
	CHECK_INT(ASK(w, .method = "REGISTER", .from = "6001", .branch = "b",
			  .peer = OUTSIDER, .extra = CONTACT),
		==, 401);
	known = without_nonce(w, "6009", "6001");
	/* The To tags are hashes of the same Call-ID, From tag, CSeq and branch. */
	CHECK_STR(sip_str_of(known), unknown);
	CHECK_INT(counted(w, SIP_COUNT_ACL_ENDPOINT), ==, 1);
	free(known);
	free(unknown);
	world_destroy(&w);
}

TEST(the_right_password_from_a_denied_address_is_challenged_again)
{
	struct world *w = world_create(
		&(struct world_options){ .configure = for_endpoints });

	CHECK_INT(ASK_AS(w, .method = "REGISTER", .peer = OUTSIDER, .extra = CONTACT), ==,
		401);
	CHECK_INT(counted(w, SIP_COUNT_AUTH_SUCCESS), ==, 0);
	CHECK_INT(ASK_AS(w, .method = "REGISTER", .cseq = 2, .extra = CONTACT), ==, 200);
	CHECK_INT(counted(w, SIP_COUNT_AUTH_SUCCESS), ==, 1);
	world_destroy(&w);
}

static void for_endpoints_without_trunk(struct sip_config *config)
{
	static struct sip_acl_rule rules[1];
	struct sip_endpoint_config *endpoints = own_endpoints(config);

	rules[0] = rule(false, "192.0.2.99", 32, 5);
	endpoints[2].source_acl = list_of(rules, 1);
}

TEST(who_is_known_by_address_is_denied_by_it_too)
{
	struct world *w = world_create(NULL);

	CHECK_INT(ASK(w, .method = "OPTIONS", .peer = TRUNK), ==, 200);
	world_destroy(&w);
	w = world_create(
		&(struct world_options){ .configure = for_endpoints_without_trunk });
	CHECK_INT(ASK(w, .method = "OPTIONS", .peer = TRUNK), ==, 401);
	world_destroy(&w);
}

static void for_endpoints_without_authentication(struct sip_config *config)
{
	for_endpoints(config);
	config->global.authentication = false;
}

static const char *const no_authenticator[] = { "res_sip_endpoint_identifier_user",
	"res_sip_options", "res_sip_registrar", NULL };

/* "Where nobody is challenged it is answered 403." */
TEST(where_nobody_is_challenged_a_denied_address_is_refused)
{
	struct world *w = world_create(&(struct world_options){
		.configure = for_endpoints_without_authentication,
		.modules = no_authenticator });

	CHECK_INT(ASK(w, .method = "OPTIONS", .peer = OUTSIDER), ==, 403);
	CHECK_INT(ASK(w, .method = "OPTIONS"), ==, 200);
	world_destroy(&w);
}

static void for_contacts(struct sip_config *config)
{
	struct sip_endpoint_config *endpoints = own_endpoints(config);

	endpoints[0].contact_acl = office();
}

static void for_contacts_as_they_say(struct sip_config *config)
{
	for_contacts(config);
	own_endpoints(config)[0].rewrite_contact = false;
}

struct contact_case {
	const char *contact;
	const char *peer;
	int status;
};

static void check_contacts(void (*configure)(struct sip_config *config),
	const struct contact_case *cases, size_t count)
{
	struct world *w = world_create(&(struct world_options){ .configure = configure });
	uint64_t denied = 0;

	for (unsigned i = 0; i < count; i++) {
		char extra[128];
		int status;

		snprintf(extra, sizeof(extra), "Max-Forwards: 70\nContact: %s\n",
			cases[i].contact);
		status = ASK_AS(w, .method = "REGISTER", .cseq = i + 1,
			.peer = cases[i].peer, .extra = extra);
		if (status != cases[i].status)
			check_failed(
				__FILE__, __LINE__, "%s: %d", cases[i].contact, status);
		denied += status == 403;
	}
	CHECK_INT(counted(w, SIP_COUNT_ACL_CONTACT), ==, denied);
	world_destroy(&w);
}

/* "the addresses in Contact, and with rewrite_contact the source" */
TEST(a_contact_is_judged_by_its_address_and_by_where_it_came_from)
{
	static const struct contact_case cases[] = {
		{ "<sip:6001@192.0.2.1:5071>", STRANGER, 200 },
		{ "<sip:6001@198.51.100.1>", STRANGER, 403 },
		{ "<sip:6001@[2001:db8::1]>", STRANGER, 403 },
		{ "<sip:6001@192.0.2.1:5071>", OUTSIDER, 403 },
		{ "<sip:6001@phone.invalid>", STRANGER, 200 },
		{ "<sip:6001@phone.invalid>", OUTSIDER, 403 },
		{ "<sip:6001@198.51.100.1>;expires=0", STRANGER, 200 },
	};

	check_contacts(for_contacts, cases, sizeof(cases) / sizeof(cases[0]));
}

TEST(a_contact_that_is_reached_by_its_name_is_not_allowed)
{
	static const struct contact_case cases[] = {
		{ "<sip:6001@phone.invalid>", STRANGER, 403 },
		{ "<sip:6001@192.0.2.1:5071>", OUTSIDER, 200 },
		{ "<sip:6001@198.51.100.1>", STRANGER, 403 },
	};

	check_contacts(for_contacts_as_they_say, cases, sizeof(cases) / sizeof(cases[0]));
}

static void for_all_contacts(struct sip_config *config)
{
	static struct sip_acl_section acl;

	acl = (struct sip_acl_section){ .name = "office", .contact_acl = office() };
	config->acl = &acl;
	config->acl_count = 1;
}

TEST(the_contact_lists_of_type_acl_hold_for_every_endpoint)
{
	static const struct contact_case cases[] = {
		{ "<sip:6001@192.0.2.1:5071>", STRANGER, 200 },
		{ "<sip:6001@198.51.100.1>", STRANGER, 403 },
	};

	check_contacts(for_all_contacts, cases, sizeof(cases) / sizeof(cases[0]));
}

/* A reload shares endpoints that are the same; one whose list changed is not. */
TEST(an_endpoint_with_another_list_is_another_endpoint)
{
	struct sip_acl_rule rules[] = { rule(false, "192.0.2.9", 32, 3) };
	struct sip_endpoint_config endpoint;
	struct sip_settings *first;
	struct sip_settings *same;
	struct sip_settings *other;
	struct sip_config config;
	char error[SIP_SERVER_ERROR_LEN];

	sip_config_init(&config);
	sip_endpoint_config_init(&endpoint);
	endpoint.name = "6001";
	endpoint.source_acl = list_of(rules, 1);
	config.endpoint = &endpoint;
	config.endpoint_count = 1;
	CHECK_INT(sip_settings_create(&config, NULL, &first, error), ==, 0);
	CHECK_INT(sip_settings_create(&config, first, &same, error), ==, 0);
	rules[0].prefix_len = 31;
	CHECK_INT(sip_settings_create(&config, same, &other, error), ==, 0);

	CHECK(first->endpoint[0] == same->endpoint[0]);
	CHECK(same->endpoint[0] != other->endpoint[0]);
	CHECK_INT(other->endpoint[0]->options.source_acl.rule[0].prefix_len, ==, 31);
	CHECK_STR(sip_str_of(other->endpoint[0]->options.source_acl.files.item[0]),
		"a.conf");
	sip_settings_unref(&first);
	sip_settings_unref(&same);
	sip_settings_unref(&other);
}

static char explained[8192];

/* The explanation as text: `step: verdict`, then its lines with the lines of the file. */
static void keep_explanation(void *arg, struct sip_explanation *explanation)
{
	size_t len = 0;

	(void)arg;
	CHECK(explanation != NULL);
	for (size_t i = 0; i < explanation->step_count; i++) {
		const struct sip_explain_step *step = &explanation->step[i];

		len += (size_t)snprintf(explained + len, sizeof(explained) - len,
			"%s: %.*s\n", step->name, SIP_STR_ARG(step->verdict));
		for (size_t j = 0; j < step->line_count; j++)
			len += (size_t)snprintf(explained + len, sizeof(explained) - len,
				"  %.*s (%u)\n", SIP_STR_ARG(step->line[j].text),
				step->line[j].source.line);
	}
	sip_explanation_destroy(&explanation);
}

static void explain(struct world *w, const char *peer, const char *from)
{
	char text[4096];
	size_t len = 0;
	struct sip_explain_question question = { 0 };

	/* On the wire lines end with CRLF. */
	for (const char *at = ask_text(&(struct ask){ .method = "REGISTER",
						      .from = from,
						      .peer = peer,
						      .extra = CONTACT });
		*at != '\0'; at++) {
		if (*at == '\n' && text[len - 1] != '\r')
			text[len++] = '\r';
		text[len++] = *at;
	}
	question.text = (struct sip_str){ text, len };
	CHECK_INT(sip_addr_parse(sip_str_of(peer), 0, &question.from), ==, 0);
	CHECK_INT(
		sip_server_explain(w->server, &question, keep_explanation, NULL), ==, 0);
	wire_forward_ms(&w->wire, 0);
}

static void check_explained(const char *part)
{
	if (strstr(explained, part) == NULL)
		check_failed(__FILE__, __LINE__, "`%s` is not in\n%s", part, explained);
}

TEST(an_explanation_says_which_line_of_a_list_decides_and_counts_nothing)
{
	struct world *w = world_create(
		&(struct world_options){ .configure = for_everything });

	explain(w, OUTSIDER, "6001");
	check_explained("lists: dropped\n  source 198.51.100.7 may not come, by list "
			"[office] of acl [office] (11)\n");
	CHECK(strstr(explained, "parse:") == NULL);
	explain(w, STRANGER, "6001");
	check_explained(
		"lists: allowed\n  source 192.0.2.1 may come, by list [office] of "
		"acl [office] (13)\n");
	check_explained("authenticate: ");
	CHECK_INT(counted(w, SIP_COUNT_ACL_SERVER), ==, 0);
	world_destroy(&w);

	w = world_create(&(struct world_options){ .configure = for_endpoints });
	explain(w, OUTSIDER, "6001");
	check_explained("  source 198.51.100.7 may not come, by list [6001] of endpoint "
			"[6001] (11)\n");
	CHECK(strstr(explained, "lists:") == NULL);
	CHECK_INT(counted(w, SIP_COUNT_ACL_ENDPOINT), ==, 0);
	world_destroy(&w);
}

static void no_list(struct sip_config *config)
{
	static struct sip_transport_section transport;

	sip_transport_section_init(&transport);
	transport.name = "wire";
	config->transport = &transport;
	config->transport_count = 1;
}

static void no_transport(struct sip_config *config)
{
	config->transport_count = 0;
}

/* Which settings say what of a source at the transport, each built from the one before.
 */
TEST(a_transport_that_is_taken_out_keeps_its_list_while_it_drains)
{
	static const struct {
		void (*change)(struct sip_config *config);
		bool filters;
		bool allowed;
	} steps[] = {
		{ for_this_transport, true, false },
		{ no_transport, true, false },
		{ no_transport, true, false },
		{ no_list, false, true },
		{ no_transport, false, true },
	};
	struct sip_settings *before = NULL;

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		struct sip_config config;
		struct sip_acl_verdict verdict;
		struct sip_settings *after;
		struct sip_addr addr;
		char error[SIP_SERVER_ERROR_LEN];

		sip_config_init(&config);
		steps[i].change(&config);
		CHECK_INT(sip_settings_create(&config, before, &after, error), ==, 0);
		sip_settings_unref(&before);
		before = after;
		CHECK_INT(sip_addr_parse(SIP_STR(OUTSIDER), 0, &addr), ==, 0);
		sip_acl_judge_source(after, "wire", &addr, &verdict);
		CHECK_INT(after->filters, ==, steps[i].filters);
		CHECK_INT(verdict.allowed, ==, steps[i].allowed);
	}
	sip_settings_unref(&before);
}

TEST(a_reload_puts_a_list_in_force_and_takes_it_out)
{
	struct world *w = world_create(NULL);

	CHECK_INT(ASK(w, .method = "OPTIONS", .peer = OUTSIDER), ==, 401);
	CHECK_INT(world_reload(w, for_everything), ==, 0);
	CHECK_INT(ASK(w, .method = "OPTIONS", .peer = OUTSIDER), ==, 0);
	CHECK_INT(ASK(w, .method = "OPTIONS"), ==, 401);
	CHECK_INT(world_reload(w, for_endpoints), ==, 0);
	CHECK_INT(ASK_AS(w, .method = "OPTIONS", .peer = OUTSIDER), ==, 401);
	CHECK_INT(world_reload(w, NULL), ==, 0);
	CHECK_INT(ASK_AS(w, .method = "OPTIONS", .peer = OUTSIDER), ==, 200);
	world_destroy(&w);
}
