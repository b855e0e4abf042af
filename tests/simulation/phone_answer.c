/* SPDX-License-Identifier: BSD-2-Clause */
/* Server transactions: RFC 3261 section 17.2, and 2xx again until ACK (13.3.1.4). */
#include "phone.h"

#include <string.h>

static bool is_invite(const struct answer *answer)
{
	return slice_is(answer->request.method, "INVITE");
}

static void resend(struct answer *answer)
{
	if (answer->link != NULL)
		phone_stream_send(
			answer->phone, answer->link, answer->from, answer->response);
	else
		phone_send(answer->phone, answer->from, answer->response);
}

static void end(void *arg)
{
	struct answer *answer = arg;
	bool accepted = answer->state == ANSWER_ACCEPTED;

	agenda_drop(&answer->phone->sim->agenda, &answer->retry);
	agenda_drop(&answer->phone->sim->agenda, &answer->end);
	answer->state = ANSWER_OVER;
	if (accepted && answer->call != NULL)
		call_without_ack(answer->call);
}

/* Timer G, and the 2xx of a UAS core: doubling up to T2. */
static void send_again(void *arg)
{
	struct answer *answer = arg;

	resend(answer);
	answer->interval_us = answer->interval_us * 2 > T2_US ? T2_US
							      : answer->interval_us * 2;
	phone_later(
		answer->phone, &answer->retry, answer->interval_us, send_again, answer);
}

struct answer *answer_begin(
	struct phone *phone, const struct sip_text *request, struct place from)
{
	struct answer *answer = memory_take(&phone->sim->memory, sizeof(*answer));
	struct slice copy = memory_copy(
		&phone->sim->memory, request->whole.at, request->whole.len);

	answer->phone = phone;
	answer->from = from;
	answer->link = phone->link;
	sip_text_parse(&answer->request, copy.at, copy.len);
	if (request->to_tag.len > 0)
		answer->to_tag = phone_keep(phone, request->to_tag);
	else
		answer->to_tag = phone_name(phone, "to");
	answer->next = phone->answers;
	phone->answers = answer;
	return answer;
}

/* 8.2.6.2; Record-Route for what makes a dialog (12.1.1). */
static void write_response(struct answer *answer, struct pen *pen, unsigned code,
	const char *reason, const char *extra)
{
	const struct sip_text *request = &answer->request;

	pen_put(pen, "SIP/2.0 %u %s\r\n", code, reason);
	pen_copy_fields(pen, request, "Via");
	pen_copy_fields(pen, request, "From");
	pen_put(pen, "To: %.*s", SLICE_ARG(sip_text_field(request, "To")));
	if (request->to_tag.len == 0 && code > 100)
		pen_put(pen, ";tag=%s", answer->to_tag);
	pen_put(pen, "\r\n");
	pen_copy_fields(pen, request, "Call-ID");
	pen_copy_fields(pen, request, "CSeq");
	if (is_invite(answer) && code < 300)
		pen_copy_fields(pen, request, "Record-Route");
	pen_put(pen, "%s", extra);
	pen_put_body(pen, code / 100 == 2 ? session_answer(answer->phone, request) : "");
}

/* Timers I and J, which are zero where nothing comes twice. */
static uint64_t copies_us(const struct answer *answer, uint64_t us)
{
	return answer->link != NULL ? 0 : us;
}

static void finish(struct answer *answer, unsigned code)
{
	if (!is_invite(answer)) {
		answer->state = ANSWER_COMPLETED;
		phone_later(answer->phone, &answer->end, copies_us(answer, T64_US), end,
			answer);
		return;
	}
	answer->state = code < 300 ? ANSWER_ACCEPTED : ANSWER_COMPLETED;
	answer->interval_us = T1_US;
	/* No timer G there; a 2xx comes again all the same (13.3.1.4). */
	if (answer->link == NULL || code < 300)
		phone_later(answer->phone, &answer->retry, T1_US, send_again, answer);
	phone_later(answer->phone, &answer->end, T64_US, end, answer);
}

void answer_send(
	struct answer *answer, unsigned code, const char *reason, const char *extra)
{
	struct pen pen = { .len = 0 };

	if (answer->state != ANSWER_PROCEEDING)
		return;
	write_response(answer, &pen, code, reason, extra);
	answer->response = memory_copy(&answer->phone->sim->memory, pen.text, pen.len);
	answer->code = code;
	resend(answer);
	if (code >= 200)
		finish(answer, code);
}

void answer_again(struct answer *answer)
{
	/* RFC 6026 7.1: in Accepted it is absorbed; the 2xx comes again by itself. */
	if (answer->code != 0 && answer->state != ANSWER_ACCEPTED &&
		answer->state != ANSWER_CONFIRMED && answer->state != ANSWER_OVER)
		resend(answer);
}

void answer_acknowledged(struct answer *answer)
{
	if (answer->state != ANSWER_COMPLETED && answer->state != ANSWER_ACCEPTED)
		return;
	answer->state = ANSWER_CONFIRMED;
	agenda_drop(&answer->phone->sim->agenda, &answer->retry);
	/* Timer I, and L of RFC 6026, so that late copies find it. */
	phone_later(answer->phone, &answer->end,
		answer->code < 300 ? T64_US : copies_us(answer, T4_US), end, answer);
}
