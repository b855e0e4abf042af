/* SPDX-License-Identifier: BSD-2-Clause */
/* The registrar and phones that register flows: RFC 5626 section 6. */
#include "unit/modules/registrar_fixture.h"

#define INSTANCE  ";+sip.instance=\"<urn:uuid:1>\""
#define SUPPORTED "Supported: path, outbound\n"
#define VIA       "Via: SIP/2.0/UDP 198.51.100.1;branch=z9hG4bKsecond\n"

static const struct {
	const char *headers;
	int status;
	uint32_t reg_id;
	const char *params; /* kept */
} requests[] = {
	{ SUPPORTED "Contact: <sip:a@198.51.100.7>" INSTANCE ";reg-id=1\n", 200, 1,
		"+sip.instance=\"<urn:uuid:1>\";reg-id=1" },
	{ SUPPORTED "Contact: <sip:a@198.51.100.7>;reg-id=2147483647" INSTANCE "\n", 200,
		2147483647, "reg-id=2147483647;+sip.instance=\"<urn:uuid:1>\"" },
	/* Without one of the two it is a contact like any other. */
	{ SUPPORTED "Contact: <sip:a@198.51.100.7>;reg-id=1;x=y\n", 200, 0, "x=y" },
	{ "Contact: <sip:a@198.51.100.7>" INSTANCE ";reg-id=1\n", 200, 0,
		"+sip.instance=\"<urn:uuid:1>\"" },
	{ SUPPORTED "Contact: <sip:a@198.51.100.7>" INSTANCE "\n", 200, 0,
		"+sip.instance=\"<urn:uuid:1>\"" },
	{ SUPPORTED "Contact: <sip:a@198.51.100.7>" INSTANCE ";reg-id=0\n", 400, 0, "" },
	{ SUPPORTED "Contact: <sip:a@198.51.100.7>" INSTANCE ";reg-id=2147483648\n", 400,
		0, "" },
	{ SUPPORTED "Contact: <sip:a@198.51.100.7>" INSTANCE ";reg-id=x\n", 400, 0, "" },
	{ SUPPORTED "Contact: <sip:a@198.51.100.7>" INSTANCE ";reg-id\n", 400, 0, "" },
	/* One flow a request; what goes may be more. */
	{ SUPPORTED "Contact: <sip:a@198.51.100.7>" INSTANCE
		    ";reg-id=1, <sip:b@198.51.100.7>\n",
		400, 0, "" },
	{ SUPPORTED "Contact: <sip:a@198.51.100.7>" INSTANCE
		    ";reg-id=1, <sip:b@198.51.100.7>;expires=0\n",
		200, 1, "+sip.instance=\"<urn:uuid:1>\";reg-id=1" },
	/* Somebody stands between: only one that keeps the flow can be the first hop. */
	{ VIA SUPPORTED "Contact: <sip:a@198.51.100.7>" INSTANCE ";reg-id=1\n", 439, 0,
		"" },
	{ VIA SUPPORTED "Path: <sip:198.51.100.1;lr>\n"
			"Contact: <sip:a@198.51.100.7>" INSTANCE ";reg-id=1\n",
		439, 0, "" },
	{ VIA SUPPORTED "Path: <sip:198.51.100.1;lr;ob>\n"
			"Contact: <sip:a@198.51.100.7>" INSTANCE ";reg-id=1\n",
		200, 1, "+sip.instance=\"<urn:uuid:1>\";reg-id=1" },
	{ VIA SUPPORTED "Path: <sip:198.51.100.2;lr>, <sip:198.51.100.1;lr;ob>\n"
			"Contact: <sip:a@198.51.100.7>" INSTANCE ";reg-id=1\n",
		200, 1, "+sip.instance=\"<urn:uuid:1>\";reg-id=1" },
	{ VIA "Contact: <sip:a@198.51.100.7>" INSTANCE ";reg-id=1\n", 200, 0,
		"+sip.instance=\"<urn:uuid:1>\"" },
};

