/* SPDX-License-Identifier: BSD-2-Clause */
/* Making the lists of the settings: acl_settings.h. */
#include "server/settings/acl_settings.h"

#include "server/settings/acl.h"
#include "server/settings/options.h"

#include <stdio.h>

static int complain(char *error, const char *name)
{
	snprintf(error, SIP_SERVER_ERROR_LEN, "acl %s: exists twice", name);
	return SIP_EINVALID;
}

static int copy_acls(struct sip_settings *s, const struct sip_config *config)
{
	size_t count = config->acl_count;
	size_t len = 1;
	char *room;

	for (size_t i = 0; i < count; i++)
		len += sip_options_room(sip_acl_table(), &config->acl[i]);
	room = sip_arena_alloc(&s->arena, len);
	s->acl = sip_arena_zalloc(&s->arena, (count + 1) * sizeof(*s->acl));
	if (room == NULL || s->acl == NULL)
		return SIP_EMEMORY;
	for (size_t i = 0; i < count; i++)
		sip_options_copy(sip_acl_table(), &s->acl[i], &config->acl[i], &room);
	s->acl_count = count;
	return 0;
}

/* What acl= may name: the lists that are for that alone before those for all requests. */
static int name_acls(struct sip_settings *s, char *error)
{
	int result = sip_names_init(&s->acls, &s->arena, s->acl_count);

	if (result != 0)
		return result;
	for (size_t i = 0; i < s->acl_count; i++) {
		struct sip_acl_section *acl = &s->acl[i];

		if (acl->named_only &&
			!sip_names_add(&s->acls, sip_str_of(acl->name), acl))
			return complain(error, acl->name);
	}
	for (size_t i = 0; i < s->acl_count; i++) {
		if (!s->acl[i].named_only)
			SIP_IGNORE(sip_names_add(&s->acls, sip_str_of(s->acl[i].name),
				&s->acl[i])); /* hidden by one that acl= is for */
	}
	return 0;
}

static bool has_transport(const struct sip_settings *s, const char *name)
{
	for (size_t i = 0; i < s->transport_count; i++) {
		if (strcmp(s->transport[i].name, name) == 0)
			return true;
	}
	return false;
}

static int keep_leaving(
	struct sip_settings *s, const struct sip_transport_section *from, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		size_t len = sip_options_room(sip_transport_table(), &from[i]);
		char *room;

		if (!sip_acl_is_given(&from[i].source_acl) ||
			has_transport(s, from[i].name))
			continue;
		room = sip_arena_alloc(&s->arena, len);
		if (room == NULL)
			return SIP_EMEMORY;
		sip_options_copy(sip_transport_table(), &s->leaving[s->leaving_count++],
			&from[i], &room);
	}
	return 0;
}

/* Those of the settings before that have a list and are here no more. */
static int add_leaving(struct sip_settings *s, const struct sip_settings *before)
{
	int result;

	if (before == NULL)
		return 0;
	s->leaving = sip_arena_zalloc(&s->arena,
		(before->transport_count + before->leaving_count + 1) *
			sizeof(*s->leaving));
	if (s->leaving == NULL)
		return SIP_EMEMORY;
	result = keep_leaving(s, before->transport, before->transport_count);
	return result == 0 ? keep_leaving(s, before->leaving, before->leaving_count)
			   : result;
}

static bool has_filters(const struct sip_settings *s)
{
	for (size_t i = 0; i < s->acl_count; i++) {
		if (!s->acl[i].named_only && sip_acl_is_given(&s->acl[i].source_acl))
			return true;
	}
	for (size_t i = 0; i < s->transport_count; i++) {
		if (sip_acl_is_given(&s->transport[i].source_acl))
			return true;
	}
	return s->leaving_count != 0;
}

int sip_acl_settings_fill(struct sip_settings *s, const struct sip_settings *before,
	const struct sip_config *config, char *error)
{
	int result = copy_acls(s, config);

	if (result == 0)
		result = add_leaving(s, before);
	if (result != 0)
		return result;
	s->filters = has_filters(s);
	result = name_acls(s, error);
	return result == 0 ? sip_acl_check(s, error) : result;
}
