/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Modules that are replaced while requests are served, on threads: each request is
 * answered, by one instance or the other, and what an instance uses is not touched once
 * it was released.  The sanitizers are the judges.
 */
#include "support/check.h"
#include "support/patience.h"
#include "support/served.h"

#include "res_sip.h"
#include "res_sip/timer.h"
#include "server/modules/registry.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define REQUESTS 600
#define RELOADS  60
#define INSTANCES                                                                        \
	2 /* files that take turns; each is loaded again once it was released            \
	   */

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static bool in_use[INSTANCES];       /* guarded by mutex: given to the server, not yet
					released */
static atomic_uint *uses[INSTANCES]; /* made by load(), freed by finish() */

/* ---- the module: its callback pushes a task, which starts a timer, which answers ----
 */

struct later {
	struct sip_rx_data *rdata;
	struct ast_sip_timer *timer;
	atomic_uint *used;
};

static void answer(void *arg)
{
	struct later *later = arg;

	atomic_fetch_add(later->used, 1);
	SIP_IGNORE(ast_sip_respond(later->rdata, 299, NULL));
	ast_sip_timer_destroy(&later->timer);
	free(later);
}

static int start_timer(void *arg)
{
	struct later *later = arg;

	atomic_fetch_add(later->used, 1);
	later->timer = ast_sip_timer_create(answer, later);
	if (later->timer != NULL)
		ast_sip_timer_start(later->timer, 1);
	return later->timer != NULL ? 0 : -1;
}

static bool serve(struct sip_rx_data *rdata, atomic_uint *used)
{
	struct later *later = malloc(sizeof(*later));

	/* A test does not fail on another thread: the answer would be missing below. */
	if (later == NULL || ast_sip_keep_request(rdata) != 0)
		abort();
	*later = (struct later){ .rdata = rdata, .used = used };
	atomic_fetch_add(used, 1);
	SIP_IGNORE(ast_sip_push_task(ast_sip_current_work(), start_timer, later));
	return true;
}

static bool serve_0(struct sip_rx_data *rdata)
{
	return serve(rdata, uses[0]);
}

static bool serve_1(struct sip_rx_data *rdata)
{
	return serve(rdata, uses[1]);
}

static struct sip_service services[INSTANCES] = {
	{ .name = "later", .on_rx_request = serve_0 },
	{ .name = "later", .on_rx_request = serve_1 },
};

static int load(unsigned i)
{
	uses[i] = calloc(1, sizeof(*uses[i]));
	return uses[i] != NULL ? ast_sip_register_service(&services[i]) : -1;
}

static int load_0(void)
{
	return load(0);
}

static int load_1(void)
{
	return load(1);
}

static void finish_0(void)
{
	free(uses[0]);
}

static void finish_1(void)
{
	free(uses[1]);
}

static const struct ast_sip_module_file files[INSTANCES] = {
	{ .abi = AST_SIP_MODULE_ABI,
		.name = "later",
		.load = load_0,
		.finish = finish_0 },
	{ .abi = AST_SIP_MODULE_ABI,
		.name = "later",
		.load = load_1,
		.finish = finish_1 },
};

/* ---- the changes ---- */

static void released(void *arg)
{
	pthread_mutex_lock(&mutex);
	*(bool *)arg = false;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&mutex);
}

/* Only a test that fails waits for long. */
static void wait_until_released(unsigned i)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += patience_s();
	pthread_mutex_lock(&mutex);
	while (in_use[i] && pthread_cond_timedwait(&changed, &mutex, &until) == 0)
		;
	if (in_use[i])
		abort();
	in_use[i] = true;
	pthread_mutex_unlock(&mutex);
}

static int load_file(struct sip_server *server, unsigned i, bool first)
{
	const struct sip_module_source source = { .file = &files[i],
		.rank = SIZE_MAX,
		.released = released,
		.arg = &in_use[i] };
	char error[SIP_SERVER_ERROR_LEN];

	wait_until_released(i);
	return first ? sip_server_add_module(server, &source, error)
		     : sip_server_replace_module(server, &source, error);
}

static void *reload(void *server)
{
	unsigned failed = 0;

	ast_sip_set_server(server);
	for (unsigned i = 1; i <= RELOADS; i++)
		failed += load_file(server, i % INSTANCES, false) != 0;
	return (void *)(uintptr_t)failed;
}

TEST(each_request_is_answered_while_its_module_is_replaced)
{
	char error[SIP_SERVER_ERROR_LEN];
	struct served served;
	pthread_t reloader;
	void *failed;

	memset(in_use, 0, sizeof(in_use));
	served_create(&served, "SIP/2.0 299");
	CHECK_INT(load_file(served.server, 0, true), ==, 0);
	CHECK_INT(sip_server_start(served.server, error), ==, 0);
	CHECK_INT(pthread_create(&reloader, NULL, reload, served.server), ==, 0);
	for (unsigned i = 0; i < REQUESTS; i++) {
		served_ask(&served, "FROB", i);
		/* Not all at once: reloads are to come between them. */
		if (i % 20 == 19)
			served_wait(i + 1 - 10);
	}
	CHECK_INT(served_wait(REQUESTS), ==, REQUESTS);
	CHECK_INT(pthread_join(reloader, &failed), ==, 0);
	CHECK(failed == NULL);
	sip_server_stop(served.server);
	sip_server_unload_module(served.server, &files[RELOADS % INSTANCES]);
	for (unsigned i = 0; i < INSTANCES; i++)
		CHECK(!in_use[i]);
	sip_server_destroy(&served.server);
}
