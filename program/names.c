/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of names: open addressing, at most half full. */
#include "names.h"

/* FNV-1a.  The names are the operator's own: nobody attacks this table. */
static uint64_t hash_of(unsigned kind, const char *name)
{
	uint64_t hash = UINT64_C(14695981039346656037) ^ kind;

	for (; *name != '\0'; name++) {
		hash ^= (unsigned char)*name;
		hash *= UINT64_C(1099511628211);
	}
	return hash ^ (hash >> 32);
}

static struct name_slot *slot_of(
	const struct names *names, unsigned kind, const char *name)
{
	size_t mask = names->room - 1;
	size_t i = (size_t)hash_of(kind, name) & mask;

	while (names->slots[i].name != NULL &&
		(names->slots[i].kind != kind || strcmp(names->slots[i].name, name) != 0))
		i = (i + 1) & mask;
	return &names->slots[i];
}

void *names_get(const struct names *names, unsigned kind, const char *name)
{
	return names->room == 0 ? NULL : slot_of(names, kind, name)->value;
}

static void make_room(struct names *names)
{
	struct names larger = { .store = names->store };

	larger.room = names->room == 0 ? 64 : names->room * 2;
	larger.count = names->count;
	larger.slots = store_alloc(names->store, larger.room * sizeof(*larger.slots));
	for (size_t i = 0; i < names->room; i++) {
		if (names->slots[i].name != NULL)
			*slot_of(&larger, names->slots[i].kind,
				names->slots[i].name) = names->slots[i];
	}
	*names = larger;
}

void names_put(struct names *names, unsigned kind, const char *name, void *value)
{
	struct name_slot *slot;

	if (names->count * 2 >= names->room)
		make_room(names);
	slot = slot_of(names, kind, name);
	if (slot->name == NULL) {
		slot->name = name;
		slot->kind = kind;
		names->count++;
	}
	slot->value = value;
}
