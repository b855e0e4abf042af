/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A resolver under threads: many works ask and give up, answers come from another
 * reactor, and nobody is told twice, or after giving up, or never.
 *
 * A failed check ends only the thread of the tests; so what others find is counted, and
 * what one failing allocation refuses them is asked for again (tools/run_alloc_fail.py).
 */
#include "fake_dns.h"
#include "support/check.h"

#include "base/counter.h"
#include "resolve/resolve.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#define CLIENTS 8
#define ASKS    150

static const char *const zone[] = {
	"n0.test 0 A 192.0.2.1",
	"n1.test 0 A 192.0.2.2",
	"_sip._udp.n2.test 0 SRV 1 1 5062 n0.test",
	"_sip._udp.n2.test 0 SRV 1 1 5063 n1.test",
	NULL,
};

struct crowd {
	struct sip_clock clock;
	struct sip_random random;
	struct sip_counters *counters;
	struct sip_pool *pool;
	struct fake_dns table;
	struct sip_dns_source source; /* answers from a reactor's owner */
	struct sip_resolver *resolver;
	_Atomic unsigned wrong;

	pthread_mutex_t lock; /* guards what follows */
	pthread_cond_t changed;
	unsigned done;
};

struct client {
	struct crowd *crowd;
	struct ast_sip_work *work;
	unsigned number;
	unsigned asked;
	struct sip_ask *ask;
	bool expects; /* it is to be told */
};

static struct crowd crowd;

static int next_ask(void *arg);

static void go_on(struct client *client)
{
	while (ast_sip_push_task(client->work, next_ask, client) != 0)
		;
}

static void on_resolved(void *arg, int result, const struct sip_targets *targets)
{
	struct client *client = arg;

	if (!client->expects || ast_sip_current_work() != client->work ||
		(result == 0) != (targets->count > 0))
		atomic_fetch_add(&client->crowd->wrong, 1);
	client->expects = false;
	go_on(client);
}

static void end_client(struct client *client)
{
	struct crowd *c = client->crowd;

	pthread_mutex_lock(&c->lock);
	c->done++;
	pthread_cond_signal(&c->changed);
	pthread_mutex_unlock(&c->lock);
}

static void ask(struct client *client)
{
	struct sip_asker asker = { client->work, on_resolved, client };
	struct sip_resolve_request request = { .scheme = SIP_URI_SIP };
	struct sip_targets targets;
	char host[16];

	snprintf(host, sizeof(host), "n%u.test", (client->asked + client->number) % 4);
	request.host = sip_str_of(host);
	request.families[SIP_UDP] = SIP_FAMILY_IPV4;
	client->expects = true;
	client->ask = NULL;
	SIP_IGNORE(sip_resolve(/* an error is an answer */
		client->crowd->resolver, &request, &asker, &targets, &client->ask));
	if (client->ask != NULL && client->asked % 3 != 0)
		return;
	client->expects = false;
	if (client->ask != NULL)
		sip_ask_give_up(&client->ask);
	go_on(client);
}

static int next_ask(void *arg)
{
	struct client *client = arg;

	sip_core_enter();
	if (client->asked++ == ASKS)
		end_client(client);
	else
		ask(client);
	sip_core_leave();
	return 0;
}

/* ---- answers of another reactor ---- */

static enum sip_task_result answer_there(struct sip_task *task)
{
	struct sip_dns_query *query = SIP_CONTAINER(task, struct sip_dns_query, task);
	struct sip_dns_answer *answer;

	do
		answer = fake_dns_answer(
			&crowd.table, sip_str_of(query->name), query->type);
	while (answer == NULL);
	answer->ttl_s = 0;
	sip_dns_answered(query, 0, answer);
	return SIP_TASK_DONE;
}

static void on_query(struct sip_dns_source *source, struct sip_dns_query *query)
{
	(void)source;
	query->task.run = answer_there;
	query->task.pushed_us = sip_pool_now_us(crowd.pool);
	sip_reactor_post(sip_pool_reactor(crowd.pool, 1), &query->task);
}

static void on_stop(struct sip_dns_source *source)
{
	(void)source;
}

static int no_route(const struct sip_addr *peer, struct sip_addr *local)
{
	*local = *peer;
	return 0;
}

static void open_crowd(struct crowd *c)
{
	struct sip_pool_config pool;
	struct sip_resolver_config config;

	memset(c, 0, sizeof(*c));
	pthread_mutex_init(&c->lock, NULL);
	pthread_cond_init(&c->changed, NULL);
	sip_clock_init_real(&c->clock);
	sip_random_init_seed(&c->random, 11);
	c->counters = sip_counters_create();
	CHECK(c->counters != NULL);
	fake_dns_init(&c->table, zone);
	c->source = (struct sip_dns_source){ .query = on_query, .stop = on_stop };
	sip_pool_config_init(&pool);
	pool.servants = 3;
	pool.servants_max = 2;
	pool.clock = &c->clock;
	pool.random = &c->random;
	pool.counters = c->counters;
	CHECK_INT(sip_pool_create(&pool, &c->pool), ==, 0);
	sip_resolver_config_init(&config);
	config.pool = c->pool;
	config.random = &c->random;
	config.counters = c->counters;
	config.source = &c->source;
	config.route = no_route;
	/* Nothing is kept: each ask waits. */
	config.ttl_min_s = 0;
	config.stale_s = 0;
	CHECK_INT(sip_resolver_create(&config, &c->resolver), ==, 0);
	CHECK_INT(sip_pool_start(c->pool), ==, 0);
}

static void close_crowd(struct crowd *c)
{
	sip_resolver_stop(c->resolver);
	sip_pool_stop(c->pool);
	sip_resolver_destroy(&c->resolver);
	sip_pool_destroy(&c->pool);
	sip_counters_destroy(&c->counters);
}

TEST(each_ask_is_told_once_or_given_up)
{
	static struct client clients[CLIENTS];
	struct crowd *c = &crowd;
	open_crowd(c);

	for (unsigned i = 0; i < CLIENTS; i++) {
		clients[i] = (struct client){ .crowd = c, .number = i };
		while ((clients[i].work = ast_sip_create_work()) == NULL)
			;
		go_on(&clients[i]);
	}
	pthread_mutex_lock(&c->lock);
	while (c->done < CLIENTS)
		pthread_cond_wait(&c->changed, &c->lock);
	pthread_mutex_unlock(&c->lock);

	CHECK_INT(atomic_load(&c->wrong), ==, 0);
	CHECK_INT(sip_counter_value(c->counters, SIP_COUNT_RESOLVE_ASKS), >,
		CLIENTS * ASKS / 2);
	for (unsigned i = 0; i < CLIENTS; i++)
		ast_sip_destroy_work(clients[i].work);
	close_crowd(c);
}
