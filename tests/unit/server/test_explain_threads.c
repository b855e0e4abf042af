/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Explaining while requests are served, on threads: of the same Call-IDs, from threads of
 * which the pool knows nothing.  The sanitizer of threads is the judge.
 */
#include "support/check.h"
#include "support/patience.h"
#include "support/wire.h"

#include "res_sip.h"
#include "server/server.h"

#include <pthread.h>
#include <stdio.h>
#include <time.h>

#define REQUESTS 400

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t came = PTHREAD_COND_INITIALIZER;
static unsigned answers;   /* guarded by mutex */
static unsigned explained; /* likewise */

static void count_sent(void *arg, const struct sip_flow *flow, struct sip_str text)
{
	(void)arg;
	(void)flow;
	pthread_mutex_lock(&mutex);
	answers += sip_str_starts(text, SIP_STR("SIP/2.0 "));
	pthread_cond_signal(&came);
	pthread_mutex_unlock(&mutex);
}

static void on_done(void *arg, struct sip_explanation *explanation)
{
	(void)arg;
	pthread_mutex_lock(&mutex);
	explained += explanation != NULL;
	pthread_cond_signal(&came);
	pthread_mutex_unlock(&mutex);
	sip_explanation_destroy(&explanation);
}

static struct sip_str write_request(char *text, size_t size, unsigned i)
{
	int len = snprintf(text, size,
		"FROB sip:127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK%u\r\n"
		"From: <sip:a@b>;tag=1\r\nTo: <sip:127.0.0.1>\r\nCall-ID: c%u\r\n"
		"CSeq: 1 FROB\r\n\r\n",
		i, i % 8);

	return (struct sip_str){ text, (size_t)len };
}

static void *explain_all(void *server)
{
	char text[512];

	for (unsigned i = 0; i < REQUESTS; i++) {
		struct sip_explain_question question = {
			.text = write_request(text, sizeof(text), i),
			.from = wire_addr("192.0.2.1:5060"),
		};

		/* One that is missing is missed below. */
		SIP_IGNORE(sip_server_explain(server, &question, on_done, NULL));
	}
	return NULL;
}

/* They come in milliseconds; only a test that fails waits for longer. */
static void wait_for_all(void)
{
	struct timespec until;
	int error = 0;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += 60;
	pthread_mutex_lock(&mutex);
	while ((answers < REQUESTS || explained < 2 * REQUESTS) && error == 0)
		error = pthread_cond_timedwait(&came, &mutex, &until);
	pthread_mutex_unlock(&mutex);
}

/* A server with a memory listener, not started. */
static struct sip_server *make_server(const struct sip_listener **listener)
{
	struct sip_listener_config where = {
		.name = "memory", .kind = SIP_UDP, .bind = wire_addr("127.0.0.1:5060")
	};
	char error[SIP_SERVER_ERROR_LEN];
	struct sip_server *server;
	struct sip_config config;

	sip_config_init(&config);
	config.global.authentication = false;
	config_be_patient(&config);
	config.system.servants = 2;
	CHECK_INT(sip_server_create(&config, &server, error), ==, 0);
	ast_sip_set_server(server);
	CHECK_INT(sip_transport_listen_memory(
			  server->transport, &where, count_sent, NULL, listener),
		==, 0);
	return server;
}

TEST(messages_are_explained_while_others_of_their_calls_are_served)
{
	struct sip_addr from = wire_addr("192.0.2.1:5060");
	const struct sip_listener *listener;
	struct sip_server *server = make_server(&listener);
	char error[SIP_SERVER_ERROR_LEN];
	pthread_t threads[2];
	char text[512];

	CHECK_INT(sip_server_start(server, error), ==, 0);
	for (size_t i = 0; i < 2; i++)
		CHECK_INT(pthread_create(&threads[i], NULL, explain_all, server), ==, 0);
	for (unsigned i = 0; i < REQUESTS; i++)
		CHECK_INT(sip_transport_inject(server->transport, listener, &from,
				  write_request(text, sizeof(text), i), i % 2),
			==, 0);
	wait_for_all();
	for (size_t i = 0; i < 2; i++)
		CHECK_INT(pthread_join(threads[i], NULL), ==, 0);
	sip_server_stop(server);

	CHECK_INT(explained, ==, 2 * REQUESTS);
	CHECK_INT(answers, ==, REQUESTS);
	CHECK_INT(sip_calls_count(server->calls), ==, 0);
	CHECK_INT(sip_slab_live(server->tx_slab), ==, 0);
	sip_server_destroy(&server);
}

TEST(a_server_that_does_not_serve_explains_nothing)
{
	const struct sip_listener *listener;
	struct sip_server *server = make_server(&listener);
	char text[512];
	struct sip_explain_question question = {
		.text = write_request(text, sizeof(text), 1),
		.from = wire_addr("192.0.2.1:5060"),
	};

	CHECK_INT(sip_server_explain(server, &question, on_done, NULL), ==, SIP_ESTATE);
	question.transport = "none";
	CHECK_INT(
		sip_server_explain(server, &question, on_done, NULL), ==, SIP_ENOTFOUND);
	sip_server_destroy(&server);
}
