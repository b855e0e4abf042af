/* SPDX-License-Identifier: BSD-2-Clause */
/* Requests to a world: ask.h. */
#include "support/ask.h"

#include "support/check.h"

#include "res_sip/log.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char * or (const char *text, const char *usual)
{
	return text != NULL ? text : usual;
}

/* Lower-case hex of a digest of the text. */
static const char *hash_of(const char *algorithm, const char *text)
{
	static char hex[4][2 * EVP_MAX_MD_SIZE + 1];
	static unsigned turn;
	char *at = hex[turn++ % 4];
	unsigned char sum[EVP_MAX_MD_SIZE];
	const EVP_MD *method = EVP_md5();
	unsigned int len;

	if (strcmp(algorithm, "SHA-256") == 0)
		method = EVP_sha256();
	CHECK(EVP_Digest(text, strlen(text), sum, &len, method, NULL) == 1);
	for (size_t i = 0; i < len; i++)
		snprintf(at + 2 * i, 3, "%02x", sum[i]);
	return at;
}

static void put_credentials(
	char *line, size_t size, const struct ask *a, const char *method, const char *uri)
{
	const char *user = or (a->user, "6001");
	const char *realm = or (a->realm, "example.org");
	const char *algorithm = or (a->algorithm, "MD5");
	unsigned nc = a->nc != 0 ? a->nc : 1;
	const char *ha1;
	const char *ha2;
	char qop[64] = "";
	char text[1024];

	snprintf(
		text, sizeof(text), "%s:%s:%s", user, realm, or (a->password, "secret1"));
	ha1 = hash_of(algorithm, text);
	snprintf(text, sizeof(text), "%s:%s", method, uri);
	ha2 = hash_of(algorithm, text);
	if (a->no_qop) {
		snprintf(text, sizeof(text), "%s:%s:%s", ha1, a->nonce, ha2);
	} else {
		snprintf(text, sizeof(text), "%s:%s:%08x:abcdef:auth:%s", ha1, a->nonce,
			nc, ha2);
		snprintf(qop, sizeof(qop), ", qop=auth, nc=%08x, cnonce=\"abcdef\"", nc);
	}
	snprintf(line, size,
		"%s: Digest username=\"%s\", realm=\"%s\", nonce=\"%s\", uri=\"%s\", "
		"response=\"%s\", algorithm=%s%s\n",
		a->proxy ? "Proxy-Authorization" : "Authorization", user, realm, a->nonce,
		uri, hash_of(algorithm, text), algorithm, qop);
}

const char *ask_text(const struct ask *a)
{
	static char text[70000];
	static unsigned branches;
	const char *method = or (a->method, "OPTIONS");
	bool registers = strcmp(method, "REGISTER") == 0;
	const char *uri = or (a->uri, registers ? "sip:example.org" : "sip:127.0.0.1");
	char branch[32];
	char to[512];
	char credentials[2048] = "";

	snprintf(branch, sizeof(branch), "ask%u", branches++);
	snprintf(to, sizeof(to), "%s", uri);
	if (registers)
		snprintf(to, sizeof(to), "sip:%s@example.org", or (a->from, "6001"));
	if (a->nonce != NULL)
		put_credentials(credentials, sizeof(credentials), a, method, uri);
	snprintf(text, sizeof(text),
		"%s %s SIP/2.0\n"
		"Via: SIP/2.0/UDP %s;branch=z9hG4bK%s\n"
		"From: <sip:%s@example.org>;tag=%s\n"
		"To: <%s>%s%s\n"
		"Call-ID: %s\n"
		"CSeq: %u %s\n"
		"%s%s"
		"Content-Length: %zu\n\n%s",
		method, uri, or (a->via, or (a->peer, STRANGER)), or (a->branch, branch),
		or (a->from, "6001"), or (a->from_tag, "caller"), or (a->to, to),
		a->to_tag != NULL ? ";tag=" : "", or (a->to_tag, ""),
		or (a->call_id, "call"), a->cseq != 0 ? a->cseq : 1, method,
		or (a->extra, "Max-Forwards: 70\n"), credentials,
		strlen(or (a->body, "")), or (a->body, ""));
	return text;
}

