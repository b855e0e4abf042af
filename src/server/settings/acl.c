/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Access lists as Asterisk reads them: of the rules that have the address the last one
 * decides, and where there is none it may come; each list that acl= names has to let it
 * come as well.  A name that the settings do not have lets nobody in.
 *
 * A list is walked from its end; what decides is in most lists among the last.
 */
#include "server/settings/acl.h"

#include "res_sip/endpoint.h"
#include "res_sip/log.h"
#include "server/settings/settings_here.h"
#include "server/show/dry_run.h"
#include "server/show/explain.h"

#include <stdio.h>

static struct sip_log_limit source_limit;
static struct sip_log_limit endpoint_limit;
static struct sip_log_limit contact_limit;

/* Are the first `bits` the same? */
static bool same_prefix(const uint8_t *a, const uint8_t *b, unsigned bits)
{
	unsigned whole = bits / 8;
	unsigned rest = bits % 8;

	if (memcmp(a, b, whole) != 0)
		return false;
	return rest == 0 || ((a[whole] ^ b[whole]) & (0xff00 >> rest & 0xff)) == 0;
}

/* An address as the rules see it: IPv4 in IPv6 is IPv4. */
struct view {
	sa_family_t family;
	const uint8_t *bytes;
};

static struct view view_of(const struct sip_addr *addr)
{
	const uint8_t *v6 = (const uint8_t *)&addr->v6.sin6_addr;

	if (addr->sa.sa_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&addr->v6.sin6_addr))
		return (struct view){ AF_INET, v6 + 12 };
	if (addr->sa.sa_family == AF_INET6)
		return (struct view){ AF_INET6, v6 };
	return (struct view){ AF_INET, (const uint8_t *)&addr->v4.sin_addr };
}

static bool has_address(const struct sip_acl_rule *rule, struct view addr)
{
	struct view network = view_of(&rule->network);
	unsigned bits = rule->prefix_len;

	/* Of an IPv4 network that is written in IPv6 the first 96 bits are gone. */
	if (network.family != rule->network.sa.sa_family)
		bits = bits > 96 ? bits - 96 : 0;
	return network.family == addr.family &&
		same_prefix(network.bytes, addr.bytes, bits);
}

static void decide(struct sip_acl_verdict *verdict, const struct sip_acl_config *acl,
	const struct sip_acl_rule *rule)
{
	verdict->allowed = rule->permit;
	verdict->source = (struct sip_config_source){
		.file = rule->file < acl->files.count ? acl->files.item[rule->file]
						      : NULL,
		.line = rule->line,
	};
}

/* The rules of one list alone. */
static void judge_rules(const struct sip_acl_config *acl, const char *list,
	struct view addr, struct sip_acl_verdict *verdict)
{
	verdict->allowed = true;
	verdict->list = list;
	verdict->source = (struct sip_config_source){ 0 };
	for (size_t i = acl->rule_count; i-- > 0;) {
		if (has_address(&acl->rule[i], addr)) {
			decide(verdict, acl, &acl->rule[i]);
			return;
		}
	}
}

/* A list and those that it names. */
static void judge(const struct sip_settings *settings, const struct sip_acl_config *acl,
	const struct sip_addr *from, struct sip_acl_verdict *verdict)
{
	struct view addr = view_of(from);

	judge_rules(acl, verdict->name, addr, verdict);
	for (size_t i = 0; i < acl->acl.count && verdict->allowed; i++) {
		const char *name = acl->acl.item[i];
		const struct sip_acl_section *named = sip_names_find(
			&settings->acls, sip_str_of(name));

		if (named != NULL) {
			judge_rules(&named->source_acl, name, addr, verdict);
		} else {
			verdict->allowed = false;
			verdict->list = name;
		}
	}
}

static void judge_global(const struct sip_settings *settings, const struct sip_addr *addr,
	struct sip_acl_verdict *verdict)
{
	*verdict = (struct sip_acl_verdict){ .allowed = true };
	for (size_t i = 0; i < settings->acl_count && verdict->allowed; i++) {
		const struct sip_acl_section *acl = &settings->acl[i];

		if (acl->named_only || !sip_acl_is_given(&acl->source_acl))
			continue;
		verdict->kind = "acl";
		verdict->name = acl->name;
		judge(settings, &acl->source_acl, addr, verdict);
	}
}

static const struct sip_transport_section *find_transport(
	const struct sip_transport_section *transports, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(transports[i].name, name) == 0)
			return &transports[i];
	}
	return NULL;
}

