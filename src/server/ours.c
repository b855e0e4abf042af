/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is ours: domains, addresses, and the AOR that a URI means.
 *
 * A URI is ours when its host is a served domain with no port or one we listen
 * on, or when it is the address and port of a listener.  The same address at
 * another port is somebody else: with everything on one host, that is a phone.
 */
#include "server/serving.h"

/* Longest `user@domain` that can name an AOR. */
#define AOR_NAME_LEN 512

static bool listens_on(const struct sip_server *server, uint16_t port)
{
	const struct sip_listener *listener = NULL;

	while ((listener = sip_transport_next_listener(server->transport, listener)) !=
		NULL) {
		if (sip_addr_port(&listener->bound) == port)
			return true;
		if (sip_addr_port(sip_listener_external(listener)) == port)
			return true;
	}
	return false;
}

static bool served_domain(const struct sip_settings *settings, struct sip_str host)
{
	for (size_t i = 0; i < settings->global.domain.count; i++) {
		if (sip_str_equal_nocase(
			    host, sip_str_of(settings->global.domain.item[i])))
			return true;
	}
	for (size_t i = 0; i < settings->alias_count; i++) {
		const struct sip_domain_alias_config *alias = &settings->alias[i];

		if (sip_str_equal_nocase(host, sip_str_of(alias->name)) ||
			sip_str_equal_nocase(host, sip_str_of(alias->domain)))
			return true;
	}
	return false;
}

struct sip_str sip_settings_domain(
	const struct sip_settings *settings, struct sip_str host)
{
	for (size_t i = 0; i < settings->alias_count; i++) {
		if (sip_str_equal_nocase(host, sip_str_of(settings->alias[i].name)))
			return sip_str_of(settings->alias[i].domain);
	}
	return host;
}

bool sip_uri_ours(const struct sip_server *server, const struct sip_settings *settings,
	const struct sip_uri *uri)
{
	struct sip_addr addr;

	/* A number belongs to nobody: it is looked up here. */
	if (uri->scheme == SIP_URI_TEL)
		return true;
	if (uri->scheme != SIP_URI_SIP && uri->scheme != SIP_URI_SIPS)
		return false;
	if (served_domain(settings, uri->host))
		return uri->port == 0 || listens_on(server, uri->port);
	if (sip_addr_parse(uri->host, sip_uri_port(uri), &addr) != 0)
		return false;
	return sip_transport_is_ours(server->transport, &addr);
}

/* A tel: number as an AOR is named: without visual separators (RFC 3966 section 5.1.1).
 */
static struct sip_str bare_number(struct sip_str number, char *buf, size_t size)
{
	size_t len = 0;

	for (size_t i = 0; i < number.len && len < size; i++) {
		if (strchr("-.()", number.ptr[i]) == NULL)
			buf[len++] = number.ptr[i];
	}
	return (struct sip_str){ buf, len };
}

/* `user@host`, the user standing in `name` already. */
static const struct sip_aor_config *aor_at(const struct sip_settings *settings,
	char *name, size_t size, size_t user_len, struct sip_str host)
{
	size_t len = user_len;

	if (len + 1 + host.len > size)
		return NULL;
	name[len++] = '@';
	for (size_t i = 0; i < host.len; i++) {
		char c = host.ptr[i];

		name[len++] = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
	}
	return sip_names_find(&settings->aors, (struct sip_str){ name, len });
}

/* Of that host, or of the domain that it is an alias of. */
static const struct sip_aor_config *aor_of_user_at(const struct sip_settings *settings,
	char *name, size_t size, size_t user_len, struct sip_str host)
{
	const struct sip_aor_config *aor = aor_at(settings, name, size, user_len, host);
	struct sip_str domain = sip_settings_domain(settings, host);

	if (aor == NULL && domain.ptr != host.ptr)
		aor = aor_at(settings, name, size, user_len, domain);
	return aor;
}

const struct sip_aor_config *sip_settings_aor(
	const struct sip_settings *settings, const struct sip_uri *uri)
{
	char name[AOR_NAME_LEN];
	struct sip_str user;

	if (uri->user.ptr == NULL || uri->user.len == 0)
		return NULL;
	if (uri->scheme == SIP_URI_TEL) {
		return sip_names_find(
			&settings->aors, bare_number(uri->user, name, sizeof(name)));
	}
	if (uri->scheme != SIP_URI_SIP && uri->scheme != SIP_URI_SIPS)
		return NULL;
	if (sip_uri_unescape(uri->user, name, sizeof(name), &user) != 0)
		return NULL;
	if (settings->aors.has_at && user.len < sizeof(name)) {
		const struct sip_aor_config *aor;

		memmove(name, user.ptr, user.len);
		user.ptr = name;
		aor = aor_of_user_at(settings, name, sizeof(name), user.len, uri->host);
		if (aor != NULL)
			return aor;
	}
	return sip_names_find(&settings->aors, user);
}