const char *said(const struct world *world, const char *start)
{
	return wire_count(&world->wire, start) > 0 ? wire_last(&world->wire, start)->text
						   : "";
}

int ask(struct world *world, const struct ask *what)
{
	const char *answer;

	wire_clear(&world->wire);
	wire_receive(&world->wire, or (what->peer, STRANGER), ask_text(what));
	answer = said(world, "SIP/2.0 ");
	return answer[0] != '\0' ? atoi(answer + strlen("SIP/2.0 ")) : 0;
}

const char *answered(const struct world *world, const char *name)
{
	if (said(world, "SIP/2.0 ")[0] == '\0')
		return "";
	return world_header(wire_last(&world->wire, "SIP/2.0 "), name);
}

const char *challenge_nonce(struct world *world, const char *header)
{
	static char nonces[8][128];
	static unsigned turn;
	char *nonce = nonces[turn++ % 8];
	const char *at = strstr(answered(world, header), "nonce=\"");

	CHECK(at != NULL);
	snprintf(nonce, sizeof(nonces[0]), "%.*s", (int)strcspn(at + 7, "\""), at + 7);
	return nonce;
}

const char *take_nonce(struct world *world, const char *peer)
{
	const char *nonce;

	/* Nobody is challenged, and a REGISTER is never anonymous. */
	CHECK_INT(ASK(world, .method = "REGISTER", .from = "nobody", .call_id = "nonce",
			  .peer = peer),
		==, 401);
	nonce = challenge_nonce(world, "WWW-Authenticate");
	wire_clear(&world->wire);
	return nonce;
}

int ask_as(struct world *world, struct ask what)
{
	what.nonce = take_nonce(world, what.peer);
	return ask(world, &what);
}

uint64_t counted(const struct world *world, enum sip_counter counter)
{
	return sip_counter_value(world->server->counters, counter);
}

const char *response_text(const struct wire_message *request, int code,
	const char *to_tag, const char *extra)
{
	static const char *const copied[] = { "Via", "Record-Route", "From", "Call-ID",
		"CSeq" };
	static char text[70000];
	size_t len = (size_t)snprintf(text, sizeof(text), "SIP/2.0 %d Answer\n", code);
	const char *to = world_header(request, "To");
	const char *line = request->text;

	while ((line = strstr(line, "\r\n")) != NULL && line[2] != '\r') {
		line += 2;
		for (size_t i = 0; i < sizeof(copied) / sizeof(copied[0]); i++) {
			size_t name_len = strlen(copied[i]);

			if (strncmp(line, copied[i], name_len) == 0 &&
				line[name_len] == ':')
				len += (size_t)snprintf(text + len, sizeof(text) - len,
					"%.*s\n", (int)strcspn(line, "\r"), line);
		}
	}
	/* 8.2.6.2: within a dialog the tag is there. */
	len += (size_t)snprintf(text + len, sizeof(text) - len, "To: %s", to);
	if (strstr(to, ";tag=") == NULL)
		len += (size_t)snprintf(
			text + len, sizeof(text) - len, ";tag=%s", to_tag);
	snprintf(text + len, sizeof(text) - len, "\n%sContent-Length: 0\n\n", extra);
	return text;
}

static struct {
	char *text;
	size_t len;
} kept_log;

static void keep_line(void *arg, enum sip_log_level level, struct sip_str line)
{
	(void)arg;
	(void)level;
	kept_log.text = realloc(kept_log.text, kept_log.len + line.len + 1);
	CHECK(kept_log.text != NULL);
	memcpy(kept_log.text + kept_log.len, line.ptr, line.len);
	kept_log.len += line.len;
	kept_log.text[kept_log.len] = '\0';
}

static void forget_log(void)
{
	free(kept_log.text);
	kept_log.text = NULL;
	kept_log.len = 0;
}

void keep_log(void)
{
	static bool registered;

	if (!registered)
		atexit(forget_log);
	registered = true;
	forget_log();
	sip_log_set_sink(keep_line, NULL);
}

size_t logged(const char *text)
{
	size_t count = 0;

	for (const char *at = kept_log.text;
		at != NULL && (at = strstr(at, text)) != NULL; at++)
		count++;
	return count;
}
