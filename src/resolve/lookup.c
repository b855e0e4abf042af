/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Queries under way: one for a name and type, however many wait for it.
 *
 * Where the cache has an answer beyond its time, those who wait get it when the source
 * fails, or after a moment's patience; the query goes on meanwhile, and what it brings is
 * kept (RFC 8767 section 5).
 * Everything in the turn of the resolver's work.
 */
#include "resolve/resolver.h"

#include "res_sip/error.h"
#include "resolve/rank.h"

#include <stdlib.h>

#define SECOND_US UINT64_C(1000000)

struct lookup {
	struct sip_dns_query query;
	struct sip_resolver *resolver;
	struct sip_list link; /* of its bucket */
	struct sip_list waiting;
	uint64_t hash;
	struct sip_dns_answer *stale; /* a reference; NULL: none */
	struct sip_timer patience;
};

static struct cache_key key_of(const struct lookup *lookup)
{
	return (struct cache_key){ .hash = lookup->hash,
		.name = sip_str_of(lookup->query.name),
		.type = lookup->query.type };
}

/* Give all who wait what there is.  Each is another ask's, which may end by it. */
static void tell_waiting(struct lookup *lookup, int result, struct sip_dns_answer *answer)
{
	struct sip_list told;
	struct look *look;

	sip_list_init(&told);
	while ((look = sip_list_first(&lookup->waiting, struct look, link)) != NULL) {
		sip_list_remove(&look->link);
		sip_list_append(&told, &look->link);
		look->lookup = NULL;
		look->result = result;
		if (answer != NULL)
			look->answer = sip_dns_answer_ref(answer);
	}
	while ((look = sip_list_first(&told, struct look, link)) != NULL) {
		sip_list_remove(&look->link);
		ask_go_on(look->ask);
	}
}

static void tell_stale(struct lookup *lookup)
{
	struct sip_resolver *resolver = lookup->resolver;
	struct cache_key key = key_of(lookup);

	resolver_count(resolver, SIP_COUNT_RESOLVE_STALE);
	cache_pardon(resolver->cache, &key,
		sip_pool_now_us(resolver->config.pool) + resolver->config.stale_again_us);
	tell_waiting(lookup, SIP_OK, lookup->stale);
}

static void on_patience_over(struct sip_timer *timer)
{
	tell_stale(SIP_CONTAINER(timer, struct lookup, patience));
}

static uint32_t between(uint32_t number, uint32_t least, uint32_t most)
{
	return number < least ? least : number > most ? most : number;
}

static struct cache_span span_of(
	const struct sip_resolver_config *config, const struct sip_dns_answer *answer)
{
	/* What does not exist is not kept beyond its time: RFC 8767 is about data. */
	if (answer->count == 0)
		return (struct cache_span){
			.fresh_us = between(answer->ttl_s, config->ttl_min_s,
					    config->none_ttl_max_s) *
				SECOND_US,
		};
	return (struct cache_span){
		.fresh_us = between(answer->ttl_s, config->ttl_min_s, config->ttl_max_s) *
			SECOND_US,
		.stale_us = config->stale_s * SECOND_US,
	};
}

/* Nobody else has it yet. */
static void finish_answer(struct sip_resolver *resolver, struct sip_dns_answer *answer)
{
	for (unsigned i = 0; i < answer->count; i++) {
		struct sip_dns_record *record = &answer->record[i];
		struct sip_addr local;

		if (answer->type != SIP_DNS_A && answer->type != SIP_DNS_AAAA)
			break;
		/* Alone it has nobody to be compared with but the other family. */
		record->rank = rank_of(&record->addr,
			resolver->config.route(&record->addr, &local) == SIP_OK ? &local
										: NULL);
	}
	walk_sort(answer);
}

static void keep_answer(struct lookup *lookup)
{
	struct sip_resolver *resolver = lookup->resolver;
	struct sip_dns_answer *answer = lookup->query.answer;
	struct cache_span span = span_of(&resolver->config, answer);
	struct cache_key key = key_of(lookup);

	finish_answer(resolver, answer);
	cache_put(resolver->cache, &key, answer, sip_pool_now_us(resolver->config.pool),
		&span);
}

static void count_failure(const struct lookup *lookup)
{
	switch (lookup->query.result) {
	case SIP_OK:
	case SIP_ESTATE: break;
	case SIP_ETIMEOUT:
		resolver_count(lookup->resolver, SIP_COUNT_RESOLVE_UNANSWERED);
		break;
	case SIP_ELIMIT: resolver_count(lookup->resolver, SIP_COUNT_RESOLVE_LONG); break;
	default: resolver_count(lookup->resolver, SIP_COUNT_RESOLVE_QUERY_FAILED); break;
	}
}

