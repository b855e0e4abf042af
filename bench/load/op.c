/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One operation: its messages, what is sent again, and what every answer must have.
 */
#include "load.h"

#include <stdio.h>
#include <stdlib.h>

/* z9hG4bK, number, generation, transaction: 7 + 8 + 8 + 4 characters. */
#define BRANCH_LEN 27

static struct user *pick_user(struct load *load)
{
	struct user *user;

	do {
		user = &load->user[load->next_user];
		load->next_user = (load->next_user + 1) % load->user_count;
	} while (load->scenario->exclusive && user->busy);
	return user;
}

void op_start(struct load *load, struct op *op, uint64_t scheduled_ns)
{
	op->generation++;
	op->busy = true;
	op->scheduled_ns = scheduled_ns;
	op->transaction = 0;
	op->tries = 0;
	op->answered = op->acknowledged = op->established = false;
	op->again = false;
	op->let_in_ns = 0;
	op->last_status = 0;
	load->due_ns[op->number] = scheduled_ns + 4 * PATIENCE_NS;
	op->request.at_ns = op->answer.at_ns = op->hold_until_ns = NEVER;
	snprintf(op->own_call_id, sizeof(op->own_call_id), "%08x%08x-%s", op->number,
		op->generation, load->run);
	op->user = pick_user(load);
	op->user->busy = load->scenario->exclusive;
	load->scenario->start(load, op);
}

static void end(struct load *load, struct op *op)
{
	op->busy = false;
	op->user->busy = false;
	op->request.at_ns = op->answer.at_ns = op->hold_until_ns = NEVER;
	load->idle[load->idle_count++] = op;
}

void op_done(struct load *load, struct op *op)
{
	histogram_add(&load->figures.latency, load->now_ns - op->scheduled_ns);
	histogram_add(&load->figures.inside, load->now_ns - op->let_in_ns);
	load->figures.done++;
	end(load, op);
}

void op_fail(struct load *load, struct op *op, const char *reason)
{
	if (load->complaints++ < 5)
		fprintf(stderr,
			"load: %s: operation %u.%u (%.*s, last status %u) failed: %s\n",
			load->scenario->name, op->number, op->generation,
			(int)op->method.len, op->method.at, op->last_status, reason);
	load->figures.failed++;
	end(load, op);
}

bool op_refused(struct load *load, struct op *op, const struct message *message)
{
	if (!load->options.overload || message->status != 503 || op->established)
		return false;
	load->figures.refused++;
	end(load, op);
	return true;
}

static struct op *find(struct load *load, uint64_t number, uint64_t generation)
{
	if (number >= load->op_count || !load->op[number].busy ||
		load->op[number].generation != generation)
		return NULL;
	return &load->op[number];
}

struct op *op_of_call_id(struct load *load, struct span call_id)
{
	if (call_id.len < 16)
		return NULL;
	struct op *op = find(load, span_hex((struct span){ call_id.at, 8 }),
		span_hex((struct span){ call_id.at + 8, 8 }));
	if (op == NULL ||
		!span_is(call_id,
			(struct span){ op->own_call_id, strlen(op->own_call_id) }))
		return NULL;
	return op;
}

struct op *op_of_branch(struct load *load, struct span via)
{
	struct span branch = span_param(via, SPAN("branch"));

	if (branch.len != BRANCH_LEN)
		return NULL;
	struct op *op = find(load, span_hex((struct span){ branch.at + 7, 8 }),
		span_hex((struct span){ branch.at + 15, 8 }));
	if (op != NULL && span_hex((struct span){ branch.at + 23, 4 }) != op->transaction)
		return NULL;
	return op;
}

static void put_from_tag(struct writer *writer, const struct op *op)
{
	put_hex(writer, op->number, 8);
	put_hex(writer, op->generation, 8);
}

void op_request(struct load *load, struct op *op, const struct request *request,
	struct writer *writer)
{
	const char *host = load->net.host[request->socket];

