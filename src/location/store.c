/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The location store: see location.h, and start reading here.
 *
 * A change is worked out aside (plan.c, change.c, static.c), swapped in (shard.c), and
 * then told.  Somebody who was faster with the same address of record makes the
 * swap fail, and the change is worked out again from what is there then.
 */
#include "location/store.h"

#include "location/ask.h"
#include "location/change.h"
#include "location/lost.h"
#include "location/static.h"
#include "res_sip/error.h"

#include <stdlib.h>

/* 44 bits of a keyed hash: two names that share them are one in a few millions. */
#define NAMES_PER_MARK 4

struct place {
	struct sip_str aor;
	uint64_t mark; /* says where, but for names that share it; never 0 */
	struct shard *shard;
	uint32_t hash; /* inside of the shard */
};

static struct shard *shard_of(struct sip_location *location, uint64_t mark)
{
	return &location->shard[mark % LOCATION_SHARDS];
}

static uint32_t hash_of(uint64_t mark)
{
	return (uint32_t)(mark >> 32);
}

static struct place place_of(struct sip_location *location, struct sip_str aor)
{
	uint64_t mark = sip_hash(&location->key, aor.ptr, aor.len);

	mark += mark == 0;
	return (struct place){ aor, mark, shard_of(location, mark), hash_of(mark) };
}

uint64_t sip_location_hash(const struct sip_location *location, struct sip_str aor)
{
	return sip_hash(&location->key, aor.ptr, aor.len);
}

void sip_location_prefetch_shard(const struct sip_location *location, uint64_t hash)
{
	const struct shard *shard = &location->shard[hash % LOCATION_SHARDS];

	/* It may stand in two lines. */
	SIP_PREFETCH(shard);
	SIP_PREFETCH(&shard->due_us);
}

void sip_location_prefetch_slot(const struct sip_location *location, uint64_t hash)
{
	shard_prefetch_slot(&location->shard[hash % LOCATION_SHARDS], hash_of(hash));
}

void sip_location_prefetch_record(const struct sip_location *location, uint64_t hash)
{
	shard_prefetch_record(&location->shard[hash % LOCATION_SHARDS], hash_of(hash));
}

void sip_location_prefetch_contact(const struct sip_location *location, uint64_t hash)
{
	shard_prefetch_contact(&location->shard[hash % LOCATION_SHARDS], hash_of(hash));
}

static uint64_t now_us(const struct sip_location *location)
{
	return sip_clock_now_us(location->config.clock);
}

int sip_location_create(
	const struct sip_location_config *config, struct sip_location **location)
{
	SIP_ASSERT(
		config->pool != NULL && config->clock != NULL && config->random != NULL);
	struct sip_location *made = calloc(1, sizeof(*made));
	struct sip_hash_key agents_key;

	*location = NULL;
	if (made == NULL)
		return SIP_EMEMORY;
	made->config = *config;
	sip_random_bytes(config->random, &made->key, sizeof(made->key));
	sip_random_bytes(config->random, &agents_key, sizeof(agents_key));
	made->kind.clock = config->clock;
	atomic_init(&made->kind.blocks, 0);
	agents_init(&made->kind.agents, &agents_key);
	atomic_init(&made->count, 0);
	atomic_init(&made->max, config->max_contacts);
	for (size_t i = 0; i < LOCATION_SHARDS; i++)
		shard_init(&made->shard[i]);
	if (expiry_init(made) != 0)
		sip_location_destroy(&made);
	*location = made;
	return made == NULL ? SIP_EMEMORY : 0;
}

void sip_location_destroy(struct sip_location **location)
{
	struct sip_location *gone = *location;

	*location = NULL;
	if (gone == NULL)
		return;
	expiry_fini(gone);
	for (size_t i = 0; i < LOCATION_SHARDS; i++)
		shard_fini(&gone->shard[i]);
	/* A contact that somebody still holds would be left with a clock that is gone. */
	SIP_ASSERT(atomic_load(&gone->kind.blocks) == 0);
	agents_fini(&gone->kind.agents);
	free(gone);
}