static void end_lookup(struct lookup *lookup)
{
	SIP_ASSERT(sip_list_empty(&lookup->waiting));
	atomic_fetch_sub(&lookup->resolver->queries, 1);
	sip_dns_answer_unref(&lookup->query.answer);
	sip_dns_answer_unref(&lookup->stale);
	free(lookup);
}

static enum sip_task_result on_answered(struct sip_task *task)
{
	struct lookup *lookup = SIP_CONTAINER(task, struct lookup, query.task);

	sip_timer_stop(&lookup->patience);
	/* From now on an ask for the same begins another query. */
	sip_list_remove(&lookup->link);
	count_failure(lookup);
	if (lookup->query.result == SIP_OK)
		keep_answer(lookup);
	if (lookup->query.result != SIP_OK && lookup->stale != NULL)
		tell_stale(lookup);
	else
		tell_waiting(lookup, lookup->query.result, lookup->query.answer);
	end_lookup(lookup);
	return SIP_TASK_DONE;
}

static struct lookup *find(struct sip_resolver *resolver, const struct cache_key *key)
{
	struct sip_list *bucket = &resolver->queried[key->hash % RESOLVER_BUCKETS];
	struct sip_list *at;
	struct sip_list *ahead;

	sip_list_each (bucket, at, ahead) {
		struct lookup *lookup = SIP_CONTAINER(at, struct lookup, link);

		if (lookup->hash == key->hash && lookup->query.type == key->type &&
			sip_str_equal_nocase(sip_str_of(lookup->query.name), key->name))
			return lookup;
	}
	return NULL;
}

static void set_name(struct sip_dns_query *query, struct sip_str name)
{
	SIP_ASSERT(name.len <= SIP_DNS_NAME_LEN);
	for (size_t i = 0; i < name.len; i++) {
		char c = name.ptr[i];

		query->name[i] = (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
	}
	query->name[name.len] = '\0';
}

/* Takes `stale` unless it fails. */
static int begin(struct sip_resolver *resolver, const struct cache_key *key,
	struct sip_dns_answer *stale, struct lookup **out)
{
	struct lookup *lookup = NULL;
	int error = SIP_OK;

	if (resolver->stopped) {
		error = SIP_ESTATE;
	} else if (resolver->queries >= resolver->config.queries_max) {
		resolver_count(resolver, SIP_COUNT_RESOLVE_FULL_QUERIES);
		error = SIP_EBUSY;
	} else {
		lookup = malloc(sizeof(*lookup));
		error = lookup == NULL ? SIP_EMEMORY : SIP_OK;
	}
	if (error != SIP_OK)
		return error;
	*lookup = (struct lookup){
		.resolver = resolver,
		.hash = key->hash,
		.stale = stale,
		.query = { .type = key->type,
			.pool = resolver->config.pool,
			.work = resolver->work,
			.source = resolver->config.source,
			.answered = on_answered },
	};
	set_name(&lookup->query, key->name);
	sip_list_init(&lookup->waiting);
	sip_list_append(&resolver->queried[key->hash % RESOLVER_BUCKETS], &lookup->link);
	sip_timer_init(&lookup->patience, on_patience_over);
	if (stale != NULL)
		sip_timer_start(&lookup->patience, resolver->config.stale_patience_us);
	atomic_fetch_add(&resolver->queries, 1);
	resolver_count(resolver, SIP_COUNT_RESOLVE_QUERIES);
	resolver->config.source->query(resolver->config.source, &lookup->query);
	*out = lookup;
	return SIP_OK;
}

int lookup_join(
	struct sip_resolver *resolver, const struct cache_key *key, struct look *look)
{
	struct sip_dns_answer *answer;
	enum cache_state state = cache_find(
		resolver->cache, key, sip_pool_now_us(resolver->config.pool), &answer);
	struct lookup *lookup;
	int error;

	if (state == CACHE_FRESH || state == CACHE_PARDONED) {
		look->answer = answer;
		return SIP_OK;
	}
	lookup = find(resolver, key);
	if (lookup != NULL) {
		resolver_count(resolver, SIP_COUNT_RESOLVE_SHARED);
		sip_dns_answer_unref(&answer);
	} else {
		error = begin(resolver, key, answer, &lookup);
		if (error != SIP_OK) {
			/* Too much is under way: what was known is better than that. */
			look->answer = answer;
			if (answer != NULL)
				resolver_count(resolver, SIP_COUNT_RESOLVE_STALE);
			return answer != NULL ? SIP_OK : error;
		}
	}
	look->lookup = lookup;
	sip_list_append(&lookup->waiting, &look->link);
	return SIP_OK;
}

void lookup_leave(struct look *look)
{
	sip_list_remove(&look->link);
	look->lookup = NULL;
}

struct sip_dns_answer *lookup_stale(const struct lookup *lookup)
{
	return lookup->stale != NULL ? sip_dns_answer_ref(lookup->stale) : NULL;
}
