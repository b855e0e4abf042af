/* SPDX-License-Identifier: BSD-2-Clause */
/* What a REGISTER does to the bindings.  Quotes: RFC 3261 section 10.3. */
#include "location_fixture.h"

#include <stdio.h>

#define X "sip:alice@192.0.2.1"
#define Y "sip:alice@192.0.2.2"
#define Z "sip:alice@192.0.2.3"

#define CHECK_FOUND(f, wanted) CHECK_STR(sip_str_of(found(f)), wanted)

TEST(nothing_is_found_for_an_address_that_nobody_registered)
{
	struct location_fixture *f = location_begin();

	CHECK_FOUND(f, "");
	CHECK_INT(sip_location_count(f->location), ==, 0);

	location_end(f);
}

TEST(what_was_registered_is_found_with_all_that_it_came_with)
{
	struct location_fixture *f = location_begin();
	struct ast_sip_contacts contacts;

	register_it(f,
		&(struct request){ .contact = { X },
			.call_id = "id",
			.cseq = 7,
			.expires_s = { 60 },
			.q = { 300 },
			.user_agent = "phone/1" });

	CHECK_INT(sip_location_find(f->location, SIP_STR("alice@example.com"), &contacts),
		==, 0);
	CHECK_INT(contacts.count, ==, 1);
	const struct ast_sip_contact *contact = contacts.contact[0];
	CHECK_STR(contact->uri, X);
	CHECK_STR(contact->call_id, "id");
	CHECK_STR(contact->user_agent, "phone/1");
	CHECK_INT(contact->cseq, ==, 7);
	CHECK_INT(contact->q, ==, 300);
	CHECK_INT(contact->expires_s, ==, 60);
	CHECK_INT(contact->flow.listener, ==, 1);
	CHECK_INT(ast_sip_contact_remaining_s(contact), ==, 60);
	ast_sip_contacts_release(&contacts);
	location_end(f);
}

TEST(a_request_without_contacts_only_reads)
{
	struct location_fixture *f = location_begin();
	struct ast_sip_contacts now;

	register_it(f, &(struct request){ .contact = { X } });
	CHECK_INT(ask(f, &(struct request){ .call_id = "b" }, &now), ==,
		AST_SIP_REGISTER_DONE);

	CHECK_INT(now.count, ==, 1);
	CHECK_STR(now.contact[0]->uri, X);
	CHECK_INT(f->told_count, ==, 1);
	ast_sip_contacts_release(&now);
	location_end(f);
}

/* "If the binding does not exist, it is tentatively added." and what else becomes of X */
TEST(each_kind_of_request_does_to_the_binding_what_step_7_says)
{
	static const struct {
		const char *what;
		struct request second;
		enum ast_sip_register_result result;
		const char *found;
		const char *told;
	} cases[] = {
		{ "newer, same Call-ID", { .cseq = 6, .contact = { X } },
			AST_SIP_REGISTER_DONE, X, "refreshed " X },
		{ "newer, removes",
			{ .cseq = 6, .contact = { X }, .expires_s = { REMOVE } },
			AST_SIP_REGISTER_DONE, "", "removed " X },
		{ "newer, all", { .cseq = 6, .remove_all = true }, AST_SIP_REGISTER_DONE,
			"", "removed " X },
		{ "same CSeq, other branch",
			{ .cseq = 5, .branch = "z", .contact = { X } },
			AST_SIP_REGISTER_OLD, X, NULL },
		{ "older", { .cseq = 4, .contact = { X }, .expires_s = { REMOVE } },
			AST_SIP_REGISTER_OLD, X, NULL },
		{ "older, all", { .cseq = 4, .remove_all = true }, AST_SIP_REGISTER_OLD,
			X, NULL },
		{ "older, with one that is new", { .cseq = 4, .contact = { Y, X } },
			AST_SIP_REGISTER_OLD, X, NULL },
		{ "older, other Call-ID", { .call_id = "b", .cseq = 1, .contact = { X } },
			AST_SIP_REGISTER_DONE, X, "refreshed " X },
		{ "older, other Call-ID, removes",
			{ .call_id = "b",
				.cseq = 1,
				.contact = { X },
				.expires_s = { REMOVE } },
			AST_SIP_REGISTER_DONE, "", "removed " X },
		{ "older, other Call-ID, all", { .call_id = "b", .remove_all = true },
			AST_SIP_REGISTER_DONE, "", "removed " X },
		{ "older CSeq of a contact that is not there",
			{ .cseq = 4, .contact = { Y } }, AST_SIP_REGISTER_DONE, Y " " X,
			"added " Y },
		{ "removes what is not there",
			{ .cseq = 6, .contact = { Y }, .expires_s = { REMOVE } },
			AST_SIP_REGISTER_DONE, X, NULL },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct location_fixture *f = location_begin();
		print_message("%s\n", cases[i].what);
		register_it(f, &(struct request){ .cseq = 5, .contact = { X } });

		CHECK_INT(register_it(f, &cases[i].second), ==, cases[i].result);

		CHECK_FOUND(f, cases[i].found);
		CHECK_INT(f->told_count, ==, cases[i].told == NULL ? 1 : 2);
		if (cases[i].told != NULL)
			CHECK_STR(sip_str_of(f->told[1]), cases[i].told);
		location_end(f);
	}
}