/* The contacts that `keep` names, each referenced. */
static int collect(const struct record *record, uint64_t now,
	bool (*keep)(const struct contact *contact), struct ast_sip_contacts *found)
{
	*found = (struct ast_sip_contacts){ NULL, 0 };
	if (record == NULL || record->count == 0)
		return 0;
	found->contact = malloc(record->count * sizeof(*found->contact));
	if (found->contact == NULL)
		return SIP_EMEMORY;
	for (uint32_t i = 0; i < record->count; i++) {
		struct contact *contact = record->contact[i];
		if (keep(contact) && !contact_is_due(contact, now))
			found->contact[found->count++] = ast_sip_contact_ref(
				&contact->public);
	}
	return 0;
}

static bool is_target(const struct contact *contact)
{
	return !contact_is_removed(contact);
}

/* Those that are unreachable move behind the others; both keep their order. */
static void put_unreachable_last(struct ast_sip_contacts *found)
{
	size_t at = 0;

	for (size_t left = found->count; left > 0; left--) {
		const struct ast_sip_contact *contact = found->contact[at];

		if (ast_sip_contact_reachability(contact, NULL) != AST_SIP_UNREACHABLE) {
			at++;
			continue;
		}
		memmove(&found->contact[at], &found->contact[at + 1],
			(found->count - at - 1) * sizeof(contact));
		found->contact[found->count - 1] = contact;
	}
}

int sip_location_find(
	struct sip_location *location, struct sip_str aor, struct ast_sip_contacts *found)
{
	struct place place = place_of(location, aor);
	struct record *record = shard_find(place.shard, place.aor, place.hash);
	int err = collect(record, now_us(location), is_target, found);

	record_unref(&record);
	if (found->count > 1)
		put_unreachable_last(found);
	return err;
}

/* Counts before the swap, so that two changes can't pass the maximum together. */
static bool reserve(struct sip_location *location, int64_t growth)
{
	uint64_t before = atomic_fetch_add(&location->count, (uint64_t)growth);
	uint64_t max = atomic_load_explicit(&location->max, memory_order_relaxed);

	if (growth <= 0 || max == 0 || before + (uint64_t)growth <= max)
		return true;
	atomic_fetch_sub(&location->count, (uint64_t)growth);
	return false;
}

/* Of a phone with several flows to us each is for itself. */
static bool is_one_of_flows(const struct plan_entry *entry)
{
	return ast_sip_contact_reg_id(&entry->after->public) != 0;
}

/* It was lost with its connection, and has come back. */
static const struct contact *lost_before(
	const struct plan *plan, const struct plan_entry *entry)
{
	if (entry->before != NULL && contact_is_lost(entry->before))
		return entry->before;
	for (uint32_t i = 0; !is_one_of_flows(entry) && i < plan->count; i++) {
		const struct contact *other = plan->entry[i].before;

		if (other != NULL && contact_is_lost(other) &&
			sip_str_equal(
				other->public.call_id, entry->after->public.call_id))
			return other;
	}
	return NULL;
}

/* A phone that learned of its new address may register another URI: it keeps its Call-ID
 * (RFC 3261 section 10.2).  NULL: none of its contacts stood before. */
static const struct contact *contact_before(
	const struct plan *plan, const struct plan_entry *entry)
{
	if (plan_is_live(entry->before))
		return entry->before;
	for (uint32_t i = 0; !is_one_of_flows(entry) && i < plan->count; i++) {
		const struct contact *other = plan->entry[i].before;

		if (plan_is_live(other) &&
			sip_str_equal(
				other->public.call_id, entry->after->public.call_id))
			return other;
	}
	return lost_before(plan, entry);
}

static void tell_moves(
	struct sip_location *location, const struct plan *plan, const char *aor)
{
	if (location->config.moved == NULL)
		return;
	for (uint32_t i = 0; i < plan->count; i++) {
		const struct plan_entry *entry = &plan->entry[i];

		if (entry->what == NULL || !plan_is_live(entry->after) ||
			entry->after->public.flow.listener == 0)
			continue;
		const struct contact *before = contact_before(plan, entry);
		const struct sip_flow *was = before != NULL ? &before->public.flow : NULL;
		const struct sip_flow *now = &entry->after->public.flow;
		if (was != NULL && was->listener == 0)
			was = NULL;
		if (was == NULL || !sip_flow_equal(was, now))
			location->config.moved(location->config.moved_arg, aor, was, now);
	}
}