static const struct sip_transport_section *transport_of(
	const struct sip_settings *settings, const char *listener)
{
	const struct sip_transport_section *found = find_transport(
		settings->transport, settings->transport_count, listener);

	return found != NULL
		? found
		: find_transport(settings->leaving, settings->leaving_count, listener);
}

void sip_acl_judge_source(const struct sip_settings *settings, const char *listener,
	const struct sip_addr *addr, struct sip_acl_verdict *verdict)
{
	const struct sip_transport_section *transport;

	judge_global(settings, addr, verdict);
	if (!verdict->allowed)
		return;
	if (listener == NULL) {
		*verdict = (struct sip_acl_verdict){
			.kind = "transport", .name = "(closed)", .list = "(closed)"
		};
		return;
	}
	transport = transport_of(settings, listener);
	if (transport == NULL || !sip_acl_is_given(&transport->source_acl))
		return;
	verdict->kind = "transport";
	verdict->name = transport->name;
	judge(settings, &transport->source_acl, addr, verdict);
}

void sip_acl_judge_endpoint(const struct sip_settings *settings,
	const struct ast_sip_endpoint *endpoint, const struct sip_addr *addr,
	struct sip_acl_verdict *verdict)
{
	*verdict = (struct sip_acl_verdict){
		.allowed = true, .kind = "endpoint", .name = endpoint->options.name
	};
	if (sip_acl_is_given(&endpoint->options.source_acl))
		judge(settings, &endpoint->options.source_acl, addr, verdict);
}

void sip_acl_judge_contact(const struct sip_settings *settings,
	const struct ast_sip_endpoint *endpoint, const struct sip_addr *addr,
	struct sip_acl_verdict *verdict)
{
	*verdict = (struct sip_acl_verdict){ .allowed = true };
	for (size_t i = 0; i < settings->acl_count && verdict->allowed; i++) {
		const struct sip_acl_section *acl = &settings->acl[i];

		if (acl->named_only || !sip_acl_is_given(&acl->contact_acl))
			continue;
		verdict->kind = "acl";
		verdict->name = acl->name;
		judge(settings, &acl->contact_acl, addr, verdict);
	}
	if (!verdict->allowed || !sip_acl_is_given(&endpoint->options.contact_acl))
		return;
	verdict->kind = "endpoint";
	verdict->name = endpoint->options.name;
	judge(settings, &endpoint->options.contact_acl, addr, verdict);
}

static void log_denial(struct sip_log_limit *limit, const char *what,
	const struct sip_addr *addr, const struct sip_acl_verdict *verdict)
{
	const char *file = verdict->source.file;
	char source[SIP_ADDR_TEXT_LEN];

	sip_log_limited(limit, SIP_LOG_NOTICE, "acl",
		"denied %s=%s %s=%s list=%s line=%s:%u", what,
		sip_addr_text(addr, source), verdict->kind, verdict->name, verdict->list,
		file != NULL ? file : "none", verdict->source.line);
}

bool sip_acl_is_about(const struct sip_rx_data *rdata)
{
	static const char start[] = "SIP/2.0 ";
	size_t len = sizeof(start) - 1;

	return rdata->msg.len < len || memcmp(rdata->msg.text, start, len) != 0;
}

bool sip_acl_admits(struct sip_server *server, const struct sip_rx_data *rdata)
{
	const struct sip_listener *listener = sip_transport_listener(
		server->transport, rdata->flow.listener);
	struct sip_acl_verdict verdict;
	struct sip_settings *settings;

	if (!sip_acl_is_about(rdata))
		return true;
	sip_rcu_read_begin();
	settings = sip_rcu_read(&server->snapshot)->settings;
	sip_acl_judge_source(settings, listener != NULL ? listener->name : NULL,
		&rdata->flow.peer, &verdict);
	/* What the log shows lives in them. */
	if (!verdict.allowed)
		sip_settings_ref(settings);
	sip_rcu_read_end();
	if (verdict.allowed)
		return true;
	sip_count(server->counters,
		strcmp(verdict.kind, "acl") == 0 ? SIP_COUNT_ACL_SERVER
						 : SIP_COUNT_ACL_TRANSPORT);
	log_denial(&source_limit, "source", &rdata->flow.peer, &verdict);
	sip_settings_unref(&settings);
	return false;
}

