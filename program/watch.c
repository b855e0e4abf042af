/* SPDX-License-Identifier: BSD-2-Clause */
/* A filter and a form. */
#include "watch.h"

#include "capture.h"
#include "trace_print.h"

#include <stdio.h>
#include <stdlib.h>

struct watch {
	struct trace_filter filter;
	bool captures; /* as a pcapng file; else as text */
	uint64_t missed;
	struct text *out; /* while a record is taken */
};

struct watch *watch_create(const struct arguments *arguments, char *error)
{
	struct watch *watch = calloc(1, sizeof(*watch));

	if (watch == NULL) {
		snprintf(error, SYNTAX_ERROR_LEN, "out of memory");
		return NULL;
	}
	watch->captures = arguments_option(arguments, "--pcap") != NULL;
	if (trace_filter_init(&watch->filter, arguments, error))
		return watch;
	free(watch);
	return NULL;
}

void watch_begin(const struct watch *watch, struct text *out)
{
	if (watch->captures)
		capture_begin(out);
}

static void show(void *arg, const struct trace_record *record, struct sip_str message)
{
	struct watch *watch = arg;

	if (watch->captures)
		capture_add(record, message, watch->missed, watch->out);
	else
		trace_print(record, message, watch->missed, watch->out);
	watch->missed = 0;
}

void watch_take(struct watch *watch, const struct trace_record *record,
	struct sip_str message, struct text *out)
{
	watch->out = out;
	watch->missed += record->missed;
	trace_filter_take(&watch->filter, record, message, show, watch);
}

void watch_miss(struct watch *watch, uint64_t messages)
{
	watch->missed += messages;
}

void watch_destroy(struct watch **place)
{
	struct watch *watch = *place;

	*place = NULL;
	if (watch == NULL)
		return;
	trace_filter_fini(&watch->filter);
	free(watch);
}
