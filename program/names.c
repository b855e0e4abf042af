/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of names: open addressing, at most half full. */
#include "names.h"

/* FNV-1a.  The names are the operator's own: nobody attacks this table. */
static uint32_t hash_of(unsigned kind, struct sip_str name)
{
	uint64_t hash = UINT64_C(14695981039346656037) ^ kind;

	for (size_t i = 0; i < name.len; i++) {
		hash ^= (unsigned char)name.ptr[i];
		hash *= UINT64_C(1099511628211);
	}
	return (uint32_t)(hash ^ hash >> 32);
}

static bool is_of(
	const struct name_slot *slot, uint32_t hash, unsigned kind, struct sip_str name)
{
	return slot->hash == hash && slot->kind == kind &&
		sip_str_equal(sip_str_of(slot->name), name);
}

static struct name_slot *slot_of(
	const struct names *names, uint32_t hash, unsigned kind, struct sip_str name)
{
	size_t mask = names->room - 1;
	size_t i = hash & mask;

	while (names->slots[i].name != NULL && !is_of(&names->slots[i], hash, kind, name))
		i = (i + 1) & mask;
	return &names->slots[i];
}

void *names_find(const struct names *names, unsigned kind, struct sip_str name)
{
	if (names->room == 0)
		return NULL;
	return slot_of(names, hash_of(kind, name), kind, name)->value;
}

void *names_get(const struct names *names, unsigned kind, const char *name)
{
	return names_find(names, kind, sip_str_of(name));
}

/* Where one goes that is in none yet. */
static struct name_slot *free_slot(const struct names *names, uint32_t hash)
{
	size_t mask = names->room - 1;
	size_t i = hash & mask;

	while (names->slots[i].name != NULL)
		i = (i + 1) & mask;
	return &names->slots[i];
}

static void make_room(struct names *names)
{
	struct names larger = { .store = names->store };

	larger.room = names->room == 0 ? 64 : names->room * 2;
	larger.count = names->count;
	larger.slots = store_alloc(names->store, larger.room * sizeof(*larger.slots));
	for (size_t i = 0; i < names->room; i++) {
		if (names->slots[i].name != NULL)
			*free_slot(&larger, names->slots[i].hash) = names->slots[i];
	}
	*names = larger;
}

void *names_put(struct names *names, unsigned kind, const char *name, void *value)
{
	struct sip_str text = sip_str_of(name);
	uint32_t hash = hash_of(kind, text);
	struct name_slot *slot;
	void *before;

	if (names->count * 2 >= names->room)
		make_room(names);
	slot = slot_of(names, hash, kind, text);
	if (slot->name == NULL) {
		*slot = (struct name_slot){ .name = name, .hash = hash, .kind = kind };
		names->count++;
	}
	before = slot->value;
	slot->value = value;
	return before;
}
