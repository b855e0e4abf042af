/* SPDX-License-Identifier: BSD-2-Clause */
/* Access lists as the file says them: permit=, deny=, acl=, and acl.conf. */
#include "reading.h"

static const char transports[] = "[udp]\ntype=transport\nbind=127.0.0.1:5070\n"
				 "[six]\ntype=transport\nbind=[::1]:5070\n";

static void read_with_transports(struct reading *reading, const char *text)
{
	read_text_of(reading, store_format(&reading->store, "%s%s", text, transports));
}

static void check_rule(
	const struct sip_acl_rule *rule, bool permit, const char *network, uint8_t len)
{
	char text[SIP_ADDR_TEXT_LEN];

	CHECK_INT(rule->permit, ==, permit);
	CHECK_STR(sip_str_of(sip_addr_host_text(&rule->network, text)), network);
	CHECK_INT(rule->prefix_len, ==, len);
}

/* As Asterisk's lists: CIDR or netmask, commas, `!` turns an item round. */
TEST(rules_are_read_in_their_order_with_their_lines)
{
	READING(r);
	const struct sip_acl_config *acl;

	read_with_transports(&r,
		"[office]\ntype=acl\ndeny=0.0.0.0/0,::/0\n"
		"permit=192.0.2.77/255.255.255.0, !192.0.2.9\npermit=2001:db8::1/32\n"
		"deny = ! 192.0.2.9\n");
	acl = &r.settings.config.acl[0].source_acl;

	CHECK_CLEAN(&r);
	CHECK_INT(acl->rule_count, ==, 6);
	check_rule(&acl->rule[0], false, "0.0.0.0", 0);
	check_rule(&acl->rule[1], false, "[::]", 0);
	check_rule(&acl->rule[2], true, "192.0.2.0", 24);
	check_rule(&acl->rule[3], false, "192.0.2.9", 32);
	check_rule(&acl->rule[4], true, "[2001:db8::]", 32);
	check_rule(&acl->rule[5], true, "192.0.2.9", 32);
	CHECK_INT(acl->rule[1].line, ==, 3);
	CHECK_INT(acl->rule[5].line, ==, 6);
	CHECK_STR(sip_str_of(acl->files.item[acl->rule[5].file]), "res_sip.conf");
	CHECK(!r.settings.config.acl[0].named_only);
	reading_fini(&r);
}

TEST(endpoints_and_transports_have_lists_and_templates_add_up)
{
	READING(r);
	const struct sip_endpoint_config *endpoint;

	read_text_of(&r,
		"[t](!)\ntype=endpoint\nauth=a\ndeny=0.0.0.0/0\ncontact_deny=0.0.0.0/0\n"
		"[e](t)\npermit=192.0.2.1\ncontact_permit=10.0.0.0/8\nacl=office,lab\n"
		"contact_acl=lab\n"
		"[office]\ntype=acl\nnamed_only=yes\ndeny=192.0.2.2\n"
		"[lab]\ntype=acl\nnamed_only=yes\ndeny=192.0.2.3\n"
		"[a]\ntype=auth\nusername=e\npassword=p\n"
		"[udp]\ntype=transport\nbind=127.0.0.1:5070\ndeny=192.0.2.4\nacl=lab\n");
	endpoint = &r.settings.config.endpoint[0];

	CHECK_CLEAN(&r);
	CHECK_INT(endpoint->source_acl.rule_count, ==, 2);
	CHECK_INT(endpoint->source_acl.rule[0].line, ==, 4);
	CHECK_INT(endpoint->source_acl.acl.count, ==, 2);
	CHECK_INT(endpoint->contact_acl.rule_count, ==, 2);
	CHECK_INT(endpoint->contact_acl.acl.count, ==, 1);
	CHECK_INT(r.settings.config.transport[0].source_acl.rule_count, ==, 1);
	CHECK_INT(r.settings.config.transport[0].source_acl.acl.count, ==, 1);
	CHECK(r.settings.config.acl[0].named_only);
	reading_fini(&r);
}

