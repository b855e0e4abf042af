/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From a header field's name to its number: a perfect hash, one comparison.
 *
 * The hash is over the first eight bytes in lower case, the last one and the length;
 * tools/make_message_tables.py finds a factor that gives every name, long or compact, a
 * slot of its own.  Names have any length in any order, which no branch predictor learns:
 * so the bytes behind a short name are read too, and masked off.
 *
 * Lower case is made by one bit, which makes a hyphen of CR: who asks knows that there is
 * none, or sees to it later.
 */
#pragma once

#include "message/message.h"

#define SIP_HDR_NAME_MAX  24 /* bytes of the longest */
#define SIP_HDR_SLOT_BITS 9
#define SIP_HDR_ROWS      77 /* names, long and compact, and none */
#define SIP_HDR_FOLD      UINT64_C(0x2020202020202020)

/* A name that we know, 32 bytes, so that it can be compared at once. */
struct sip_hdr_row {
	char name[SIP_HDR_NAME_MAX]; /* in lower case */
	uint32_t bytes;              /* a bit for each that it has */
	uint8_t len;
	uint8_t id; /* enum sip_hdr_id */
};

struct sip_hdr_table {
	/* The first is no name: its length is that of none. */
	_Alignas(32) struct sip_hdr_row rows[SIP_HDR_ROWS];
	uint64_t factor;
	uint64_t bytes[33]; /* that belong to a name of that length, of its first eight */
	uint8_t slots[1u << SIP_HDR_SLOT_BITS]; /* which row */
};

extern const struct sip_hdr_table sip_hdr_table;

/* Little endian on every machine, as the table is; compilers make one load of it. */
static inline uint64_t sip_hdr_load(const char *at)
{
	const uint8_t *b = (const uint8_t *)at;

	return (uint64_t)b[0] | (uint64_t)b[1] << 8 | (uint64_t)b[2] << 16 |
		(uint64_t)b[3] << 24 | (uint64_t)b[4] << 32 | (uint64_t)b[5] << 40 |
		(uint64_t)b[6] << 48 | (uint64_t)b[7] << 56;
}

/** The only name that this one of at most 32 bytes may be; row->len and the name itself
 * are the caller's to compare.  Reads eight bytes, and the one before a name of none. */
static inline const struct sip_hdr_row *sip_hdr_row_of(const char *name, size_t len)
{
	const struct sip_hdr_table *table = &sip_hdr_table;
	/* As key_of() in the generator. */
	uint64_t first = (sip_hdr_load(name) | SIP_HDR_FOLD) & table->bytes[len];
	const char *end = name + len;
	uint64_t key = first + ((uint8_t)end[-1] & 31u) + 8 * len;

	return &table->rows[table->slots[key * table->factor >>
		(64 - SIP_HDR_SLOT_BITS)]];
}

/** Of as many bytes as the row's name has, some are others.  Reads 24 bytes. */
bool sip_hdr_differs(const char *name, const struct sip_hdr_row *row);
