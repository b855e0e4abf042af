/* SPDX-License-Identifier: BSD-2-Clause */
/* A call between a service and one peer: session_fixture.h. */
#include "session_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct ast_sip_session *session;

static struct ast_sip_session_usage usage;
static char lines[2048];
static char shown[2048];
/* The dialog, as the peer knows it. */
static char call_id[128];
static char our_uri[128];
static char our_tag[128];
static unsigned bye_cseq;

static void hear(const char *what, struct sip_str text)
{
	size_t len = strlen(lines);

	snprintf(lines + len, sizeof(lines) - len, "%s%s%s%.*s", len > 0 ? ", " : "",
		what, text.len > 0 ? " " : "", SIP_STR_ARG(text));
}

static void hear_number(const char *what, int number)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", number);
	hear(what, sip_str_of(text));
}

const char *heard(void)
{
	memcpy(shown, lines, sizeof(shown));
	lines[0] = '\0';
	return shown;
}

static void on_offer(struct ast_sip_session *of, struct sip_str offer)
{
	session = of;
	hear(offer.ptr != NULL ? "offer" : "asked", offer);
}

static void on_answer(struct ast_sip_session *of, struct sip_str answer)
{
	CHECK(of == session);
	hear("answer", answer);
}

static void on_refused(struct ast_sip_session *of, int status)
{
	CHECK(of == session);
	hear_number("refused", status);
}

static void on_progress(struct ast_sip_session *of, struct sip_rx_data *response)
{
	CHECK(of == session);
	hear_number("progress", sip_rx_data_status(response));
}

static void on_established(struct ast_sip_session *of)
{
	CHECK(of == session);
	hear("up", (struct sip_str){ NULL, 0 });
}

static void on_ended(struct ast_sip_session *of)
{
	static const char *const causes[] = { "none", "hung up", "terminated",
		"cancelled", "refused", "timeout", "no ack", "gone", "failed", "fork",
		"stopped" };

	CHECK(session == NULL || of == session);
	session = NULL;
	hear("ended",
		sip_str_of(causes[ast_sip_dialog_cause(ast_sip_session_dialog(of))]));
	if (ast_sip_session_status(of) != 0)
		hear_number("status", ast_sip_session_status(of));
	if (ast_sip_session_expired(of))
		hear("expired", (struct sip_str){ NULL, 0 });
}

static bool on_invite(struct sip_rx_data *request)
{
	return ast_sip_session_receive(request, &usage, lines) == 0;
}

static struct sip_service service = {
	.name = "callee",
	.on_rx_request = on_invite,
	.understands = AST_SIP_SESSION_UNDERSTANDS,
};

static struct world *begin(const struct ast_sip_session_usage *wanted)
{
	static const struct ast_sip_session_usage nothing;
	struct world *w;

	usage = wanted != NULL ? *wanted : nothing;
	usage.on_offer = on_offer;
	usage.on_answer = on_answer;
	usage.on_refused = on_refused;
	usage.on_progress = on_progress;
	usage.on_established = on_established;
	usage.on_ended = on_ended;
	session = NULL;
	lines[0] = our_tag[0] = '\0';
	bye_cseq = 1000;
	w = world_create(NULL);
	CHECK_INT(ast_sip_register_service(&service), ==, 0);
	return w;
}

void forget_callbacks(void)
{
	usage.on_offer = NULL;
	usage.on_answer = NULL;
	usage.on_refused = NULL;
	usage.on_progress = NULL;
	usage.on_established = NULL;
}

struct world *callee_world(const struct ast_sip_session_usage *wanted)
{
	struct world *w = begin(wanted);

	snprintf(call_id, sizeof(call_id), "call");
	snprintf(our_uri, sizeof(our_uri), "sip:service@127.0.0.1:5060");
	return w;
}

static const char *behind(const char *text, const char *mark)
{
	const char *at = strstr(text, mark);

	CHECK(at != NULL);
	return at != NULL ? at + strlen(mark) : "";
}

