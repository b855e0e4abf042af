/* SPDX-License-Identifier: BSD-2-Clause */
/* The calls that the trace knows. */
#include "support/check.h"
#include "trace_calls.h"

#include <stdio.h>

static struct trace_calls calls;

static struct sip_str number(char *text, unsigned i)
{
	sprintf(text, "call-%u", i);
	return sip_str_of(text);
}

TEST(a_call_is_known_once_it_was_added)
{
	trace_calls_init(&calls, 7);
	trace_calls_add(&calls, SIP_STR("a"));
	trace_calls_add(&calls, SIP_STR(""));

	CHECK(trace_calls_has(&calls, SIP_STR("a")));
	CHECK(trace_calls_has(&calls, SIP_STR("")));
	CHECK(!trace_calls_has(&calls, SIP_STR("b")));
}

TEST(the_latest_are_known_however_many_there_were)
{
	unsigned known = 0;
	char text[24];

	trace_calls_init(&calls, 7);
	for (unsigned i = 0; i < 100000; i++)
		trace_calls_add(&calls, number(text, i));
	for (unsigned i = 99000; i < 100000; i++)
		known += trace_calls_has(&calls, number(text, i));

	/* A row of four is full before its time now and then. */
	CHECK_INT(known, >=, 990);
	CHECK(!trace_calls_has(&calls, SIP_STR("call-0")));
}
