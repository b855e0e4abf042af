/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The resolver: what is answered at once, and its life.
 *
 * At once means from the URI or the cache, in the caller's thread: a look-up there costs
 * a leaf lock for a comparison.  Elsewhere: those who wait (ask.c, lookup.c).
 */
#include "resolve/resolver.h"

#include "res_sip/error.h"
#include "transport/route.h"

#include <stdlib.h>

#define DAY_S 86400

void sip_resolver_config_init(struct sip_resolver_config *config)
{
	*config = (struct sip_resolver_config){
		.route = sip_route_ask,
		.asks_max = 1000,
		.queries_max = 500,
		.cache_max = 4096,
		.ttl_min_s = 5,
		.ttl_max_s = DAY_S,
		.none_ttl_max_s = 300,
		.stale_s = DAY_S,
		.stale_patience_us = 1000000,
		.stale_again_us = 30000000,
		.deadline_us = 5000000,
		.failed_us = 30000000,
	};
}

void resolver_count(struct sip_resolver *resolver, enum sip_counter counter)
{
	sip_count(resolver->config.counters, counter);
}

void resolver_push(
	struct sip_resolver *resolver, struct ast_sip_work *work, struct sip_task *task)
{
	task->pushed_us = sip_pool_now_us(resolver->config.pool);
	sip_work_push(work, task);
}

