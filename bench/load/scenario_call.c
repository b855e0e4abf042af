/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A call through the server, both ends played here:
 *
 *     caller                server                callee
 *       | INVITE -------------> | INVITE -------------> |
 *       | <---------------- 100 |                       |
 *       | <---------------- 180 | <---------------- 180 |
 *       | <---------------- 200 | <---------------- 200 |
 *       | ACK ----------------> | ACK ----------------> |
 *       | BYE ----------------> | BYE ----------------> |
 *       | <---------------- 200 | <---------------- 200 |
 *
 * The caller hangs up when the callee has its ACK: the latency is the whole call's.  With
 * --hold it waits first, and then asks for the same once more (re-INVITE).
 */
#include "load.h"

#include <stdio.h>

static const char sdp[] =
	"v=0\r\no=- 3850 3850 IN IP4 127.0.0.1\r\ns=-\r\n"
	"c=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 8 0 101\r\n"
	"a=rtpmap:101 telephone-event/8000\r\na=sendrecv\r\n";

static struct span of(const char *text)
{
	return (struct span){ text, strlen(text) };
}

static void put_sdp(struct writer *writer)
{
	PUT(writer, "Content-Type: application/sdp\r\nContent-Length: ");
	put_number(writer, sizeof(sdp) - 1);
	PUT(writer, "\r\n\r\n");
	put(writer, of(sdp));
}

static void put_contact(
	struct writer *writer, const struct load *load, const struct op *op)
{
	PUT(writer, "Contact: <sip:caller@");
	put(writer, of(load->net.host[op->user->caller]));
	PUT(writer, ">\r\n");
}

static void start(struct load *load, struct op *op)
{
	char uri[96];
	char from[96];
	char to[128];
	struct writer writer;

	snprintf(uri, sizeof(uri), "sip:%s@%s", op->user->name, load->options.domain);
	snprintf(from, sizeof(from), "sip:caller@%s", load->options.domain);
	snprintf(to, sizeof(to), "<%s>", uri);
	op_request(load, op,
		&(struct request){ .socket = op->user->caller,
			.method = SPAN("INVITE"),
			.uri = of(uri),
			.from = of(from),
			.to = of(to),
			.call_id = of(op->own_call_id),
			.cseq = 1 },
		&writer);
	put_contact(&writer, load, op);
	PUT(&writer, "Allow: INVITE, ACK, CANCEL, BYE\r\nUser-Agent: res_sip-load/1\r\n");
	put_sdp(&writer);
	op_send(load, op, &writer, &load->net.server);
}

/* ---- the caller ---- */

/* The last element of a list that commas part, cut off its end; quotes and angle brackets
 * hold. */
static struct span last_element(struct span *list)
{
	bool in_brackets = false;
	size_t start = 0;

	for (size_t i = 0; i < list->len; i++) {
		if (list->at[i] == '<' || list->at[i] == '>')
			in_brackets = list->at[i] == '<';
		else if (list->at[i] == ',' && !in_brackets)
			start = i + 1;
	}
	struct span element = { list->at + start, list->len - start };
	list->len = start == 0 ? 0 : start - 1;
	while (element.len != 0 && *element.at == ' ')
		element = (struct span){ element.at + 1, element.len - 1 };
	return element;
}

/* RFC 3261 12.1.2: the route set is the Record-Route fields in reverse order.  False: a
 * route that can't be followed. */
static bool keep_route(struct op *op, const struct message *message)
{
	struct writer writer;
	struct span first = of(op->remote_target);

	writer_init(&writer, op->route, sizeof(op->route) - 1);
	for (unsigned i = message->record_route_count; i-- != 0;) {
		struct span list = message->record_route[i];
		while (list.len != 0) {
			struct span element = last_element(&list);
			/* Strict routers are of RFC 2543. */
			if (!span_contains(span_uri(element), SPAN(";lr")))
				return false;
			if (writer.at == writer.start)
				first = span_uri(element);
			put_line(&writer, SPAN("Route"), element);
		}
	}
	*writer.at = '\0';
	return !writer.full && net_address_of(first, &op->next_hop);
}

static bool keep(char *place, size_t size, struct span value)
{
	if (value.at == NULL || value.len >= size)
		return false;
	memcpy(place, value.at, value.len);
	place[value.len] = '\0';
	return true;
}