static void tell(struct sip_location *location, const struct plan *plan, const char *aor)
{
	tell_moves(location, plan, aor);
	if (location->config.changed == NULL)
		return;
	for (uint32_t i = 0; i < plan->count; i++) {
		const struct plan_entry *entry = &plan->entry[i];
		/* What is gone, or only remembered, is told as it was. */
		struct contact *contact = entry->before;
		if (entry->what == NULL)
			continue;
		if (entry->after != NULL && !contact_is_removed(entry->after))
			contact = entry->after;
		location->config.changed(
			location->config.changed_arg, aor, &contact->public, entry->what);
	}
}

/* It is reached by a connection by which it was not reached before. */
static bool needs_tie(const struct plan_entry *entry)
{
	if (entry->what == NULL || !plan_is_live(entry->after) ||
		entry->after->public.flow.connection == 0)
		return false;
	return !plan_is_live(entry->before) ||
		!sip_flow_equal(&entry->before->public.flow, &entry->after->public.flow);
}

/* Once they can be found: a connection that ends from now on finds them, and one that has
 * ended takes them with it here. */
static void tie_contacts(
	struct sip_location *location, const struct place *place, const struct plan *plan)
{
	for (uint32_t i = 0; i < plan->count; i++) {
		const struct plan_entry *entry = &plan->entry[i];

		if (!needs_tie(entry) || location->config.tie == NULL)
			continue;
		const struct sip_flow *flow = &entry->after->public.flow;
		if (!location->config.tie(location->config.moved_arg, flow, place->mark))
			sip_location_lose(location, flow, place->mark);
	}
}

/* Put the plan's record `after` in its place.  SIP_ESTATE: somebody was faster;
 * SIP_EMEMORY. */
static int commit(struct sip_location *location, const struct place *place,
	const struct plan *plan, struct record *after)
{
	int64_t growth = plan_growth(plan);

	if (!reserve(location, growth))
		return SIP_EMEMORY;
	int err = shard_swap(place->shard, plan->record, after);
	if (err != 0) {
		atomic_fetch_sub(&location->count, (uint64_t)growth);
		return err;
	}
	expiry_notify(location, place->shard);
	return 0;
}

static int carry_out(struct sip_location *location, const struct place *place,
	struct plan *plan, struct ast_sip_contacts *now)
{
	struct record *after = NULL;
	int err;

	if (!plan->changed)
		return now == NULL
			? 0
			: collect(plan->record, plan->now_us, plan_is_live, now);
	err = plan_record(plan, place->aor, place->hash, &after);
	if (err == 0 && now != NULL)
		err = collect(after, plan->now_us, plan_is_live, now);
	if (err == 0)
		err = commit(location, place, plan, after);
	if (err != 0 && now != NULL)
		ast_sip_contacts_release(now);
	record_unref(&after);
	return err;
}

static struct change change_of(const struct sip_location *location,
	struct contact_kind *kind, const struct ast_sip_registration *registration)
{
	return (struct change){
		.registration = registration,
		.kind = kind,
		.branch_hash = sip_hash(&location->key, registration->branch.ptr,
			registration->branch.len),
		.remember_us = UINT64_C(64) * location->config.t1_ms * 1000,
		.random = location->config.random,
	};
}

/* One try.  SIP_ESTATE: again. */
static int try_register(struct sip_location *location, const struct place *place,
	const struct change *change, struct ast_sip_contacts *now,
	enum ast_sip_register_result *result)
{
	struct record *before = shard_find(place->shard, place->aor, place->hash);
	struct plan plan;
	int err = plan_init(
		&plan, before, change_room(change->registration), now_us(location));

