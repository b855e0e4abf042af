/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The little SIP that the load generator reads and writes.
 *
 * It shares nothing with the library that it measures, so that it does not share
 * its mistakes either.  It knows the messages of its own scenarios and nothing else.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct span {
	const char *at;
	size_t len;
};

#define SPAN(literal) ((struct span){ "" literal, sizeof(literal) - 1 })

#define LINES_MAX 8

/* Some fields of a message, each the value without the name; at is NULL where there is
 * none. */
struct message {
	bool is_response;
	unsigned status;
	struct span method; /* of a request */
	struct span uri;
	struct span via[LINES_MAX]; /* field by field, topmost first */
	unsigned via_count;
	struct span record_route[LINES_MAX];
	unsigned record_route_count;
	struct span route;
	struct span from;
	struct span to;
	struct span call_id;
	struct span cseq;
	struct span contact;
	struct span challenge; /* WWW- or Proxy-Authenticate */
	struct span max_forwards;
	struct span body;
};

/* False: not a SIP message, or one that its sender would not recognise. */
bool message_read(struct message *message, const char *text, size_t len);

bool span_is(struct span span, struct span other);

/* The value of `;name=` behind the URI or in the field; without quotes. */
struct span span_param(struct span field, struct span name);

/* What stands between < and >; the field itself where there is none. */
struct span span_uri(struct span field);

uint32_t span_number(struct span digits);

/* Hexadecimal digits; UINT64_MAX where there are others. */
uint64_t span_hex(struct span digits);

bool span_contains(struct span span, struct span part);

/* Writing: appends while there is room; `full` remembers that there was none. */
struct writer {
	char *start;
	char *at;
	char *end;
	bool full;
};

void writer_init(struct writer *writer, char *buf, size_t size);
void put(struct writer *writer, struct span span);
void put_number(struct writer *writer, uint64_t number);
void put_hex(struct writer *writer, uint64_t number, unsigned digits);
void put_line(struct writer *writer, struct span name, struct span value);

#define PUT(writer, literal) put(writer, SPAN(literal))
