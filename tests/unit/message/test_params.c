/* SPDX-License-Identifier: BSD-2-Clause */
/* Parameters of header fields and q values: RFC 3261 section 25.1. */
#include "res_sip/error.h"
#include "res_sip/message.h"
#include "support/check.h"

static const struct {
	const char *params, *name;
	bool found;
	const char *value;
} finds[] = {
	{ "a=1;b;c=\"x\"", "a", true, "1" },
	{ "a=1;b;c=\"x\"", "B", true, NULL },
	{ "a=1;b;c=\"x\"", "c", true, "x" },
	{ "a=1;b;c=\"x\"", "d", false, NULL },
	{ " a = 1 ; b ", "a", true, "1" },
	{ " a = 1 ; b ", "b", true, NULL },
	{ "a=\"b=2;c\";b=3", "b", true, "3" },
	{ "a=\"\\\";b=2\";b=3", "b", true, "3" },
	{ "a=\"\"", "a", true, "" },
	{ "ab=1", "a", false, NULL },
	{ "", "a", false, NULL },
	{ "=1;a", "a", false, NULL },
	{ "a=\"1", "a", false, NULL },
	{ "+sip.instance=\"<urn:uuid:f8>\";reg-id=1", "+sip.instance", true,
		"<urn:uuid:f8>" },
	{ "maddr=[2001:db8::1];x", "maddr", true, "[2001:db8::1]" },
};

TEST(a_parameter_is_found_by_its_name)
{
	for (size_t i = 0; i < sizeof(finds) / sizeof(finds[0]); i++) {
		struct sip_str value = SIP_STR("untouched");
		bool found = sip_param_find(
			sip_str_of(finds[i].params), sip_str_of(finds[i].name), &value);

		CHECK_INT(found, ==, finds[i].found);
		if (found)
			CHECK_STR(value, finds[i].value);
	}
}

TEST(a_parameter_is_found_where_its_value_is_not_wanted)
{
	CHECK(sip_param_find(SIP_STR("a=1;b"), SIP_STR("b"), NULL));
	CHECK(!sip_param_find((struct sip_str){ NULL, 0 }, SIP_STR("b"), NULL));
}

static const struct {
	const char *text;
	int error;
	uint32_t thousandths;
} qvalues[] = {
	{ "0", 0, 0 },
	{ "1", 0, 1000 },
	{ "0.", 0, 0 },
	{ "1.", 0, 1000 },
	{ "0.5", 0, 500 },
	{ "0.33", 0, 330 },
	{ "0.001", 0, 1 },
	{ "0.999", 0, 999 },
	{ "1.000", 0, 1000 },
	{ "1.001", SIP_ESYNTAX, 0 },
	{ "1.1", SIP_ESYNTAX, 0 },
	{ "2", SIP_ESYNTAX, 0 },
	{ "", SIP_ESYNTAX, 0 },
	{ ".5", SIP_ESYNTAX, 0 },
	{ "0.1234", SIP_ESYNTAX, 0 },
	{ "05", SIP_ESYNTAX, 0 },
	{ "0.a", SIP_ESYNTAX, 0 },
	{ "-0", SIP_ESYNTAX, 0 },
	{ "0,5", SIP_ESYNTAX, 0 },
};

TEST(a_q_value_is_read_in_thousandths)
{
	for (size_t i = 0; i < sizeof(qvalues) / sizeof(qvalues[0]); i++) {
		uint32_t thousandths = 0;

		CHECK_INT(sip_qvalue_parse(sip_str_of(qvalues[i].text), &thousandths), ==,
			qvalues[i].error);
		CHECK_INT(thousandths, ==, qvalues[i].thousandths);
	}
}

TEST(parameters_are_walked_in_their_order)
{
	struct sip_str rest = SIP_STR("a=1 ; b;C = \"x;y\"");
	struct sip_str name;
	struct sip_str value;

	CHECK(sip_param_next(&rest, &name, &value));
	CHECK_STR(name, "a");
	CHECK_STR(value, "1");
	CHECK(sip_param_next(&rest, &name, &value));
	CHECK_STR(name, "b");
	CHECK_STR(value, NULL);
	CHECK(sip_param_next(&rest, &name, &value));
	CHECK_STR(name, "C");
	CHECK_STR(value, "x;y");
	CHECK(!sip_param_next(&rest, &name, &value));
}

TEST(a_walk_ends_where_parameters_are_malformed)
{
	static const char *const bad[] = { "", ";", "=1", "a=", "a b", "a=\"", "a=1,b" };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct sip_str rest = sip_str_of(bad[i]);
		struct sip_str name;
		struct sip_str value;

		if (sip_param_next(&rest, &name, &value))
			check_failed(__FILE__, __LINE__, "\"%s\" was accepted", bad[i]);
	}
}
