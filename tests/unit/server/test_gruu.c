/* SPDX-License-Identifier: BSD-2-Clause */
/* URIs that name one phone of a user: RFC 5627. */
#include "server/contacts/gruu_token.h"

#include "support/ask.h"
#include "support/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ONE "+sip.instance=\"<urn:uuid:00000000-0000-1000-8000-00000000000A>\""
#define TWO "+sip.instance=\"<urn:uuid:00000000-0000-1000-8000-00000000000B>\""

#define PUBLIC_ONE "sip:6001@example.org;gr=urn:uuid:00000000-0000-1000-8000-00000000000A"

#define PHONE_1 "192.0.2.101:5070"
#define PHONE_2 "192.0.2.102:5070"

static void register_phone(struct world *w, const char *peer, const char *instance,
	const char *call_id, unsigned cseq, const char *more)
{
	char extra[512];

	snprintf(extra, sizeof(extra), "Max-Forwards: 70\nContact: <sip:6001@%s>;%s\n%s",
		peer, instance, more);
	CHECK_INT(ASK_AS(w, .method = "REGISTER", .call_id = call_id, .cseq = cseq,
			  .peer = peer, .extra = extra),
		==, 200);
}

#define SUPPORTED "Supported: gruu\n"

/* The value of a parameter of the latest 200's first Contact that has `instance`; ""
 * where it has none.  Static buffers, four by turns. */
static const char *given(struct world *w, const char *instance, const char *name)
{
	static char text[4][512];
	static unsigned turn;
	char *out = text[turn++ % 4];
	const char *at = strstr(wire_last(&w->wire, "SIP/2.0 200")->text, instance);
	char mark[32];
	const char *end;

	CHECK(at != NULL);
	end = strstr(at, "\r\n");
	snprintf(mark, sizeof(mark), ";%s=\"", name);
	at = strstr(at, mark);
	out[0] = '\0';
	if (at == NULL || at > end)
		return out;
	at += strlen(mark);
	snprintf(out, sizeof(text[0]), "%.*s", (int)strcspn(at, "\""), at);
	return out;
}

static struct world *world_of_two_phones(void)
{
	struct world *w = world_create(NULL);

	register_phone(w, PHONE_1, ONE, "phone-1", 1, SUPPORTED);
	register_phone(w, PHONE_2, TWO, "phone-2", 1, SUPPORTED);
	return w;
}

/* Who is called by an INVITE to that URI: `1`, `2`, `12`, or the answer's code. */
static const char *rings(struct world *w, const char *uri)
{
	static char text[16];
	static unsigned calls;
	char call_id[16];
	int status;

	snprintf(call_id, sizeof(call_id), "call-%u", ++calls);
	status = ASK(w, .method = "INVITE", .uri = uri, .from = "open", .peer = TRUNK,
		.call_id = call_id,
		.extra = "Max-Forwards: 70\nContact: <sip:open@192.0.2.99>\n");

	text[0] = '\0';
	for (size_t i = 0; i < w->wire.count; i++) {
		char peer[SIP_ADDR_TEXT_LEN];

		if (strncmp(w->wire.sent[i].text, "INVITE ", 7) != 0)
			continue;
		sip_addr_text(&w->wire.sent[i].flow.peer, peer);
		strcat(text, strcmp(peer, PHONE_1) == 0 ? "1" : "2");
	}
	if (text[0] == '\0')
		snprintf(text, sizeof(text), "%d", status);
	return text;
}

#define CHECK_RINGS(w, uri, wanted) CHECK_STR(sip_str_of(rings(w, uri)), wanted)

/* Section 5.3: for whoever has gruu in Supported, and of each contact with an instance.
 */
TEST(a_phone_that_asks_for_them_is_given_a_public_and_a_temporary_one)
{
	struct world *w = world_create(NULL);

	register_phone(w, PHONE_1, ONE, "phone-1", 1, "");
	CHECK_STR(sip_str_of(given(w, ONE, "pub-gruu")), "");
	register_phone(w, PHONE_1, ONE, "phone-1", 2, SUPPORTED);
	CHECK_STR(sip_str_of(given(w, ONE, "pub-gruu")), PUBLIC_ONE);
	CHECK(strncmp(given(w, ONE, "temp-gruu"), "sip:tgruu.", 10) == 0);
	CHECK(strstr(given(w, ONE, "temp-gruu"), "@example.org;gr") != NULL);
	world_destroy(&w);
}

