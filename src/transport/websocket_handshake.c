/* SPDX-License-Identifier: BSD-2-Clause */
/* The handshake of a WebSocket: see websocket_handshake.h. */
#include "transport/websocket_handshake.h"

#include "base/compiler.h"
#include "base/cut.h"

#include <openssl/evp.h>
#include <stdio.h>

/* 16 bytes in base64. */
#define KEY_LEN 24u

/* RFC 6455 1.3 */
#define KEY_SUFFIX "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

#define SHA1_LEN   20
#define ACCEPT_LEN 28

/* What was found in the header block. */
struct reading {
	struct sip_handshake *handshake;
	bool bad_line;
	unsigned hosts;
	unsigned keys;
	unsigned versions;
	unsigned origins;
	bool upgrade;
	bool connection;
	bool version_13;
	bool protocol_sip;
};

/* ---- reading ---- */

static bool lists(struct sip_str value, struct sip_str word)
{
	while (value.len > 0) {
		if (sip_str_equal_nocase(sip_str_trim(sip_str_cut(&value, ',')), word))
			return true;
	}
	return false;
}

static bool is_base64(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
		(c >= '0' && c <= '9') || c == '+' || c == '/';
}

static bool is_key(struct sip_str key)
{
	if (key.len != KEY_LEN || key.ptr[KEY_LEN - 1] != '=' ||
		key.ptr[KEY_LEN - 2] != '=')
		return false;
	for (size_t i = 0; i < KEY_LEN - 2; i++) {
		if (!is_base64(key.ptr[i]))
			return false;
	}
	return true;
}

static void read_field(struct reading *r, struct sip_str name, struct sip_str value)
{
	if (sip_str_equal_nocase(name, SIP_STR("Host"))) {
		r->hosts += value.len > 0 ? 1 : 2;
	} else if (sip_str_equal_nocase(name, SIP_STR("Upgrade"))) {
		r->upgrade |= lists(value, SIP_STR("websocket"));
	} else if (sip_str_equal_nocase(name, SIP_STR("Connection"))) {
		r->connection |= lists(value, SIP_STR("upgrade"));
	} else if (sip_str_equal_nocase(name, SIP_STR("Sec-WebSocket-Key"))) {
		r->keys++;
		r->handshake->key = value;
	} else if (sip_str_equal_nocase(name, SIP_STR("Sec-WebSocket-Version"))) {
		r->versions++;
		r->version_13 = sip_str_equal(value, SIP_STR("13"));
	} else if (sip_str_equal_nocase(name, SIP_STR("Sec-WebSocket-Protocol"))) {
		r->protocol_sip |= lists(value, SIP_STR("sip"));
	} else if (sip_str_equal_nocase(name, SIP_STR("Origin"))) {
		r->origins++;
		r->handshake->origin = value;
	}
}

static void read_fields(struct reading *r, struct sip_str rest)
{
	for (;;) {
		struct sip_str line = sip_str_cut_line(&rest);
		struct sip_str name;

		if (line.len == 0)
			return;
		name = sip_str_cut(&line, ':');
		/* A space before the colon, or at the beginning: a fold.  RFC 9112 5.1 */
		if (name.len == 0 || sip_str_trim(name).len != name.len ||
			name.ptr + name.len == line.ptr)
			r->bad_line = true;
		else
			read_field(r, name, sip_str_trim(line));
	}
}

/* ---- judging ---- */

static bool is_named(struct sip_str origin, const struct sip_config_list *origins)
{
	for (size_t i = 0; i < origins->count; i++) {
		struct sip_str named = sip_str_of(origins->item[i]);

		if (sip_str_equal(named, SIP_STR("*")) ||
			sip_str_equal_nocase(named, origin))
			return true;
	}
	return false;
}

static void refuse(struct sip_handshake *handshake, uint16_t status, const char *reason)
{
	handshake->status = status;
	handshake->reason = reason;
}

/* True: the first line is one of HTTP/1.1. */
static bool judge_first_line(struct sip_handshake *handshake, struct sip_str line)
{
	struct sip_str method = sip_str_cut(&line, ' ');
	struct sip_str target = sip_str_cut(&line, ' ');

	if (method.len == 0 || target.len == 0 || !sip_str_starts(line, SIP_STR("HTTP/")))
		refuse(handshake, 400,
			"This is not a request of HTTP. SIP comes here in a WebSocket.");
	else if (!sip_str_equal(line, SIP_STR("HTTP/1.1")))
		refuse(handshake, 505, "A WebSocket begins with HTTP/1.1.");
	else if (!sip_str_equal(method, SIP_STR("GET")))
		refuse(handshake, 405, "A WebSocket begins with GET.");
	return handshake->status == 101;
}

