/* SPDX-License-Identifier: BSD-2-Clause */
/* Copying and comparing options by their tables: options.h. */
#include "server/settings/options.h"

#include "base/compiler.h"

#include <stdalign.h>
#include <string.h>

#define TEXT(type, field)                                                                \
	{                                                                                \
		SIP_OPTION_TEXT, offsetof(struct type, field), 0, false                  \
	}
#define SOURCE(type, field)                                                              \
	{                                                                                \
		SIP_OPTION_TEXT, offsetof(struct type, field.file), 0, true              \
	}
#define LIST(type, field)                                                                \
	{                                                                                \
		SIP_OPTION_LIST, offsetof(struct type, field), 0, false                  \
	}
#define ARRAY_OF(type, field, place)                                                     \
	{                                                                                \
		SIP_OPTION_ARRAY, offsetof(struct type, field),                          \
			sizeof(*((struct type *)NULL)->field), place                     \
	}
#define ARRAY(type, field) ARRAY_OF(type, field, false)
#define ACL(type, field)                                                                 \
	ARRAY_OF(type, field.rule, true),                                                \
		{ SIP_OPTION_LIST, offsetof(struct type, field.files), 0, true },        \
		LIST(type, field.acl)
#define TABLE(type, fields)                                                              \
	{                                                                                \
		sizeof(struct type), fields, sizeof(fields) / sizeof((fields)[0])        \
	}

static const struct sip_option_field global_fields[] = {
	SOURCE(sip_global_config, source),
	LIST(sip_global_config, domain),
	TEXT(sip_global_config, default_realm),
	LIST(sip_global_config, endpoint_identifier_order),
	LIST(sip_global_config, service_order),
	LIST(sip_global_config, default_auth_algorithms_uas),
	TEXT(sip_global_config, default_outbound_endpoint),
	TEXT(sip_global_config, emergency_endpoint),
	LIST(sip_global_config, emergency_numbers),
	TEXT(sip_global_config, user_agent),
	TEXT(sip_global_config, nameservers),
	TEXT(sip_global_config, key_file),
	TEXT(sip_global_config, config_folder),
};

static const struct sip_option_field transport_fields[] = {
	TEXT(sip_transport_section, name),
	SOURCE(sip_transport_section, source),
	ARRAY(sip_transport_section, local_net),
	ARRAY(sip_transport_section, proxy_protocol_from),
	LIST(sip_transport_section, websocket_origin),
	ACL(sip_transport_section, source_acl),
	TEXT(sip_transport_section, tls.cert_file),
	TEXT(sip_transport_section, tls.priv_key_file),
	TEXT(sip_transport_section, tls.password),
	TEXT(sip_transport_section, tls.ca_list_file),
	TEXT(sip_transport_section, tls.ca_list_path),
	TEXT(sip_transport_section, tls.crl_file),
	TEXT(sip_transport_section, tls.cipher),
};

static const struct sip_option_field endpoint_fields[] = {
	TEXT(sip_endpoint_config, name),
	SOURCE(sip_endpoint_config, source),
	LIST(sip_endpoint_config, aors),
	LIST(sip_endpoint_config, auth),
	TEXT(sip_endpoint_config, from_user),
	TEXT(sip_endpoint_config, from_domain),
	TEXT(sip_endpoint_config, transport),
	ACL(sip_endpoint_config, source_acl),
	ACL(sip_endpoint_config, contact_acl),
};

static const struct sip_option_field auth_fields[] = {
	TEXT(sip_auth_config, name),
	SOURCE(sip_auth_config, source),
	TEXT(sip_auth_config, username),
	TEXT(sip_auth_config, password),
	TEXT(sip_auth_config, md5_cred),
	TEXT(sip_auth_config, sha256),
	TEXT(sip_auth_config, sha512_256),
	TEXT(sip_auth_config, realm),
};

static const struct sip_option_field aor_fields[] = {
	TEXT(sip_aor_config, name),
	SOURCE(sip_aor_config, source),
	LIST(sip_aor_config, contact),
};

static const struct sip_option_field acl_fields[] = {
	TEXT(sip_acl_section, name),
	SOURCE(sip_acl_section, source),
	ACL(sip_acl_section, source_acl),
	ACL(sip_acl_section, contact_acl),
};

static const struct sip_option_field domain_alias_fields[] = {
	TEXT(sip_domain_alias_config, name),
	SOURCE(sip_domain_alias_config, source),
	TEXT(sip_domain_alias_config, domain),
};

static const struct sip_option_table global_table = TABLE(
	sip_global_config, global_fields);
static const struct sip_option_table transport_table = TABLE(
	sip_transport_section, transport_fields);
static const struct sip_option_table endpoint_table = TABLE(
	sip_endpoint_config, endpoint_fields);
static const struct sip_option_table auth_table = TABLE(sip_auth_config, auth_fields);
static const struct sip_option_table aor_table = TABLE(sip_aor_config, aor_fields);
static const struct sip_option_table acl_table = TABLE(sip_acl_section, acl_fields);
static const struct sip_option_table domain_alias_table = TABLE(
	sip_domain_alias_config, domain_alias_fields);

const struct sip_option_table *sip_global_table(void)
{
	return &global_table;
}

const struct sip_option_table *sip_transport_table(void)
{
	return &transport_table;
}

const struct sip_option_table *sip_endpoint_table(void)
{
	return &endpoint_table;
}

const struct sip_option_table *sip_auth_table(void)
{
	return &auth_table;
}

const struct sip_option_table *sip_aor_table(void)
{
	return &aor_table;
}