	op->transaction++;
	op->method = request->method;
	op->call_id = request->call_id;
	op->cseq = request->cseq;
	op->request.socket = request->socket;
	net_write(&load->net, request->socket, writer);
	put(writer, request->method);
	PUT(writer, " ");
	put(writer, request->uri);
	PUT(writer, " SIP/2.0\r\nVia: SIP/2.0/UDP ");
	put(writer, (struct span){ host, strlen(host) });
	PUT(writer, ";rport;branch=z9hG4bK");
	put_from_tag(writer, op);
	put_hex(writer, op->transaction, 4);
	PUT(writer, "\r\nMax-Forwards: 70\r\nFrom: <");
	put(writer, request->from);
	PUT(writer, ">;tag=");
	put_from_tag(writer, op);
	PUT(writer, "\r\n");
	put_line(writer, SPAN("To"), request->to);
	put_line(writer, SPAN("Call-ID"), request->call_id);
	PUT(writer, "CSeq: ");
	put_number(writer, request->cseq);
	PUT(writer, " ");
	put(writer, request->method);
	PUT(writer, "\r\n");
}

void resend_start(struct load *load, struct resend *resend, unsigned socket,
	const struct writer *writer, const struct sockaddr_in *to)
{
	resend->len = (size_t)(writer->at - writer->start);
	if (writer->full || resend->len > sizeof(resend->text)) {
		fprintf(stderr, "load: a message is larger than the generator thought\n");
		exit(1);
	}
	memcpy(resend->text, writer->start, resend->len);
	resend->socket = socket;
	resend->to = *to;
	resend->sent_ns = load->now_ns;
	resend->interval_ns = T1_NS;
	resend->at_ns = load->now_ns + T1_NS;
	if (resend->at_ns < *resend->due_ns)
		*resend->due_ns = resend->at_ns;
	resend->give_up_ns = load->now_ns +
		(load->options.overload && load->scenario != &scenario_enrol
				? OVERLOAD_PATIENCE_NS
				: PATIENCE_NS);
	net_send(&load->net, socket, writer, to);
}

void op_send(struct load *load, struct op *op, const struct writer *writer,
	const struct sockaddr_in *to)
{
	resend_start(load, &op->request, op->request.socket, writer, to);
}

void op_settle(struct op *op)
{
	op->request.at_ns = NEVER;
}

void send_text(struct load *load, unsigned socket, const char *text, size_t len,
	const struct sockaddr_in *to)
{
	struct writer writer;

	net_write(&load->net, socket, &writer);
	put(&writer, (struct span){ text, len });
	net_send(&load->net, socket, &writer, to);
}

static bool is_own_tag(const struct op *op, struct span field)
{
	char text[16];
	struct writer writer;

	writer_init(&writer, text, sizeof(text));
	put_from_tag(&writer, op);
	return span_is(
		span_param(field, SPAN("tag")), (struct span){ text, sizeof(text) });
}

static bool is_cseq(struct span cseq, uint32_t number, struct span method)
{
	return span_number(cseq) == number && cseq.len > method.len &&
		memcmp(cseq.at + cseq.len - method.len, method.at, method.len) == 0;
}

bool op_check_response(struct load *load, struct op *op, const struct message *message)
{
	const char *wrong = NULL;

	if (op->let_in_ns == 0)
		op->let_in_ns = op->request.sent_ns;
	op->last_status = message->status;
	if (message->via_count != 1)
		wrong = "not one Via in a response";
	else if (!span_is(message->call_id, op->call_id))
		wrong = "another Call-ID in a response";
	else if (!is_cseq(message->cseq, op->cseq, op->method))
		wrong = "another CSeq in a response";
	else if (!is_own_tag(op, message->from))
		wrong = "another From tag in a response";
	else if (message->status > 100 && span_param(message->to, SPAN("tag")).len == 0)
		wrong = "no To tag in a response";
	if (wrong != NULL)
		op_fail(load, op, wrong);
	return wrong == NULL;
}

bool op_check_request(struct load *load, struct op *op, const struct message *message)
{
	const char *contact = op->user->contact;
	const char *wrong = NULL;

	if (message->via_count < 2)
		wrong = "no Via of the server's in a request";
	else if (op_of_branch(load, message->via[0]) != NULL)
		wrong = "the topmost Via of a request is the caller's";
	else if (!span_is(message->uri, (struct span){ contact, strlen(contact) }))
		wrong = "the Request-URI is not the callee's Contact";
	else if (!is_own_tag(op, message->from))
		wrong = "another From tag in a request";
	else if (span_number(message->max_forwards) >= 70)
		wrong = "Max-Forwards was not counted down";
	else if (message->route.at != NULL)
		wrong = "a Route of the server's is left";
	if (wrong != NULL)
		op_fail(load, op, wrong);
	return wrong == NULL;
}

