/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An ask: somebody waits for targets.
 *
 * It lives in the turn of the resolver's work: each time a look-up has ended the walk is
 * begun anew over what is known, until it waits for nothing more or the deadline has
 * come.  Then its task goes to the asker's work, tells, and frees it.
 *
 * Giving up and telling meet at a lock: the task is queued at the asker's under it, so
 * that after giving up either it is queued, and will see that, or never will be.
 */
#include "resolve/resolver.h"

#include "res_sip/error.h"

#include <stdlib.h>

struct sip_ask {
	struct sip_resolver *resolver;
	struct sip_task task; /* begins it in the resolver's turn, tells in the asker's */
	struct sip_task leave; /* in the resolver's turn, when it was given up */
	struct sip_asker asker;
	struct sip_resolve_request request; /* its texts are below */
	struct plan plan;
	uint64_t seed;

	/* Guards what follows, against the asker. */
	struct sip_leaf_lock lock;
	bool told; /* its task is queued at the asker's */
	bool given_up;

	/* In the resolver's turn. */
	struct sip_list link; /* of resolver->waiting */
	struct sip_timer deadline;
	bool ended;
	bool overdue;
	bool deep; /* counted */
	unsigned count;
	struct look look[RESOLVER_LOOKS_MAX];

	int result;
	struct sip_targets targets;
	char text[]; /* the host */
};

static void free_ask(struct sip_ask *ask)
{
	struct sip_resolver *resolver = ask->resolver;

	sip_leaf_lock_fini(&ask->lock);
	free(ask);
	atomic_fetch_sub(&resolver->asks, 1);
}

/* ---- in the asker's turn ---- */

static enum sip_task_result tell(struct sip_task *task)
{
	struct sip_ask *ask = SIP_CONTAINER(task, struct sip_ask, task);
	bool given_up;

	/* Whoever queued it has the lock still, perhaps. */
	sip_leaf_lock(&ask->lock);
	given_up = ask->given_up;
	sip_leaf_unlock(&ask->lock);
	if (!given_up)
		ask->asker.resolved(ask->asker.arg, ask->result, &ask->targets);
	free_ask(ask);
	return SIP_TASK_DONE;
}

void sip_ask_give_up(struct sip_ask **place)
{
	struct sip_ask *ask = *place;
	bool told;

	*place = NULL;
	sip_leaf_lock(&ask->lock);
	SIP_ASSERT(!ask->given_up);
	ask->given_up = true;
	told = ask->told;
	sip_leaf_unlock(&ask->lock);
	if (!told)
		resolver_push(ask->resolver, ask->resolver->work, &ask->leave);
}

/* ---- in the resolver's turn ---- */

static void drop_looks(struct sip_ask *ask)
{
	for (unsigned i = 0; i < ask->count; i++) {
		if (ask->look[i].lookup != NULL)
			lookup_leave(&ask->look[i]);
		sip_dns_answer_unref(&ask->look[i].answer);
	}
	ask->count = 0;
}

/* Nobody knows it any more but the asker. */
static void end_ask(struct sip_ask *ask)
{
	sip_timer_stop(&ask->deadline);
	sip_list_remove(&ask->link);
	drop_looks(ask);
	ask->ended = true;
}

static void finish(struct sip_ask *ask, int result)
{
	bool wake = false;

	end_ask(ask);
	ask->result = result;
	ask->task.run = tell;
	ask->task.pushed_us = sip_pool_now_us(ask->resolver->config.pool);
	sip_leaf_lock(&ask->lock);
	/* Given up: `leave` is on its way, and frees it. */
	if (!ask->given_up) {
		ask->told = true;
		wake = sip_work_enqueue(ask->asker.work, &ask->task);
	}
	sip_leaf_unlock(&ask->lock);
	if (wake)
		sip_work_wake(ask->asker.work);
}

static enum sip_task_result leave(struct sip_task *task)
{
	struct sip_ask *ask = SIP_CONTAINER(task, struct sip_ask, leave);

	if (!ask->ended)
		end_ask(ask);
	free_ask(ask);
	return SIP_TASK_DONE;
}

static struct look *find_look(struct sip_ask *ask, uint64_t id)
{
	for (unsigned i = 0; i < ask->count; i++)
		if (ask->look[i].id == id)
			return &ask->look[i];
	return NULL;
}

static struct look *add_look(struct sip_ask *ask, const struct cache_key *key)
{
	struct look *look = &ask->look[ask->count];

