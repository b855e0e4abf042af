/* SPDX-License-Identifier: BSD-2-Clause */
/* The ACK of a non-2xx.  Quotes: RFC 3261 section 17.1.1.3. */
#include "support/check.h"
#include "support/txn_fixture.h"
#include "transaction/hop_request.h"

/*
 * Call-ID, From and Request-URI "equal to the values of those header fields" in the
 * INVITE; "The To header field in the ACK MUST equal the To header field in the
 * response"; "a single Via header field"; "the same value for the sequence number ... but
 * the method parameter MUST be equal to "ACK""; Route "header fields MUST appear in the
 * ACK".  Nothing else of the INVITE is there.
 */
TEST(ack_is_the_one_of_the_rfc)
{
	struct txn_fixture *f = txn_fixture_begin(SIP_UDP);

	txn_call(f, "INVITE");
	txn_receive_response(f, "INVITE", 486);

	CHECK_STR(sip_str_of(wire_last(&f->wire, "ACK ")->text),
		"ACK sip:alice@203.0.113.9:5062 SIP/2.0\r\n"
		"Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKours;rport\r\n"
		"Route: <sip:one.example.com;lr>, <sip:two.example.com;lr>\r\n"
		"Route: <sip:three.example.com;lr>\r\n"
		"From: \"Bob, the first\" <sip:bob@example.com>;tag=ours\r\n"
		"To: <sip:alice@example.com>;tag=theirs\r\n"
		"Call-ID: call-1\r\n"
		"CSeq: 4711 ACK\r\n"
		"Max-Forwards: 17\r\n"
		"Content-Length: 0\r\n\r\n");

	txn_fixture_end(f);
}

/* "The ACK MUST be sent to the same address, port, and transport to which the original
 * request was sent." (17.1.1.2) */
TEST(ack_goes_where_the_invite_went)
{
	struct txn_fixture *f = txn_fixture_begin(SIP_UDP);

	txn_call(f, "INVITE");
	txn_receive_response(f, "INVITE", 404);

	CHECK(sip_flow_equal(&wire_last(&f->wire, "ACK ")->flow,
		&wire_last(&f->wire, "INVITE ")->flow));

	txn_fixture_end(f);
}

/* That of a refused INVITE, whichever way its fields were written. */
#define ACK                                                                              \
	"ACK sip:a@203.0.113.9 SIP/2.0\r\n"                                              \
	"Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKours\r\n"                              \
	"From: <sip:b@b>;tag=1\r\n"                                                      \
	"To: <sip:alice@example.com>;tag=theirs\r\n"                                     \
	"Call-ID: call-1\r\n"                                                            \
	"CSeq: 1 ACK\r\n"                                                                \
	"Max-Forwards: 70\r\n"                                                           \
	"Content-Length: 0\r\n\r\n"

/* A proxy's Vias may stand in one line, and an INVITE of another hand may lack
 * Max-Forwards: 8.1.1.6 "This value SHOULD be 70." */
TEST(ack_takes_the_first_of_several_vias_in_one_line)
{
	struct txn_fixture *f = txn_fixture_begin(SIP_UDP);

	txn_in_turn(f, txn_send,
		(char[]){ "INVITE sip:a@203.0.113.9 SIP/2.0\n"
			  "Via:SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKours,SIP/2.0/UDP b\n"
			  "From:<sip:b@b>;tag=1\nTo:<sip:a@a>\nCall-ID:call-1\n"
			  "CSeq:  1   INVITE\nContent-Length:0\n\n" });
	txn_receive_response(f, "INVITE", 600);

	CHECK_STR(sip_str_of(wire_last(&f->wire, "ACK ")->text), ACK);

	txn_fixture_end(f);
}

/* The shortest way to write each field makes an ACK that is longer than its INVITE. */
TEST(ack_has_room_for_hundreds_of_short_routes)
{
	static const char head[] =
		"INVITE sip:a@b SIP/2.0\n"
		"v:SIP/2.0/UDP b;branch=z9hG4bKours\n"
		"f:<sip:b@b>;tag=1\nt:<sip:a@a>\ni:call-1\nCSeq:1 INVITE\n";
	struct txn_fixture *f = txn_fixture_begin(SIP_UDP);
	char text[8192];
	size_t len = sizeof(head) - 1;

	memcpy(text, head, len);
	for (int i = 0; i < 240; i++) {
		memcpy(text + len, "Route:<sip:r>\n", 14);
		len += 14;
	}
	memcpy(text + len, "\n", 2);
	txn_in_turn(f, txn_send, text);
	txn_receive_response(f, "INVITE", 600);

	CHECK_INT(wire_count(&f->wire, "ACK "), ==, 1);

	txn_fixture_end(f);
}

/* 25.1: a quoted-pair may be any character but CR and LF; RFC 4475 3.1.1.2 has a NUL in a
 * display name, which a proxy passes on. */
TEST(ack_has_the_quoted_nul_of_its_invite)
{
	static const char text[] =
		"INVITE sip:a@203.0.113.9 SIP/2.0\r\n"
		"Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKours\r\n"
		"From: \"NUL:\\\0\" <sip:b@b>;tag=1\r\nTo: <sip:a@a>\r\nCall-ID: call-1\r\n"
		"CSeq: 1 INVITE\r\n\r\n";
	static const char from[] = "From: \"NUL:\\\0\" <sip:b@b>;tag=1\r\n";
	struct txn_fixture *f = txn_fixture_begin(SIP_UDP);
	struct sip_hop_request what = { .method = SIP_STR("ACK") };
	struct sip_tx_data *request = sip_tx_data_create(f->tx_slab, sizeof(text));
	struct sip_tx_data *ack = NULL;

	CHECK(request != NULL);
	memcpy(request->text, text, sizeof(text) - 1);
	request->len = sizeof(text) - 1;
	request->sealed = true;

	CHECK_INT(sip_hop_request_build(request, &what, &ack), ==, 0);

	CHECK(memmem(ack->text, ack->len, from, sizeof(from) - 1) != NULL);
	sip_tx_data_unref(&ack);
	sip_tx_data_unref(&request);
	txn_fixture_end(f);
}

/* Copies of a field that say the same pass; what is made of them has one. */
TEST(ack_has_one_of_each_field_that_its_invite_repeats)
{
	static const char head[] = "INVITE sip:a@203.0.113.9 SIP/2.0\n"
				   "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKours\n";
	static const char lines[] = "f:<sip:b@b>;tag=1\nt:<sip:a@a>\ni:call-1\n"
				    "CSeq:1 INVITE\nMax-Forwards:70\n";
	struct txn_fixture *f = txn_fixture_begin(SIP_UDP);
	char text[8192];
	size_t len = sizeof(head) - 1;

	memcpy(text, head, len);
	for (int i = 0; i < 50; i++) {
		memcpy(text + len, lines, sizeof(lines) - 1);
		len += sizeof(lines) - 1;
	}
	memcpy(text + len, "\n", 2);
	txn_in_turn(f, txn_send, text);
	txn_receive_response(f, "INVITE", 600);

	CHECK_STR(sip_str_of(wire_last(&f->wire, "ACK ")->text), ACK);

	txn_fixture_end(f);
}
