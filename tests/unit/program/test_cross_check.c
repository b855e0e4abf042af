/* SPDX-License-Identifier: BSD-2-Clause */
/* What sections say about each other. */
#include "cross_check.h"
#include "reading.h"

struct row {
	const char *text;
	enum severity severity;
	uint32_t line;
	uint32_t column;
	const char *part;
};

/* Each text with a transport behind it. */
static void check_rows(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		READING(r);

		read_text_of(&r,
			store_format(&r.store,
				"%s\n[udp]\ntype=transport\nbind=127.0.0.1\n",
				rows[i].text));

		CHECK_PROBLEM(
			&r, rows[i].severity, rows[i].line, rows[i].column, rows[i].part);
		reading_fini(&r);
	}
}

#define CHECK_ROWS(rows) check_rows(rows, sizeof(rows) / sizeof((rows)[0]))

#define MD5_HEX "dce9ccd0a69e3ef90d8b9bf725053e78"

TEST(names_that_do_not_exist_are_told)
{
	static const struct row rows[] = {
		{ "[e]\ntype=endpoint\naors=x", PROBLEM_ERROR, 3, 6,
			"no [x] of type=aor" },
		{ "[e]\ntype=endpoint\nauth = x", PROBLEM_ERROR, 3, 8,
			"no [x] of type=auth" },
		{ "[e]\ntype=endpoint\ntransport=utp", PROBLEM_ERROR, 3, 11,
			"did you mean [udp]?" },
		{ "[i]\ntype=identify\nendpoint=e\nmatch=192.0.2.1", PROBLEM_ERROR, 3, 10,
			"no [e] of type=endpoint" },
		{ "[global]\ndefault_outbound_endpoint=e", PROBLEM_ERROR, 2, 27,
			"no [e] of type=endpoint" },
		{ "[global]\nemergency_endpoint=e", PROBLEM_ERROR, 2, 20,
			"no [e] of type=endpoint" },
		{ "[6001]\ntype=aor\n[e]\ntype=endpoint\naors=6010", PROBLEM_ERROR, 5, 6,
			"did you mean [6001]?" },
	};

	CHECK_ROWS(rows);
}

TEST(what_makes_a_section_useless_is_an_error)
{
	static const struct row rows[] = {
		{ "[a]", PROBLEM_ERROR, 1, 1, "section [a] has no type=" },
		{ "[t]\ntype=transport", PROBLEM_ERROR, 1, 1, "no bind=" },
		{ "[i]\ntype=identify\nmatch=192.0.2.1", PROBLEM_ERROR, 1, 1,
			"no endpoint=" },
		{ "[e]\ntype=endpoint\n[i]\ntype=identify\nendpoint=e", PROBLEM_ERROR, 3,
			1, "no match=" },
		{ "[e]\ntype=endpoint\nauth=u\n[u]\ntype=auth\npassword=x", PROBLEM_ERROR,
			4, 1, "no username=" },
		{ "[e]\ntype=endpoint\nauth=u\n[u]\ntype=auth\nusername=x", PROBLEM_ERROR,
			4, 1, "no password=" },
		{ "[e]\ntype=endpoint\nauth=u\n[u]\ntype=auth\nauth_type=md5\nusername=x",
			PROBLEM_ERROR, 4, 1, "no md5_cred=" },
		{ "[e]\ntype=endpoint\nauth=u\n[u]\ntype=auth\nauth_type=digest\nusername=x",
			PROBLEM_ERROR, 4, 1, "no password= or password_digest=" },
	};

	CHECK_ROWS(rows);
}

TEST(two_of_a_kind_are_an_error)
{
	static const struct row rows[] = {
		{ "[a]\ntype=aor\n[a]\ntype=aor", PROBLEM_ERROR, 3, 1,
			"a section [a] of type=aor already, in res_sip.conf:1" },
		{ "[global]\n[x]\ntype=global", PROBLEM_ERROR, 2, 1, "already" },
		{ "[a]\ntype=transport\nbind=127.0.0.1:5061\n[b]\ntype=transport\n"
		  "bind=127.0.0.1:5061",
			PROBLEM_ERROR, 6, 6,
			"transport [a] listens on 127.0.0.1:5061 already" },
		{ "[e]\ntype=endpoint\n[f]\ntype=endpoint\n"
		  "[i]\ntype=identify\nendpoint=e\nmatch=192.0.2.9/24\n"
		  "[j]\ntype=identify\nendpoint=f\nmatch=192.0.2.0/24",
			PROBLEM_ERROR, 12, 7,
			"[i] gives 192.0.2.0/24 to endpoint [e] already" },
		{ "[e]\ntype=endpoint\n[f]\ntype=endpoint\n"
		  "[i]\ntype=identify\nendpoint=e\nmatch_certificate=a.test,b.test\n"
		  "[j]\ntype=identify\nendpoint=f\nmatch_certificate=B.test",
			PROBLEM_ERROR, 12, 19,
			"[i] gives b.test to endpoint [e] already" },
	};

	CHECK_ROWS(rows);
}

/* The realm of an auth section says for which its hashes were made. */
TEST(a_realm_that_is_not_ours_is_told)
{
	static const struct row rows[] = {
		{ "[global]\ndomain=a.example\n[e]\ntype=endpoint\nauth=u\n[u]\ntype=auth\n"
		  "auth_type=md5\nusername=x\nrealm=b\nmd5_cred=" MD5_HEX,
			PROBLEM_ERROR, 10, 7, "nobody could log in" },
		{ "[e]\ntype=endpoint\nauth=u\n[u]\ntype=auth\nusername=x\npassword=p\nrealm=b",
			PROBLEM_WARNING, 8, 7,
			"the realm of our challenges is `res_sip`" },
	};

	CHECK_ROWS(rows);
}

