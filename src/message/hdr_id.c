/* SPDX-License-Identifier: BSD-2-Clause */
/* Names of header fields (RFC 3261 sections 7.3.1, 7.3.3 and 20). */
#include "message/hdr_id.h"

#include "base/compiler.h"
#include "message/builder.h"
#include "message/message_tables.h"

struct long_name {
	char text[SIP_HDR_NAME_MAX];
	uint8_t len;
};

#define BYTES(n) ((n) >= 8 ? UINT64_MAX : (UINT64_C(1) << 8 * ((n)&7)) - 1)
#define ALL8                                                                             \
	UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX,          \
		UINT64_MAX, UINT64_MAX

const struct sip_hdr_table sip_hdr_table = {
	.rows = { { "", 0, UINT8_MAX, SIP_HDR_OTHER }, HDR_ENTRIES },
	.factor = HDR_FACTOR,
	.bytes = { BYTES(0), BYTES(1), BYTES(2), BYTES(3), BYTES(4), BYTES(5), BYTES(6),
		BYTES(7), BYTES(8), ALL8, ALL8, ALL8 },
	.slots = { HDR_SLOTS },
};

static const struct long_name long_names[SIP_HDR_COUNT] = { HDR_NAMES };

_Static_assert(SIP_HDR_ROWS == HDR_ROWS, "as in the generator");
_Static_assert(SIP_HDR_SLOT_BITS == HDR_SLOT_BITS, "as in the generator");
_Static_assert(sizeof(struct sip_hdr_row) == 32, "what is compared at once");
_Static_assert(SIP_HDR_ROWS <= UINT8_MAX, "a slot is one byte");

/* A third of SIP_HDR_NAME_MAX. */
static inline uint64_t differences(
	const char *name, const struct sip_hdr_row *row, size_t third)
{
	uint64_t both = (sip_hdr_load(name + 8 * third) | SIP_HDR_FOLD) ^
		sip_hdr_load(row->name + 8 * third);

	return both &
		sip_hdr_table.bytes[row->len > 8 * third ? row->len - 8 * third : 0];
}

bool sip_hdr_differs(const char *name, const struct sip_hdr_row *row)
{
	return (differences(name, row, 0) | differences(name, row, 1) |
		       differences(name, row, 2)) != 0;
}

enum sip_hdr_id sip_hdr_id_of(struct sip_str name)
{
	char padded[SIP_HDR_NAME_MAX] = { 0 };
	const struct sip_hdr_row *row;

	if (name.len == 0 || name.len > SIP_HDR_NAME_MAX ||
		sip_str_find(name, '\r') != SIZE_MAX)
		return SIP_HDR_OTHER;
	memcpy(padded, name.ptr, name.len);
	row = sip_hdr_row_of(padded, name.len);
	return row->len == name.len && !sip_hdr_differs(padded, row)
		? (enum sip_hdr_id)row->id
		: SIP_HDR_OTHER;
}

struct sip_str sip_hdr_name(enum sip_hdr_id id)
{
	SIP_ASSERT(id > SIP_HDR_OTHER && id < SIP_HDR_COUNT);
	return (struct sip_str){ long_names[id].text, long_names[id].len };
}
