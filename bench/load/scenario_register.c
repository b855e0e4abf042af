/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Registering: a phone that comes anew is challenged (two requests); one that
 * refreshes counts its known nonce up (one request).
 */
#include "load.h"

#include <stdio.h>

/* A challenge, stale nonces, and the answer: more is a server that goes in circles.  Each
 * challenge beyond the first is counted and shown: it costs a round that the scenario
 * does not have. */
#define TRIES_MAX 6

static void send_register(
	struct load *load, struct op *op, unsigned socket, bool authorized)
{
	struct user *user = op->user;
	const char *domain = load->options.domain;
	struct span name = { user->name, strlen(user->name) };
	char aor[128];
	char to[136];
	char uri[96];
	struct writer writer;

	snprintf(uri, sizeof(uri), "sip:%s", domain);
	snprintf(aor, sizeof(aor), "sip:%s@%s", user->name, domain);
	snprintf(to, sizeof(to), "<%s>", aor);
	op->tries++;
	struct request request = {
		.socket = socket,
		.method = SPAN("REGISTER"),
		.uri = { uri, strlen(uri) },
		.from = { aor, strlen(aor) },
		.to = { to, strlen(to) },
		.call_id = { user->call_id, strlen(user->call_id) },
		.cseq = ++user->cseq,
	};
	op_request(load, op, &request, &writer);
	PUT(&writer, "Contact: <");
	put(&writer, (struct span){ user->contact, strlen(user->contact) });
	PUT(&writer, ">\r\nExpires: 3600\r\nUser-Agent: res_sip-load/1\r\n");
	if (authorized)
		digest_put(
			&writer, &user->credentials, name, request.method, request.uri);
	PUT(&writer, "Content-Length: 0\r\n\r\n");
	op_send(load, op, &writer, &load->net.server);
}

static void start_anew(struct load *load, struct op *op)
{
	send_register(load, op, op->user->caller, false);
}

static void start_refresh(struct load *load, struct op *op)
{
	send_register(load, op, op->user->caller, op->user->credentials.nonce_len != 0);
}

static void start_enrol(struct load *load, struct op *op)
{
	send_register(load, op, op->user->callee, false);
}

static void on_challenge(struct load *load, struct op *op, const struct message *message)
{
	struct user *user = op->user;
	const char *password = load->options.password;

	if (op->tries == TRIES_MAX) {
		op_fail(load, op, "challenged again and again");
		return;
	}
	if (op->tries > 1 ||
		(load->scenario == &scenario_refresh && user->credentials.count != 0))
		load->figures.stale++;
	if (!digest_challenged(&user->credentials, message->challenge,
		    (struct span){ user->name, strlen(user->name) },
		    (struct span){ password, strlen(password) })) {
		op_fail(load, op, "a challenge that can't be answered");
		return;
	}
	send_register(load, op, op->request.socket, true);
}

static void on_response(struct load *load, struct op *op, const struct message *message)
{
	struct span contact = { op->user->contact, strlen(op->user->contact) };

	if (!op_check_response(load, op, message) || message->status < 200)
		return;
	/* Who is to be called has to be there: it is sent again, as what is lost is. */
	if (message->status == 503 && load->scenario == &scenario_enrol &&
		load->options.overload)
		return;
	op_settle(op);
	if (message->status == 401)
		on_challenge(load, op, message);
	else if (op_refused(load, op, message))
		return;
	else if (message->status != 200)
		op_fail(load, op, "REGISTER was not answered with 200");
	else if (!span_contains(message->contact, contact))
		op_fail(load, op, "the 200 does not name the Contact");
	else if (op->tries == 1 && load->scenario == &scenario_register)
		op_fail(load, op, "registered without a password");
	else
		op_done(load, op);
}

const struct scenario scenario_register = {
	.name = "register",
	.exclusive = true,
	.start = start_anew,
	.response = on_response,
};

const struct scenario scenario_refresh = {
	.name = "refresh",
	.exclusive = true,
	.primed = true,
	.start = start_refresh,
	.response = on_response,
};

const struct scenario scenario_enrol = {
	.name = "enrol",
	.exclusive = true,
	.start = start_enrol,
	.response = on_response,
};