void op_response(struct load *load, struct op *op, const struct message *request,
	struct span status, struct writer *writer)
{
	net_write(&load->net, op->user->callee, writer);
	PUT(writer, "SIP/2.0 ");
	put(writer, status);
	PUT(writer, "\r\n");
	for (unsigned i = 0; i < request->via_count; i++)
		put_line(writer, SPAN("Via"), request->via[i]);
	for (unsigned i = 0; i < request->record_route_count; i++)
		put_line(writer, SPAN("Record-Route"), request->record_route[i]);
	put_line(writer, SPAN("From"), request->from);
	PUT(writer, "To: ");
	put(writer, request->to);
	if (span_param(request->to, SPAN("tag")).at == NULL) {
		PUT(writer, ";tag=c");
		put_from_tag(writer, op);
	}
	PUT(writer, "\r\n");
	put_line(writer, SPAN("Call-ID"), request->call_id);
	put_line(writer, SPAN("CSeq"), request->cseq);
}

bool response_address(const struct message *request, struct sockaddr_in *to)
{
	struct span via = request->via[0];
	const char *space = memchr(via.at, ' ', via.len);

	if (space == NULL)
		return false;
	/* As a URI would have it, so that the one reader of addresses does. */
	struct span sent_by = { space + 1, via.len - (size_t)(space + 1 - via.at) };
	const char *semicolon = memchr(sent_by.at, ';', sent_by.len);
	if (semicolon != NULL)
		sent_by.len = (size_t)(semicolon - sent_by.at);
	char uri[64] = "sip:";
	if (sent_by.len >= sizeof(uri) - 4)
		return false;
	memcpy(uri + 4, sent_by.at, sent_by.len);
	return net_address_of((struct span){ uri, sent_by.len + 4 }, to);
}

/* False: it was sent for too long. */
static bool look(struct load *load, struct resend *resend)
{
	if (resend->at_ns > load->now_ns)
		return true;
	if (load->now_ns >= resend->give_up_ns)
		return false;
	load->figures.retransmissions++;
	resend->sent_ns = load->now_ns;
	send_text(load, resend->socket, resend->text, resend->len, &resend->to);
	resend->interval_ns = resend->interval_ns * 2 < T2_NS ? resend->interval_ns * 2
							      : T2_NS;
	resend->at_ns = load->now_ns + resend->interval_ns;
	if (resend->at_ns > resend->give_up_ns && load->now_ns < resend->give_up_ns)
		resend->at_ns = resend->give_up_ns;
	return true;
}

static void give_up(struct load *load, struct op *op)
{
	if (!load->options.overload || op->answered) {
		op_fail(load, op, "no answer");
		return;
	}
	load->figures.unanswered++;
	end(load, op);
}

static uint64_t earliest_ns(const struct op *op)
{
	uint64_t due_ns = op->scheduled_ns + 4 * PATIENCE_NS;

	if (op->request.at_ns < due_ns)
		due_ns = op->request.at_ns;
	if (op->answer.at_ns < due_ns)
		due_ns = op->answer.at_ns;
	return op->hold_until_ns < due_ns ? op->hold_until_ns : due_ns;
}

static void look_at(struct load *load, struct op *op)
{
	if (!look(load, &op->request))
		give_up(load, op);
	else if (!look(load, &op->answer))
		op_fail(load, op, "no ACK");
	else if (load->now_ns >= op->hold_until_ns)
		load->scenario->held(load, op);
	else if (load->now_ns - op->scheduled_ns > 4 * PATIENCE_NS)
		op_fail(load, op, "it does not end");
}

void ops_look(struct load *load)
{
	for (unsigned i = 0; i < load->op_count; i++) {
		if (load->due_ns[i] > load->now_ns || !load->op[i].busy)
			continue;
		look_at(load, &load->op[i]);
		load->due_ns[i] = load->op[i].busy ? earliest_ns(&load->op[i]) : NEVER;
	}
}
