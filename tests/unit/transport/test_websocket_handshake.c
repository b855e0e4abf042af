/* SPDX-License-Identifier: BSD-2-Clause */
/* The handshake of a WebSocket: RFC 6455 sections 1.3, 4.2, 4.4; RFC 7118 section 4. */
#include "support/check.h"

#include "transport/websocket_handshake.h"

#include <stdio.h>
#include <stdlib.h>

#define GET     "GET / HTTP/1.1\r\n"
#define HOST    "Host: server.example.com\r\n"
#define UPGRADE "Upgrade: websocket\r\nConnection: Upgrade\r\n"
#define KEY     "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
#define VERSION "Sec-WebSocket-Version: 13\r\n"
#define SIP     "Sec-WebSocket-Protocol: sip\r\n"

static const char *const named[] = { "https://phone.example.com",
	"http://localhost:8080" };
static const struct sip_config_list origins = { named, 2 };

/* In memory that ends with the text; answered in `answer`. */
static uint16_t read_with(
	const char *text, const struct sip_config_list *allowed, char *answer)
{
	size_t len = strlen(text);
	char *copy = malloc(len);
	struct sip_handshake handshake;
	size_t answered;

	CHECK(copy != NULL);
	memcpy(copy, text, len);
	sip_handshake_read((struct sip_str){ copy, len }, allowed, &handshake);
	answered = sip_handshake_answer(&handshake, answer);
	CHECK_INT(answered, >, 0);
	CHECK_INT(answered, ==, strlen(answer));
	free(copy);
	return handshake.status;
}

/* The key and what is made of it are those of RFC 6455 1.3. */
TEST(a_browser_s_request_is_answered_with_the_hash_of_its_key)
{
	char answer[SIP_HANDSHAKE_ANSWER_LEN];

	CHECK_INT(read_with("GET /chat?a=b HTTP/1.1\r\n" HOST "User-Agent: a browser\r\n"
			    "upgrade: WebSocket\r\n"
			    "Connection: keep-alive, Upgrade\r\n" KEY
			    "Origin: https://Phone.example.com\r\n"
			    "Sec-WebSocket-Protocol: chat, sip\r\n"
			    "Sec-WebSocket-Extensions: permessage-deflate\r\n" VERSION
			    "Cookie: \xfc\r\n\r\n",
			  &origins, answer),
		==, 101);
	CHECK_STR(sip_str_of(answer),
		"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
		"Connection: Upgrade\r\n"
		"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
		"Sec-WebSocket-Protocol: sip\r\n\r\n");
}