/* A request inside of the call: ACK, INVITE or BYE. */
static void begin_inside(
	struct load *load, struct op *op, struct span method, struct writer *writer)
{
	/* INVITE, its ACK; a second INVITE, its ACK; BYE. */
	uint32_t cseq = span_is(method, SPAN("BYE")) ? 3 : op->again ? 2 : 1;
	char from[96];
	char to[256];

	snprintf(from, sizeof(from), "sip:caller@%s", load->options.domain);
	snprintf(to, sizeof(to), "<sip:%s@%s>;tag=%s", op->user->name,
		load->options.domain, op->remote_tag);
	op_request(load, op,
		&(struct request){ .socket = op->user->caller,
			.method = method,
			.uri = of(op->remote_target),
			.from = of(from),
			.to = of(to),
			.call_id = of(op->own_call_id),
			.cseq = cseq },
		writer);
	put(writer, of(op->route));
	PUT(writer, "User-Agent: res_sip-load/1\r\n");
}

static void acknowledge(struct load *load, struct op *op)
{
	struct writer writer;

	begin_inside(load, op, SPAN("ACK"), &writer);
	PUT(&writer, "Content-Length: 0\r\n\r\n");
	op->ack_len = (size_t)(writer.at - writer.start);
	if (op->ack_len > sizeof(op->ack)) {
		op_fail(load, op, "the ACK is too long");
		return;
	}
	memcpy(op->ack, writer.start, op->ack_len);
	net_send(&load->net, op->user->caller, &writer, &op->next_hop);
}

static void hang_up(struct load *load, struct op *op)
{
	struct writer writer;

	begin_inside(load, op, SPAN("BYE"), &writer);
	PUT(&writer, "Content-Length: 0\r\n\r\n");
	op_send(load, op, &writer, &op->next_hop);
}

/* RFC 3261 14.1: the call is asked for the same once more. */
static void invite_again(struct load *load, struct op *op)
{
	struct writer writer;

	op->hold_until_ns = NEVER;
	op->again = true;
	op->answered = op->acknowledged = false;
	begin_inside(load, op, SPAN("INVITE"), &writer);
	put_contact(&writer, load, op);
	put_sdp(&writer);
	op_send(load, op, &writer, &op->next_hop);
}

/* RFC 3261 17.1.1.3: the ACK of a failure is the INVITE's transaction's. */
static void acknowledge_failure(
	struct load *load, struct op *op, const struct message *message)
{
	struct span invite = { op->request.text, op->request.len };
	const char *uri_end = memmem(invite.at + 7, invite.len - 7, " SIP/2.0", 8);
	struct writer writer;

	if (uri_end == NULL)
		return;
	net_write(&load->net, op->user->caller, &writer);
	PUT(&writer, "ACK");
	put(&writer, (struct span){ invite.at + 6, (size_t)(uri_end - invite.at - 6) });
	PUT(&writer, " SIP/2.0\r\n");
	put_line(&writer, SPAN("Via"), message->via[0]);
	PUT(&writer, "Max-Forwards: 70\r\n");
	put_line(&writer, SPAN("From"), message->from);
	put_line(&writer, SPAN("To"), message->to);
	put_line(&writer, SPAN("Call-ID"), message->call_id);
	PUT(&writer, "CSeq: ");
	put_number(&writer, op->cseq);
	PUT(&writer, " ACK\r\nContent-Length: 0\r\n\r\n");
	net_send(&load->net, op->user->caller, &writer, &load->net.server);
}

static void on_ok(struct load *load, struct op *op, const struct message *message)
{
	/* RFC 3261 12.2.1.2: the route set stays. */
	if (op->again) {
		acknowledge(load, op);
		return;
	}
	if (!keep(op->remote_target, sizeof(op->remote_target),
		    span_uri(message->contact)) ||
		!keep(op->remote_tag, sizeof(op->remote_tag),
			span_param(message->to, SPAN("tag")))) {
		op_fail(load, op, "the 200 has no Contact or no To tag");
		return;
	}
	if (!span_is(of(op->remote_target), of(op->user->contact)))
		op_fail(load, op, "the 200's Contact is not the callee's");
	else if (!keep_route(op, message))
		op_fail(load, op, "a Record-Route that can't be followed");
	else if (!span_is(message->body, of(sdp)))
		op_fail(load, op, "the 200's body is not the callee's");
	else {
		op->established = true;
		acknowledge(load, op);
	}
}

