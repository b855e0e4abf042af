/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Name tables of a configuration: filled once, then read only.
 *
 * The names are the operator's, not a peer's, so the hash needs no secret key.  Users are
 * looked up as `user@domain` before `user`, which most tables need not be asked for: they
 * know that none of their names has an @.
 */
#include "server/settings/snapshot.h"

#define MULTIPLIER UINT64_C(0x9e3779b97f4a7c15) /* odd, 2^64 by the golden ratio */

static uint64_t stir(uint64_t hash, uint64_t word)
{
	hash = (hash ^ word) * MULTIPLIER;
	return hash ^ hash >> 32;
}

uint64_t sip_names_hash(struct sip_str name)
{
	uint64_t hash = stir(0, name.len);
	uint64_t word;

	for (; name.len >= sizeof(word); name.ptr += sizeof(word)) {
		memcpy(&word, name.ptr, sizeof(word));
		hash = stir(hash, word);
		name.len -= sizeof(word);
	}
	word = 0;
	for (size_t i = 0; i < name.len; i++)
		word = word << 8 | (unsigned char)name.ptr[i];
	return stir(hash, word);
}

static bool has_at(struct sip_str name)
{
	return sip_str_find(name, '@') < name.len;
}

int sip_names_init(struct sip_names *names, struct sip_arena *arena, size_t count)
{
	size_t size = 8;

	while (size < count * 2)
		size *= 2;
	names->slot = sip_arena_zalloc(arena, size * sizeof(*names->slot));
	names->mask = size - 1;
	names->has_at = false;
	return names->slot != NULL ? 0 : SIP_EMEMORY;
}

static bool is_of(const struct sip_named *slot, uint64_t hash, struct sip_str name)
{
	return slot->hash == (uint32_t)(hash >> 32) && slot->name_len == name.len &&
		memcmp(slot->name, name.ptr, name.len) == 0;
}

/* Of that name, or where it would stand. */
static struct sip_named *slot_of(
	const struct sip_names *names, uint64_t hash, struct sip_str name)
{
	size_t at = hash & names->mask;

	while (names->slot[at].object != NULL && !is_of(&names->slot[at], hash, name))
		at = (at + 1) & names->mask;
	return &names->slot[at];
}

bool sip_names_add(struct sip_names *names, struct sip_str name, void *object)
{
	uint64_t hash = sip_names_hash(name);
	struct sip_named *slot = slot_of(names, hash, name);

	if (slot->object != NULL)
		return false;
	names->has_at |= has_at(name);
	*slot = (struct sip_named){
		.name = name.ptr,
		.name_len = (uint32_t)name.len,
		.hash = (uint32_t)(hash >> 32),
		.object = object,
	};
	return true;
}

void *sip_names_find(const struct sip_names *names, struct sip_str name)
{
	if (!names->has_at && has_at(name))
		return NULL;
	return slot_of(names, sip_names_hash(name), name)->object;
}

void sip_names_prefetch(const struct sip_names *names, uint64_t hash)
{
	/* The slot may go on in the next line, and the name stand in one of the next. */
	SIP_PREFETCH(&names->slot[hash & names->mask]);
	SIP_PREFETCH(&names->slot[(hash + 2) & names->mask]);
}

void sip_names_prefetch_object(const struct sip_names *names, uint64_t hash, size_t len)
{
	size_t at = hash & names->mask;
	const struct sip_named *slot = &names->slot[at];

	while (slot->object != NULL && slot->hash != (uint32_t)(hash >> 32)) {
		at = (at + 1) & names->mask;
		slot = &names->slot[at];
	}
	if (slot->object == NULL)
		return;
	SIP_PREFETCH(slot->name);
	sip_prefetch(slot->object, len);
}