TEST(a_reg_id_counts_with_an_instance_and_outbound_on_both_sides)
{
	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		struct ast_sip_endpoint phone = { 0 };
		registrar_begin(&phone);
		fake.aor[0].support_path = true;
		int status = registrar_answers(requests[i].headers);
		if (status != requests[i].status)
			check_failed(__FILE__, __LINE__, "%d, not %d, for %s", status,
				requests[i].status, requests[i].headers);
		if (status == 200) {
			const struct ast_sip_binding *binding = &fake.registration
									 .binding[0];
			CHECK_INT(binding->reg_id, ==, requests[i].reg_id);
			CHECK_STR(binding->params, requests[i].params);
			CHECK_INT(fake_has_header("Require: outbound"), ==,
				requests[i].reg_id != 0);
		}
		registrar_end();
	}
}

/* Section 7: requests go by the flow that was registered, and by nothing else. */
TEST(a_flow_is_kept_where_the_contact_of_others_is_not_rewritten)
{
	struct ast_sip_endpoint phone = { 0 };

	registrar_begin(&phone);
	phone.options.rewrite_contact = false;
	CHECK_INT(registrar_answers("Contact: <sip:a@198.51.100.7>" INSTANCE "\n"), ==,
		200);
	CHECK_INT(fake.registration.change.flow.listener, ==, 0);
	CHECK_INT(registrar_answers(SUPPORTED "Contact: <sip:a@198.51.100.7>" INSTANCE
					      ";reg-id=1\n"),
		==, 200);
	CHECK(sip_flow_equal(&fake.registration.change.flow, &fake.flow));
	registrar_end();
}

/* Section 4.4.1: of a connection, and by nobody between. */
TEST(who_registers_a_connection_is_told_how_often_to_keep_it_open)
{
	static const struct {
		uint32_t connection;
		const char *headers;
		bool told;
	} cases[] = {
		{ 7, SUPPORTED "Contact: <sip:a@198.51.100.7>" INSTANCE ";reg-id=1\n",
			true },
		{ 0, SUPPORTED "Contact: <sip:a@198.51.100.7>" INSTANCE ";reg-id=1\n",
			false },
		{ 7, SUPPORTED "Contact: <sip:a@198.51.100.7>" INSTANCE "\n", false },
		{ 7,
			VIA SUPPORTED "Path: <sip:198.51.100.1;lr;ob>\n"
				      "Contact: <sip:a@198.51.100.7>" INSTANCE
				      ";reg-id=1\n",
			false },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ast_sip_endpoint phone = { 0 };

		registrar_begin(&phone);
		fake.aor[0].support_path = true;
		fake.flow.connection = cases[i].connection;
		CHECK_INT(registrar_answers(cases[i].headers), ==, 200);
		CHECK_INT(fake_has_header("Flow-Timer: 120"), ==, cases[i].told);
		CHECK_INT(fake.expected_s, ==, cases[i].told ? 120 : 0);
		registrar_end();
	}
}

/* Else a request of many contacts and many option tags would take the square of its
 * length. */
TEST(outbound_is_looked_for_once_for_all_contacts)
{
#define GOES "<sip:a@198.51.100.7>" INSTANCE ";reg-id=1;expires=0"
	static const char *const headers[] = {
		SUPPORTED "Contact: " GOES "\n",
		SUPPORTED "Contact: " GOES ", " GOES ", " GOES "\n",
	};
	int looks[2];

	for (size_t i = 0; i < 2; i++) {
		struct ast_sip_endpoint phone = { 0 };

		registrar_begin(&phone);
		CHECK_INT(registrar_answers(headers[i]), ==, 200);
		CHECK_INT(fake.registration.change.count, ==, 1 + 2 * i);
		CHECK_INT(fake.registration.binding[2 * i].reg_id, ==, 1);
		looks[i] = fake.token_looks;
		registrar_end();
	}
	CHECK_INT(looks[0], ==, looks[1]);
#undef GOES
}
