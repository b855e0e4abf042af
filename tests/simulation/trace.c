/* SPDX-License-Identifier: BSD-2-Clause */
/* What was sent, and its ladder: see trace.h. */
#include "trace.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* FNV-1a. */
#define HASH_START UINT64_C(0xcbf29ce484222325)
#define HASH_PRIME UINT64_C(0x100000001b3)

/* How far back copies are looked for: a retransmission comes within a transaction. */
#define REPEAT_WINDOW 256

#define PLACES_MAX 32

void trace_init(struct trace *trace)
{
	*trace = (struct trace){ .hash = HASH_START };
}

void trace_fini(struct trace *trace)
{
	free(trace->passage);
	*trace = (struct trace){ 0 };
}

void trace_note(struct trace *trace, const void *bytes, size_t len)
{
	const unsigned char *at = bytes;
	uint64_t hash = trace->hash;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ at[i]) * HASH_PRIME;
	trace->hash = hash;
}

static void note_number(struct trace *trace, uint64_t number)
{
	trace_note(trace, &number, sizeof(number));
}

static bool was_before(const struct trace *trace, const struct passage *passage)
{
	size_t first = trace->count > REPEAT_WINDOW ? trace->count - REPEAT_WINDOW : 0;

	for (size_t i = trace->count; i > first; i--) {
		const struct passage *before = &trace->passage[i - 1];

		if (place_equal(before->to, passage->to) &&
			slice_equal(before->text, passage->text))
			return true;
	}
	return false;
}

size_t trace_add(struct trace *trace, const struct passage *passage)
{
	if (trace->count == trace->room) {
		trace->room = trace->room == 0 ? 256 : 2 * trace->room;
		trace->passage = realloc(
			trace->passage, trace->room * sizeof(*trace->passage));
		if (trace->passage == NULL)
			abort();
	}
	note_number(trace, passage->sent_us);
	note_number(trace, passage->from.ip);
	note_number(trace, passage->from.port);
	note_number(trace, passage->to.ip);
	note_number(trace, passage->to.port);
	note_number(trace, passage->copies);
	for (unsigned i = 0; i < passage->copies; i++)
		note_number(trace, passage->arrives_us[i]);
	trace_note(trace, passage->text.at, passage->text.len);
	trace->passage[trace->count] = *passage;
	trace->passage[trace->count].repeated = was_before(trace, passage);
	return trace->count++;
}

void trace_arrived(struct trace *trace, size_t number, uint64_t us)
{
	struct passage *passage = &trace->passage[number];

	passage->arrives_us[0] = us;
	passage->copies = 1;
	note_number(trace, number);
	note_number(trace, us);
}

/* ---- the ladder ---- */

struct columns {
	struct place place[PLACES_MAX];
	unsigned count;
};

static unsigned column_of(struct columns *columns, struct place place)
{
	unsigned i = 0;

	while (i < columns->count && !place_equal(columns->place[i], place))
		i++;
	if (i == columns->count && i < PLACES_MAX)
		columns->place[columns->count++] = place;
	return i < PLACES_MAX ? i : PLACES_MAX - 1;
}

static bool concerns(const struct passage *passage, struct slice call_id)
{
	return call_id.len == 0 || slice_equal(passage->call_id, call_id);
}

static struct slice first_words(const struct passage *passage)
{
	struct slice text = passage->text;
	const char *end = memchr(text.at, '\r', text.len);

	if (end == NULL)
		end = text.at + text.len;
	/* Of a response without the version. */
	if (text.len > 8 && memcmp(text.at, "SIP/2.0 ", 8) == 0)
		return (struct slice){ text.at + 8, (size_t)(end - text.at - 8) };
	return (struct slice){ text.at,
		strcspn(text.at, " ") < text.len ? strcspn(text.at, " ") : text.len };
}

static struct slice cseq_of(const struct passage *passage)
{
	const char *at = strstr(passage->text.at, "\r\nCSeq:");

	if (at == NULL)
		return (struct slice){ "", 0 };
	at += 7 + strspn(at + 7, " ");
	return (struct slice){ at, strcspn(at, "\r") };
}

static void draw_passage(
	const struct passage *passage, struct columns *columns, FILE *out)
{
	unsigned from = column_of(columns, passage->from);
	unsigned to = column_of(columns, passage->to);
	unsigned left = from < to ? from : to;
	unsigned right = from < to ? to : from;

	fprintf(out, "%12.6f ", (double)passage->sent_us / 1e6);
	for (unsigned i = 0; i < columns->count; i++) {
		bool inside = i >= left && i < right;
		const char *mark = i == from ? "o"
			: i == to            ? (from < to ? ">" : "<")
			: inside             ? "-"
					     : "|";

		fprintf(out, "%s%s", passage->lost != NULL && i == to ? "x" : mark,
			i + 1 == columns->count ? ""
				: inside        ? "--------"
						: "        ");
	}
	fprintf(out, "  %.*s (%.*s)", SLICE_ARG(first_words(passage)),
		SLICE_ARG(cseq_of(passage)));
	if (passage->repeated)
		fprintf(out, " again");
	if (passage->lost != NULL)
		fprintf(out, " LOST: %s", passage->lost);
	for (unsigned i = 0; i < passage->copies; i++)
		fprintf(out, "%s%.6f", i == 0 ? " arrives " : " and ",
			(double)passage->arrives_us[i] / 1e6);
	fputc('\n', out);
}

static void draw_heads(
	const struct columns *columns, place_name_fn *name, const void *arg, FILE *out)
{
	fprintf(out, "%12s ", "seconds");
	for (unsigned i = 0; i < columns->count; i++)
		fprintf(out, "%-9.8s", name(arg, columns->place[i]));
	fputc('\n', out);
}

void trace_ladder(const struct trace *trace, struct slice call_id, size_t lines,
	place_name_fn *name, const void *arg, FILE *out)
{
	struct columns columns = { .count = 0 };
	size_t concerned = 0;
	size_t first = trace->count;

	while (first > 0 && concerned < lines) {
		first--;
		concerned += concerns(&trace->passage[first], call_id);
	}
	for (size_t i = first; i < trace->count; i++) {
		if (!concerns(&trace->passage[i], call_id))
			continue;
		column_of(&columns, trace->passage[i].from);
		column_of(&columns, trace->passage[i].to);
	}
	draw_heads(&columns, name, arg, out);
	for (size_t i = first; i < trace->count; i++) {
		if (concerns(&trace->passage[i], call_id))
			draw_passage(&trace->passage[i], &columns, out);
	}
}

void trace_texts(const struct trace *trace, struct slice call_id, FILE *out)
{
	char from[PLACE_TEXT_LEN];
	char to[PLACE_TEXT_LEN];

	for (size_t i = 0; i < trace->count; i++) {
		const struct passage *passage = &trace->passage[i];

		if (concerns(passage, call_id) && !passage->repeated)
			fprintf(out, "%.6f %s to %s\n%.*s\n",
				(double)passage->sent_us / 1e6,
				place_text(passage->from, from),
				place_text(passage->to, to), SLICE_ARG(passage->text));
	}
}