	if (err == 0) {
		*result = change_plan(change, &plan);
		if (*result == AST_SIP_REGISTER_DONE)
			err = carry_out(location, place, &plan, now);
		else
			err = collect(plan.record, plan.now_us, plan_is_live, now);
	}
	if (err == 0 && *result == AST_SIP_REGISTER_DONE) {
		tell(location, &plan, change->registration->aor);
		tie_contacts(location, place, &plan);
	}
	plan_fini(&plan);
	return err;
}

enum ast_sip_register_result sip_location_register(struct sip_location *location,
	const struct ast_sip_registration *registration, struct ast_sip_contacts *now)
{
	struct place place = place_of(location, sip_str_of(registration->aor));
	struct change change = change_of(location, &location->kind, registration);
	enum ast_sip_register_result result = AST_SIP_REGISTER_MEMORY;
	int err;

	*now = (struct ast_sip_contacts){ NULL, 0 };
	do {
		err = try_register(location, &place, &change, now, &result);
	} while (err == SIP_ESTATE);
	return err == 0 ? result : AST_SIP_REGISTER_MEMORY;
}

static bool has_room(const struct sip_location *location, int64_t growth)
{
	uint64_t max = atomic_load_explicit(&location->max, memory_order_relaxed);

	return growth <= 0 || max == 0 ||
		atomic_load(&location->count) + (uint64_t)growth <= max;
}

/* As try_register() does it, up to the change itself. */
enum ast_sip_register_result sip_location_rehearse(struct sip_location *location,
	const struct ast_sip_registration *registration, struct ast_sip_contacts *now)
{
	struct place place = place_of(location, sip_str_of(registration->aor));
	struct change change = change_of(location, &location->kind, registration);
	enum ast_sip_register_result result = AST_SIP_REGISTER_MEMORY;
	struct record *after = NULL;
	struct plan plan;
	int err;

	*now = (struct ast_sip_contacts){ NULL, 0 };
	err = plan_init(&plan, shard_find(place.shard, place.aor, place.hash),
		change_room(registration), now_us(location));
	if (err == 0)
		result = change_plan(&change, &plan);
	bool changes = result == AST_SIP_REGISTER_DONE && plan.changed;
	if (err == 0 && changes && !has_room(location, plan_growth(&plan)))
		err = SIP_EMEMORY;
	if (err == 0 && changes)
		err = plan_record(&plan, place.aor, place.hash, &after);
	if (err == 0)
		err = collect(
			changes ? after : plan.record, plan.now_us, plan_is_live, now);
	record_unref(&after);
	plan_fini(&plan);
	return err == 0 ? result : AST_SIP_REGISTER_MEMORY;
}

/* Each contact whose time has come, and nobody's who expires. */
static void ask_contacts(
	struct sip_location *location, const struct record *record, uint64_t now)
{
	for (uint32_t i = 0; i < record->count; i++) {
		struct contact *contact = record->contact[i];
		uint64_t due_us = contact_ask_us(contact);
		uint64_t pause_us = 0;

		if (due_us > now)
			continue;
		if (location->config.ask != NULL)
			pause_us = location->config.ask(location->config.ask_arg,
					   record_aor(record), &contact->public) *
				UINT64_C(1000);
		/* From when it was due, so that each keeps its place in the interval. */
		if (due_us + pause_us <= now)
			due_us = now;
		contact_ask_at(contact, pause_us == 0 ? SIP_NEVER : due_us + pause_us);
		if (pause_us == 0)
			contact_answered(contact, AST_SIP_NOT_ASKED, 0);
	}
}

int location_attend(
	struct sip_location *location, struct shard *shard, struct record *record)
{
	/* The plan takes the first reference; the name is needed for longer. */
	struct record *held = record;
	struct plan plan;
	int err;

	record_ref(held);
	err = plan_init(&plan, record, 0, now_us(location));
	struct place place = {
		.aor = record_aor(held), .shard = shard, .hash = held->hash
	};
	if (err == 0 && !plan.changed) {
		ask_contacts(location, held, plan.now_us);
		shard_reckon(shard, held);
	} else if (err == 0) {
		err = carry_out(location, &place, &plan, NULL);
		if (err == 0)
			tell(location, &plan, record_aor(held).ptr);
	}
	plan_fini(&plan);
	record_unref(&held);
	/* Somebody was faster, and left out what is due as well. */
	return err == SIP_ESTATE ? 0 : err;
}