TEST(a_realm_that_is_ours_or_another_server_s_is_fine)
{
	READING(r);

	read_text_of(&r,
		"[global]\ndomain=a.example\n[udp]\ntype=transport\nbind=127.0.0.1\n"
		"[e]\ntype=endpoint\nauth=u\n[u]\ntype=auth\nauth_type=md5\nusername=x\n"
		"realm=a.example\nmd5_cred=" MD5_HEX "\n"
		"[out]\ntype=auth\nauth_type=md5\nrealm=provider\nmd5_cred=" MD5_HEX
		"\n");

	CHECK_CLEAN(&r);
	reading_fini(&r);
}

TEST(who_may_be_whom_is_told_in_words)
{
	static const struct row rows[] = {
		{ "[e]\ntype=endpoint\naors=a\nauth=u\n[u]\ntype=auth\nusername=x\npassword=p\n"
		  "[a]\ntype=aor",
			PROBLEM_WARNING, 9, 1,
			"nobody may register: max_contacts is 0, the default" },
		{ "[e]\ntype=endpoint\naors=a\nauth=u\n[u]\ntype=auth\nusername=x\npassword=p\n"
		  "[a]\ntype=aor\nmax_contacts=0",
			PROBLEM_WARNING, 11, 14,
			"nobody may register: max_contacts is 0" },
		{ "[e]\ntype=endpoint", PROBLEM_WARNING, 1, 1,
			"whoever writes that name in From is that endpoint" },
		{ "[global]\nauthentication=none", PROBLEM_WARNING, 2, 16,
			"nobody is asked for a password" },
		{ "[e]\ntype=endpoint\nidentify_by=username\n[i]\ntype=identify\nendpoint=e\n"
		  "match=192.0.2.1",
			PROBLEM_WARNING, 7, 7, "has no `ip`" },
		{ "[e]\ntype=endpoint\nidentify_by=ip\n[i]\ntype=identify\nendpoint=e\n"
		  "match_certificate=a.test",
			PROBLEM_WARNING, 7, 19, "has no `certificate`" },
		{ "[e]\ntype=endpoint\n[i]\ntype=identify\nendpoint=e\n"
		  "match_certificate=a.test",
			PROBLEM_WARNING, 6, 19, "so nobody proves a name" },
	};

	CHECK_ROWS(rows);
}

TEST(what_nobody_can_abuse_is_not_warned_about)
{
	READING(r);

	read_text_of(&r,
		"[udp]\ntype=transport\nbind=127.0.0.1\n"
		"[anonymous]\ntype=endpoint\n"
		"[trunk]\ntype=endpoint\nidentify_by=ip\naors=trunk\nauth=trunk\n"
		"[trunk]\ntype=aor\ncontact=sip:192.0.2.1\n"
		"[trunk]\ntype=auth\nusername=x\npassword=p\n");

	CHECK_CLEAN(&r);
	reading_fini(&r);
}

TEST(a_server_without_transport_is_an_error)
{
	READING(r);

	read_text_of(&r, "[global]\nmax_forwards=70\n");

	CHECK_PROBLEM(&r, PROBLEM_ERROR, 0, 0, "nothing would be listened on");
	reading_fini(&r);
}

TEST(numbers_that_contradict_each_other_are_told)
{
	static const struct row rows[] = {
		{ "[a]\ntype=aor\nminimum_expiration=100\nmaximum_expiration=99",
			PROBLEM_ERROR, 3, 20, "above maximum_expiration=99" },
		{ "[a]\ntype=aor\nmaximum_expiration=99", PROBLEM_WARNING, 1, 1,
			"default_expiration=3600 is not between" },
		{ "[system]\ntimer_b=1000", PROBLEM_WARNING, 2, 9, "64 * timer_t1" },
		{ "[system]\ntimer_c=60000", PROBLEM_WARNING, 2, 9, "three minutes" },
		{ "[system]\ntimer_t1=1000\ntimer_t2=500", PROBLEM_WARNING, 3, 10,
			"less than timer_t1=1000" },
		{ "[system]\nservants=3\npin_cores=0,1", PROBLEM_ERROR, 3, 11,
			"2 cores for 3 servants" },
	};

	CHECK_ROWS(rows);
}

TEST(an_identifier_order_that_differs_from_the_modules_is_told)
{
	static const char *const modules[] = { "res_sip_endpoint_identifier_ip",
		"another", "res_sip_endpoint_identifier_user" };
	static const struct {
		const char *order;
		const char *part; /* NULL: nothing is told */
	} rows[] = {
		{ "ip,username", NULL },
		{ "ip,username,auth_username", NULL },
		{ "anonymous,ip,username", NULL },
		{ "username,ip", "differs from the order" },
		{ "ip,usrname", "did you mean `username`?" },
		{ "header", "no module of this server" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		READING(r);

		read_text_of(&r,
			store_format(&r.store, "[global]\nendpoint_identifier_order=%s\n",
				rows[i].order));
		cross_check_identifiers(&r.settings, modules, 3);

		if (rows[i].part != NULL)
			CHECK_PROBLEM(&r, PROBLEM_WARNING, 2, 27, rows[i].part);
		else
			CHECK(find_problem(&r, "endpoint_identifier_order") == NULL);
		reading_fini(&r);
	}
}
