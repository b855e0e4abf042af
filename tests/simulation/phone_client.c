/* SPDX-License-Identifier: BSD-2-Clause */
/* Client transactions: RFC 3261 section 17.1, RFC 6026. */
#include "phone.h"

#include <string.h>

static bool is_invite(const struct client *client)
{
	return strcmp(client->method, "INVITE") == 0;
}

static void stop(struct client *client)
{
	agenda_drop(&client->phone->sim->agenda, &client->retry);
	agenda_drop(&client->phone->sim->agenda, &client->timeout);
}

static void end(void *arg)
{
	client_forget(arg);
}

void client_forget(struct client *client)
{
	stop(client);
	agenda_drop(&client->phone->sim->agenda, &client->end);
	client->state = CLIENT_OVER;
}

/* Timer A doubles; timer E doubles up to T2, which it is in Proceeding (17.1.2.2). */
static void send_again(void *arg)
{
	struct client *client = arg;

	phone_send(client->phone, client->to, client->text);
	client->interval_us *= 2;
	if (!is_invite(client) &&
		(client->interval_us > T2_US || client->state == CLIENT_PROCEEDING))
		client->interval_us = T2_US;
	phone_later(
		client->phone, &client->retry, client->interval_us, send_again, client);
}

static void time_out(void *arg)
{
	struct client *client = arg;

	client_forget(client);
	client->told(client->arg, NULL);
}

/* 17.1.4: what was not answered has failed. */
void client_refused(struct client *client)
{
	if (client->state == CLIENT_CALLING ||
		(client->state == CLIENT_PROCEEDING && !is_invite(client)))
		time_out(client);
}

struct client *client_start(struct phone *phone, const char *branch, const char *method,
	const struct pen *text, struct place to, client_fn *told, void *arg)
{
	struct client *client = memory_take(&phone->sim->memory, sizeof(*client));

	client->phone = phone;
	client->branch = branch;
	client->method = method;
	client->text = memory_copy(&phone->sim->memory, text->text, text->len);
	client->to = to;
	client->told = told;
	client->arg = arg;
	client->interval_us = T1_US;
	client->next = phone->clients;
	phone->clients = client;
	phone_send(phone, to, client->text);
	/* 17.1.1.2, 17.1.2.2: a reliable transport needs neither timer A nor E. */
	if (!phone->by_stream)
		phone_later(phone, &client->retry, T1_US, send_again, client);
	phone_later(phone, &client->timeout, T64_US, time_out, client);
	return client;
}

/* 17.1.1.3: the INVITE's Request-URI, Call-ID, From, CSeq number, top Via and Routes, the
 * answer's To. */
static void acknowledge(struct client *client, const struct sip_text *response)
{
	struct sip_text invite;
	struct pen pen = { .len = 0 };

	sip_text_parse(&invite, client->text.at, client->text.len);
	pen_put(&pen, "ACK %.*s SIP/2.0\r\nVia: %.*s\r\n", SLICE_ARG(invite.uri),
		SLICE_ARG(sip_text_field(&invite, "Via")));
	pen_copy_fields(&pen, &invite, "From");
	pen_copy_fields(&pen, response, "To");
	pen_copy_fields(&pen, &invite, "Call-ID");
	pen_copy_fields(&pen, &invite, "Route");
	pen_put(&pen, "CSeq: %u ACK\r\nMax-Forwards: 70\r\n", invite.cseq);
	pen_put_body(&pen, "");
	client->ack = memory_copy(&client->phone->sim->memory, pen.text, pen.len);
	phone_send(client->phone, client->to, client->ack);
}

/* Timers D and K, which are zero where nothing comes twice. */
static uint64_t copies_us(const struct client *client, uint64_t us)
{
	return client->phone->by_stream ? 0 : us;
}

static void final(struct client *client, const struct sip_text *response)
{
	bool success = response->code < 300;

	stop(client);
	client->state = CLIENT_COMPLETED;
	if (!is_invite(client)) {
		phone_later(client->phone, &client->end, copies_us(client, T4_US), end,
			client);
	} else if (success) {
		client->state = CLIENT_ACCEPTED;
		phone_later(client->phone, &client->end, T64_US, end, client);
	} else {
		acknowledge(client, response);
		phone_later(client->phone, &client->end, copies_us(client, T64_US), end,
			client);
	}
	client->told(client->arg, response);
}

void client_received(struct client *client, const struct sip_text *response)
{
	switch (client->state) {
	case CLIENT_CALLING:
	case CLIENT_PROCEEDING:
		if (response->code >= 200) {
			final(client, response);
			break;
		}
		client->state = CLIENT_PROCEEDING;
		if (is_invite(client))
			stop(client);
		client->told(client->arg, response);
		break;
	case CLIENT_COMPLETED:
		if (is_invite(client) && response->code >= 300)
			phone_send(client->phone, client->to, client->ack);
		break;
	case CLIENT_ACCEPTED:
		if (response->code / 100 == 2)
			client->told(client->arg, response);
		break;
	case CLIENT_OVER: break;
	}
}
