/* SPDX-License-Identifier: BSD-2-Clause */
/* A server with phones around it: phones.h. */
#include "phones.h"

#include "res_sip/log.h"
#include "server/serving.h"

#define PHONES_MAX 64

static unsigned wanted;
static void (*wanted_changes)(struct sip_config *config);

const char *phone(unsigned n)
{
	static char text[4][32];
	static unsigned turn;
	char *at = text[turn++ % 4];

	snprintf(at, sizeof(text[0]), "192.0.2.%u:5070", 100 + n);
	return at;
}

void phones_configure(struct sip_config *config, unsigned count)
{
	static char text[PHONES_MAX][64];
	static const char *uris[PHONES_MAX];
	struct sip_aor_config *aor = (struct sip_aor_config *)(uintptr_t)config->aor;

	for (unsigned i = 0; i < count; i++) {
		snprintf(text[i], sizeof(text[i]), "sip:6001@%s", phone(i + 1));
		uris[i] = text[i];
	}
	aor[0].contact = (struct sip_config_list){ uris, count };
}

static void configure(struct sip_config *config)
{
	phones_configure(config, wanted);
	if (wanted_changes != NULL)
		wanted_changes(config);
}

struct world *phones_world_with(
	unsigned count, void (*changes)(struct sip_config *config))
{
	CHECK(count <= PHONES_MAX);
	wanted = count;
	wanted_changes = changes;
	return world_create(&(struct world_options){ .configure = configure });
}

struct world *phones_world(unsigned count)
{
	return phones_world_with(count, NULL);
}

const char *request(const char *method, unsigned cseq, const char *branch,
	const char *to_tag, const char *extra)
{
	static char text[16384];

	snprintf(text, sizeof(text),
		"%s sip:6001@example.org SIP/2.0\n"
		"Via: SIP/2.0/UDP 192.0.2.99:5060;branch=z9hG4bK%s\n"
		"From: <sip:open@example.org>;tag=caller\n"
		"To: <sip:6001@example.org>%s%s\n"
		"Call-ID: call-1\n"
		"CSeq: %u %s\n"
		"Max-Forwards: 70\n"
		"%s"
		"Content-Length: 0\n\n",
		method, branch, to_tag != NULL ? ";tag=" : "",
		to_tag != NULL ? to_tag : "", cseq, method, extra);
	return text;
}

const char *invite(const char *extra)
{
	return request("INVITE", 1, "invite", NULL, extra);
}

void cancel(struct world *w)
{
	wire_receive(&w->wire, CALLER, request("CANCEL", 1, "invite", NULL, ""));
}

void acknowledge(struct world *w)
{
	wire_receive(&w->wire, CALLER, request("ACK", 1, "invite", "any", ""));
}

static bool is_to(const struct wire_message *message, const char *peer, const char *start)
{
	struct sip_addr addr = wire_addr(peer);

	return sip_addr_equal(&message->flow.peer, &addr) &&
		strncmp(message->text, start, strlen(start)) == 0;
}

const struct wire_message *sent_to(
	const struct world *w, const char *peer, const char *start)
{
	for (size_t i = w->wire.count; i > 0; i--) {
		if (is_to(&w->wire.sent[i - 1], peer, start))
			return &w->wire.sent[i - 1];
	}
	check_failed(__FILE__, __LINE__, "no %s was sent to %s", start, peer);
	return NULL;
}

size_t count_to(const struct world *w, const char *peer, const char *start)
{
	size_t count = 0;

	for (size_t i = 0; i < w->wire.count; i++)
		count += is_to(&w->wire.sent[i], peer, start);
	return count;
}

/* The lines of that name, as they are. */
static void copy_lines(
	char *text, size_t size, const struct wire_message *from, const char *name)
{
	const char *at = from->text;
	size_t len = strlen(name);

	while ((at = strstr(at, "\r\n")) != NULL) {
		at += 2;
		if (strncmp(at, name, len) != 0 || at[len] != ':')
			continue;
		snprintf(text + strlen(text), size - strlen(text), "%.*s\n",
			(int)strcspn(at, "\r"), at);
	}
}

const char *answer_text(const struct world *w, unsigned n, const char *method, int code,
	const char *extra)
{
	static char text[16384];
	const struct wire_message *to = sent_to(w, phone(n), method);
	const char *callee = world_header(to, "To");
	char tag[32] = "";

	if (strstr(callee, ";tag=") == NULL)
		snprintf(tag, sizeof(tag), ";tag=phone-%u", n);
	snprintf(text, sizeof(text), "SIP/2.0 %d Answer\n", code);
	copy_lines(text, sizeof(text), to, "Via");
	copy_lines(text, sizeof(text), to, "Record-Route");
	snprintf(text + strlen(text), sizeof(text) - strlen(text),
		"From: %s\nTo: %s%s\nCall-ID: %s\nCSeq: %s\nContact: <sip:6001@%s>\n%s"
		"Content-Length: 0\n\n",
		world_header(to, "From"), callee, tag, world_header(to, "Call-ID"),
		world_header(to, "CSeq"), phone(n), extra);
	return text;
}

void answer(struct world *w, unsigned n, const char *method, int code, const char *extra)
{
	wire_receive(&w->wire, phone(n), answer_text(w, n, method, code, extra));
}

void unreachable(struct world *w, unsigned n, const char *method)
{
	const struct wire_message *message = sent_to(w, phone(n), method);

	sip_receive_failed(
		w->server, &message->flow, sip_str_of(message->text), SIP_ESYSTEM);
	wire_settle(&w->wire);
}

void receive_bytes(struct world *w, const char *peer, const char *bytes, size_t len)
{
	struct sip_addr from = wire_addr(peer);

	CHECK_INT(sip_transport_inject(w->wire.transport, w->wire.listener, &from,
			  (struct sip_str){ bytes, len }, 0),
		==, 0);
	wire_settle(&w->wire);
}

static char log_text[65536];
static size_t log_len;

static void keep_line(void *arg, enum sip_log_level level, struct sip_str line)
{
	(void)arg;
	(void)level;
	if (log_len + line.len >= sizeof(log_text))
		return;
	memcpy(log_text + log_len, line.ptr, line.len);
	log_len += line.len;
	log_text[log_len] = '\0';
}

void listen_to_log(void)
{
	log_len = 0;
	log_text[0] = '\0';
	sip_log_set_sink(keep_line, NULL);
}

size_t log_count(const char *text)
{
	size_t count = 0;

	for (const char *at = log_text; (at = strstr(at, text)) != NULL; at++)
		count++;
	return count;
}
