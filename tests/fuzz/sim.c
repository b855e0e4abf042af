/* SPDX-License-Identifier: BSD-2-Clause */
/* A fuzzed server: see sim.h. */
#include "sim.h"

#include "support/check.h"
#include "support/explained.h"

#include "res_sip/log.h"
#include "res_sip/module.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Each module's file is compiled with its own name for the symbol: meson.build. */
extern const struct ast_sip_module_file sim_ip, sim_user, sim_anonymous, sim_digest,
	sim_options, sim_registrar, sim_proxy;

static const struct ast_sip_module_file *const modules[] = { &sim_ip, &sim_user,
	&sim_anonymous, &sim_digest, &sim_options, &sim_registrar, &sim_proxy };

static const char *const peers[] = {
	"192.0.2.99:5060", /* A: `open`, known by this address */
	"192.0.2.2:5070",  /* B: where 6001 is reached */
	"192.0.2.3:5070",  /* C: one of the two places where 6002 is */
	"192.0.2.4:5070",  /* D: the other */
	"192.0.2.1:5060",  /* E: nobody */
	"192.0.2.99:6060", /* F: `open` behind another port */
	"127.0.0.1:5060",  /* G: the server itself */
	"192.0.2.2:5060",  /* H: 6001's address, another port */
};

static const uint32_t delays_ms[] = { 0, 1, 10, 100, 500, 4000, 32000, 181000, 64000,
	3600000 };

/* Far above what the longest honest script makes the server send. */
#define SENT_MAX 6000

#define MODULE_COUNT (sizeof(modules) / sizeof(modules[0]))

void check_failed(const char *file, int line, const char *format, ...)
{
	va_list args;

	fprintf(stderr, "%s:%d: ", file, line);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	abort();
}

static void load_modules(void)
{
	char error[SIP_SERVER_ERROR_LEN] = "";

	for (size_t i = 0; i < MODULE_COUNT; i++) {
		if (sip_server_load_module(ast_sip_server(), modules[i], error) != 0)
			check_failed(
				__FILE__, __LINE__, "%s: %s", modules[i]->name, error);
	}
}

/* Someone answers at each AOR without registering: 6001 in one place, 6002 in two, `open`
 * at the server's own address. */
static void give_contacts(struct sip_aor_config *aor)
{
	static const char *const one[] = { "sip:6001@192.0.2.2:5070" };
	static const char *const two[] = { "sip:6002@192.0.2.3:5070",
		"sip:6002@192.0.2.4:5070" };
	static const char *const self[] = { "sip:6001@127.0.0.1:5060" };

	aor[0].contact = (struct sip_config_list){ one, 1 };
	aor[1].contact = (struct sip_config_list){ two, 2 };
	aor[2].contact = (struct sip_config_list){ self, 1 };
	aor[2].support_path = true;
	aor[2].minimum_expiration = 1;
}

/* Strangers are let in, so that theirs is the whole proxy too; 6001 and 6002 are
 * challenged. */
static void configure(struct sip_config *config)
{
	static struct sip_endpoint_config endpoints[4];

	memcpy(endpoints, config->endpoint, 3 * sizeof(endpoints[0]));
	sip_endpoint_config_init(&endpoints[3]);
	endpoints[3].name = "anonymous";
	config->endpoint = endpoints;
	config->endpoint_count = 4;
	give_contacts((struct sip_aor_config *)config->aor);
}

/* Lines are formatted, for that is code too, and go nowhere. */
static void no_log(void *arg, enum sip_log_level level, struct sip_str line)
{
	(void)arg;
	(void)level;
	(void)line;
}

struct world *sim_create(void)
{
	sip_log_set_sink(no_log, NULL);
	sip_log_set_level(SIP_LOG_DEBUG);
	return world_create(&(struct world_options){
		.configure = configure, .prepare = load_modules });
}

bool sim_next(struct sip_str *script, struct sim_datagram *datagram)
{
	const char *at = script->ptr;
	const char *end = script->ptr + script->len;
	const char *next;

	if (end - at < 4)
		return false;
	*datagram = (struct sim_datagram){
		.peer = at[1], .delay = at[2], .text = at + 4
	};
	next = memmem(at + 4, (size_t)(end - at - 4), "\n=", 2);
	next = next != NULL ? next + 1 : end;
	datagram->len = (size_t)(next - datagram->text);
	*script = (struct sip_str){ next, (size_t)(end - next) };
	return true;
}

struct pen {
	char *text;
	size_t len;
};

