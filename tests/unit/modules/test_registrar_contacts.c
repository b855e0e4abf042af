/* SPDX-License-Identifier: BSD-2-Clause */
/* The registrar: what its Contact and Path fields ask for.  Quotes: RFC 3261
 * section 10.3. */
#include "unit/modules/registrar_fixture.h"

static const struct {
	const char *headers;
	int status;
	const char *reason;
} requests[] = {
	{ "", 200, "" },
	{ "Contact: <sip:a@198.51.100.7>\n", 200, "" },
	{ "Contact: sip:a@198.51.100.7;expires=60\n", 200, "" },
	{ "m: <sip:a@198.51.100.7>, <sip:b@198.51.100.7>\n", 200, "" },
	{ "Contact: <sips:a@198.51.100.7>\n", 400, "SIPS Contact Without SIPS" },
	{ "Contact: <tel:+15551234>\n", 200, "" },
	{ "Contact: <sip:a@192.0.2.1:5070>\n", 200, "" },
	{ "Contact: <mailto:a@198.51.100.7>\n", 403, "Contact Scheme Not Accepted" },
	{ "Contact: <sip:a@192.0.2.1>\n", 403, "Contact Is This Server" },
	{ "Contact: <sip:6001@example.com>\n", 403, "Contact Is This Server" },
	{ "Contact: <sip:a@198.51.100.7>, <sip:a@192.0.2.1>\n", 403,
		"Contact Is This Server" },
	{ "Contact: <sip:a@198.51.100.7>, <sip:a@192.0.2.66>\n", 403,
		"Contact Not Allowed" },
	{ "Contact: <sip:a@192.0.2.66>;expires=0\n", 200, "" },
	{ "Contact: <sip:>\n", 400, "Malformed Contact" },
	{ "Contact: <sip:a@198.51.100.7\n", 400, "Malformed Contact" },
	{ "Contact: <sip:a@198.51.100.7>;q=2\n", 400, "Malformed q in Contact" },
	{ "Contact: <sip:a@198.51.100.7>;q\n", 400, "Malformed q in Contact" },
	{ "Contact: *\nExpires: 0\n", 200, "" },
	/* "If the request has additional Contact fields or an expiration time other than
	 * zero, the request is invalid" */
	{ "Contact: *\n", 400, "Contact * Needs Expires 0" },
	{ "Contact: *\nExpires: 60\n", 400, "Contact * Needs Expires 0" },
	{ "Contact: *\nExpires: none\n", 400, "Contact * Needs Expires 0" },
	{ "Contact: *;expires=0\n", 400, "Contact * Needs Expires 0" },
	{ "Contact: *, <sip:a@198.51.100.7>\nExpires: 0\n", 400,
		"Contact * Stands Alone" },
	{ "Contact: <sip:a@198.51.100.7>\nContact: *\nExpires: 0\n", 400,
		"Contact * Stands Alone" },
	{ "Contact: <sip:a@198.51.100.7>;expires=59\n", 423, "" },
	{ "Contact: <sip:a@198.51.100.7>\nExpires: 59\n", 423, "" },
	{ "Contact: <sip:a@198.51.100.7>;expires=60\nExpires: 59\n", 200, "" },
	{ "Contact: <sip:a@198.51.100.7>;expires=0\n", 200, "" },
	{ "Contact: <sip:a@198.51.100.7>, <sip:b@198.51.100.7>;expires=1\n", 423, "" },
};

/* "a particular REGISTER request is either processed completely or not at all" */
TEST(contacts_are_all_taken_or_none)
{
	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		struct ast_sip_endpoint phone = { 0 };
		registrar_begin(&phone);
		int status = registrar_answers(requests[i].headers);
		if (status != requests[i].status)
			check_failed(__FILE__, __LINE__, "%d, not %d, for %s", status,
				requests[i].status, requests[i].headers);
		CHECK_STR(sip_str_of(fake.response.reason), requests[i].reason);
		CHECK_INT(fake.registration.calls, ==, status == 200);
		registrar_end();
	}
}

/* "This response MUST contain a Min-Expires header field" */
TEST(too_brief_says_what_would_be_long_enough)
{
	struct ast_sip_endpoint phone = { 0 };

	registrar_begin(&phone);
	CHECK_INT(
		registrar_answers("Contact: <sip:a@198.51.100.7>;expires=30\n"), ==, 423);
	CHECK(fake_has_header("Min-Expires: 60"));
	registrar_end();
}

