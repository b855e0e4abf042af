/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * User-Agent texts, each kept once: see agent.h.
 *
 * Memory is allocated and freed outside of the stripe's lock: a text that is
 * not there yet, or chains that have grown long, end the first look, and the
 * second one finds what it needs in its hands.
 */
#include "location/agent.h"

#include "res_sip/error.h"

#include <stdlib.h>

#define FIRST_CHAINS 4

struct agent {
	struct agent *next;
	uint64_t hash;
	/* From 0 to 1 and back under the lock; in between by whoever holds one. */
	_Atomic uint32_t refs;
	uint32_t len;
	char text[];
};

void agents_init(struct agents *agents, const struct sip_hash_key *key)
{
	*agents = (struct agents){ .key = *key };
	for (size_t i = 0; i < AGENT_STRIPES; i++)
		sip_leaf_lock_init(&agents->stripe[i].lock);
}

void agents_fini(struct agents *agents)
{
	for (size_t i = 0; i < AGENT_STRIPES; i++) {
		struct agent_stripe *stripe = &agents->stripe[i];

		SIP_ASSERT(stripe->count == 0);
		free(stripe->chain);
		stripe->chain = NULL;
		sip_leaf_lock_fini(&stripe->lock);
	}
}

static struct agent_stripe *stripe_of(struct agents *agents, uint64_t hash)
{
	/* The high bits: the low ones choose the chain. */
	return &agents->stripe[(hash >> 32) % AGENT_STRIPES];
}

static struct agent **chain_of(const struct agent_stripe *stripe, uint64_t hash)
{
	return &stripe->chain[hash & (stripe->chain_count - 1)];
}

static struct agent *find(
	const struct agent_stripe *stripe, uint64_t hash, struct sip_str text)
{
	if (stripe->chain_count == 0)
		return NULL;
	for (struct agent *agent = *chain_of(stripe, hash); agent != NULL;
		agent = agent->next)
		if (agent->hash == hash && agent->len == text.len &&
			memcmp(agent->text, text.ptr, text.len) == 0)
			return agent;
	return NULL;
}

static struct agent *make(uint64_t hash, struct sip_str text)
{
	struct agent *agent = malloc(sizeof(*agent) + text.len);

	if (agent == NULL)
		return NULL;
	agent->hash = hash;
	atomic_init(&agent->refs, 0);
	agent->len = (uint32_t)text.len;
	memcpy(agent->text, text.ptr, text.len);
	return agent;
}

static void link_in(struct agent_stripe *stripe, struct agent *agent)
{
	struct agent **chain = chain_of(stripe, agent->hash);

	agent->next = *chain;
	*chain = agent;
}

/* Returns the chains that are not needed any more. */
static struct agent **spread(
	struct agent_stripe *stripe, struct agent **wider, uint32_t wider_count)
{
	struct agent **narrower = stripe->chain;
	uint32_t narrower_count = stripe->chain_count;

	stripe->chain = wider;
	stripe->chain_count = wider_count;
	for (uint32_t i = 0; i < narrower_count; i++) {
		for (struct agent *agent = narrower[i], *next; agent != NULL;
			agent = next) {
			next = agent->next;
			link_in(stripe, agent);
		}
	}
	return narrower;
}

static int widen(struct agent_stripe *stripe, uint32_t from)
{
	uint32_t count = from == 0 ? FIRST_CHAINS : from * 2;
	struct agent **chain = calloc(count, sizeof(struct agent *));

	if (chain == NULL)
		return SIP_EMEMORY;
	sip_leaf_lock(&stripe->lock);
	if (stripe->chain_count == from)
		chain = spread(stripe, chain, count);
	sip_leaf_unlock(&stripe->lock);
	free(chain);
	return 0;
}

static void add_holder(struct agent *agent)
{
	/* Relaxed: under the lock, or by a holder, so nothing needs to be ordered. */
	atomic_fetch_add_explicit(&agent->refs, 1, memory_order_relaxed);
}

/* One more holder of the text; `made` joins the chains where it is not there yet.  NULL:
 * it is not, and can't join: *chains says how many chains are too few, or UINT32_MAX. */
static struct agent *hold(struct agent_stripe *stripe, uint64_t hash, struct sip_str text,
	struct agent **made, uint32_t *chains)
{
	struct agent *agent;

	sip_leaf_lock(&stripe->lock);
	agent = find(stripe, hash, text);
	*chains = stripe->count >= stripe->chain_count ? stripe->chain_count : UINT32_MAX;
	if (agent == NULL && *made != NULL && *chains == UINT32_MAX) {
		agent = *made;
		*made = NULL;
		link_in(stripe, agent);
		stripe->count++;
	}
	if (agent != NULL)
		add_holder(agent);
	sip_leaf_unlock(&stripe->lock);
	return agent;
}

int agents_keep(struct agents *agents, struct sip_str text, struct sip_str *kept)
{
	struct agent *made = NULL;
	struct agent *agent;
	uint32_t chains;
	int err = 0;

	*kept = SIP_STR("");
	if (text.len == 0)
		return 0;
	if (text.len > AGENT_MAX_LEN)
		text.len = AGENT_MAX_LEN;
	uint64_t hash = sip_hash(&agents->key, text.ptr, text.len);
	struct agent_stripe *stripe = stripe_of(agents, hash);
	while (err == 0 && (agent = hold(stripe, hash, text, &made, &chains)) == NULL) {
		if (chains != UINT32_MAX)
			err = widen(stripe, chains);
		else if ((made = make(hash, text)) == NULL)
			err = SIP_EMEMORY;
	}
	free(made);
	if (err == 0)
		*kept = (struct sip_str){ agent->text, agent->len };
	return err;
}

/* The text is the tail of its agent. */
static struct agent *agent_of(struct sip_str kept)
{
	return SIP_CONTAINER(kept.ptr, struct agent, text);
}

bool agents_keep_again(struct sip_str held, struct sip_str text)
{
	if (held.len == 0 || !sip_str_equal(held, text))
		return false;
	add_holder(agent_of(held));
	return true;
}

/* Of several. */
static bool drop_holder(struct agent *agent)
{
	uint32_t refs = atomic_load_explicit(&agent->refs, memory_order_relaxed);

	/* Release what this thread read; partner: agents_drop(). */
	while (refs > 1)
		if (atomic_compare_exchange_weak_explicit(&agent->refs, &refs, refs - 1,
			    memory_order_release, memory_order_relaxed))
			return true;
	return false;
}

void agents_drop(struct agents *agents, struct sip_str kept)
{
	if (kept.len == 0)
		return;
	struct agent *agent = agent_of(kept);
	if (drop_holder(agent))
		return;
	struct agent_stripe *stripe = stripe_of(agents, agent->hash);

	sip_leaf_lock(&stripe->lock);
	/* Acquire: partner of the release in drop_holder(). */
	bool last = atomic_fetch_sub_explicit(&agent->refs, 1, memory_order_acq_rel) == 1;
	if (last) {
		struct agent **at = chain_of(stripe, agent->hash);
		while (*at != agent)
			at = &(*at)->next;
		*at = agent->next;
		stripe->count--;
	}
	sip_leaf_unlock(&stripe->lock);
	if (last)
		free(agent);
}
