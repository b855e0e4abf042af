/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Names of header fields (RFC 3261 sections 7.3.1, 7.3.3 and 20).
 *
 * The hash is over the first eight and the last eight bytes in lower case and the
 * length; tools/make_message_tables.py finds a factor that gives every name, long or
 * compact, a slot of its own.  Names have any length in any order, which no branch
 * predictor learns: so the bytes behind a short name are read too, and masked off.
 */
#include "message/hdr_id.h"

#include "base/compiler.h"
#include "message/builder.h"
#include "message/message_tables.h"

#define FOLD         0x2020202020202020ull
#define NAME_MAX_LEN 24

struct entry {
	char name[NAME_MAX_LEN]; /* in lower case */
	uint8_t len;
	uint8_t id; /* enum sip_hdr_id */
};

struct long_name {
	char text[NAME_MAX_LEN];
	uint8_t len;
};

/* The first is no name: its length is that of none. */
static const struct entry entries[] = { { "", 0, SIP_HDR_OTHER }, HDR_ENTRIES };
static const uint8_t slots[1u << HDR_SLOT_BITS] = { HDR_SLOTS };
static const struct long_name long_names[SIP_HDR_COUNT] = { HDR_NAMES };

_Static_assert(sizeof(entries) / sizeof(entries[0]) <= UINT8_MAX, "a slot is one byte");

/* Bytes that belong to a name of that length, of each third of NAME_MAX_LEN. */
#define BYTES(n) ((n) <= 0 ? 0 : (n) >= 8 ? UINT64_MAX : (UINT64_C(1) << 8 * ((n)&7)) - 1)
#define ROW(n)                                                                           \
	{                                                                                \
		BYTES(n), BYTES((n)-8), BYTES((n)-16)                                    \
	}

static const uint64_t name_bytes[NAME_MAX_LEN + 1][3] = { ROW(0), ROW(1), ROW(2), ROW(3),
	ROW(4), ROW(5), ROW(6), ROW(7), ROW(8), ROW(9), ROW(10), ROW(11), ROW(12),
	ROW(13), ROW(14), ROW(15), ROW(16), ROW(17), ROW(18), ROW(19), ROW(20), ROW(21),
	ROW(22), ROW(23), ROW(24) };

/* Little endian on every machine, as the table is; compilers make one load of it. */
static inline uint64_t load8(const char *at)
{
	const uint8_t *b = (const uint8_t *)at;

	return (uint64_t)b[0] | (uint64_t)b[1] << 8 | (uint64_t)b[2] << 16 |
		(uint64_t)b[3] << 24 | (uint64_t)b[4] << 32 | (uint64_t)b[5] << 40 |
		(uint64_t)b[6] << 48 | (uint64_t)b[7] << 56;
}

static inline uint64_t differences(
	const struct entry *entry, const char *name, size_t third)
{
	return ((load8(name + 8 * third) | FOLD) ^ load8(entry->name + 8 * third)) &
		name_bytes[entry->len][third];
}

/* As key_of() in the generator. */
static inline uint64_t key_of(const char *name, size_t len)
{
	uint64_t first = (load8(name) | FOLD) & name_bytes[len][0];
	uint64_t last = (load8(name + (len > 8 ? len - 8 : 0)) | FOLD) &
		name_bytes[len][0];

	return first ^ (last << 29 | last >> 35);
}

enum sip_hdr_id sip_hdr_id_fast(const char *name, size_t len)
{
	uint8_t slot;
	const struct entry *entry;

	if (SIP_UNLIKELY(len > NAME_MAX_LEN))
		return SIP_HDR_OTHER;
	slot = slots[((key_of(name, len) + len) * HDR_FACTOR) >> (64 - HDR_SLOT_BITS)];
	entry = &entries[slot];
	if (entry->len != len ||
		(differences(entry, name, 0) | differences(entry, name, 1) |
			differences(entry, name, 2)) != 0)
		return SIP_HDR_OTHER;
	return (enum sip_hdr_id)entry->id;
}

enum sip_hdr_id sip_hdr_id_of(struct sip_str name)
{
	char padded[NAME_MAX_LEN] = { 0 };

	if (name.len == 0 || name.len > NAME_MAX_LEN ||
		sip_str_find(name, '\r') != SIZE_MAX)
		return SIP_HDR_OTHER;
	memcpy(padded, name.ptr, name.len);
	return sip_hdr_id_fast(padded, name.len);
}

struct sip_str sip_hdr_name(enum sip_hdr_id id)
{
	SIP_ASSERT(id > SIP_HDR_OTHER && id < SIP_HDR_COUNT);
	return (struct sip_str){ long_names[id].text, long_names[id].len };
}