static void put(struct pen *pen, const char *text, size_t len)
{
	if (len > SIM_DATAGRAM_MAX - pen->len)
		len = SIM_DATAGRAM_MAX - pen->len;
	memcpy(pen->text + pen->len, text, len);
	pen->len += len;
}

static bool is_response(const struct wire_message *message)
{
	return strncmp(message->text, "SIP/2.0 ", 8) == 0;
}

/* To that peer; else to anybody. */
static const struct wire_message *latest(
	const struct world *world, const struct sip_addr *peer, bool response)
{
	const struct wire_message *other = NULL;

	for (size_t i = world->wire.count; i > 0; i--) {
		const struct wire_message *sent = &world->wire.sent[i - 1];

		if (is_response(sent) != response)
			continue;
		if (sip_addr_equal(&sent->flow.peer, peer))
			return sent;
		if (other == NULL)
			other = sent;
	}
	return other;
}

/* Each line of that name (which begins with a line end), and its own line end. */
static void put_lines(struct pen *pen, const char *text, const char *name)
{
	for (const char *at = strstr(text, name); at != NULL; at = strstr(at + 1, name))
		put(pen, at + 2, strcspn(at + 2, "\r") + 2);
}

/* Record-Route as the other side sends it back. */
static void put_route(struct pen *pen, const char *text)
{
	const char name[] = "\r\nRecord-Route: ";
	const char *at = strstr(text, name);

	put(pen, "Route: ", 7);
	if (at == NULL)
		put(pen, "<sip:127.0.0.1;lr>", 18);
	while (at != NULL) {
		put(pen, at + sizeof(name) - 1, strcspn(at + sizeof(name) - 1, "\r"));
		at = strstr(at + 1, name);
		if (at != NULL)
			put(pen, ", ", 2);
	}
}

static void put_value(
	struct pen *pen, const struct wire_message *message, const char *name)
{
	const char *value = world_header(message, name);

	put(pen, value, strlen(value));
}

static void put_request_uri(struct pen *pen, const char *text)
{
	const char *uri = text + strcspn(text, " ");

	if (*uri == ' ')
		put(pen, uri + 1, strcspn(uri + 1, " \r"));
}

static void put_branch(struct pen *pen, const char *text)
{
	const char *branch = strstr(text, "branch=");

	if (branch != NULL)
		put(pen, branch + 7, strcspn(branch + 7, ";,\r"));
}

static void put_meaning(struct pen *pen, const struct wire_message *m, char letter)
{
	switch (letter) {
	case 'V': put_lines(pen, m->text, "\r\nVia: "); break;
	case 'R': put_lines(pen, m->text, "\r\nRecord-Route: "); break;
	case 'O': put_route(pen, m->text); break;
	case 'F': put_value(pen, m, "From"); break;
	case 'T': put_value(pen, m, "To"); break;
	case 'I': put_value(pen, m, "Call-ID"); break;
	case 'C': put_value(pen, m, "CSeq"); break;
	case 'N':
		put(pen, world_header(m, "CSeq"), strcspn(world_header(m, "CSeq"), " "));
		break;
	case 'M': put_value(pen, m, "Contact"); break;
	case 'B': put_branch(pen, m->text); break;
	case 'U': put_request_uri(pen, m->text); break;
	default: break;
	}
}

/* The challenge that world_credentials() would answer has what it takes; it may be one
 * that a peer of the script has made up, and that was passed on. */
static bool is_challenged(const struct world *world)
{
	bool proxy = wire_count(&world->wire, "SIP/2.0 407") > 0;
	const struct wire_message *message = wire_last(
		&world->wire, proxy ? "SIP/2.0 407" : "SIP/2.0 401");
	const char *challenge = world_header(
		message, proxy ? "Proxy-Authenticate" : "WWW-Authenticate");

	return strstr(challenge, " nonce=\"") != NULL &&
		strstr(challenge, "realm=\"") != NULL;
}

/* Right credentials for a datagram whose first line is METHOD URI ... */
static void put_credentials(
	struct pen *pen, struct world *world, const struct sim_datagram *d, bool second)
{
	char method[32];
	char uri[256];
	char first[sizeof(method) + sizeof(uri)] = "";
	const char *line;

	if (wire_count(&world->wire, "SIP/2.0 401") +
			wire_count(&world->wire, "SIP/2.0 407") ==
		0)
		return;
	if (memchr(d->text, '\0', d->len) != NULL || d->len > 4096)
		return;
	if (!is_challenged(world))
		return;
	/* The datagram has no NUL behind it. */
	memcpy(first, d->text, d->len < sizeof(first) ? d->len : sizeof(first) - 1);
	if (sscanf(first, "%31s %255s", method, uri) != 2)
		return;
	line = world_credentials(world, second ? "6002" : "6001",
		second ? "secret2" : "secret1", method, uri);
	put(pen, line, strcspn(line, "\n"));
	put(pen, "\r\n", 2);
}