static void on_invite_response(
	struct load *load, struct op *op, const struct message *message)
{
	if (!op_check_response(load, op, message))
		return;
	op_settle(op);
	if (message->status == 180 && !op->answered)
		op_fail(load, op, "a 180 that nobody sent");
	else if (message->status >= 300) {
		acknowledge_failure(load, op, message);
		if (!op_refused(load, op, message))
			op_fail(load, op, "INVITE was refused");
	} else if (message->status >= 200)
		on_ok(load, op, message);
}

/* RFC 3261 13.2.2.4: each 200 is answered with the ACK. */
static void on_ok_again(struct load *load, struct op *op, const struct message *message)
{
	if (op->established && message->status == 200 &&
		span_contains(message->cseq, SPAN("INVITE")))
		send_text(load, op->user->caller, op->ack, op->ack_len, &op->next_hop);
}

static void on_response(struct load *load, struct op *op, const struct message *message)
{
	if (span_is(op->method, SPAN("INVITE"))) {
		on_invite_response(load, op, message);
		return;
	}
	if (!op_check_response(load, op, message) || message->status < 200)
		return;
	op_settle(op);
	if (message->status == 200)
		op_done(load, op);
	else
		op_fail(load, op, "BYE was not answered with 200");
}

/* ---- the callee ---- */

static void put_callee_contact(struct writer *writer, const struct op *op)
{
	PUT(writer, "Contact: <");
	put(writer, of(op->user->contact));
	PUT(writer, ">\r\n");
}

static void on_invite(struct load *load, struct op *op, const struct message *message,
	const struct sockaddr_in *to)
{
	struct writer writer;

	if (op->answered) {
		send_text(load, op->user->callee, op->answer.text, op->answer.len, to);
		return;
	}
	if (!span_is(message->body, of(sdp))) {
		op_fail(load, op, "the INVITE's body is not the caller's");
		return;
	}
	op->answered = true;
	if (!op->again) {
		op_response(load, op, message, SPAN("180 Ringing"), &writer);
		put_callee_contact(&writer, op);
		PUT(&writer, "Content-Length: 0\r\n\r\n");
		net_send(&load->net, op->user->callee, &writer, to);
	}
	op_response(load, op, message, SPAN("200 OK"), &writer);
	put_callee_contact(&writer, op);
	PUT(&writer, "Allow: INVITE, ACK, CANCEL, BYE\r\n");
	put_sdp(&writer);
	resend_start(load, &op->answer, op->user->callee, &writer, to);
}

static void on_ack(struct load *load, struct op *op, const struct message *message)
{
	char tag[96];

	if (op->acknowledged)
		return;
	if (!keep(tag, sizeof(tag), span_param(message->to, SPAN("tag"))) ||
		!span_is(of(tag), of(op->remote_tag)) ||
		span_number(message->cseq) != (op->again ? 2 : 1)) {
		op_fail(load, op, "the ACK is not the call's");
		return;
	}
	op->acknowledged = true;
	op->answer.at_ns = NEVER;
	if (load->options.hold_seconds > 0 && !op->again)
		load->due_ns[op->number] = op->hold_until_ns = load->now_ns +
			(uint64_t)(load->options.hold_seconds * 1e9);
	else
		hang_up(load, op);
}

static void on_bye(struct load *load, struct op *op, const struct message *message,
	const struct sockaddr_in *to)
{
	struct writer writer;

	op_response(load, op, message, SPAN("200 OK"), &writer);
	PUT(&writer, "Content-Length: 0\r\n\r\n");
	net_send(&load->net, op->user->callee, &writer, to);
}

static void on_request(struct load *load, struct op *op, const struct message *message)
{
	struct sockaddr_in to;

	if (!op_check_request(load, op, message))
		return;
	if (!response_address(message, &to))
		op_fail(load, op, "the topmost Via has no address");
	else if (span_is(message->method, SPAN("INVITE")))
		on_invite(load, op, message, &to);
	else if (span_is(message->method, SPAN("ACK")))
		on_ack(load, op, message);
	else if (span_is(message->method, SPAN("BYE")))
		on_bye(load, op, message, &to);
	else
		op_fail(load, op, "a request that nobody sent");
}

const struct scenario scenario_call = {
	.name = "call",
	.callees = true,
	.start = start,
	.response = on_response,
	.request = on_request,
	.again = on_ok_again,
	.held = invite_again,
};
