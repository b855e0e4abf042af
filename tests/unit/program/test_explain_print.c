/* SPDX-License-Identifier: BSD-2-Clause */
/* Explanations as people and programs read them. */
#include "explain_print.h"
#include "support/check.h"

static struct sip_str printed(struct text *out)
{
	return (struct sip_str){ out->ptr, out->len };
}

/* Two steps and a message, with what an attacker may have written. */
static bool print(struct explain_printer *printer)
{
	static const struct sip_explain_line lines[] = {
		{ { "why \"so\"\x1b", 9 }, { NULL, 0 } },
		{ { "section", 7 }, { "res_sip.conf", 31 } },
	};
	static const struct sip_explain_step steps[] = {
		{ "match", { "none", 4 }, lines, 1 },
		{ "identify", { "6001", 4 }, lines + 1, 1 },
	};
	struct sip_explain_message message = { .text = SIP_STR(
						       "SIP/2.0 200 OK\r\n\r\n") };
	struct sip_explanation explanation = { steps, 2, &message, 1 };

	CHECK_INT(
		sip_addr_parse(SIP_STR("192.0.2.1:5060"), 0, &message.flow.peer), ==, 0);
	CHECK_INT(
		sip_addr_parse(SIP_STR("192.0.2.2:5080"), 0, &message.flow.local), ==, 0);
	printer->remarks = SIP_STR("one\ntwo\n");
	return explain_print(printer, &explanation);
}

TEST(each_step_is_a_verdict_and_the_lines_that_decide)
{
	struct text out = { 0 };
	struct explain_printer printer = { .out = &out };

	CHECK(print(&printer));

	CHECK_STR(printed(&out),
		"note: one\n"
		"note: two\n"
		"match: none\n"
		"    why \"so\"\\x1b\n"
		"identify: 6001\n"
		"    section  [res_sip.conf:31]\n");
	text_fini(&out);
}

TEST(messages_are_printed_when_they_are_wanted)
{
	struct text out = { 0 };
	struct explain_printer printer = { .out = &out, .messages = true };

	CHECK(print(&printer));

	CHECK(strstr(out.ptr, "\n\n-> to 192.0.2.1:5060\nSIP/2.0 200 OK\n") != NULL);
	text_fini(&out);
}

TEST(json_has_the_same_and_the_messages)
{
	struct text out = { 0 };
	struct explain_printer printer = { .out = &out, .json = true };

	CHECK(print(&printer));

	CHECK_STR(printed(&out),
		"{\"notes\":[\"one\",\"two\"],\"steps\":["
		"{\"step\":\"match\",\"verdict\":\"none\",\"lines\":["
		"{\"text\":\"why \\\"so\\\"\\u001b\"}]},"
		"{\"step\":\"identify\",\"verdict\":\"6001\",\"lines\":["
		"{\"text\":\"section\",\"file\":\"res_sip.conf\",\"line\":31}]}],"
		"\"messages\":[{\"to\":\"192.0.2.1:5060\",\"from\":\"192.0.2.2:5080\","
		"\"text\":\"SIP/2.0 200 OK\\u000d\\u000a\\u000d\\u000a\"}]}\n");
	text_fini(&out);
}