static size_t write_out(struct world *world, const struct sim_datagram *d,
	const struct sip_addr *from, char *text)
{
	struct pen pen = { .text = text };

	for (size_t i = 0; i < d->len; i++) {
		char letter = i + 1 < d->len ? d->text[i + 1] : '\0';
		bool response = letter >= 'a';
		const struct wire_message *m;

		if (d->text[i] == '\n')
			put(&pen, "\r", 1);
		if (d->text[i] != '$' || !isalpha((unsigned char)letter) ||
			strchr("VROFTICNMBUAJ", letter & ~32) == NULL) {
			put(&pen, &d->text[i], 1);
			continue;
		}
		i++;
		if ((letter & ~32) == 'J')
			put(&pen, "\n", 1);
		else if ((letter & ~32) == 'A')
			put_credentials(&pen, world, d, response);
		else if ((m = latest(world, from, response)) != NULL)
			put_meaning(&pen, m, (char)(letter & ~32));
	}
	return pen.len;
}

struct sim {
	struct world *world;
	size_t looped; /* up to here, what went to the server itself was delivered */
};

static void inject(struct sim *sim, const struct sip_addr *from, struct sip_str text)
{
	struct wire *wire = &sim->world->wire;

	CHECK_INT(sip_transport_inject(wire->transport, wire->listener, from, text, 0),
		==, 0);
}

/* Until nothing happens at this instant, not even by what comes back. */
static void settle(struct sim *sim)
{
	struct wire *wire = &sim->world->wire;
	const struct sip_addr *own = &wire->listener->bound;

	wire_settle(wire);
	for (; sim->looped < wire->count; sim->looped++) {
		const struct wire_message *sent = &wire->sent[sim->looped];

		CHECK_INT(wire->count, <, SENT_MAX);
		if (!sip_addr_equal(&sent->flow.peer, own))
			continue;
		inject(sim, own, sip_str_of(sent->text));
		wire_settle(wire);
	}
}

static void forward_ms(struct sim *sim, uint64_t ms)
{
	struct wire *wire = &sim->world->wire;
	uint64_t until_us = sip_clock_now_us(wire->clock) + ms * 1000;
	uint64_t next_us;

	while ((next_us = sip_pool_next_deadline_us(wire->pool)) <= until_us) {
		uint64_t now_us = sip_clock_now_us(wire->clock);

		if (next_us > now_us)
			sip_clock_forward_us(wire->clock, next_us - now_us);
		settle(sim);
	}
	sip_clock_forward_us(wire->clock, until_us - sip_clock_now_us(wire->clock));
	settle(sim);
}

static bool explains;

void sim_explain_all(void)
{
	explains = true;
}

static void explain_first(
	struct world *world, const struct sip_addr *from, struct sip_str text)
{
	struct explained *explained = explain_bytes(world, text, from);

	explained_free(&explained);
}

static void check_nothing_left(const struct sip_server *server)
{
	CHECK_INT(sip_txns_count(server->txns), ==, 0);
	CHECK_INT(sip_calls_count(server->calls), ==, 0);
	CHECK_INT(sip_slab_live(server->branch_slab), ==, 0);
	CHECK_INT(sip_slab_live(server->tx_slab), ==, 0);
	CHECK_INT(sip_slab_live(server->rx_slab), ==, 0);
	CHECK_INT(sip_location_count(server->location), ==, 0);
}

void sim_run(struct world *world, struct sip_str script)
{
	static char text[SIM_DATAGRAM_MAX];
	struct sim sim = { .world = world };
	struct sim_datagram datagram;

	while (sim_next(&script, &datagram)) {
		struct sip_addr from = wire_addr(
			peers[((unsigned char)datagram.peer + 7) % 8]);
		size_t len = write_out(world, &datagram, &from, text);

		if (explains)
			explain_first(world, &from, (struct sip_str){ text, len });
		inject(&sim, &from, (struct sip_str){ text, len });
		settle(&sim);
		forward_ms(&sim, delays_ms[((unsigned char)datagram.delay + 2) % 10]);
	}
	/* Longer than any transaction or binding lasts. */
	forward_ms(&sim, 7300 * 1000);
	wire_clear(&world->wire);
	check_nothing_left(world->server);
}

void sim_destroy(struct world **world)
{
	for (size_t i = MODULE_COUNT; i-- > 0;)
		sip_server_unload_module((*world)->server, modules[i]);
	world_destroy(world);
}
