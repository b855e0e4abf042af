/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A walk over the records of a DNS message, whose names are passed over unread: a label
 * at a time, up to the root or a pointer, which ends a name and is not followed.
 */
#include "resolve/wire.h"

#include "res_sip/error.h"

#define CLASS_IN 1
#define POINTER  0xc0
/* Behind its two names a SOA has five numbers of 32 bits; the last is the minimum. */
#define SOA_NUMBERS_LEN 20

/* Remembers that it came to the end; what it reads then is 0. */
struct cursor {
	const uint8_t *at;
	const uint8_t *end;
	bool failed;
};

struct record {
	uint16_t type;
	uint16_t class;
	uint32_t ttl_s;
	struct cursor data;
};

static void skip(struct cursor *cursor, size_t len)
{
	if (len > (size_t)(cursor->end - cursor->at)) {
		cursor->failed = true;
		cursor->at = cursor->end;
	} else {
		cursor->at += len;
	}
}

static uint32_t read_number(struct cursor *cursor, size_t len)
{
	const uint8_t *from = cursor->at;
	uint32_t number = 0;

	skip(cursor, len);
	for (size_t i = 0; i < len && !cursor->failed; i++)
		number = number << 8 | from[i];
	return number;
}

static void skip_name(struct cursor *cursor)
{
	while (!cursor->failed) {
		uint32_t len = read_number(cursor, 1);

		if (len == 0)
			return;
		if (len >= POINTER) {
			skip(cursor, 1);
			return;
		}
		skip(cursor, len);
	}
}

static struct record read_record(struct cursor *cursor)
{
	struct record record;
	const uint8_t *data;

	skip_name(cursor);
	record.type = (uint16_t)read_number(cursor, 2);
	record.class = (uint16_t)read_number(cursor, 2);
	record.ttl_s = read_number(cursor, 4);
	/* RFC 2181 section 8: with the highest bit it is none. */
	if (record.ttl_s > INT32_MAX)
		record.ttl_s = 0;
	uint32_t len = read_number(cursor, 2);
	data = cursor->at;
	skip(cursor, len);
	record.data = (struct cursor){ data, cursor->at, cursor->failed };
	return record;
}

/* RFC 2308 section 5. */
static uint32_t time_of_nothing(const struct record *soa)
{
	struct cursor data = soa->data;
	uint32_t minimum;

	skip_name(&data);
	skip_name(&data);
	skip(&data, SOA_NUMBERS_LEN - 4);
	minimum = read_number(&data, 4);
	return minimum < soa->ttl_s ? minimum : soa->ttl_s;
}

uint16_t wire_type(enum sip_dns_type type)
{
	static const uint16_t numbers[] = {
		[SIP_DNS_A] = WIRE_A,
		[SIP_DNS_AAAA] = WIRE_AAAA,
		[SIP_DNS_SRV] = WIRE_SRV,
		[SIP_DNS_NAPTR] = WIRE_NAPTR,
	};

	return numbers[type];
}

/* Each record takes bytes, so that a count that is too large ends with the message. */
static void read_answers(struct cursor *cursor, uint32_t records, uint16_t type,
	struct wire_answer *answer)
{
	answer->ttl_s = INT32_MAX;
	for (uint32_t i = 0; i < records && !cursor->failed; i++) {
		struct record record = read_record(cursor);

		if (cursor->failed || record.class != CLASS_IN ||
			(record.type != type && record.type != WIRE_CNAME))
			continue;
		answer->count += record.type == type;
		if (record.ttl_s < answer->ttl_s)
			answer->ttl_s = record.ttl_s;
	}
}

static uint32_t read_absence(struct cursor *cursor, uint32_t records)
{
	for (uint32_t i = 0; i < records && !cursor->failed; i++) {
		struct record record = read_record(cursor);

		if (!cursor->failed && record.class == CLASS_IN &&
			record.type == WIRE_SOA)
			return time_of_nothing(&record);
	}
	return 0;
}

int wire_read(const uint8_t *message, size_t len, enum sip_dns_type type,
	struct wire_answer *answer)
{
	struct cursor cursor = { message, message + len, false };
	uint32_t questions;
	uint32_t answers;
	uint32_t authorities;

	*answer = (struct wire_answer){ .count = 0 };
	skip(&cursor, 4);
	questions = read_number(&cursor, 2);
	answers = read_number(&cursor, 2);
	authorities = read_number(&cursor, 2);
	skip(&cursor, 2);
	for (uint32_t i = 0; i < questions && !cursor.failed; i++) {
		skip_name(&cursor);
		skip(&cursor, 4);
	}
	read_answers(&cursor, answers, wire_type(type), answer);
	if (answer->count == 0) {
		uint32_t absence_s = read_absence(&cursor, authorities);

		/* The alias that led to it may lead elsewhere before. */
		if (absence_s < answer->ttl_s)
			answer->ttl_s = absence_s;
	}
	return cursor.failed ? SIP_ESYNTAX : SIP_OK;
}
