/* SPDX-License-Identifier: BSD-2-Clause */
/* Settings made with those of before: what did not change is shared. */
#include "server/settings/options.h"
#include "server/settings/snapshot.h"

#include "support/check.h"

#include "res_sip/endpoint.h"

#include <stdlib.h>
#include <string.h>

/* Two phones with a password each; every text in memory of its own, as a second reading
 * of the same files has it. */
struct phones {
	char text[8][16];
	struct sip_endpoint_config endpoint[2];
	struct sip_auth_config auth[2];
	const char *names[2];
	struct sip_config config;
};

static struct phones *phones_create(void)
{
	struct phones *p = calloc(1, sizeof(*p));

	CHECK(p != NULL);
	sip_config_init(&p->config);
	for (size_t i = 0; i < 2; i++) {
		memcpy(p->text[i], i == 0 ? "6001" : "6002", 5);
		memcpy(p->text[2 + i], i == 0 ? "secret1" : "secret2", 8);
		p->names[i] = p->text[i];
		sip_endpoint_config_init(&p->endpoint[i]);
		sip_auth_config_init(&p->auth[i]);
		p->endpoint[i].name = p->auth[i].name = p->auth[i].username = p->names[i];
		p->auth[i].password = p->text[2 + i];
		p->endpoint[i].auth = (struct sip_config_list){ &p->names[i], 1 };
	}
	p->config.endpoint = p->endpoint;
	p->config.auth = p->auth;
	p->config.endpoint_count = p->config.auth_count = 2;
	return p;
}

static struct sip_settings *settings_of(
	const struct phones *p, const struct sip_settings *before)
{
	struct sip_settings *made = NULL;
	char error[SIP_SERVER_ERROR_LEN] = "";

	CHECK_INT(sip_settings_create(&p->config, before, &made, error), ==, 0);
	return made;
}

/* Settings of twice the same phones, the second changed by `change`. */
static void check_sharing(void (*change)(struct phones *p), bool first, bool second)
{
	struct phones *p = phones_create();
	struct sip_settings *before = settings_of(p, NULL);
	struct phones *again = phones_create();
	struct sip_settings *after;

	if (change != NULL)
		change(again);
	after = settings_of(again, before);
	free(p);
	free(again);

	CHECK_INT(after->endpoint[0] == before->endpoint[0], ==, first);
	CHECK_INT(after->endpoint[1] == before->endpoint[1], ==, second);
	sip_settings_unref(&before);
	CHECK_STR(sip_str_of(ast_sip_endpoint_name(after->endpoint[0])), "6001");
	CHECK_STR(sip_str_of(ast_sip_endpoint_auth(after->endpoint[1], 0)->username),
		"6002");
	sip_settings_unref(&after);
	sip_rcu_barrier();
}

TEST(an_endpoint_that_is_the_same_is_shared)
{
	check_sharing(NULL, true, true);
}

static void change_option(struct phones *p)
{
	p->endpoint[1].trust_id_inbound = true;
}

TEST(an_endpoint_with_another_option_is_a_new_one)
{
	check_sharing(change_option, true, false);
}

static void change_password(struct phones *p)
{
	memcpy(p->text[3], "secret9", 8);
}

TEST(an_endpoint_with_another_password_is_a_new_one)
{
	check_sharing(change_password, true, false);
}

static void drop_auth(struct phones *p)
{
	p->endpoint[0].auth.count = 0;
}

TEST(an_endpoint_without_its_password_is_a_new_one)
{
	check_sharing(drop_auth, false, true);
}

/* `explain` and `show endpoints` name the line. */
static void move_line(struct phones *p)
{
	p->endpoint[0].source.line = 7;
}

TEST(an_endpoint_that_is_written_elsewhere_is_a_new_one)
{
	check_sharing(move_line, false, true);
}

static void change_realm(struct phones *p)
{
	p->config.global.default_realm = "example.org";
	p->endpoint[0].auth.count = 0;
}

/* What was made of their passwords was for the other realm. */
TEST(endpoints_of_another_realm_are_new_ones)
{
	check_sharing(change_realm, false, false);
}