static void judge_fields(const struct reading *r, const struct sip_config_list *origins)
{
	struct sip_handshake *handshake = r->handshake;

	if (r->bad_line)
		refuse(handshake, 400, "A header field is not of the form NAME: VALUE.");
	else if (r->hosts != 1)
		refuse(handshake, 400, "There has to be one Host field.");
	else if (!r->upgrade || !r->connection)
		refuse(handshake, 426,
			"This is a SIP server: it is reached by WebSocket (ws: or wss:) with "
			"the subprotocol `sip`, not by plain HTTP.");
	else if (r->versions != 1 || !r->version_13)
		refuse(handshake, 426, "The version of WebSocket is to be 13.");
	else if (r->keys != 1 || !is_key(handshake->key))
		refuse(handshake, 400,
			"Sec-WebSocket-Key has to be there once, 16 bytes in base64.");
	else if (r->origins > 1)
		refuse(handshake, 400, "There is more than one Origin.");
	else if (r->origins == 1 && !is_named(handshake->origin, origins))
		refuse(handshake, 403,
			"websocket_origin= of this transport does not name the page's "
			"origin.");
	else if (!r->protocol_sip)
		refuse(handshake, 400, "Sec-WebSocket-Protocol has to offer `sip`.");
}

void sip_handshake_read(struct sip_str head, const struct sip_config_list *origins,
	struct sip_handshake *handshake)
{
	struct reading r = { .handshake = handshake };

	*handshake = (struct sip_handshake){ .status = 101, .reason = "" };
	if (!judge_first_line(handshake, sip_str_cut_line(&head)))
		return;
	read_fields(&r, head);
	judge_fields(&r, origins);
}

/* ---- answering ---- */

/* RFC 6455 4.2.2, 5.4; false: out of memory. */
static bool hash_key(struct sip_str key, char accept[ACCEPT_LEN + 1])
{
	uint8_t text[KEY_LEN + sizeof(KEY_SUFFIX) - 1];
	uint8_t sum[SHA1_LEN];

	memcpy(text, key.ptr, KEY_LEN);
	memcpy(text + KEY_LEN, KEY_SUFFIX, sizeof(KEY_SUFFIX) - 1);
	if (EVP_Digest(text, sizeof(text), sum, NULL, EVP_sha1(), NULL) != 1)
		return false;
	return EVP_EncodeBlock((uint8_t *)accept, sum, SHA1_LEN) == ACCEPT_LEN;
}

static const char *phrase_of(uint16_t status)
{
	switch (status) {
	case 403: return "Forbidden";
	case 405: return "Method Not Allowed";
	case 426: return "Upgrade Required";
	case 431: return "Request Header Fields Too Large";
	case 505: return "HTTP Version Not Supported";
	default: return "Bad Request";
	}
}

static const char *fields_of(uint16_t status)
{
	switch (status) {
	case 405: return "Allow: GET\r\n";
	/* RFC 6455 4.4, RFC 9110 15.5.22 */
	case 426: return "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n";
	default: return "";
	}
}

static int write_refusal(const struct sip_handshake *handshake, char *text)
{
	return snprintf(text, SIP_HANDSHAKE_ANSWER_LEN,
		"HTTP/1.1 %u %s\r\n%sConnection: %sclose\r\nContent-Type: text/plain\r\n"
		"Content-Length: %zu\r\n\r\n%s\r\n",
		handshake->status, phrase_of(handshake->status),
		fields_of(handshake->status), handshake->status == 426 ? "Upgrade, " : "",
		strlen(handshake->reason) + 2, handshake->reason);
}

size_t sip_handshake_answer(const struct sip_handshake *handshake, char *text)
{
	char accept[ACCEPT_LEN + 1];
	int len;

	if (handshake->status != 101)
		len = write_refusal(handshake, text);
	else if (!hash_key(handshake->key, accept))
		return 0;
	else
		len = snprintf(text, SIP_HANDSHAKE_ANSWER_LEN,
			"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
			"Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n"
			"Sec-WebSocket-Protocol: sip\r\n\r\n",
			accept);
	SIP_ASSERT(len > 0 && len < (int)SIP_HANDSHAKE_ANSWER_LEN);
	return (size_t)len;
}
