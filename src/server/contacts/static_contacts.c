/* SPDX-License-Identifier: BSD-2-Clause */
/* The contacts that AORs have from the configuration: static_contacts.h. */
#include "server/contacts/static_contacts.h"

#include "res_sip/log.h"

#include <stdio.h>
#include <stdlib.h>

static bool same_list(const struct sip_config_list *a, const struct sip_config_list *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++) {
		if (strcmp(a->item[i], b->item[i]) != 0)
			return false;
	}
	return true;
}

static int set(struct sip_server *server, const char *aor,
	const struct sip_config_list *contacts, uint32_t ask_every_s)
{
	struct sip_str *uris = calloc(contacts->count + 1, sizeof(*uris));
	int result;

	if (uris == NULL)
		return SIP_EMEMORY;
	for (size_t i = 0; i < contacts->count; i++)
		uris[i] = sip_str_of(contacts->item[i]);
	result = sip_location_set_static(
		server->location, sip_str_of(aor), uris, contacts->count, ask_every_s);
	free(uris);
	return result;
}

/* Who is asked already learns of another interval the next time (qualify.c). */
static bool begins_asking(
	const struct sip_aor_config *was, const struct sip_aor_config *aor)
{
	return aor->contact.count > 0 && aor->qualify_frequency != 0 &&
		(was == NULL || was->qualify_frequency == 0);
}

static const struct sip_aor_config *find(
	const struct sip_settings *settings, const char *name)
{
	return settings != NULL ? sip_names_find(&settings->aors, sip_str_of(name))
				: NULL;
}

static int change(struct sip_server *server, const struct sip_settings *before,
	const struct sip_settings *after)
{
	static const struct sip_config_list none;
	int result = 0;

	for (size_t i = 0; i < after->aor_count && result == 0; i++) {
		const struct sip_aor_config *aor = &after->aor[i];
		const struct sip_aor_config *was = find(before, aor->name);

		if (!same_list(&aor->contact, was != NULL ? &was->contact : &none) ||
			begins_asking(was, aor))
			result = set(
				server, aor->name, &aor->contact, aor->qualify_frequency);
	}
	for (size_t i = 0; before != NULL && i < before->aor_count && result == 0; i++) {
		const struct sip_aor_config *aor = &before->aor[i];

		if (aor->contact.count > 0 && find(after, aor->name) == NULL)
			result = set(server, aor->name, &none, 0);
	}
	return result;
}

int sip_static_contacts_change(struct sip_server *server,
	const struct sip_settings *before, const struct sip_settings *after)
{
	int result = change(server, before, after);

	if (result != 0 && before != NULL)
		sip_static_contacts_undo(server, before, after);
	return result;
}

void sip_static_contacts_undo(struct sip_server *server,
	const struct sip_settings *before, const struct sip_settings *after)
{
	if (change(server, after, before) != 0)
		sip_log(SIP_LOG_ERROR, "reload",
			"out of memory: some contact= of AORs are not those that hold");
}

void sip_static_contacts_tell_gone(struct sip_server *server,
	const struct sip_settings *before, const struct sip_settings *after,
	void (*say)(void *arg, const char *line), void *arg)
{
	char line[SIP_SERVER_ERROR_LEN];
	size_t aors = 0;
	size_t contacts = 0;

	for (size_t i = 0; i < before->aor_count; i++) {
		const char *name = before->aor[i].name;
		struct ast_sip_contacts found;

		if (find(after, name) != NULL ||
			sip_location_find(server->location, sip_str_of(name), &found) !=
				0)
			continue;
		aors += found.count > 0;
		contacts += found.count;
		ast_sip_contacts_release(&found);
	}
	if (contacts == 0)
		return;
	snprintf(line, sizeof(line),
		"AORs that are gone: %zu have %zu contacts, out of reach and kept until "
		"they expire",
		aors, contacts);
	say(arg, line);
}