TEST(each_contact_has_its_own_time_and_preference)
{
	struct ast_sip_endpoint phone = { 0 };
	const struct ast_sip_binding *binding = fake.registration.binding;

	registrar_begin(&phone);
	CHECK_INT(
		registrar_answers("Contact: <sip:a@198.51.100.7>;q=0.5;expires=100\n"
				  "Contact: <sip:b@198.51.100.7>;EXPIRES=soon, "
				  "<sip:c@198.51.100.7>;expires=0, <sip:d@198.51.100.7>\n"
				  "Expires: 90000\n"),
		==, 200);
	CHECK_INT(fake.registration.change.count, ==, 4);
	CHECK_INT(binding[0].expires_s, ==, 100);
	CHECK_INT(binding[0].q, ==, 500);
	CHECK_INT(binding[1].expires_s, ==, 3600); /* malformed */
	CHECK_INT(binding[1].q, ==, 1000);
	CHECK_INT(binding[2].expires_s, ==, 0);
	CHECK_INT(binding[3].expires_s, ==, 7200); /* at most */
	CHECK_STR(binding[3].uri, "sip:d@198.51.100.7");
	registrar_end();
}

static const struct {
	const char *given;
	const char *kept;
} params[] = {
#define LONG_VALUE                                                                       \
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"   \
	"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"   \
	"cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"   \
	"dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd"
	{ ";x=" LONG_VALUE ";q=1", "x=" LONG_VALUE },
	{ "", "" },
	{ ";q=0.5", "" },
	{ ";expires=100;q=1", "" },
	{ ";+sip.instance=\"<urn:uuid:1>\"", "+sip.instance=\"<urn:uuid:1>\"" },
	{ ";expires=100;reg-id=1;q=0.5;+sip.instance=\"a;q=\\\";1\"",
		"+sip.instance=\"a;q=\\\";1\"" },
	{ " ; audio = 1 ; reg-id = 1 ; Expires = 100 ; methods=\"INVITE,ACK\"",
		"audio = 1;methods=\"INVITE,ACK\"" },
	{ ";qq=1;expires2=3", "qq=1;expires2=3" },
};

TEST(other_parameters_belong_to_the_binding)
{
	for (size_t i = 0; i < sizeof(params) / sizeof(params[0]); i++) {
		struct ast_sip_endpoint phone = { 0 };
		char headers[512] = "Contact: <sip:a@198.51.100.7>";
		strcat(strcat(headers, params[i].given), "\n");
		registrar_begin(&phone);
		CHECK_INT(registrar_answers(headers), ==, 200);
		CHECK_STR(fake.registration.binding[0].params, params[i].kept);
		registrar_end();
	}
}

/* A quoted-pair may be one (25.1); what is kept goes on in header fields that have none,
 * and an answer that ends there could not be read. */
TEST(a_nul_is_not_kept)
{
	static const char *const headers[] = {
		"Contact: <sip:a@198.51.100.7>;x=\"a\\#b\"\n",
		"Contact: <sip:a@198.51.100.7>\nSupported: path\n"
		"Path: \"a\\#b\" <sip:edge.org;lr>\n",
	};

	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
		const struct fake_message message = { .headers = headers[i], .nul = '#' };
		struct ast_sip_endpoint phone = { 0 };

		registrar_begin(&phone);
		fake.aor[0].support_path = true;
		fake.response = (struct fake_response){ 0 };
		CHECK(fake.service->on_rx_request(fake_request(&message)));
		CHECK_INT(fake.response.status, ==, 400);
		CHECK_INT(fake.registration.calls, ==, 0);
		registrar_end();
	}
}

/* Each is looked for among all that the AOR has and had. */
TEST(there_are_not_more_contacts_than_make_sense)
{
	static const char goes[] = "<sip:a@b>;expires=0,";
	char headers[80 * sizeof(goes)] = "Contact: ";
	struct ast_sip_endpoint phone = { 0 };

	for (size_t i = 0; i < 64 + 5; i++)
		strcat(headers, goes);
	registrar_begin(&phone);
	CHECK_INT(registrar_answers(strcat(headers, "\n")), ==, 200);
	headers[strlen(headers) - 1] = '\0';
	CHECK_INT(registrar_answers(strcat(strcat(headers, goes), "\n")), ==, 403);
	CHECK_STR(sip_str_of(fake.response.reason), "Too Many Contacts");
	CHECK_INT(fake.registration.calls, ==, 1);
	registrar_end();
}

TEST(a_star_removes_all)
{
	struct ast_sip_endpoint phone = { 0 };

	registrar_begin(&phone);
	CHECK_INT(registrar_answers("Contact: *\nExpires: 0\n"), ==, 200);
	CHECK_INT(fake.registration.change.remove_all, ==, true);
	CHECK_INT(fake.registration.change.count, ==, 0);
	registrar_end();
}

TEST(without_a_contact_nothing_is_changed)
{
	struct ast_sip_endpoint phone = { 0 };

	registrar_begin(&phone);
	CHECK_INT(registrar_answers("Expires: 0\n"), ==, 200);
	CHECK_INT(fake.registration.change.remove_all, ==, false);
	CHECK_INT(fake.registration.change.count, ==, 0);
	registrar_end();
}

