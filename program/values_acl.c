/* SPDX-License-Identifier: BSD-2-Clause */
/* Values of access lists: permit=, deny= and the names of others. */
#include "values.h"

/* Which of the list's files it is; a new one is added. */
static uint16_t file_number(
	struct store *store, struct sip_acl_config *acl, const char *file)
{
	for (size_t i = 0; i < acl->files.count; i++) {
		if (strcmp(acl->files.item[i], file) == 0)
			return (uint16_t)i;
	}
	if (acl->files.count < UINT16_MAX)
		list_add(store, &acl->files, file);
	return (uint16_t)(acl->files.count - 1);
}

static void add_rule(const struct value *value, struct sip_acl_config *acl, bool permit,
	struct sip_str text)
{
	struct store *store = value->settings->store;
	struct sip_identify_match network;
	struct sip_acl_rule *rules;

	if (text.len != 0 && text.ptr[0] == '!') {
		permit = !permit;
		text = sip_str_trim((struct sip_str){ text.ptr + 1, text.len - 1 });
	}
	if (!read_network(value, text, &network))
		return;
	if (sip_addr_port(&network.network) != 0) {
		value_wrong(value, "`%.*s` has a port, and a list is of addresses",
			SIP_STR_ARG(text));
		return;
	}
	rules = store_grow(
		store, (void *)(uintptr_t)acl->rule, acl->rule_count, sizeof(*rules));
	rules[acl->rule_count++] = (struct sip_acl_rule){
		.network = network.network,
		.prefix_len = network.prefix_len,
		.permit = permit,
		.file = file_number(store, acl, value->entry->at.file),
		.line = value->entry->at.line,
	};
	acl->rule = rules;
}

static void read_rules(const struct value *value, void *field, bool permit)
{
	struct sip_str rest = sip_str_of(value->entry->value);
	struct sip_str item;

	while (next_item(&rest, &item))
		add_rule(value, field, permit, item);
}

void read_permit(const struct value *value, void *field)
{
	read_rules(value, field, true);
}

void read_deny(const struct value *value, void *field)
{
	read_rules(value, field, false);
}

void read_acl_names(const struct value *value, void *field)
{
	struct sip_acl_config *acl = field;
	struct store *store = value->settings->store;
	struct sip_str rest = sip_str_of(value->entry->value);
	struct sip_str item;

	while (next_item(&rest, &item))
		list_add(store, &acl->acl, store_text(store, item));
}
