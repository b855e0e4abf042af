/* SPDX-License-Identifier: BSD-2-Clause */
/* Many threads at one location.  Each REGISTER brings two contacts of one number: whoever
 * looks must see both of one request, never one of each (RFC 3261 section 10.3: "The
 * binding updates MUST be committed ... if and only if all binding updates and additions
 * succeed"). */
#include "location_fixture.h"

#include <pthread.h>
#include <stdio.h>

#define WRITERS 3
#define READERS 2
#define ROUNDS  2000

struct shared {
	struct location_fixture *f;
	_Atomic int writers_left;
	_Atomic int torn;
	_Atomic uint32_t cseq;
};

static void write_pair(struct shared *shared, uint32_t cseq)
{
	struct ast_sip_binding pair[2] = {
		{ .uri = SIP_STR("sip:one@192.0.2.1"), .expires_s = 60, .q = 1000 },
		{ .uri = SIP_STR("sip:two@192.0.2.1"), .expires_s = 60, .q = 1000 },
	};
	struct ast_sip_registration registration = {
		.aor = "alice@example.com",
		.bindings = pair,
		.count = 2,
		.call_id = SIP_STR("a"),
		.cseq = cseq,
		.branch = SIP_STR("b"),
		.user_agent = SIP_STR("phone/1"),
		.max_contacts = 2,
	};
	struct ast_sip_contacts now;
	enum ast_sip_register_result result;

	if (cseq % 16 == 0)
		registration.remove_all = true;
	registration.count = registration.remove_all ? 0 : 2;
	result = sip_location_register(shared->f->location, &registration, &now);
	if (result != AST_SIP_REGISTER_DONE && result != AST_SIP_REGISTER_OLD)
		atomic_fetch_add(&shared->torn, 1);
	ast_sip_contacts_release(&now);
}

static void write_own(struct shared *shared, uint32_t number)
{
	char aor[32];
	struct ast_sip_contacts now;
	struct ast_sip_binding binding = {
		.uri = SIP_STR("sip:one@192.0.2.1"), .expires_s = 60, .q = 1000
	};

	snprintf(aor, sizeof(aor), "%u@example.com", number);
	struct ast_sip_registration registration = {
		.aor = aor,
		.bindings = &binding,
		.count = 1,
		.call_id = sip_str_of(aor),
		.cseq = 1,
		.branch = SIP_STR("b"),
		.max_contacts = 1,
	};
	if (sip_location_register(shared->f->location, &registration, &now) !=
		AST_SIP_REGISTER_DONE)
		atomic_fetch_add(&shared->torn, 1);
	ast_sip_contacts_release(&now);
}

static void *write_all(void *arg)
{
	struct shared *shared = arg;

	for (int i = 0; i < ROUNDS; i++) {
		uint32_t cseq = atomic_fetch_add(&shared->cseq, 1);
		write_pair(shared, cseq);
		write_own(shared, cseq);
	}
	atomic_fetch_sub(&shared->writers_left, 1);
	return NULL;
}

static void *read_all(void *arg)
{
	struct shared *shared = arg;
	struct ast_sip_contacts contacts;

	while (atomic_load(&shared->writers_left) != 0) {
		if (sip_location_find(shared->f->location, SIP_STR("alice@example.com"),
			    &contacts) != 0)
			continue;
		bool whole = contacts.count == 0 ||
			(contacts.count == 2 &&
				contacts.contact[0]->cseq == contacts.contact[1]->cseq);
		if (!whole)
			atomic_fetch_add(&shared->torn, 1);
		ast_sip_contacts_release(&contacts);
	}
	return NULL;
}

TEST(readers_see_all_of_a_request_or_nothing_of_it)
{
	struct shared shared = {
		.f = location_begin(), .writers_left = WRITERS, .cseq = 1
	};
	pthread_t threads[WRITERS + READERS];

	shared.f->location->config.changed = NULL; /* it keeps no order between threads */
	for (int i = 0; i < WRITERS + READERS; i++)
		CHECK_INT(pthread_create(&threads[i], NULL,
				  i < WRITERS ? write_all : read_all, &shared),
			==, 0);
	for (int i = 0; i < WRITERS + READERS; i++)
		pthread_join(threads[i], NULL);

	CHECK_INT(atomic_load(&shared.torn), ==, 0);
	sip_pool_step(shared.f->pool);
	forward_ms(shared.f, 60000);
	forward_ms(shared.f, 200);
	CHECK_INT(sip_location_count(shared.f->location), ==, 0);
	CHECK_INT(atomic_load(&shared.f->location->kind.blocks), ==, 0);
	location_end(shared.f);
}