/* RFC 2617 section 3.5 */
TEST(the_sum_of_a_password_is_made_for_the_realm)
{
	struct phones *p = phones_create();
	struct sip_settings *made;
	struct sip_settings *after;

	p->auth[0].username = "Mufasa";
	p->auth[0].password = "Circle Of Life";
	p->auth[1].password = NULL;
	p->config.global.default_realm = "testrealm@host.com";
	made = settings_of(p, NULL);
	p->config.global.default_realm = "another";
	after = settings_of(p, made);

	CHECK(memcmp(ast_sip_endpoint_ha1(made->endpoint[0], 0),
		      "939e7578ed9e3c518a452acee763bce9", 32) == 0);
	CHECK(memcmp(ast_sip_endpoint_ha1(after->endpoint[0], 0),
		      "939e7578ed9e3c518a452acee763bce9", 32) != 0);
	CHECK(ast_sip_endpoint_ha1(made->endpoint[0], 1) == NULL);
	CHECK(ast_sip_endpoint_ha1(made->endpoint[1], 0) == NULL);
	sip_settings_unref(&made);
	sip_settings_unref(&after);
	sip_rcu_barrier();
	free(p);
}

TEST(an_endpoint_may_have_many_passwords)
{
	struct phones *p = phones_create();
	const char *names[6] = { "6001", "6002", "6001", "6002", "6001", "6002" };
	struct sip_settings *made;

	p->endpoint[0].auth = (struct sip_config_list){ names, 6 };
	made = settings_of(p, NULL);

	CHECK_STR(sip_str_of(ast_sip_endpoint_auth(made->endpoint[0], 5)->password),
		"secret2");
	CHECK(ast_sip_endpoint_auth(made->endpoint[0], 6) == NULL);
	sip_settings_unref(&made);
	sip_rcu_barrier();
	free(p);
}

/* Every field of a table is copied, and counts when two are compared. */
static void check_table(const struct sip_option_table *table)
{
	static const char *const texts[] = { "one", "two" };
	static const char bytes[256] = "an item of an array";
	const struct sip_config_list list = { texts, 2 };
	const struct {
		const void *item;
		size_t count;
	} array = { bytes, 1 };
	const char *text = "text";

	for (size_t i = 0; i < table->count; i++) {
		const struct sip_option_field *field = &table->field[i];
		char *from = calloc(2, table->size);
		char *to = from + table->size;
		char *room;
		char *memory;

		CHECK(from != NULL && field->item <= sizeof(bytes));
		if (field->kind == SIP_OPTION_TEXT)
			memcpy(from + field->at, &text, sizeof(text));
		else if (field->kind == SIP_OPTION_ARRAY)
			memcpy(from + field->at, &array, sizeof(array));
		else
			memcpy(from + field->at, &list, sizeof(list));
		CHECK(!sip_options_equal(table, from, to));
		room = memory = malloc(sip_options_room(table, from));
		CHECK(memory != NULL);
		sip_options_copy(table, to, from, &room);
		CHECK_INT(room - memory, ==, sip_options_room(table, from));
		CHECK(memcmp(from + field->at, to + field->at, sizeof(text)) != 0);
		CHECK(sip_options_equal(table, from, to));
		free(memory);
		free(from);
	}
}

TEST(each_text_and_list_of_the_options_is_copied_and_compared)
{
	check_table(sip_global_table());
	check_table(sip_transport_table());
	check_table(sip_endpoint_table());
	check_table(sip_auth_table());
	check_table(sip_aor_table());
}

TEST(two_passwords_of_one_name_are_refused_in_words)
{
	struct phones *p = phones_create();
	struct sip_settings *made;
	char error[SIP_SERVER_ERROR_LEN] = "";

	p->auth[1].name = "6001";
	CHECK_INT(sip_settings_create(&p->config, NULL, &made, error), ==, SIP_EINVALID);
	CHECK(strstr(error, "auth 6001: exists twice") != NULL);
	sip_rcu_barrier();
	free(p);
}
