/* SPDX-License-Identifier: BSD-2-Clause */
/* Printing an explanation: explain_print.h. */
#include "explain_print.h"

#include "explain_source.h"
#include "json.h"

/* The next of the remarks, without its end; false: no more. */
static bool next_remark(struct sip_str *rest, struct sip_str *remark)
{
	size_t feed = sip_str_find(*rest, '\n');

	if (feed >= rest->len)
		return false;
	*remark = (struct sip_str){ rest->ptr, feed };
	*rest = (struct sip_str){ rest->ptr + feed + 1, rest->len - feed - 1 };
	return true;
}

static void print_step(struct text *out, const struct sip_explain_step *step)
{
	text_format(out, "%s: ", step->name);
	text_add_visible(out, step->verdict);
	text_add(out, SIP_STR("\n"));
	for (size_t i = 0; i < step->line_count; i++) {
		const struct sip_explain_line *line = &step->line[i];

		text_add(out, SIP_STR("    "));
		text_add_visible(out, line->text);
		if (line->source.file != NULL) {
			text_add(out, SIP_STR("  ["));
			text_add_visible(out, sip_str_of(line->source.file));
			text_format(out, ":%u]",
				explain_source_line(&line->source, line->text));
		}
		text_add(out, SIP_STR("\n"));
	}
}

static void print_message(struct text *out, const struct sip_explain_message *message)
{
	char peer[SIP_ADDR_TEXT_LEN];

	text_format(out, "\n-> to %s\n", sip_addr_text(&message->flow.peer, peer));
	text_add_message(out, message->text);
}

static void print_plain(
	struct explain_printer *printer, const struct sip_explanation *explanation)
{
	struct sip_str rest = printer->remarks;
	struct sip_str remark;

	while (next_remark(&rest, &remark)) {
		text_add(printer->out, SIP_STR("note: "));
		text_add_visible(printer->out, remark);
		text_add(printer->out, SIP_STR("\n"));
	}
	for (size_t i = 0; i < explanation->step_count; i++)
		print_step(printer->out, &explanation->step[i]);
	for (size_t i = 0; printer->messages && i < explanation->message_count; i++)
		print_message(printer->out, &explanation->message[i]);
}

static void json_line(struct text *out, const struct sip_explain_line *line)
{
	text_add(out, SIP_STR("{\"text\":"));
	json_add_string(out, line->text);
	if (line->source.file != NULL) {
		text_add(out, SIP_STR(",\"file\":"));
		json_add_string(out, sip_str_of(line->source.file));
		text_format(out, ",\"line\":%u",
			explain_source_line(&line->source, line->text));
	}
	text_add(out, SIP_STR("}"));
}

static void json_step(struct text *out, const struct sip_explain_step *step)
{
	text_add(out, SIP_STR("{\"step\":"));
	json_add_string(out, sip_str_of(step->name));
	text_add(out, SIP_STR(",\"verdict\":"));
	json_add_string(out, step->verdict);
	text_add(out, SIP_STR(",\"lines\":["));
	for (size_t i = 0; i < step->line_count; i++) {
		if (i > 0)
			text_add(out, SIP_STR(","));
		json_line(out, &step->line[i]);
	}
	text_add(out, SIP_STR("]}"));
}

static void json_message(struct text *out, const struct sip_explain_message *message)
{
	char text[SIP_ADDR_TEXT_LEN];

	text_add(out, SIP_STR("{\"to\":"));
	json_add_string(out, sip_str_of(sip_addr_text(&message->flow.peer, text)));
	text_add(out, SIP_STR(",\"from\":"));
	json_add_string(out, sip_str_of(sip_addr_text(&message->flow.local, text)));
	text_add(out, SIP_STR(",\"text\":"));
	json_add_string(out, message->text);
	text_add(out, SIP_STR("}"));
}

static void print_json(
	struct explain_printer *printer, const struct sip_explanation *explanation)
{
	struct text *out = printer->out;
	struct sip_str rest = printer->remarks;
	struct sip_str remark;
	bool first = true;

	text_add(out, SIP_STR("{\"notes\":["));
	for (; next_remark(&rest, &remark); first = false) {
		if (!first)
			text_add(out, SIP_STR(","));
		json_add_string(out, remark);
	}
	text_add(out, SIP_STR("],\"steps\":["));
	for (size_t i = 0; i < explanation->step_count; i++) {
		if (i > 0)
			text_add(out, SIP_STR(","));
		json_step(out, &explanation->step[i]);
	}
	text_add(out, SIP_STR("],\"messages\":["));
	for (size_t i = 0; i < explanation->message_count; i++) {
		if (i > 0)
			text_add(out, SIP_STR(","));
		json_message(out, &explanation->message[i]);
	}
	text_add(out, SIP_STR("]}\n"));
}

bool explain_print(
	struct explain_printer *printer, const struct sip_explanation *explanation)
{
	if (printer->json)
		print_json(printer, explanation);
	else
		print_plain(printer, explanation);
	return !printer->out->failed;
}