/* One try, on one record, whose reference it takes.  SIP_ESTATE: again. */
static int try_lose(
	struct sip_location *location, struct record *record, const struct sip_flow *flow)
{
	struct record *held = record;
	struct place place = place_of(location, record_aor(record));
	struct plan plan;
	int err;

	record_ref(held);
	err = plan_init(&plan, record, 0, now_us(location));
	if (err == 0)
		err = lost_plan(&plan, &location->kind, flow);
	if (err == 0 && plan.changed)
		err = carry_out(location, &place, &plan, NULL);
	if (err == 0 && plan.changed)
		tell(location, &plan, place.aor.ptr);
	plan_fini(&plan);
	record_unref(&held);
	return err;
}

void sip_location_lose(
	struct sip_location *location, const struct sip_flow *flow, uint64_t mark)
{
	struct record *found[NAMES_PER_MARK];
	bool again = true;

	while (again) {
		unsigned count = shard_find_hash(
			shard_of(location, mark), hash_of(mark), found, NAMES_PER_MARK);

		again = false;
		for (unsigned i = 0; i < count; i++)
			again |= try_lose(location, found[i], flow) == SIP_ESTATE;
	}
}

enum ast_sip_reachability sip_location_answered(struct sip_location *location,
	struct sip_str aor, const struct ast_sip_contact *contact,
	enum ast_sip_reachability what, uint32_t rtt_us)
{
	struct place place = place_of(location, aor);
	struct record *record = shard_find(place.shard, place.aor, place.hash);
	enum ast_sip_reachability before = AST_SIP_NOT_ASKED;

	for (uint32_t i = 0; record != NULL && i < record->count; i++) {
		struct contact *now = record->contact[i];

		if (!is_target(now) || !sip_str_equal(now->public.uri, contact->uri) ||
			!sip_flow_equal(&now->public.flow, &contact->flow))
			continue;
		before = contact_answered(now, what, rtt_us);
		break;
	}
	record_unref(&record);
	return before;
}

int sip_location_set_static(struct sip_location *location, struct sip_str aor,
	const struct sip_str *uris, size_t count, uint32_t ask_every_s)
{
	struct place place = place_of(location, aor);
	struct plan plan;
	int err;

	do {
		err = plan_init(&plan, shard_find(place.shard, place.aor, place.hash),
			(uint32_t)count, now_us(location));
		if (err == 0)
			err = static_plan(location, &plan,
				&(struct static_contacts){ uris, count, ask_every_s });
		if (err == 0)
			err = carry_out(location, &place, &plan, NULL);
		plan_fini(&plan);
	} while (err == SIP_ESTATE);
	return err;
}

static void visit_record(const struct record *record, uint64_t now,
	void (*visit)(
		void *arg, struct sip_str aor, const struct ast_sip_contact *contact),
	void *arg)
{
	for (uint32_t i = 0; i < record->count; i++) {
		const struct contact *contact = record->contact[i];
		if (is_target(contact) && !contact_is_due(contact, now))
			visit(arg, record_aor(record), &contact->public);
	}
}

void sip_location_each(struct sip_location *location,
	void (*visit)(
		void *arg, struct sip_str aor, const struct ast_sip_contact *contact),
	void *arg)
{
	uint64_t now = now_us(location);

	for (size_t i = 0; i < LOCATION_SHARDS; i++) {
		struct record **records;
		size_t count;

		/* Out of memory: the console shows less, and the server goes on. */
		if (shard_all(&location->shard[i], &records, &count) != 0)
			continue;
		for (size_t j = 0; j < count; j++) {
			visit_record(records[j], now, visit, arg);
			record_unref(&records[j]);
		}
		free(records);
	}
}

void sip_location_set_max(struct sip_location *location, uint64_t max_contacts)
{
	/* relaxed: a contact more or less is let in */
	atomic_store_explicit(&location->max, max_contacts, memory_order_relaxed);
}

uint64_t sip_location_count(const struct sip_location *location)
{
	return atomic_load(&location->count);
}
