/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Explaining while requests are served, on threads: of the same Call-IDs, from threads of
 * which the pool knows nothing.  The sanitizer of threads is the judge.
 */
#include "support/check.h"
#include "support/patience.h"
#include "support/served.h"
#include "support/wire.h"

#include "res_sip.h"

#include <pthread.h>
#include <time.h>

#define REQUESTS 400
#define CALLS    8 /* that they belong to */

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t came = PTHREAD_COND_INITIALIZER;
static unsigned explained; /* guarded by mutex */

static void on_done(void *arg, struct sip_explanation *explanation)
{
	(void)arg;
	pthread_mutex_lock(&mutex);
	explained += explanation != NULL;
	pthread_cond_signal(&came);
	pthread_mutex_unlock(&mutex);
	sip_explanation_destroy(&explanation);
}

static void *explain_all(void *server)
{
	char text[512];

	for (unsigned i = 0; i < REQUESTS; i++) {
		struct sip_explain_question question = {
			.text = served_request(text, sizeof(text), "FROB", i, i % CALLS),
			.from = wire_addr("192.0.2.1:5060"),
		};

		/* One that is missing is missed below. */
		SIP_IGNORE(sip_server_explain(server, &question, on_done, NULL));
	}
	return NULL;
}

/* They come in milliseconds; only a test that fails waits for longer. */
static void wait_for_explanations(void)
{
	struct timespec until;
	int error = 0;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += patience_s();
	pthread_mutex_lock(&mutex);
	while (explained < 2 * REQUESTS && error == 0)
		error = pthread_cond_timedwait(&came, &mutex, &until);
	pthread_mutex_unlock(&mutex);
}

TEST(messages_are_explained_while_others_of_their_calls_are_served)
{
	char error[SIP_SERVER_ERROR_LEN];
	struct sip_server *server;
	struct served served;
	pthread_t threads[2];
	char text[512];

	served_create(&served, "SIP/2.0 ");
	server = served.server;
	CHECK_INT(sip_server_start(server, error), ==, 0);
	for (size_t i = 0; i < 2; i++)
		CHECK_INT(pthread_create(&threads[i], NULL, explain_all, server), ==, 0);
	for (unsigned i = 0; i < REQUESTS; i++)
		served_inject(&served,
			served_request(text, sizeof(text), "FROB", i, i % CALLS), i % 2);
	CHECK_INT(served_wait(REQUESTS), ==, REQUESTS);
	wait_for_explanations();
	for (size_t i = 0; i < 2; i++)
		CHECK_INT(pthread_join(threads[i], NULL), ==, 0);
	sip_server_stop(server);

	CHECK_INT(explained, ==, 2 * REQUESTS);
	CHECK_INT(sip_calls_count(server->calls), ==, 0);
	CHECK_INT(sip_slab_live(server->tx_slab), ==, 0);
	sip_server_destroy(&server);
}

TEST(a_server_that_does_not_serve_explains_nothing)
{
	struct served served;
	char text[512];
	struct sip_explain_question question = {
		.text = served_request(text, sizeof(text), "FROB", 1, 1),
		.from = wire_addr("192.0.2.1:5060"),
	};

	served_create(&served, "SIP/2.0 ");
	CHECK_INT(sip_server_explain(served.server, &question, on_done, NULL), ==,
		SIP_ESTATE);
	question.transport = "none";
	CHECK_INT(sip_server_explain(served.server, &question, on_done, NULL), ==,
		SIP_ENOTFOUND);
	sip_server_destroy(&served.server);
}
