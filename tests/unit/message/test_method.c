/* SPDX-License-Identifier: BSD-2-Clause */
/* Methods and reason phrases: RFC 3261 sections 7.1 and 21. */
#include "res_sip/message.h"
#include "support/check.h"

TEST(every_method_is_known_by_its_name)
{
	for (int method = SIP_INVITE; method <= SIP_PUBLISH; method++)
		CHECK_INT(sip_method_of(sip_method_name((enum sip_method)method)), ==,
			method);
	CHECK_STR(sip_method_name(SIP_SUBSCRIBE), "SUBSCRIBE");
}

/* "method names are case-sensitive"; RFC 4475 3.1.1.2: "IN%56ITE is an unknown method" */
TEST(other_names_are_no_method)
{
	static const char *const names[] = { "", "A", "AC", "invite", "Invite", "INVITEE",
		"INVIT", "IN%56ITE", "ACKS", "BYF", "RE%47IST%45R", "REGISTRE", "NOTICE",
		"INX", "PUBLIC" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		CHECK_INT(sip_method_of(sip_str_of(names[i])), ==, SIP_METHOD_OTHER);
	CHECK_INT(sip_method_of((struct sip_str){ NULL, 0 }), ==, SIP_METHOD_OTHER);
}

TEST(a_code_has_its_reason_or_that_of_its_class)
{
	CHECK_STR(sip_status_reason(100), "Trying");
	CHECK_STR(sip_status_reason(200), "OK");
	CHECK_STR(sip_status_reason(407), "Proxy Authentication Required");
	CHECK_STR(sip_status_reason(513), "Message Too Large");
	CHECK_STR(sip_status_reason(606), "Not Acceptable");
	CHECK_STR(sip_status_reason(155), "Trying");
	CHECK_STR(sip_status_reason(299), "OK");
	CHECK_STR(sip_status_reason(399), "Multiple Choices");
	CHECK_STR(sip_status_reason(499), "Bad Request");
	CHECK_STR(sip_status_reason(599), "Server Internal Error");
	CHECK_STR(sip_status_reason(699), "Busy Everywhere");
}
