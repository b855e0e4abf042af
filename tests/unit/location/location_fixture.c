/* SPDX-License-Identifier: BSD-2-Clause */
/* A location for tests: see location_fixture.h. */
#include "location_fixture.h"

#include <stdio.h>
#include <stdlib.h>

static void on_changed(void *arg, const char *aor, const struct ast_sip_contact *contact,
	const char *what)
{
	struct location_fixture *f = arg;

	CHECK(aor[0] != '\0');
	CHECK(!sip_leaf_lock_held());
	if (f->told_count == FIXTURE_TOLD)
		return;
	snprintf(f->told[f->told_count++], sizeof(f->told[0]), "%s %.*s", what,
		SIP_STR_ARG(contact->uri));
}

static uint32_t on_ask(
	void *arg, struct sip_str aor, const struct ast_sip_contact *contact)
{
	struct location_fixture *f = arg;

	CHECK(!sip_leaf_lock_held());
	f->asked_count++;
	return f->on_ask != NULL ? f->on_ask(f, aor, contact) : 60000;
}

static bool on_tie(void *arg, const struct sip_flow *flow, uint64_t mark)
{
	struct location_fixture *f = arg;

	CHECK(!sip_leaf_lock_held());
	CHECK(mark != 0);
	CHECK(f->tied_count < FIXTURE_TIED);
	if (flow->connection == f->ended)
		return false;
	f->tied[f->tied_count].flow = *flow;
	f->tied[f->tied_count++].mark = mark;
	return true;
}

static void on_moved(void *arg, const char *aor, const struct sip_flow *before,
	const struct sip_flow *now)
{
	struct location_fixture *f = arg;

	(void)aor;
	snprintf(f->moved, sizeof(f->moved), "%u to %u",
		before != NULL ? before->connection : 0, now->connection);
}

void lose(struct location_fixture *f, size_t first, size_t count)
{
	for (size_t i = first; i < first + count; i++)
		sip_location_lose(f->location, &f->tied[i].flow, f->tied[i].mark);
	sip_pool_step(f->pool);
}

struct location_fixture *location_begin_with_max(uint64_t max_contacts)
{
	struct location_fixture *f = calloc(1, sizeof(*f));
	struct sip_pool_config pool;

	assert_non_null(f);
	sip_clock_init_virtual(&f->clock);
	sip_random_init_seed(&f->random, 1);
	f->counters = sip_counters_create();
	sip_pool_config_init(&pool);
	pool.servants = 1;
	pool.stepped = true;
	pool.clock = &f->clock;
	pool.random = &f->random;
	pool.counters = f->counters;
	CHECK_INT(sip_pool_create(&pool, &f->pool), ==, 0);
	CHECK_INT(sip_pool_start(f->pool), ==, 0);
	struct sip_location_config config = {
		.pool = f->pool,
		.clock = &f->clock,
		.random = &f->random,
		.max_contacts = max_contacts,
		.t1_ms = T1_MS,
		.changed = on_changed,
		.changed_arg = f,
		.tie = on_tie,
		.moved = on_moved,
		.moved_arg = f,
		.ask = on_ask,
		.ask_arg = f,
	};
	CHECK_INT(sip_location_create(&config, &f->location), ==, 0);
	return f;
}

struct location_fixture *location_begin(void)
{
	return location_begin_with_max(0);
}

void location_end(struct location_fixture *f)
{
	sip_pool_stop(f->pool);
	/* Asserts that no contact is left over. */
	sip_location_destroy(&f->location);
	sip_rcu_barrier();
	sip_pool_destroy(&f->pool);
	sip_counters_destroy(&f->counters);
	free(f);
}

static size_t make_bindings(
	const struct request *request, struct ast_sip_binding *binding)
{
	size_t count = 0;

	for (; count < 8 && request->contact[count] != NULL; count++) {
		uint32_t expires_s = request->expires_s[count];
		uint32_t q = request->q[count];

		binding[count] = (struct ast_sip_binding){
			.uri = sip_str_of(request->contact[count]),
			.expires_s = expires_s == REMOVE ? 0
				: expires_s == 0         ? 3600
							 : expires_s,
			.q = q == 0 ? 1000 : q,
			.params = sip_str_of(request->params[count]),
			.reg_id = request->reg_id[count],
		};
	}
	return count;
}

enum ast_sip_register_result ask(struct location_fixture *f,
	const struct request *request, struct ast_sip_contacts *now)
{
	struct ast_sip_binding binding[8];
	char digits[16];
	uint32_t cseq = request->cseq == 0 ? 1 : request->cseq;

	snprintf(digits, sizeof(digits), "%u", cseq);
	const char *branch = request->branch != NULL ? request->branch : digits;
	const char *call_id = request->call_id != NULL ? request->call_id : "a";
	struct ast_sip_registration registration = {
		.aor = request->aor != NULL ? request->aor : "alice@example.com",
		.bindings = binding,
		.count = make_bindings(request, binding),
		.remove_all = request->remove_all,
		.call_id = sip_str_of(call_id),
		.cseq = cseq,
		.branch = sip_str_of(branch),
		.user_agent = sip_str_of(request->user_agent),
		.flow = { .listener = request->listener != 0 ? request->listener : 1,
			.connection = request->connection },
		.ask_every_s = request->ask_every_s,
		.max_contacts = request->max_contacts != 0 ? request->max_contacts : 10,
		.remove_existing = request->remove_existing,
	};
	enum ast_sip_register_result result = request->rehearsed
		? sip_location_rehearse(f->location, &registration, now)
		: sip_location_register(f->location, &registration, now);
	sip_pool_step(f->pool);
	return result;
}

enum ast_sip_register_result register_it(
	struct location_fixture *f, const struct request *request)
{
	struct ast_sip_contacts now;
	enum ast_sip_register_result result = ask(f, request, &now);

	ast_sip_contacts_release(&now);
	return result;
}

const char *found_for(struct location_fixture *f, const char *aor)
{
	static char texts[FIXTURE_TEXTS][512];
	static unsigned turn;
	char *text = texts[turn++ % FIXTURE_TEXTS];
	struct ast_sip_contacts contacts;
	size_t len = 0;

	CHECK_INT(sip_location_find(f->location, sip_str_of(aor), &contacts), ==, 0);
	text[0] = '\0';
	for (size_t i = 0; i < contacts.count; i++)
		len += (size_t)snprintf(text + len, sizeof(texts[0]) - len, "%s%.*s",
			i == 0 ? "" : " ", SIP_STR_ARG(contacts.contact[i]->uri));
	ast_sip_contacts_release(&contacts);
	return text;
}

const char *found(struct location_fixture *f)
{
	return found_for(f, "alice@example.com");
}

void forward_ms(struct location_fixture *f, uint64_t ms)
{
	sip_clock_forward_us(&f->clock, ms * 1000);
	sip_pool_step(f->pool);
}
