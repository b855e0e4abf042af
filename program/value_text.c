/* SPDX-License-Identifier: BSD-2-Clause */
/* One function for each in values.h, the other way round. */
#include "value_text.h"

#include "values.h"

/* NULL: the field is empty. */
typedef const char *text_fn(struct store *store, const void *field);

static const char *text_of_text(struct store *store, const void *field)
{
	const char *const *text = field;

	(void)store;
	if (*text != NULL && (*text)[0] == '\0')
		return "empty";
	return *text;
}

static const char *text_of_bool(struct store *store, const void *field)
{
	(void)store;
	return *(const bool *)field ? "yes" : "no";
}

static const char *text_of_number(struct store *store, const void *field)
{
	return store_format(store, "%u", *(const uint32_t *)field);
}

static const char *text_of_seconds(struct store *store, const void *field)
{
	uint32_t ms = *(const uint32_t *)field;

	return ms % 1000 == 0 ? store_format(store, "%u", ms / 1000)
			      : store_format(store, "%u.%03u", ms / 1000, ms % 1000);
}

const char *list_text(struct store *store, const struct sip_config_list *list)
{
	size_t len = 0;
	char *text;
	char *at;

	if (list->count == 0)
		return NULL;
	for (size_t i = 0; i < list->count; i++)
		len += strlen(list->item[i]) + 1;
	text = at = store_alloc(store, len);
	for (size_t i = 0; i < list->count; i++) {
		if (i != 0)
			*at++ = ',';
		at = stpcpy(at, list->item[i]);
	}
	return text;
}

static const char *text_of_list(struct store *store, const void *field)
{
	return list_text(store, field);
}

static const char *text_of_addr(struct store *store, const void *field)
{
	const struct sip_addr *addr = field;
	char text[SIP_ADDR_TEXT_LEN];

	if (addr->sa.sa_family == AF_UNSPEC)
		return NULL;
	return store_format(store, "%s", sip_addr_text(addr, text));
}

static const char *text_of_protocol(struct store *store, const void *field)
{
	(void)store;
	return sip_transport_name(*(const enum sip_transport_kind *)field);
}

static const char *text_of_tls_method(struct store *store, const void *field)
{
	static const char *const words[] = { "default", "tlsv1_2", "tlsv1_3" };

	(void)store;
	return words[*(const enum sip_tls_method *)field];
}

static const char *text_of_match(struct store *store, const void *field)
{
	const struct sip_identify_config *identify = field;

	return identify->match_count == 0
		? NULL
		: store_format(store, "%zu networks", identify->match_count);
}

static const char *text_of_local_net(struct store *store, const void *field)
{
	const struct sip_transport_section *transport = field;

	return transport->local_net_count == 0
		? NULL
		: store_format(store, "%zu networks", transport->local_net_count);
}

static const char *text_of_proxy_protocol_from(struct store *store, const void *field)
{
	const struct sip_transport_section *transport = field;

	return transport->proxy_protocol_from_count == 0
		? NULL
		: store_format(
			  store, "%zu networks", transport->proxy_protocol_from_count);
}

static const char *text_of_rules(struct store *store, const void *field)
{
	const struct sip_acl_config *acl = field;

	return acl->rule_count == 0 ? NULL
				    : store_format(store, "%zu rules", acl->rule_count);
}

static const char *text_of_acl_names(struct store *store, const void *field)
{
	const struct sip_acl_config *acl = field;

	return text_of_list(store, &acl->acl);
}

static const char *text_of_identify_by(struct store *store, const void *field)
{
	static const char *const words[] = { "username", "auth_username", "ip",
		"certificate" };
	uint32_t bits = *(const uint32_t *)field;
	struct sip_config_list list = { 0 };

	for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if ((bits & (1u << i)) != 0)
			list_add(store, &list, words[i]);
	}
	return text_of_list(store, &list);
}

static const char *text_of_auth_type(struct store *store, const void *field)
{
	static const char *const words[] = { "userpass", "md5", "digest" };

	(void)store;
	return words[*(const enum sip_auth_type *)field];
}

static const char *text_of_digests(struct store *store, const void *field)
{
	const struct sip_auth_config *auth = field;
	bool some = auth->sha256 != NULL || auth->sha512_256 != NULL;

	(void)store;
	return some ? "given" : NULL;
}

static const char *text_of_log_level(struct store *store, const void *field)
{
	static const char *const words[] = { "error", "warning", "notice", "info",
		"debug" };

	(void)store;
	return words[*(const enum sip_log_level *)field];
}

static const char *text_of_authentication(struct store *store, const void *field)
{
	(void)store;
	return *(const bool *)field ? "required" : "none";
}

static const char *text_of_cores(struct store *store, const void *field)
{
	const struct sip_system_config *system = field;

	(void)store;
	return system->pin_cores == NULL ? NULL : "given";
}

static const struct {
	option_read_fn *read;
	text_fn *text;
} kinds[] = {
	{ read_text, text_of_text },
	{ read_bool, text_of_bool },
	{ read_number, text_of_number },
	{ read_tos, text_of_number },
	{ read_seconds, text_of_seconds },
	{ read_list, text_of_list },
	{ read_path, text_of_text },
	{ read_domains, text_of_list },
	{ read_domain, text_of_text },
	{ read_origins, text_of_list },
	{ read_contact, text_of_list },
	{ read_algorithms, text_of_list },
	{ read_bind, text_of_addr },
	{ read_address, text_of_addr },
	{ read_nameservers, text_of_text },
	{ read_local_net, text_of_local_net },
	{ read_proxy_protocol_from, text_of_proxy_protocol_from },
	{ read_permit, text_of_rules },
	{ read_deny, text_of_rules },
	{ read_acl_names, text_of_acl_names },
	{ read_protocol, text_of_protocol },
	{ read_tls_method, text_of_tls_method },
	{ read_match, text_of_match },
	{ read_identify_by, text_of_identify_by },
	{ read_auth_type, text_of_auth_type },
	{ read_md5_cred, text_of_text },
	{ read_password_digest, text_of_digests },
	{ read_log_level, text_of_log_level },
	{ read_authentication, text_of_authentication },
	{ read_cores, text_of_cores },
};

static text_fn *text_of(option_read_fn *read)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (kinds[i].read == read)
			return kinds[i].text;
	}
	return NULL;
}

bool option_text_knows(option_read_fn *read)
{
	return text_of(read) != NULL;
}

void *type_defaults(struct settings *settings, const struct section_type *type)
{
	struct section *section = store_alloc(settings->store, sizeof(*section));

	section->name = "";
	section->at.file = "";
	return type->add(settings, section);
}

const char *option_text(
	struct store *store, const struct option *option, const void *object)
{
	text_fn *text = text_of(option->read);
	const char *value;

	if (text == NULL)
		return NULL;
	value = text(store, (const char *)object + option->field);
	if (value != NULL)
		return value;
	return option->unset != NULL ? option->unset : "none";
}