struct ast_sip_session *create_another(void)
{
	struct ast_sip_endpoint *endpoint = ast_sip_endpoint_find("open");
	struct ast_sip_session *made = ast_sip_create_session(
		endpoint, "sip:box@" PEER, NULL, &usage, lines);

	ast_sip_endpoint_unref(endpoint);
	return made;
}

struct world *caller_world(const struct ast_sip_session_usage *wanted, const char *offer)
{
	struct world *w = begin(wanted);
	const char *contact;

	session = create_another();
	CHECK(session != NULL && ast_sip_session_token(session) == lines);
	CHECK_INT(ast_sip_session_invite(session, sip_str_of(offer)), ==, 0);
	wire_settle(&w->wire);
	snprintf(call_id, sizeof(call_id), "%s", field(w, "INVITE ", "Call-ID"));
	snprintf(our_tag, sizeof(our_tag), "%s",
		behind(field(w, "INVITE ", "From"), ";tag="));
	contact = behind(field(w, "INVITE ", "Contact"), "<");
	snprintf(our_uri, sizeof(our_uri), "%.*s", (int)strcspn(contact, ">"), contact);
	return w;
}

/* Any answer of ours that makes a dialog has our tag. */
static void learn_tag(struct world *w)
{
	for (size_t i = 0; our_tag[0] == '\0' && i < w->wire.count; i++) {
		const char *to = world_header(&w->wire.sent[i], "To");
		const char *tag = strstr(to, ";tag=");

		if ((strncmp(w->wire.sent[i].text, "SIP/2.0 1", 9) == 0 ||
			    strncmp(w->wire.sent[i].text, "SIP/2.0 2", 9) == 0) &&
			tag != NULL)
			snprintf(our_tag, sizeof(our_tag), "%s", tag + 5);
	}
}

/* ---- the service ---- */

struct saying {
	enum word word;
	const char *text;
	int result;
};

static int say_now(void *arg)
{
	struct saying *saying = arg;
	const char *text = saying->text;
	const char *behind = text != NULL ? strchr(text, ' ') : NULL;
	struct sip_str whole = sip_str_of(text);

	switch (saying->word) {
	case ANSWER: saying->result = ast_sip_session_answer(session, whole); break;
	case OFFER: saying->result = ast_sip_session_offer(session, whole); break;
	case REFUSE: saying->result = ast_sip_session_refuse(session, atoi(text)); break;
	case PROGRESS:
		saying->result = ast_sip_session_progress(session, atoi(text),
			sip_str_of(behind != NULL ? behind + 1 : NULL));
		break;
	case END: ast_sip_session_end(session, atoi(text)); break;
	}
	return 0;
}

int say(struct world *w, enum word word, const char *text)
{
	struct saying saying = { word, text, 0 };

	CHECK(session != NULL);
	CHECK_INT(ast_sip_push_task(ast_sip_dialog_work(ast_sip_session_dialog(session)),
			  say_now, &saying),
		==, 0);
	wire_settle(&w->wire);
	learn_tag(w);
	return saying.result;
}

/* ---- the peer ---- */

static const char *content(const char *body)
{
	static char text[512];
	size_t len = 0;

	if (body == NULL)
		return "Content-Length: 0\n\n";
	/* Each line feed gets a carriage return on the wire. */
	for (const char *at = body; *at != '\0'; at++)
		len += *at == '\n' ? 2 : 1;
	snprintf(text, sizeof(text),
		"Content-Type: application/sdp\nContent-Length: %zu\n\n%s", len, body);
	return text;
}