TEST(a_contact_without_an_instance_is_given_none)
{
	struct world *w = world_create(NULL);

	register_phone(w, PHONE_1, "audio", "phone-1", 1, SUPPORTED);
	CHECK_STR(sip_str_of(given(w, "audio", "pub-gruu")), "");
	CHECK_STR(sip_str_of(given(w, "audio", "temp-gruu")), "");
	world_destroy(&w);
}

TEST(a_gruu_rings_its_phone_and_no_other)
{
	struct world *w = world_of_two_phones();
	char temporary[512];

	snprintf(temporary, sizeof(temporary), "%s", given(w, TWO, "temp-gruu"));
	CHECK_RINGS(w, "sip:6001@example.org", "21");
	CHECK_RINGS(w, PUBLIC_ONE, "1");
	CHECK_RINGS(w, temporary, "2");
	/* URNs have no case, and escapes none of their own. */
	CHECK_RINGS(w,
		"sip:6001@example.org;gr=URN:uuid:00000000-0000-1000-8000-00000000000%62",
		"2");
	world_destroy(&w);
}

TEST(a_gruu_of_nobody_rings_nobody)
{
	struct world *w = world_of_two_phones();
	char changed[512];
	size_t at;

	snprintf(changed, sizeof(changed), "%s", given(w, TWO, "temp-gruu"));
	CHECK_RINGS(w, "sip:6001@example.org;gr=urn:uuid:x", "480");
	CHECK_RINGS(w, "sip:nobody@example.org;gr=urn:uuid:x", "404");
	CHECK_RINGS(w, "sip:tgruu.00@example.org;gr", "404");
	at = strlen("sip:tgruu.");
	changed[at] = changed[at] == '0' ? '1' : '0';
	CHECK_RINGS(w, changed, "404");
	world_destroy(&w);
}

/* Section 5.4: each registration gives another one, and all hold, until the Call-ID
 * changes or the phone is gone. */
TEST(a_temporary_gruu_holds_until_the_call_id_changes)
{
	struct world *w = world_of_two_phones();
	char first[512];
	char second[512];
	char third[512];

	snprintf(first, sizeof(first), "%s", given(w, TWO, "temp-gruu"));
	register_phone(w, PHONE_2, TWO, "phone-2", 2, SUPPORTED);
	snprintf(second, sizeof(second), "%s", given(w, TWO, "temp-gruu"));
	CHECK(strcmp(first, second) != 0);
	CHECK_RINGS(w, first, "2");
	CHECK_RINGS(w, second, "2");
	register_phone(w, PHONE_2, TWO, "phone-2-anew", 1, SUPPORTED);
	snprintf(third, sizeof(third), "%s", given(w, TWO, "temp-gruu"));
	CHECK_RINGS(w, second, "480");
	CHECK_RINGS(w, third, "2");
	world_destroy(&w);
}

TEST(a_temporary_gruu_tells_nobody_whose_it_is)
{
	struct world *w = world_of_two_phones();
	const char *text = given(w, TWO, "temp-gruu");

	CHECK(strstr(text, "6001") == NULL);
	CHECK(strstr(text, "36303031") == NULL);
	world_destroy(&w);
}

TEST(a_token_is_read_as_it_was_written_and_no_byte_of_it_changes)
{
	static const struct sip_hash_key key = { { 1, 2 } };
	static const struct sip_hash_key other = { { 1, 3 } };
	struct sip_gruu_token token = {
		.phone = 7, .cseq = 9, .aor_len = 4, .aor = "6001"
	};
	char text[SIP_GRUU_TOKEN_MAX];
	size_t len = sip_gruu_token_write(&key, &token, text);
	struct sip_gruu_token read;

	CHECK(sip_gruu_token_read(&key, (struct sip_str){ text, len }, &read));
	CHECK_INT(read.phone, ==, 7);
	CHECK_INT(read.cseq, ==, 9);
	CHECK_STR(((struct sip_str){ read.aor, read.aor_len }), "6001");
	CHECK(!sip_gruu_token_read(&other, (struct sip_str){ text, len }, &read));
	for (size_t i = 0; i < len; i++) {
		char before = text[i];

		CHECK(!sip_gruu_token_read(&key, (struct sip_str){ text, i }, &read));
		text[i] = before == 'f' ? 'e' : 'f';
		CHECK(!sip_gruu_token_read(&key, (struct sip_str){ text, len }, &read));
		text[i] = before;
	}
}
