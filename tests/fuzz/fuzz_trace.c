/* SPDX-License-Identifier: BSD-2-Clause */
/* Whatever the network sends, as the trace prints it and writes it into a file. */
#include "capture.h"
#include "trace_held.h"
#include "trace_print.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void show(void *arg, const struct trace_record *record, struct sip_str message)
{
	trace_print(record, message, 1, arg);
	capture_add(record, message, 1, arg);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sip_str message = { (const char *)data, size };
	struct trace_record record = { .sent = size % 2 != 0,
		.local.sa.sa_family = size % 3 != 0 ? AF_INET : AF_INET6 };
	struct trace_held held = { 0 };
	struct text out = { 0 };

	record.peer = record.local;
	show(&out, &record, message);
	trace_held_put(&held, &record, message);
	trace_held_release(&held, SIP_STR("a"), show, &out);
	trace_held_fini(&held);
	text_fini(&out);
	return 0;
}