TEST(what_is_no_such_request_is_refused_with_the_reason)
{
	static const struct {
		const char *text;
		unsigned status;
		const char *says;
	} cases[] = {
		{ GET HOST "\r\n", 426, "reached by WebSocket" },
		{ GET HOST "Upgrade: h2c\r\nConnection: Upgrade\r\n\r\n", 426,
			"reached by WebSocket" },
		{ GET HOST "Upgrade: websocket\r\nConnection: close\r\n" KEY VERSION SIP
			   "\r\n",
			426, "reached by WebSocket" },
		{ GET HOST UPGRADE KEY SIP "\r\n", 426, "to be 13" },
		{ GET HOST UPGRADE KEY SIP "Sec-WebSocket-Version: 8\r\n\r\n", 426,
			"to be 13" },
		{ GET HOST UPGRADE KEY SIP VERSION VERSION "\r\n", 426, "to be 13" },
		{ "POST / HTTP/1.1\r\n" HOST UPGRADE KEY VERSION SIP "\r\n", 405, "GET" },
		{ "GET / HTTP/1.0\r\n" HOST UPGRADE KEY VERSION SIP "\r\n", 505,
			"HTTP/1.1" },
		{ "GET / HTTP/2\r\n\r\n", 505, "HTTP/1.1" },
		{ "REGISTER sip:a SIP/2.0\r\nVia: SIP/2.0/WS a\r\n\r\n", 400, "no" },
		{ "GET /\r\n\r\n", 400, "not a request of HTTP" },
		{ "\r\n", 400, "not a request of HTTP" },
		{ GET UPGRADE KEY VERSION SIP "\r\n", 400, "one Host" },
		{ GET HOST HOST UPGRADE KEY VERSION SIP "\r\n", 400, "one Host" },
		{ GET "Host:\r\n" UPGRADE KEY VERSION SIP "\r\n", 400, "one Host" },
		{ GET HOST UPGRADE VERSION SIP "\r\n", 400, "Sec-WebSocket-Key" },
		{ GET HOST UPGRADE KEY KEY VERSION SIP "\r\n", 400, "Sec-WebSocket-Key" },
		{ GET HOST UPGRADE VERSION SIP
			"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ\r\n\r\n",
			400, "Sec-WebSocket-Key" },
		{ GET HOST UPGRADE VERSION SIP
			"Sec-WebSocket-Key: dGhl(HNhbXBsZSBub25jZQ==\r\n\r\n",
			400, "Sec-WebSocket-Key" },
		{ GET HOST UPGRADE KEY VERSION "\r\n", 400, "offer `sip`" },
		{ GET HOST UPGRADE KEY VERSION
			"Sec-WebSocket-Protocol: sips, si p\r\n\r\n",
			400, "offer `sip`" },
		{ GET HOST UPGRADE KEY VERSION SIP " folded: x\r\n\r\n", 400,
			"NAME: VALUE" },
		{ GET HOST UPGRADE KEY VERSION SIP "Name : x\r\n\r\n", 400,
			"NAME: VALUE" },
		{ GET HOST UPGRADE KEY VERSION SIP "no colon\r\n\r\n", 400,
			"NAME: VALUE" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char answer[SIP_HANDSHAKE_ANSWER_LEN];
		char line[32];
		const char *body;
		unsigned long said;

		CHECK_INT(
			read_with(cases[i].text, &origins, answer), ==, cases[i].status);
		snprintf(line, sizeof(line), "HTTP/1.1 %u ", cases[i].status);
		CHECK(strncmp(answer, line, strlen(line)) == 0);
		CHECK(strstr(answer, cases[i].says) != NULL);
		CHECK((strstr(answer, "\r\nSec-WebSocket-Version: 13\r\n") != NULL) ==
			(cases[i].status == 426));
		CHECK(strstr(answer, "close\r\n") != NULL);
		body = strstr(answer, "\r\n\r\n") + 4;
		said = strtoul(strstr(answer, "Content-Length: ") + 16, NULL, 10);
		CHECK_INT(strlen(body), ==, said);
	}
}

/* RFC 6455 4.2.2, 10.2: a page that somebody else has put into a browser must not speak
 * for the machine that the browser is on. */
TEST(a_page_may_come_when_its_origin_is_named)
{
	static const char *const all[] = { "*" };
	static const struct sip_config_list everybody = { all, 1 };
	static const struct sip_config_list nobody = { NULL, 0 };
	static const struct {
		const char *fields;
		const struct sip_config_list *allowed;
		unsigned status;
	} cases[] = {
		{ "Origin: https://phone.example.com\r\n", &origins, 101 },
		{ "Origin: http://localhost:8080\r\n", &origins, 101 },
		{ "Origin: http://localhost:8081\r\n", &origins, 403 },
		{ "Origin: http://phone.example.com\r\n", &origins, 403 },
		{ "Origin: https://phone.example.com.evil.test\r\n", &origins, 403 },
		{ "Origin: null\r\n", &origins, 403 },
		{ "Origin:\r\n", &origins, 403 },
		{ "Origin: *\r\n", &origins, 403 },
		{ "Origin: http://localhost:8080\r\nOrigin: http://localhost:8080\r\n",
			&origins, 400 },
		{ "", &origins, 101 },
		{ "", &nobody, 101 },
		{ "Origin: https://phone.example.com\r\n", &nobody, 403 },
		{ "Origin: https://evil.test\r\n", &everybody, 101 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char text[512];
		char answer[SIP_HANDSHAKE_ANSWER_LEN];

		snprintf(text, sizeof(text), GET HOST UPGRADE KEY VERSION SIP "%s\r\n",
			cases[i].fields);
		CHECK_INT(read_with(text, cases[i].allowed, answer), ==, cases[i].status);
	}
}