static const struct {
	bool supported;
	const char *headers;
	int status;
} paths[] = {
	{ true, "Path: <sip:edge.org;lr>\nSupported: path\n", 200 },
	{ true, "Path: <sip:edge.org;lr>\nk: gruu, PATH\n", 200 },
	{ true, "Path: <sip:edge.org;lr>\n", 420 },
	{ false, "Path: <sip:edge.org;lr>\nSupported: path\n", 420 },
	{ false, "Supported: path\n", 200 },
	{ true, "Path: edge.org\nSupported: path\n", 400 },
	{ true, "Path: <tel:+15551234>\nSupported: path\n", 400 },
};

/* RFC 3327 section 5.3 */
TEST(a_path_is_kept_or_refused_and_never_ignored)
{
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		struct ast_sip_endpoint phone = { 0 };
		registrar_begin(&phone);
		fake.aor[0].support_path = paths[i].supported;
		CHECK_INT(registrar_answers(paths[i].headers), ==, paths[i].status);
		CHECK_INT(
			fake_has_header("Unsupported: path"), ==, paths[i].status == 420);
		CHECK_INT(fake.registration.calls, ==, paths[i].status == 200);
		registrar_end();
	}
}

TEST(all_values_of_path_are_kept_in_order_and_given_back)
{
	struct ast_sip_endpoint phone = { 0 };

	registrar_begin(&phone);
	fake.aor[0].support_path = true;
	CHECK_INT(registrar_answers("Path: <sip:near.org;lr>, <sip:mid.org;lr>\n"
				    "Supported: path\nPath: <sip:far.org;lr>\n"),
		==, 200);
	CHECK_STR(fake.registration.change.path,
		"<sip:near.org;lr>, <sip:mid.org;lr>, <sip:far.org;lr>");
	CHECK(fake_has_header(
		"Path: <sip:near.org;lr>, <sip:mid.org;lr>, <sip:far.org;lr>"));
	registrar_end();
}

#define SIPS     "sips:example.com"
#define SIP_TO   "<sip:6001@example.com>"
#define SIPS_TO  "<sips:6001@example.com>"
#define INSECURE "SIPS Contact Without SIPS"

static const struct {
	const char *uri;
	const char *to;
	const char *headers;
	enum sip_transport_kind kind;
	int status;
	const char *reason;
} schemes[] = {
	{ SIPS, SIP_TO, "Contact: <sips:a@198.51.100.7>\n", SIP_TLS, 200, "" },
	{ SIPS, SIPS_TO, "Contact: <sips:a@198.51.100.7>\n", SIP_WSS, 200, "" },
	{ SIPS, SIPS_TO, "Contact: <sips:a@198.51.100.7>\n", SIP_TCP, 403,
		"SIPS Needs TLS" },
	{ SIPS, SIPS_TO, "Contact: <sips:a@198.51.100.7>, <sip:b@198.51.100.7>\n",
		SIP_TLS, 400, INSECURE },
	{ "sip:example.com", SIP_TO, "Contact: <sips:a@198.51.100.7>\n", SIP_TLS, 400,
		INSECURE },
	{ SIPS, SIP_TO, "Contact: <sip:a@198.51.100.7>\n", SIP_TLS, 200, "" },
	{ SIPS, SIPS_TO, "Contact: <sip:a@198.51.100.7>\n", SIP_TLS, 400,
		"SIPS Needs A SIPS Contact" },
	/* What is removed is secure enough. */
	{ SIPS, SIPS_TO,
		"Contact: <sips:a@198.51.100.7>, <sip:b@198.51.100.7>;expires=0\n",
		SIP_TLS, 200, "" },
	{ "sip:example.com", SIP_TO, "Contact: <sips:a@198.51.100.7>;expires=0\n",
		SIP_UDP, 200, "" },
	{ SIPS, SIP_TO,
		"Contact: <sips:a@198.51.100.7>\nSupported: path\n"
		"Path: <sips:near.org;lr>, <sips:far.org;lr>\n",
		SIP_TLS, 200, "" },
	{ SIPS, SIP_TO,
		"Contact: <sips:a@198.51.100.7>\nSupported: path\n"
		"Path: <sips:near.org;lr>, <sip:far.org;lr>\n",
		SIP_TLS, 400, INSECURE },
};

/* RFC 5630 section 5.2: "MUST accept a binding to a SIPS Contact header field only if all
 * the appropriate URIs are of the SIPS scheme"; RFC 3261 10.2.1. */
TEST(a_sips_contact_is_registered_by_sips_alone)
{
	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		struct ast_sip_endpoint phone = { 0 };

		registrar_begin(&phone);
		fake.aor[0].support_path = true;
		fake.flow.kind = schemes[i].kind;
		CHECK(fake.service->on_rx_request(
			fake_request(&(struct fake_message){ .uri = schemes[i].uri,
				.to = schemes[i].to,
				.headers = schemes[i].headers })));
		if (fake.response.status != schemes[i].status)
			check_failed(__FILE__, __LINE__, "row %zu: %d %s", i,
				fake.response.status, fake.response.reason);
		CHECK_STR(sip_str_of(fake.response.reason), schemes[i].reason);
		CHECK_INT(fake.registration.calls, ==, schemes[i].status == 200);
		registrar_end();
	}
}
