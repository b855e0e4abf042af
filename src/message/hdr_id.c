/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Names of header fields (RFC 3261 sections 7.3.1, 7.3.3 and 20).
 *
 * The hash is over the first four and the last four bytes in lower case and the
 * length; tools/make_message_tables.py finds a factor that gives every name, long
 * or compact, a slot of its own.
 */
#include "message/hdr_id.h"

#include "base/compiler.h"
#include "message/builder.h"
#include "message/message_tables.h"

#define FOLD         0x2020202020202020ull
#define NAME_MAX_LEN 24

struct entry {
	uint64_t key;
	char name[NAME_MAX_LEN]; /* in lower case */
	uint8_t len;
	uint8_t id; /* enum sip_hdr_id */
};

struct long_name {
	char text[NAME_MAX_LEN];
	uint8_t len;
};

static const struct entry entries[] = { HDR_ENTRIES };
static const uint8_t slots[1u << HDR_SLOT_BITS] = { HDR_SLOTS };
static const struct long_name long_names[SIP_HDR_COUNT] = { HDR_NAMES };

_Static_assert(sizeof(entries) / sizeof(entries[0]) <= UINT8_MAX, "a slot is one byte");

static uint64_t load4(const char *at)
{
	const uint8_t *b = (const uint8_t *)at;

	/* Little endian on every machine, as the table is; compilers make one load of it.
	 */
	return (uint64_t)b[0] | (uint64_t)b[1] << 8 | (uint64_t)b[2] << 16 |
		(uint64_t)b[3] << 24;
}

static uint64_t load8_folded(const char *at)
{
	uint64_t bytes;

	memcpy(&bytes, at, sizeof(bytes));
	return bytes | FOLD;
}

/* As key_of() in the generator. */
static uint64_t key_of(const char *name, size_t len)
{
	const uint8_t *b = (const uint8_t *)name;

	if (SIP_LIKELY(len >= 4))
		return (load4(name) | load4(name + len - 4) << 32) | FOLD;
	return ((uint64_t)b[0] | (uint64_t)b[len >> 1] << 8 |
		       (uint64_t)b[len - 1] << 16) |
		FOLD;
}

/* The key holds the first and the last four bytes: what is between them. */
static bool middle_is(const struct entry *entry, const char *name, size_t len)
{
	if (len <= 8)
		return true;
	if (load8_folded(name) != load8_folded(entry->name) ||
		load8_folded(name + len - 8) != load8_folded(entry->name + len - 8))
		return false;
	return len <= 16 || load8_folded(name + 8) == load8_folded(entry->name + 8);
}

enum sip_hdr_id sip_hdr_id_fast(const char *name, size_t len)
{
	uint64_t key;
	uint8_t slot;
	const struct entry *entry;

	if (SIP_UNLIKELY(len == 0 || len > NAME_MAX_LEN))
		return SIP_HDR_OTHER;
	key = key_of(name, len);
	slot = slots[((key ^ len) * HDR_FACTOR) >> (64 - HDR_SLOT_BITS)];
	if (slot == 0)
		return SIP_HDR_OTHER;
	entry = &entries[slot - 1];
	if (entry->key != key || entry->len != len || !middle_is(entry, name, len))
		return SIP_HDR_OTHER;
	return (enum sip_hdr_id)entry->id;
}

enum sip_hdr_id sip_hdr_id_of(struct sip_str name)
{
	enum sip_hdr_id id = sip_hdr_id_fast(name.ptr, name.len);

	if (id != SIP_HDR_OTHER && sip_str_find(name, '\r') != SIZE_MAX)
		return SIP_HDR_OTHER;
	return id;
}

struct sip_str sip_hdr_name(enum sip_hdr_id id)
{
	SIP_ASSERT(id > SIP_HDR_OTHER && id < SIP_HDR_COUNT);
	return (struct sip_str){ long_names[id].text, long_names[id].len };
}
