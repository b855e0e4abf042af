/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Name tables of a configuration: filled once, then read only.
 *
 * The names are the operator's, not a peer's, so the hash needs no secret key.
 */
#include "server/settings/snapshot.h"

static const struct sip_hash_key table_key = { { 0x7265735f73697031u,
	0x7265735f73697032u } };

int sip_names_init(struct sip_names *names, struct sip_arena *arena, size_t count)
{
	size_t size = 8;

	while (size < count * 2)
		size *= 2;
	names->slot = sip_arena_zalloc(arena, size * sizeof(*names->slot));
	names->mask = size - 1;
	return names->slot != NULL ? 0 : SIP_EMEMORY;
}

bool sip_names_add(struct sip_names *names, struct sip_str name, void *object)
{
	size_t at = sip_hash(&table_key, name.ptr, name.len) & names->mask;

	for (; names->slot[at].object != NULL; at = (at + 1) & names->mask) {
		if (sip_str_equal(names->slot[at].name, name))
			return false;
	}
	names->slot[at] = (struct sip_named){ name, object };
	return true;
}

void *sip_names_find(const struct sip_names *names, struct sip_str name)
{
	size_t at = sip_hash(&table_key, name.ptr, name.len) & names->mask;

	for (; names->slot[at].object != NULL; at = (at + 1) & names->mask) {
		if (sip_str_equal(names->slot[at].name, name))
			return names->slot[at].object;
	}
	return NULL;
}
