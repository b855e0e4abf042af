/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Identifies an endpoint by a name that the request gives: `username` takes
 * the From field's user, `auth_username` the user of the Digest credentials,
 * for callers whose From is anonymous.  Each finds only endpoints whose
 * `identify_by=` names it.
 *
 * A name is looked up as `user@domain` where the domain is ours, then as
 * `user`.  It is a claim; the authenticator proves it.
 *
 * Threads: the turn of the request's work; reads the configuration only.
 */
#include <res_sip.h>

/* A longer name is nobody's: the configuration has no such section. */
#define NAME_LEN 256

/* Append `text` to the name; letters in lower case where `fold`. */
static bool append(char *name, size_t *len, struct sip_str text, bool fold)
{
	if (text.len >= NAME_LEN - *len)
		return false;
	if (text.len > 0)
		memcpy(name + *len, text.ptr, text.len);
	for (char *at = name + *len; fold && at < name + *len + text.len; at++)
		*at = (char)(*at >= 'A' && *at <= 'Z' ? *at - 'A' + 'a' : *at);
	*len += text.len;
	name[*len] = '\0';
	return true;
}

/* What the request gives a name for. */
struct claim {
	const struct sip_rx_data *rdata;
	const char *what; /* `username`, `auth_username` */
	uint32_t by;      /* the bit of identify_by= */
};

static struct ast_sip_endpoint *find(const struct claim *claim, const char *name)
{
	struct ast_sip_endpoint *endpoint = ast_sip_endpoint_find(name);

	if (endpoint == NULL) {
		ast_sip_explain(
			claim->rdata, NULL, "%s: no endpoint %s", claim->what, name);
		return NULL;
	}
	if ((ast_sip_endpoint_options(endpoint)->identify_by & claim->by) != 0)
		return endpoint;
	ast_sip_explain(claim->rdata, &ast_sip_endpoint_options(endpoint)->source,
		"%s: not endpoint %s, whose identify_by= leaves out %s", claim->what,
		name, claim->what);
	ast_sip_endpoint_unref(endpoint);
	return NULL;
}

/* `user@host`, the user standing in `name` already. */
static struct ast_sip_endpoint *find_at(
	const struct claim *claim, char *name, size_t len, struct sip_str host)
{
	if (host.len > 0 && append(name, &len, SIP_STR("@"), false) &&
		append(name, &len, host, true))
		return find(claim, name);
	return NULL;
}

/* `host` is empty where it is not ours. */
static struct ast_sip_endpoint *find_user(
	const struct claim *claim, struct sip_str user, struct sip_str host)
{
	/* That endpoint stands for callers nobody knows, and
	 * sip:anonymous@anonymous.invalid is what a known caller writes who wants to be
	 * anonymous (RFC 3323 section 4.1). */
	if (user.len == 0 || sip_str_equal_nocase(user, SIP_STR("anonymous")))
		return NULL;

	char name[NAME_LEN];
	size_t len = 0;
	if (!append(name, &len, user, false))
		return NULL;
	struct ast_sip_endpoint *endpoint = find_at(claim, name, len, host);
	if (endpoint == NULL && host.len > 0) {
		struct sip_str domain = ast_sip_domain_of(host);
		if (domain.ptr != host.ptr)
			endpoint = find_at(claim, name, len, domain);
	}
	if (endpoint == NULL) {
		name[len] = '\0';
		endpoint = find(claim, name);
	}
	return endpoint;
}

/* A telephone number as it is compared: without visual separators (RFC 3966
 * section 5.1.1). */
static struct sip_str bare_number(struct sip_str number, char *buf)
{
	size_t len = 0;

	for (size_t i = 0; i < number.len && len < NAME_LEN; i++) {
		if (memchr("-.()", number.ptr[i], 4) == NULL)
			buf[len++] = number.ptr[i];
	}
	return (struct sip_str){ buf, len };
}

static bool from_uri(const struct sip_rx_data *rdata, struct sip_uri *uri)
{
	return sip_uri_parse(sip_rx_data_from(rdata)->uri, uri) == 0;
}

/* Empty where no endpoint's name has a domain, too; an explanation names all that would
 * be looked for. */
static struct sip_str our_host(const struct sip_rx_data *rdata, const struct sip_uri *uri)
{
	bool sip = uri->scheme == SIP_URI_SIP || uri->scheme == SIP_URI_SIPS;

	if (!ast_sip_endpoints_have_domains() && !ast_sip_is_dry(rdata))
		return SIP_STR("");
	return sip && ast_sip_uri_is_ours(uri) ? uri->host : SIP_STR("");
}

static struct ast_sip_endpoint *identify_by_from(struct sip_rx_data *rdata)
{
	const struct claim claim = { rdata, "username", SIP_IDENTIFY_USERNAME };
	struct sip_uri uri;
	char buf[NAME_LEN];
	struct sip_str user;

	if (!from_uri(rdata, &uri) || uri.user.ptr == NULL)
		return NULL;
	if (uri.scheme == SIP_URI_TEL)
		return find_user(&claim, bare_number(uri.user, buf), SIP_STR(""));
	if (uri.scheme != SIP_URI_SIP && uri.scheme != SIP_URI_SIPS)
		return NULL;
	if (sip_uri_unescape(uri.user, buf, sizeof(buf), &user) != 0)
		return NULL;
	return find_user(&claim, user, our_host(rdata, &uri));
}

static const char *our_realm(void)
{
	const struct sip_global_config *global = ast_sip_global_options();

	if (global->default_realm != NULL)
		return global->default_realm;
	return global->domain.count > 0 ? global->domain.item[0] : "res_sip";
}

static struct ast_sip_endpoint *identify_by_credentials(struct sip_rx_data *rdata)
{
	const struct claim claim = { rdata, "auth_username", SIP_IDENTIFY_AUTH_USERNAME };
	struct sip_digest credentials;
	struct sip_uri uri;

	if (ast_sip_request_credentials(rdata, our_realm(), &credentials) != 0) {
		ast_sip_explain(rdata, NULL, "auth_username: no credentials");
		return NULL;
	}
	struct sip_str host = from_uri(rdata, &uri) ? our_host(rdata, &uri) : SIP_STR("");
	return find_user(&claim, credentials.username, host);
}

static struct ast_sip_endpoint_identifier by_from = {
	.identify_endpoint = identify_by_from,
	.name = "username",
};

static struct ast_sip_endpoint_identifier by_credentials = {
	.identify_endpoint = identify_by_credentials,
	.name = "auth_username",
};

static int load(void)
{
	if (ast_sip_register_endpoint_identifier(&by_from) != 0)
		return -1;
	if (ast_sip_register_endpoint_identifier(&by_credentials) == 0)
		return 0;
	ast_sip_unregister_endpoint_identifier(&by_from);
	return -1;
}

static void unload(void)
{
	ast_sip_unregister_endpoint_identifier(&by_credentials);
	ast_sip_unregister_endpoint_identifier(&by_from);
}

AST_SIP_MODULE(.name = "res_sip_endpoint_identifier_user",
	.flags = AST_SIP_MODULE_DRY_SAFE, .load = load, .unload = unload);