struct cache_key resolver_key(
	const struct sip_resolver *resolver, struct sip_str name, enum sip_dns_type type)
{
	/* Names are equal without case (RFC 4343). */
	char text[SIP_DNS_NAME_LEN + 1];

	SIP_ASSERT(name.len <= SIP_DNS_NAME_LEN);
	for (size_t i = 0; i < name.len; i++) {
		char c = name.ptr[i];

		text[i] = (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
	}
	text[name.len] = (char)type;
	return (struct cache_key){
		.hash = sip_hash(&resolver->key, text, name.len + 1),
		.name = name,
		.type = type,
	};
}

void resolver_choose(struct sip_resolver *resolver, const struct walk *walk,
	struct sip_targets *targets)
{
	uint64_t now_us = sip_pool_now_us(resolver->config.pool);
	bool bad[WALK_TARGETS_MAX] = { false };

	targets->count = 0;
	for (unsigned i = 0; walk->count > 1 && i < walk->count; i++)
		bad[i] = health_is_bad(&resolver->health, &walk->target[i], now_us);
	for (int last = 0; last <= 1; last++)
		for (unsigned i = 0; i < walk->count && targets->count < SIP_TARGETS_MAX;
			i++)
			if (bad[i] == (last == 1))
				targets->target[targets->count++] = walk->target[i];
}

/* ---- at once ---- */

/* What the cache gave, until the walk has ended. */
struct held {
	struct sip_resolver *resolver;
	bool takes_stale;
	unsigned count;
	struct sip_dns_answer *answer[RESOLVER_LOOKS_MAX];
};

static int look_in_cache(void *arg, struct sip_str name, enum sip_dns_type type,
	const struct sip_dns_answer **out)
{
	struct held *held = arg;
	struct sip_resolver *resolver = held->resolver;
	struct cache_key key = resolver_key(resolver, name, type);
	struct sip_dns_answer *answer;
	enum cache_state state;

	/* Too deep: whoever waits is told. */
	if (held->count == RESOLVER_LOOKS_MAX)
		return WALK_WAITS;
	state = cache_find(
		resolver->cache, &key, sip_pool_now_us(resolver->config.pool), &answer);
	if (state == CACHE_NONE || (state == CACHE_STALE && !held->takes_stale)) {
		sip_dns_answer_unref(&answer);
		return WALK_WAITS;
	}
	if (state != CACHE_FRESH)
		resolver_count(resolver, SIP_COUNT_RESOLVE_STALE);
	held->answer[held->count++] = answer;
	*out = answer;
	return SIP_OK;
}

static int answer_from_cache(struct sip_resolver *resolver, const struct plan *plan,
	bool takes_stale, struct sip_targets *targets)
{
	struct held held;
	struct walk walk;
	int result;

	held.resolver = resolver;
	held.takes_stale = takes_stale;
	held.count = 0;
	walk.look = look_in_cache;
	walk.arg = &held;
	walk.seed = sip_random_u64(resolver->config.random);
	result = walk_run(&walk, plan);
	if (result == SIP_OK)
		resolver_choose(resolver, &walk, targets);
	for (unsigned i = 0; i < held.count; i++)
		sip_dns_answer_unref(&held.answer[i]);
	return result;
}

static int answer_at_once(struct sip_resolver *resolver, const struct plan *plan,
	struct sip_targets *targets)
{
	struct sip_target *target = &targets->target[0];

	if (plan->addr.sa.sa_family == AF_UNSPEC)
		return answer_from_cache(resolver, plan, false, targets);
	*target = (struct sip_target){ plan->kind, plan->addr };
	sip_addr_set_port(&target->addr, plan_port(plan));
	targets->count = 1;
	return SIP_OK;
}

int sip_resolve(struct sip_resolver *resolver, const struct sip_resolve_request *request,
	const struct sip_asker *asker, struct sip_targets *targets, struct sip_ask **ask)
{
	struct plan plan;
	int result = plan_make(request, &plan);

	targets->count = 0;
	if (ask != NULL)
		*ask = NULL;
	if (result == SIP_OK)
		result = answer_at_once(resolver, &plan, targets);
	if (result != WALK_WAITS) {
		resolver_count(resolver, SIP_COUNT_RESOLVE_AT_ONCE);
		return result;
	}
	if (asker == NULL)
		return SIP_EMISSING;
	result = ask_begin(resolver, &plan, asker, ask);
	/* Too many wait, or no more may: what was known is better than that. */
	if (result != SIP_OK &&
		answer_from_cache(resolver, &plan, true, targets) == SIP_OK)
		return SIP_OK;
	return result;
}

/* ---- health ---- */

void sip_target_failed(
	struct sip_resolver *resolver, const struct sip_target *target, uint64_t for_us)
{
	uint64_t now_us = sip_pool_now_us(resolver->config.pool);
	uint64_t until_us = now_us + (for_us != 0 ? for_us : resolver->config.failed_us);

	resolver_count(resolver, SIP_COUNT_RESOLVE_TARGET_FAILED);
	health_failed(&resolver->health, target, now_us, until_us);
}

void sip_target_answered(struct sip_resolver *resolver, const struct sip_target *target)
{
	health_answered(&resolver->health, target);
}

uint64_t sip_target_shunned_us(
	struct sip_resolver *resolver, const struct sip_target *target)
{
	return health_left_us(
		&resolver->health, target, sip_pool_now_us(resolver->config.pool));
}

/* ---- its life ---- */

static enum sip_task_result stop(struct sip_task *task)
{
	struct sip_resolver *resolver = SIP_CONTAINER(task, struct sip_resolver, stop);

	resolver->stopped = true;
	asks_stop(resolver);
	resolver->config.source->stop(resolver->config.source);
	return SIP_TASK_DONE;
}

void sip_resolver_stop(struct sip_resolver *resolver)
{
	bool again = atomic_exchange(&resolver->stopping, true);

	SIP_ASSERT(!again);
	resolver_push(resolver, resolver->work, &resolver->stop);
}

int sip_resolver_create(
	const struct sip_resolver_config *config, struct sip_resolver **out)
{
	struct sip_resolver *resolver = calloc(1, sizeof(*resolver));

	if (resolver == NULL)
		return SIP_EMEMORY;
	resolver->config = *config;
	sip_random_bytes(config->random, &resolver->key, sizeof(resolver->key));
	health_init(&resolver->health, config->random);
	sip_list_init(&resolver->waiting);
	for (size_t i = 0; i < RESOLVER_BUCKETS; i++)
		sip_list_init(&resolver->queried[i]);
	resolver->stop.run = stop;
	resolver->cache = cache_create(config->cache_max);
	if (resolver->cache != NULL)
		resolver->work = sip_pool_create_work(config->pool);
	if (resolver->work == NULL) {
		sip_resolver_destroy(&resolver);
		return SIP_EMEMORY;
	}
	*out = resolver;
	return SIP_OK;
}

void sip_resolver_destroy(struct sip_resolver **place)
{
	struct sip_resolver *resolver = *place;

	*place = NULL;
	if (resolver == NULL)
		return;
	SIP_ASSERT(atomic_load(&resolver->asks) == 0);
	SIP_ASSERT(atomic_load(&resolver->queries) == 0);
	if (resolver->work != NULL)
		ast_sip_destroy_work(resolver->work);
	cache_destroy(&resolver->cache);
	free(resolver);
}

void sip_resolver_figures(
	struct sip_resolver *resolver, struct sip_resolver_figures *figures)
{
	*figures = (struct sip_resolver_figures){
		.asks = atomic_load(&resolver->asks),
		.queries = atomic_load(&resolver->queries),
	};
}