TEST(a_wrong_rule_is_told_at_its_place)
{
	static const char *const rows[][2] = {
		{ "permit=192.0.2.0/33", "not the mask" },
		{ "permit=192.0.2.0/255.0.255.0", "not the mask" },
		{ "deny=example.com", "names are not resolved yet" },
		{ "deny=192.0.2.1:5060", "has a port" },
		{ "deny=192.0.2.1,1.2.3", "not an address" },
		{ "permit=!", "not an address" },
		{ "permit=2001:db8::/129", "not the mask" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		READING(r);

		read_with_transports(
			&r, store_format(&r.store, "[a]\ntype=acl\n%s\n", rows[i][0]));

		CHECK_PROBLEM(&r, PROBLEM_ERROR, 3,
			(uint32_t)(strchr(rows[i][0], '=') - rows[i][0]) + 2, rows[i][1]);
		reading_fini(&r);
	}
}

TEST(a_list_that_is_not_there_is_told_with_the_nearest)
{
	READING(r);

	read_with_transports(&r,
		"[e]\ntype=endpoint\nidentify_by=ip\nacl=ofice\n"
		"[office]\ntype=acl\ndeny=192.0.2.1\nnamed_only=yes\n");

	CHECK_PROBLEM(&r, PROBLEM_ERROR, 4, 5,
		"acl= of endpoint [e]: there is no list [ofice], neither of type=acl nor "
		"in acl.conf; did you mean [office]?");
	reading_fini(&r);
}

TEST(a_list_that_does_not_do_what_it_reads_like_is_warned_of)
{
	READING(r);

	read_with_transports(&r,
		"[four]\ntype=acl\ndeny=0.0.0.0/0\npermit=192.0.2.0/24\n"
		"[open]\ntype=acl\npermit=192.0.2.0/24\n"
		"[names]\ntype=acl\nnamed_only=yes\ndeny=192.0.2.1\nacl=four\n");

	CHECK_PROBLEM(&r, PROBLEM_WARNING, 3, 1, "denies everybody of IPv4, and nobody");
	CHECK_PROBLEM(&r, PROBLEM_WARNING, 7, 1, "keeps nobody out");
	CHECK_PROBLEM(&r, PROBLEM_ERROR, 10, 12, "it is permit= and deny= only");
	CHECK_INT(r.problems.of[PROBLEM_WARNING], ==, 2);
	reading_fini(&r);
}

TEST(everybody_of_ipv4_is_not_warned_of_where_nothing_listens_on_ipv6)
{
	READING(r);

	read_text_of(&r,
		"[four]\ntype=acl\ndeny=0.0.0.0/0\npermit=192.0.2.0/24\n"
		"[udp]\ntype=transport\nbind=127.0.0.1:5070\n");

	CHECK_CLEAN(&r);
	reading_fini(&r);
}

/* What a folder says whose acl.conf is `lists`. */
static void read_folder(struct reading *reading, struct folder *folder, const char *text,
	const char *lists)
{
	folder_create(folder);
	folder_write(folder, "res_sip.conf",
		sip_str_of(store_format(&reading->store, "%s%s", text, transports)));
	folder_write(folder, "acl.conf", sip_str_of(lists));
	settings_read(&reading->settings, folder->path);
	folder_remove(folder);
}

TEST(a_name_means_a_section_of_acl_conf_as_in_asterisk)
{
	struct folder folder;
	READING(r);

	read_folder(&r, &folder, "[e]\ntype=endpoint\nidentify_by=ip\nacl=office\n",
		"[t](!)\ndeny=0.0.0.0/0,::/0\n[office](t)\npermit=192.0.2.0/24\n");

	CHECK_CLEAN(&r);
	CHECK_INT(r.settings.config.acl_count, ==, 1);
	CHECK(r.settings.config.acl[0].named_only);
	CHECK_STR(sip_str_of(r.settings.config.acl[0].name), "office");
	CHECK_INT(r.settings.config.acl[0].source_acl.rule_count, ==, 3);
	reading_fini(&r);
}

TEST(acl_conf_is_read_only_where_a_list_is_named)
{
	struct folder folder;
	READING(r);

	read_folder(&r, &folder, "[e]\ntype=endpoint\nidentify_by=ip\n", "[x]\nbad=1\n");

	CHECK_CLEAN(&r);
	CHECK_INT(r.settings.config.acl_count, ==, 0);
	reading_fini(&r);
}

TEST(mistakes_in_acl_conf_are_told)
{
	struct folder folder;
	READING(r);

	read_folder(&r, &folder,
		"[e]\ntype=endpoint\nidentify_by=ip\nacl=x\n"
		"[x]\ntype=acl\nnamed_only=yes\ndeny=192.0.2.1\n",
		"[x]\npermitt=192.0.2.1\n[y]\nacl=x\n");

	CHECK_PROBLEM(&r, PROBLEM_ERROR, 2, 1, "no option `permitt`; did you mean");
	CHECK_PROBLEM(&r, PROBLEM_ERROR, 4, 1, "no option `acl`");
	CHECK(find_problem(&r, "stands in") != NULL);
	reading_fini(&r);
}