const struct sip_option_table *sip_acl_table(void)
{
	return &acl_table;
}

const struct sip_option_table *sip_domain_alias_table(void)
{
	return &domain_alias_table;
}

/* Any of the three kinds, seen alike. */
struct view {
	const void *ptr;
	size_t count; /* of an array or a list */
};

static size_t width_of(const struct sip_option_field *field)
{
	return field->kind == SIP_OPTION_TEXT ? sizeof(const char *)
					      : sizeof(struct sip_config_list);
}

static struct view view_of(const struct sip_option_field *field, const void *options)
{
	struct view view = { NULL, 0 };

	memcpy(&view.ptr, (const char *)options + field->at, sizeof(view.ptr));
	if (field->kind != SIP_OPTION_TEXT)
		memcpy(&view.count, (const char *)options + field->at + sizeof(view.ptr),
			sizeof(view.count));
	return view;
}

static size_t text_len(const char *text)
{
	return text != NULL ? strlen(text) + 1 : 0;
}

static size_t aligned(size_t len)
{
	return (len + alignof(void *) - 1) & ~(alignof(void *) - 1);
}

static size_t room_of(const struct sip_option_field *field, struct view view)
{
	const char *const *text = view.ptr;
	size_t len;

	if (field->kind == SIP_OPTION_TEXT)
		return aligned(text_len(view.ptr));
	if (field->kind == SIP_OPTION_ARRAY)
		return aligned(view.count * field->item);
	len = view.count * sizeof(*text);
	for (size_t i = 0; i < view.count; i++)
		len += text_len(text[i]);
	return aligned(len);
}

size_t sip_options_room(const struct sip_option_table *table, const void *options)
{
	size_t len = 0;

	for (size_t i = 0; i < table->count; i++)
		len += room_of(&table->field[i], view_of(&table->field[i], options));
	return len;
}

static const char *copy_text(char **at, const char *text)
{
	size_t len = text_len(text);
	char *copy = *at;

	if (text == NULL)
		return NULL;
	memcpy(copy, text, len);
	*at += len;
	return copy;
}

/* Into `room`; returns where the copy begins, NULL: nothing was given. */
static const void *copy_field(
	const struct sip_option_field *field, struct view view, char *room)
{
	const char *const *text = view.ptr;
	const char **list = (const char **)(void *)room;

	if (field->kind == SIP_OPTION_TEXT)
		return copy_text(&room, view.ptr);
	if (view.count == 0)
		return NULL;
	if (field->kind == SIP_OPTION_ARRAY)
		return memcpy(room, view.ptr, view.count * field->item);
	room += view.count * sizeof(*list);
	for (size_t i = 0; i < view.count; i++)
		list[i] = copy_text(&room, text[i]);
	return list;
}

void sip_options_copy(
	const struct sip_option_table *table, void *to, const void *from, char **room)
{
	memcpy(to, from, table->size);
	for (size_t i = 0; i < table->count; i++) {
		const struct sip_option_field *field = &table->field[i];
		struct view view = view_of(field, from);
		const void *copy = copy_field(field, view, *room);

		memcpy((char *)to + field->at, &copy, sizeof(copy));
		*room += room_of(field, view);
	}
}

static bool equal_texts(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool equal_rules(struct view a, struct view b)
{
	const struct sip_acl_rule *left = a.ptr;
	const struct sip_acl_rule *right = b.ptr;

	for (size_t i = 0; i < a.count; i++) {
		if (left[i].permit != right[i].permit ||
			left[i].prefix_len != right[i].prefix_len ||
			!sip_addr_equal(&left[i].network, &right[i].network))
			return false;
	}
	return true;
}

static bool equal_lists(struct view a, struct view b)
{
	const char *const *left = a.ptr;
	const char *const *right = b.ptr;

	for (size_t i = 0; i < a.count; i++) {
		if (!equal_texts(left[i], right[i]))
			return false;
	}
	return true;
}

/* `places`: where it was written counts. */
static bool equal_fields(
	const struct sip_option_field *field, struct view a, struct view b, bool places)
{
	bool place = field->place && !places;

	if (place && field->kind != SIP_OPTION_ARRAY)
		return true;
	if (field->kind == SIP_OPTION_TEXT)
		return equal_texts(a.ptr, b.ptr);
	if (a.count != b.count)
		return false;
	if (field->kind == SIP_OPTION_LIST)
		return equal_lists(a, b);
	if (place)
		return equal_rules(a, b);
	return a.count == 0 || memcmp(a.ptr, b.ptr, a.count * field->item) == 0;
}

static bool equal(
	const struct sip_option_table *table, const void *a, const void *b, bool places)
{
	const char *left = a;
	const char *right = b;
	size_t at = 0; /* up to here they are the same */

	for (size_t i = 0; i < table->count; i++) {
		const struct sip_option_field *field = &table->field[i];

		SIP_ASSERT(field->at >= at);
		if (memcmp(left + at, right + at, field->at - at) != 0 ||
			!equal_fields(
				field, view_of(field, a), view_of(field, b), places))
			return false;
		at = field->at + width_of(field);
		/* The line stands behind the file. */
		if (field->kind == SIP_OPTION_TEXT && field->place && !places)
			at = field->at + sizeof(struct sip_config_source);
	}
	return memcmp(left + at, right + at, table->size - at) == 0;
}

bool sip_options_equal(const struct sip_option_table *table, const void *a, const void *b)
{
	return equal(table, a, b, true);
}

bool sip_options_mean_the_same(
	const struct sip_option_table *table, const void *a, const void *b)
{
	return equal(table, a, b, false);
}
