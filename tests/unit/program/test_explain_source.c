/* SPDX-License-Identifier: BSD-2-Clause */
/* The line of the option that decides. */
#include "explain_source.h"
#include "support/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char configuration[] = "[global]\n"           /* 1 */
				    "type=global\n"        /* 2 */
				    "domain=example.org\n" /* 3 */
				    "\n"                   /* 4 */
				    "[6001](phone)\n"      /* 5 */
				    "; aors=6009\n"        /* 6 */
				    "aors = 6001\n"        /* 7 */
				    "auth+=6001\n"         /* 8 */
				    "[6001]\n"             /* 9 */
				    "type=aor\n"           /* 10 */
				    "max_contacts=0\n"     /* 11 */
				    "[door]\n"             /* 12 */
				    "match=192.0.2.9\n"    /* 13 */
				    "match=127.0.0.1\n";   /* 14 */

static const struct {
	uint32_t section;
	const char *text;
	uint32_t line;
} cases[] = {
	{ 1, "is ours: domain=example.org", 3 },
	{ 1, "realm (default_realm=, or the first domain=)", 3 },
	{ 5, "aors= names it", 7 },
	{ 12, "ip: 192.0.2.9:5060 is in match= of it", 13 },
	{ 12, "ip: 127.0.0.1:5060 is in match= of it", 14 },
	{ 12, "ip: 10.0.0.1:5060 is in match= of it", 13 },
	{ 5, "endpoint 6001 has no auth=", 8 },
	{ 9, "max_contacts=0: nobody may register there", 11 },
	{ 9, "would be done (remove_existing=no)", 9 },
	{ 5, "max_contacts=0 is of another section", 5 },
	{ 9, "no option at all", 9 },
	{ 9, "= and a=b=", 9 },
	{ 99, "domain=", 99 },
};

TEST(the_line_is_that_of_the_first_option_that_the_section_has)
{
	char path[] = "/tmp/res_sip-source-XXXXXX";
	int fd = mkstemp(path);

	CHECK(fd >= 0);
	CHECK_INT(write(fd, configuration, sizeof(configuration) - 1), ==,
		sizeof(configuration) - 1);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sip_config_source source = { path, cases[i].section };

		CHECK_INT(explain_source_line(&source, sip_str_of(cases[i].text)), ==,
			cases[i].line);
	}
	close(fd);
	unlink(path);
}

TEST(a_file_that_is_gone_leaves_the_section)
{
	struct sip_config_source source = { "/nowhere/res_sip.conf", 7 };

	CHECK_INT(explain_source_line(&source, SIP_STR("domain=")), ==, 7);
}
