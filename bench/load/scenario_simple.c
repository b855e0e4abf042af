/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One request, one answer: OPTIONS to the server, MESSAGE through it.
 */
#include "load.h"

#include <stdio.h>

static void begin(struct load *load, struct op *op, struct span method, const char *uri,
	struct writer *writer)
{
	char from[96];
	char to[128];

	snprintf(from, sizeof(from), "sip:caller@%s", load->options.domain);
	snprintf(to, sizeof(to), "<%s>", uri);
	op_request(load, op,
		&(struct request){
			.socket = op->user->caller,
			.method = method,
			.uri = { uri, strlen(uri) },
			.from = { from, strlen(from) },
			.to = { to, strlen(to) },
			.call_id = { op->own_call_id, strlen(op->own_call_id) },
			.cseq = 1,
		},
		writer);
}

static void start_options(struct load *load, struct op *op)
{
	const char *host = load->net.host[op->user->caller];
	char uri[96];
	struct writer writer;

	snprintf(uri, sizeof(uri), "sip:%s", load->options.domain);
	begin(load, op, SPAN("OPTIONS"), uri, &writer);
	PUT(&writer, "Contact: <sip:caller@");
	put(&writer, (struct span){ host, strlen(host) });
	PUT(&writer,
		">\r\nAccept: application/sdp\r\nUser-Agent: res_sip-load/1\r\n"
		"Content-Length: 0\r\n\r\n");
	op_send(load, op, &writer, &load->net.server);
}

static void start_message(struct load *load, struct op *op)
{
	char uri[96];
	struct writer writer;

	snprintf(uri, sizeof(uri), "sip:%s@%s", op->user->name, load->options.domain);
	begin(load, op, SPAN("MESSAGE"), uri, &writer);
	PUT(&writer,
		"User-Agent: res_sip-load/1\r\nContent-Type: text/plain\r\n"
		"Content-Length: 21\r\n\r\nWatson, come here now");
	op_send(load, op, &writer, &load->net.server);
}

static void on_response(struct load *load, struct op *op, const struct message *message)
{
	if (!op_check_response(load, op, message) || message->status < 200)
		return;
	op_settle(op);
	if (message->status == 200)
		op_done(load, op);
	else if (!op_refused(load, op, message))
		op_fail(load, op, "not answered with 200");
}

static void on_message(struct load *load, struct op *op, const struct message *message)
{
	struct sockaddr_in to;
	struct writer writer;

	if (!op_check_request(load, op, message))
		return;
	if (!span_is(message->body, SPAN("Watson, come here now")) ||
		!response_address(message, &to)) {
		op_fail(load, op, "the MESSAGE did not come as it was sent");
		return;
	}
	op_response(load, op, message, SPAN("200 OK"), &writer);
	PUT(&writer, "Content-Length: 0\r\n\r\n");
	net_send(&load->net, op->user->callee, &writer, &to);
}

const struct scenario scenario_options = {
	.name = "options",
	.start = start_options,
	.response = on_response,
};

const struct scenario scenario_message = {
	.name = "message",
	.callees = true,
	.start = start_message,
	.response = on_response,
	.request = on_message,
};