void fork_asks(struct world *w, const char *tag, const char *method, unsigned cseq,
	const char *extra, const char *body)
{
	bool cancel = strcmp(method, "CANCEL") == 0;
	char text[4096];

	if (!cancel)
		learn_tag(w);
	snprintf(text, sizeof(text),
		"%s %s SIP/2.0\n"
		"Via: SIP/2.0/UDP " PEER ";branch=z9hG4bK%s%u\n"
		"From: <sip:peer@example.org>;tag=%s\n"
		"To: <sip:service@example.org>%s%s\n"
		"Call-ID: %s\n"
		"CSeq: %u %s\n"
		"Max-Forwards: 70\n"
		"Contact: <sip:peer@" PEER ">\n"
		"%s%s",
		method, our_uri, cancel ? "INVITE" : method, cseq, tag,
		our_tag[0] != '\0' ? ";tag=" : "", our_tag, call_id, cseq, method, extra,
		content(body));
	wire_receive(&w->wire, PEER, text);
}

void peer_asks(struct world *w, const char *method, unsigned cseq, const char *extra,
	const char *body)
{
	fork_asks(w, "peer", method, cseq, extra, body);
}

/* A request within the dialog has the tag already. */
static void drop_second_tag(char *text)
{
	char *to = strstr(text, "\nTo: ");
	char *first = strstr(to, ";tag=");
	char *second = strstr(first + 1, ";tag=");
	char *end = strchr(first, '\n');

	if (second != NULL && second < end)
		memmove(second, end, strlen(end) + 1);
}

void fork_answers_too(struct world *w, const char *tag, const char *method, int code,
	const char *extra, const char *body)
{
	char start[32];
	char lines_too[1024];
	char text[4096];
	char *end;

	snprintf(start, sizeof(start), "%s ", method);
	if (strncmp(extra, "Contact:", 8) == 0)
		snprintf(lines_too, sizeof(lines_too), "%s", extra);
	else
		snprintf(lines_too, sizeof(lines_too), "Contact: <sip:%s@" PEER ">\n%s",
			tag, extra);
	snprintf(text, sizeof(text), "%s",
		response_text(wire_last(&w->wire, start), code, tag, lines_too));
	drop_second_tag(text);
	end = strstr(text, "Content-Length");
	CHECK(end != NULL);
	snprintf(end, sizeof(text) - (size_t)(end - text), "%s", content(body));
	wire_deliver(&w->wire, PEER, text);
}

void fork_answers(struct world *w, const char *tag, const char *method, int code,
	const char *extra, const char *body)
{
	fork_answers_too(w, tag, method, code, extra, body);
	wire_settle(&w->wire);
}

void peer_answers(struct world *w, const char *method, int code, const char *extra,
	const char *body)
{
	fork_answers(w, "peer", method, code, extra, body);
}

struct world *peers_call(const struct ast_sip_session_usage *wanted)
{
	struct world *w = callee_world(wanted);

	peer_asks(w, "INVITE", 1, "Allow: INVITE, ACK, BYE, UPDATE\n", "offer-1");
	CHECK_HEARD("offer offer-1");
	CHECK_INT(say(w, ANSWER, "answer-1"), ==, 0);
	learn_tag(w);
	peer_asks(w, "ACK", 1, "", NULL);
	CHECK_HEARD("up");
	wire_clear(&w->wire);
	return w;
}

struct world *our_call(const struct ast_sip_session_usage *wanted)
{
	struct world *w = caller_world(wanted, "offer-1");

	peer_answers(w, "INVITE", 200, "Allow: INVITE, ACK, BYE, UPDATE\n", "answer-1");
	CHECK_HEARD("answer answer-1, up");
	CHECK_INT(wire_count(&w->wire, "ACK "), ==, 1);
	wire_clear(&w->wire);
	return w;
}

const char *field(struct world *w, const char *start, const char *name)
{
	learn_tag(w);
	return wire_count(&w->wire, start) > 0
		? world_header(wire_last(&w->wire, start), name)
		: "";
}

const char *body(struct world *w, const char *start)
{
	const char *text = said(w, start);
	const char *end = strstr(text, "\r\n\r\n");

	return end != NULL ? end + 4 : "";
}

void hang_up(struct world **w)
{
	learn_tag(*w);
	heard();
	peer_asks(*w, "BYE", bye_cseq++, "", NULL);
	CHECK_HEARD("ended hung up, status 200");
	world_destroy(w);
}
