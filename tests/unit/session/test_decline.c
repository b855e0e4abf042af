/* SPDX-License-Identifier: BSD-2-Clause */
/* Answers that want nothing.  Quotes: RFC 3264 section 6. */
#include "session/decline.h"
#include "support/check.h"

#include <string.h>

#define HEAD "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nc=IN IP4 0.0.0.0\r\n"

static const char *decline(const char *offer)
{
	static char text[16384];
	struct sip_str given = { offer, strlen(offer) };
	struct sip_builder b;

	sip_builder_init(&b, text, SIP_DECLINE_ROOM(given.len));
	if (!sip_decline(&b, given))
		return NULL;
	text[b.len] = '\0';
	return text;
}

/* "For each 'm=' line in the offer, there MUST be a corresponding 'm=' line in the
 * answer"; "the port number in the corresponding stream in the answer MUST be set to
 * zero"; "The 't=' line in the answer MUST equal the value of the 't=' line in the
 * offer".
 */
TEST(each_stream_is_declined_in_its_place)
{
	const char *answer = decline("v=0\r\no=bob 7 8 IN IP4 192.0.2.1\r\ns=call\r\n"
				     "t=2873397496 2873404696\r\nb=AS:64\r\n"
				     "m=audio 49170/2 RTP/AVP 0 8\r\n"
				     "c=IN IP4 192.0.2.1\r\na=sendrecv\r\n"
				     "m=video 51372 RTP/SAVPF 99\r\na=t=1\r\n"
				     "m=message 0 TCP/MSRP *\r\n");

	CHECK_STR(sip_str_of(answer),
		HEAD "t=2873397496 2873404696\r\n"
		     "m=audio 0 RTP/AVP 0 8\r\n"
		     "m=video 0 RTP/SAVPF 99\r\n"
		     "m=message 0 TCP/MSRP *\r\n");
}

TEST(bare_line_feeds_and_no_times_are_read_too)
{
	CHECK_STR(sip_str_of(decline("v=0\nm=audio 4000 RTP/AVP 0\nm=video 1 x y")),
		HEAD "t=0 0\r\nm=audio 0 RTP/AVP 0\r\nm=video 0 x y\r\n");
}

TEST(what_has_no_stream_or_one_without_a_format_is_not_answered)
{
	static const char *const offers[] = { "", "offer", "v=0\r\nt=0 0\r\n", "m=\r\n",
		"m=audio\r\n", "m=audio 4000\r\n", "m=audio 4000 RTP/AVP\r\n",
		"m=audio 4000 RTP/AVP \r\n", "m=audio  RTP/AVP 0\r\n",
		"m= 1 RTP/AVP 0\r\n", "m=audio 4000  0\r\n",
		"m=audio 4000 RTP/AVP 0\r\nm=audio\r\n", "m=au\rdio 4000 RTP/AVP 0\r\n" };

	for (size_t i = 0; i < sizeof(offers) / sizeof(offers[0]); i++)
		CHECK(decline(offers[i]) == NULL);
}

/* Each of these lines is one character longer in the answer. */
TEST(the_shortest_lines_have_room)
{
	char offer[8192] = "";

	for (int i = 0; i < 400; i++)
		strcat(offer, "t=0\n");
	for (int i = 0; i < 400; i++)
		strcat(offer, "m=a 1 b c\n");
	CHECK(decline(offer) != NULL);
}