/* "the registrar then searches the list of current bindings using the URI comparison
 * rules" (section 19.1.4) */
TEST(a_binding_is_known_by_its_uri_whatever_way_it_is_written)
{
	static const struct {
		const char *first;
		const char *second;
		uint64_t count;
	} cases[] = {
		{ "sip:alice@ATLANTA.com", "sip:alice@atlanta.COM", 1 },
		{ "sip:%61lice@atlanta.com;transport=TCP",
			"sip:alice@AtLanTa.CoM;Transport=tcp", 1 },
		{ "sip:alice@atlanta.com", "sip:ALICE@atlanta.com", 2 },
		{ "sip:alice@atlanta.com", "sip:alice@atlanta.com:5060", 2 },
		{ "sip:alice@atlanta.com", "sips:alice@atlanta.com", 2 },
		{ "sip:alice@192.0.2.1:5060", "sip:alice@192.0.2.1:5061", 2 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct location_fixture *f = location_begin();
		register_it(f, &(struct request){ .contact = { cases[i].first } });

		register_it(f,
			&(struct request){ .cseq = 2, .contact = { cases[i].second } });

		CHECK_INT(sip_location_count(f->location), ==, cases[i].count);
		location_end(f);
	}
}

TEST(where_a_request_names_one_binding_twice_the_later_one_counts)
{
	struct location_fixture *f = location_begin();
	struct ast_sip_contacts now;

	ask(f, &(struct request){ .contact = { X, X }, .expires_s = { 60, 120 } }, &now);
	CHECK_INT(now.count, ==, 1);
	CHECK_INT(now.contact[0]->expires_s, ==, 120);
	ast_sip_contacts_release(&now);

	register_it(f,
		&(struct request){
			.cseq = 2, .contact = { Y, Y }, .expires_s = { 60, REMOVE } });
	CHECK_FOUND(f, X);

	location_end(f);
}

TEST(contacts_are_found_by_q_and_the_latest_first)
{
	struct location_fixture *f = location_begin();

	register_it(f, &(struct request){ .contact = { X } });
	register_it(f, &(struct request){ .call_id = "b", .contact = { Y } });
	CHECK_FOUND(f, Y " " X);
	register_it(
		f, &(struct request){ .call_id = "c", .contact = { Z }, .q = { 500 } });
	CHECK_FOUND(f, Y " " X " " Z);
	register_it(f, &(struct request){ .cseq = 2, .contact = { X } });
	CHECK_FOUND(f, X " " Y " " Z);

	location_end(f);
}

TEST(contacts_of_one_request_keep_its_order)
{
	struct location_fixture *f = location_begin();

	register_it(f, &(struct request){ .contact = { Z, X, Y } });
	CHECK_FOUND(f, Z " " X " " Y);

	location_end(f);
}

TEST(a_contact_that_was_looked_up_stays_readable_when_its_binding_goes)
{
	struct location_fixture *f = location_begin();
	struct ast_sip_contacts contacts;

	register_it(f, &(struct request){ .contact = { X } });
	CHECK_INT(sip_location_find(f->location, SIP_STR("alice@example.com"), &contacts),
		==, 0);
	const struct ast_sip_contact *kept = ast_sip_contact_ref(contacts.contact[0]);
	ast_sip_contacts_release(&contacts);
	register_it(f, &(struct request){ .cseq = 2, .remove_all = true });
	sip_rcu_barrier();

	CHECK_STR(kept->uri, X);
	CHECK_FOUND(f, "");

	ast_sip_contact_unref(kept);
	location_end(f);
}

TEST(static_contacts_are_found_after_the_registered_ones_and_are_not_counted)
{
	struct location_fixture *f = location_begin();
	struct sip_str uris[] = { SIP_STR(Y), SIP_STR(Z) };
	struct ast_sip_contacts now;

	CHECK_INT(sip_location_set_static(
			  f->location, SIP_STR("alice@example.com"), uris, 2, 0),
		==, 0);
	CHECK_INT(ask(f, &(struct request){ .contact = { X }, .max_contacts = 1 }, &now),
		==, AST_SIP_REGISTER_DONE);

	CHECK_FOUND(f, X " " Y " " Z);
	CHECK_INT(now.count, ==, 1);
	CHECK_INT(sip_location_count(f->location), ==, 1);
	ast_sip_contacts_release(&now);
	location_end(f);
}

TEST(static_contacts_stay_when_all_others_go_and_are_replaced_whole)
{
	struct location_fixture *f = location_begin();
	struct sip_str aor = SIP_STR("alice@example.com");
	struct sip_str uris[] = { SIP_STR(Y), SIP_STR(Z) };

	register_it(f, &(struct request){ .contact = { X } });
	CHECK_INT(sip_location_set_static(f->location, aor, uris, 2, 0), ==, 0);
	register_it(f, &(struct request){ .cseq = 2, .remove_all = true });
	CHECK_FOUND(f, Y " " Z);
	CHECK_INT(sip_location_set_static(f->location, aor, uris + 1, 1, 0), ==, 0);
	CHECK_FOUND(f, Z);
	CHECK_INT(sip_location_set_static(f->location, aor, NULL, 0, 0), ==, 0);
	CHECK_FOUND(f, "");

	location_end(f);
}

static void count_visit(
	void *arg, struct sip_str aor, const struct ast_sip_contact *contact)
{
	size_t *count = arg;

	CHECK(aor.len > 0 && contact->uri.len > 0);
	(*count)++;
}

TEST(a_thousand_addresses_are_each_found_and_each_visited_once)
{
	struct location_fixture *f = location_begin();
	char aor[32];
	size_t visited = 0;

	for (int i = 0; i < 1000; i++) {
		snprintf(aor, sizeof(aor), "%d@example.com", i);
		register_it(f, &(struct request){ .aor = aor, .contact = { X } });
	}
	for (int i = 0; i < 1000; i++) {
		snprintf(aor, sizeof(aor), "%d@example.com", i);
		CHECK_STR(sip_str_of(found_for(f, aor)), X);
	}
	sip_location_each(f->location, count_visit, &visited);

	CHECK_INT(visited, ==, 1000);
	CHECK_INT(sip_location_count(f->location), ==, 1000);
	location_end(f);
}

TEST(a_rehearsal_says_what_a_register_would_come_to_and_changes_nothing)
{
	struct location_fixture *f = location_begin_with_max(2);
	struct ast_sip_contacts now;
	struct request adds = { .cseq = 2, .contact = { Y }, .rehearsed = true };
	struct request removes = { .cseq = 2, .remove_all = true, .rehearsed = true };
	struct request many = { .cseq = 2, .contact = { Y, Z }, .rehearsed = true };

	register_it(f, &(struct request){ .contact = { X } });
	f->told_count = 0;

	CHECK_INT(ask(f, &adds, &now), ==, AST_SIP_REGISTER_DONE);
	CHECK_INT(now.count, ==, 2);
	CHECK_STR(now.contact[0]->uri, Y);
	ast_sip_contacts_release(&now);
	CHECK_INT(ask(f, &removes, &now), ==, AST_SIP_REGISTER_DONE);
	CHECK_INT(now.count, ==, 0);
	ast_sip_contacts_release(&now);
	CHECK_INT(register_it(f, &many), ==, AST_SIP_REGISTER_MEMORY);
	sip_location_set_max(f->location, 3);
	CHECK_INT(ask(f, &many, &now), ==, AST_SIP_REGISTER_DONE);
	ast_sip_contacts_release(&now);
	many.max_contacts = 1;
	CHECK_INT(register_it(f, &many), ==, AST_SIP_REGISTER_TOO_MANY);
	adds.cseq = 1;
	adds.contact[0] = X;
	CHECK_INT(register_it(f, &adds), ==, AST_SIP_REGISTER_COPY);

	CHECK_FOUND(f, X);
	CHECK_INT(sip_location_count(f->location), ==, 1);
	CHECK_INT(f->told_count, ==, 0);
	location_end(f);
}