	if (ask->count == RESOLVER_LOOKS_MAX) {
		if (!ask->deep)
			resolver_count(ask->resolver, SIP_COUNT_RESOLVE_DEEP);
		ask->deep = true;
		return NULL;
	}
	*look = (struct look){ .ask = ask, .id = key->hash };
	sip_list_init(&look->link);
	ask->count++;
	look->result = lookup_join(ask->resolver, key, look);
	return look;
}

static int look_up(void *arg, struct sip_str name, enum sip_dns_type type,
	const struct sip_dns_answer **answer)
{
	struct sip_ask *ask = arg;
	struct cache_key key = resolver_key(ask->resolver, name, type);
	struct look *look = find_look(ask, key.hash);

	if (look == NULL)
		look = add_look(ask, &key);
	if (look == NULL)
		return SIP_EDEPTH;
	if (look->lookup != NULL) {
		if (!ask->overdue)
			return WALK_WAITS;
		look->answer = lookup_stale(look->lookup);
		lookup_leave(look);
		look->result = look->answer != NULL ? SIP_OK : SIP_ETIMEOUT;
	}
	*answer = look->answer;
	return look->result;
}

void ask_go_on(struct sip_ask *ask)
{
	struct walk walk;
	int result;

	walk.look = look_up;
	walk.arg = ask;
	walk.seed = ask->seed;
	result = walk_run(&walk, &ask->plan);
	if (result == WALK_WAITS)
		return;
	if (result == SIP_OK)
		resolver_choose(ask->resolver, &walk, &ask->targets);
	finish(ask, result);
}

static void on_deadline(struct sip_timer *timer)
{
	struct sip_ask *ask = SIP_CONTAINER(timer, struct sip_ask, deadline);

	resolver_count(ask->resolver, SIP_COUNT_RESOLVE_OVERDUE);
	ask->overdue = true;
	ask_go_on(ask);
}

static enum sip_task_result start(struct sip_task *task)
{
	struct sip_ask *ask = SIP_CONTAINER(task, struct sip_ask, task);
	struct sip_resolver *resolver = ask->resolver;

	sip_list_append(&resolver->waiting, &ask->link);
	sip_timer_start(&ask->deadline, resolver->config.deadline_us);
	if (resolver->stopped)
		finish(ask, SIP_ESTATE);
	else
		ask_go_on(ask);
	return SIP_TASK_DONE;
}

void asks_stop(struct sip_resolver *resolver)
{
	struct sip_ask *ask;

	while ((ask = sip_list_first(&resolver->waiting, struct sip_ask, link)) != NULL)
		finish(ask, SIP_ESTATE);
}

/* ---- any thread ---- */

/* Counts it; it is one of those that stop() has to wait for, or is not begun. */
static int enter(struct sip_resolver *resolver)
{
	unsigned before = atomic_fetch_add(&resolver->asks, 1);
	int error = SIP_OK;

	if (atomic_load(&resolver->stopping)) {
		error = SIP_ESTATE;
	} else if (before >= resolver->config.asks_max) {
		resolver_count(resolver, SIP_COUNT_RESOLVE_FULL_ASKS);
		error = SIP_EBUSY;
	}
	if (error != SIP_OK)
		atomic_fetch_sub(&resolver->asks, 1);
	return error;
}

/* The plan's name is all that the walk reads of the request's texts. */
static void copy_plan(struct sip_ask *ask, const struct plan *plan)
{
	memcpy(ask->text, plan->name.ptr, plan->name.len);
	ask->request = *plan->request;
	ask->request.host = (struct sip_str){ ask->text, plan->name.len };
	ask->request.transport = (struct sip_str){ NULL, 0 };
	ask->plan = *plan;
	ask->plan.request = &ask->request;
	ask->plan.name = ask->request.host;
}

int ask_begin(struct sip_resolver *resolver, const struct plan *plan,
	const struct sip_asker *asker, struct sip_ask **out)
{
	int error = enter(resolver);
	struct sip_ask *ask;

	if (error != SIP_OK)
		return error;
	ask = calloc(1, sizeof(*ask) + plan->name.len);
	if (ask == NULL) {
		atomic_fetch_sub(&resolver->asks, 1);
		return SIP_EMEMORY;
	}
	ask->resolver = resolver;
	ask->asker = *asker;
	ask->seed = sip_random_u64(resolver->config.random);
	copy_plan(ask, plan);
	sip_leaf_lock_init(&ask->lock);
	sip_list_init(&ask->link);
	sip_timer_init(&ask->deadline, on_deadline);
	ask->task.run = start;
	ask->leave.run = leave;
	resolver_count(resolver, SIP_COUNT_RESOLVE_ASKS);
	*out = ask;
	resolver_push(resolver, resolver->work, &ask->task);
	return SIP_OK;
}
