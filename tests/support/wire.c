/* SPDX-License-Identifier: BSD-2-Clause */
/* The wire of a test: see wire.h. */
#include "support/wire.h"

#include "support/check.h"

#include <stdlib.h>
#include <string.h>

static void keep_sent(void *arg, const struct sip_flow *flow, struct sip_str text)
{
	struct wire *wire = arg;
	struct wire_message *sent = realloc(
		wire->sent, (wire->count + 1) * sizeof(*wire->sent));

	CHECK(sent != NULL);
	wire->sent = sent;
	sent[wire->count].flow = *flow;
	sent[wire->count].at_us = sip_clock_now_us(wire->clock);
	/* Not sip_str_copy(): its memory may be made to fail. */
	sent[wire->count].text = malloc(text.len + 1);
	CHECK(sent[wire->count].text != NULL);
	memcpy(sent[wire->count].text, text.ptr, text.len);
	sent[wire->count].text[text.len] = '\0';
	wire->count++;
}

struct sip_addr wire_addr(const char *text)
{
	struct sip_addr addr;

	CHECK_INT(sip_addr_parse(sip_str_of(text), 5060, &addr), ==, 0);
	return addr;
}

void wire_open(struct wire *wire, struct sip_pool *pool, struct sip_clock *clock,
	struct sip_transport *transport, enum sip_transport_kind kind,
	const char *address)
{
	struct sip_listener_config config = {
		.name = "wire",
		.kind = kind,
		.bind = wire_addr(address),
	};

	wire_open_as(wire, pool, clock, transport, &config);
}

void wire_open_as(struct wire *wire, struct sip_pool *pool, struct sip_clock *clock,
	struct sip_transport *transport, const struct sip_listener_config *config)
{
	*wire = (struct wire){ .pool = pool, .clock = clock, .transport = transport };
	CHECK_INT(sip_transport_listen_memory(
			  transport, config, keep_sent, wire, &wire->listener),
		==, 0);
}

void wire_clear(struct wire *wire)
{
	for (size_t i = 0; i < wire->count; i++)
		free(wire->sent[i].text);
	free(wire->sent);
	wire->sent = NULL;
	wire->count = 0;
}

void wire_close(struct wire *wire)
{
	wire_clear(wire);
}

void wire_settle(struct wire *wire)
{
	while (sip_pool_step(wire->pool))
		;
}

/* A line feed becomes CRLF; owned by the caller. */
static char *with_line_ends(const char *text)
{
	char *wired = malloc(2 * strlen(text) + 1);
	char *at = wired;

	CHECK(wired != NULL);
	for (; *text != '\0'; text++) {
		if (*text == '\n')
			*at++ = '\r';
		*at++ = *text;
	}
	*at = '\0';
	return wired;
}

void wire_deliver(struct wire *wire, const char *peer, const char *text)
{
	struct sip_addr from = wire_addr(peer);
	char *wired = with_line_ends(text);
	int error = sip_transport_inject(
		wire->transport, wire->listener, &from, sip_str_of(wired), 0);

	free(wired);
	CHECK_INT(error, ==, 0);
}

void wire_receive(struct wire *wire, const char *peer, const char *text)
{
	wire_deliver(wire, peer, text);
	wire_settle(wire);
}

void wire_forward_us(struct wire *wire, uint64_t us)
{
	uint64_t target_us = sip_clock_now_us(wire->clock) + us;
	uint64_t next_us;

	while ((next_us = sip_pool_next_deadline_us(wire->pool)) <= target_us) {
		uint64_t now_us = sip_clock_now_us(wire->clock);

		if (next_us > now_us)
			sip_clock_forward_us(wire->clock, next_us - now_us);
		wire_settle(wire);
	}
	sip_clock_forward_us(wire->clock, target_us - sip_clock_now_us(wire->clock));
	wire_settle(wire);
}

void wire_forward_ms(struct wire *wire, uint64_t ms)
{
	wire_forward_us(wire, ms * 1000);
}

size_t wire_count(const struct wire *wire, const char *start)
{
	size_t count = 0;

	for (size_t i = 0; i < wire->count; i++)
		count += strncmp(wire->sent[i].text, start, strlen(start)) == 0;
	return count;
}

const struct wire_message *wire_last(const struct wire *wire, const char *start)
{
	for (size_t i = wire->count; i > 0; i--) {
		if (strncmp(wire->sent[i - 1].text, start, strlen(start)) == 0)
			return &wire->sent[i - 1];
	}
	check_failed(__FILE__, __LINE__, "nothing was sent that begins with %s", start);
	return NULL;
}