bool sip_acl_admits_endpoint(
	const struct sip_rx_data *rdata, const struct ast_sip_endpoint *endpoint)
{
	struct sip_acl_verdict verdict;

	sip_acl_judge_endpoint(rdata->serving->snapshot->settings, endpoint,
		&rdata->flow.peer, &verdict);
	if (verdict.allowed)
		return true;
	sip_serving_count(rdata, SIP_COUNT_ACL_ENDPOINT);
	if (rdata->serving->dry_run != NULL)
		sip_explain_verdict(rdata, "source", &rdata->flow.peer, &verdict);
	log_denial(&endpoint_limit, "source", &rdata->flow.peer, &verdict);
	return false;
}

static bool has_contact_lists(
	const struct sip_settings *settings, const struct ast_sip_endpoint *endpoint)
{
	if (sip_acl_is_given(&endpoint->options.contact_acl))
		return true;
	for (size_t i = 0; i < settings->acl_count; i++) {
		if (!settings->acl[i].named_only &&
			sip_acl_is_given(&settings->acl[i].contact_acl))
			return true;
	}
	return false;
}

/* The address of a contact's host; false: it is a name, or there is none. */
static bool address_of(struct sip_str contact, struct sip_addr *addr)
{
	struct sip_uri uri;

	return sip_uri_parse(contact, &uri) == 0 &&
		sip_addr_parse(uri.host, uri.port, addr) == 0;
}

static bool admits_contact(const struct sip_settings *settings,
	const struct ast_sip_endpoint *endpoint, const struct sip_addr *addr)
{
	const struct sip_rx_data *rdata = ast_sip_current_request();
	struct sip_acl_verdict verdict;

	sip_acl_judge_contact(settings, endpoint, addr, &verdict);
	if (!verdict.allowed)
		log_denial(&contact_limit, "contact", addr, &verdict);
	if (rdata != NULL && ast_sip_is_dry(rdata))
		sip_explain_verdict(rdata, "contact", addr, &verdict);
	return verdict.allowed;
}

bool ast_sip_contact_allowed(const struct ast_sip_endpoint *endpoint,
	struct sip_str contact, const struct sip_addr *source)
{
	struct sip_server *server = sip_server_here();
	const struct sip_settings *settings;
	struct sip_addr addr;
	bool allowed;

	SIP_ASSERT(endpoint != NULL);
	if (server == NULL)
		return true;
	settings = sip_settings_here(server);
	if (!has_contact_lists(settings, endpoint))
		return true;
	if (address_of(contact, &addr)) {
		allowed = admits_contact(settings, endpoint, &addr);
	} else {
		allowed = source != NULL;
		if (!allowed)
			sip_log_limited(&contact_limit, SIP_LOG_NOTICE, "acl",
				"denied contact=%.*s endpoint=%s: its host is no address",
				SIP_STR_ARG(contact), endpoint->options.name);
	}
	if (allowed && source != NULL)
		allowed = admits_contact(settings, endpoint, source);
	if (!allowed && sip_dry_run_current() == NULL)
		sip_count(server->counters, SIP_COUNT_ACL_CONTACT);
	return allowed;
}

static int check_list(const struct sip_settings *settings,
	const struct sip_acl_config *acl, const char *kind, const char *name, char *error)
{
	for (size_t i = 0; i < acl->acl.count; i++) {
		if (sip_names_find(&settings->acls, sip_str_of(acl->acl.item[i])) != NULL)
			continue;
		snprintf(error, SIP_SERVER_ERROR_LEN, "%s %s: there is no acl %s", kind,
			name, acl->acl.item[i]);
		return SIP_EINVALID;
	}
	return 0;
}

int sip_acl_check(const struct sip_settings *settings, char *error)
{
	int result = 0;

	for (size_t i = 0; i < settings->acl_count && result == 0; i++) {
		const struct sip_acl_section *acl = &settings->acl[i];

		result = check_list(settings, &acl->source_acl, "acl", acl->name, error);
		if (result == 0)
			result = check_list(
				settings, &acl->contact_acl, "acl", acl->name, error);
	}
	for (size_t i = 0; i < settings->transport_count && result == 0; i++)
		result = check_list(settings, &settings->transport[i].source_acl,
			"transport", settings->transport[i].name, error);
	for (size_t i = 0; i < settings->endpoint_count && result == 0; i++) {
		const struct sip_endpoint_config *options = &settings->endpoint[i]
								     ->options;

		result = check_list(
			settings, &options->source_acl, "endpoint", options->name, error);
		if (result == 0)
			result = check_list(settings, &options->contact_acl, "endpoint",
				options->name, error);
	}
	return result;
}
