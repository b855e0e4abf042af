/* SPDX-License-Identifier: BSD-2-Clause */
/* Servers on threads, asked from memory: served.h. */
#include "support/served.h"

#include "support/check.h"
#include "support/patience.h"
#include "support/wire.h"

#include <pthread.h>
#include <stdio.h>
#include <time.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t came = PTHREAD_COND_INITIALIZER;
static unsigned answers;   /* guarded by mutex */
static const char *wanted; /* likewise */

static void count_sent(void *arg, const struct sip_flow *flow, struct sip_str text)
{
	(void)arg;
	(void)flow;
	pthread_mutex_lock(&mutex);
	answers += sip_str_starts(text, sip_str_of(wanted));
	pthread_cond_signal(&came);
	pthread_mutex_unlock(&mutex);
}

void served_create(struct served *served, const char *answer)
{
	struct sip_listener_config where = {
		.name = "memory", .kind = SIP_UDP, .bind = wire_addr("127.0.0.1:5060")
	};
	char error[SIP_SERVER_ERROR_LEN];
	struct sip_config config;

	pthread_mutex_lock(&mutex);
	answers = 0;
	wanted = answer;
	pthread_mutex_unlock(&mutex);
	sip_config_init(&config);
	config.global.authentication = false;
	config_be_patient(&config);
	config.system.servants = 2;
	CHECK_INT(sip_server_create(&config, &served->server, error), ==, 0);
	ast_sip_set_server(served->server);
	CHECK_INT(sip_transport_listen_memory(served->server->transport, &where,
			  count_sent, NULL, &served->listener),
		==, 0);
}

struct sip_str served_request(
	char *text, size_t size, const char *method, unsigned i, unsigned call)
{
	int len = snprintf(text, size,
		"%s sip:127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK%u\r\n"
		"From: <sip:a@b>;tag=1\r\nTo: <sip:127.0.0.1>\r\nCall-ID: c%u\r\n"
		"CSeq: 1 %s\r\n\r\n",
		method, i, call, method);

	return (struct sip_str){ text, (size_t)len };
}

void served_inject(const struct served *served, struct sip_str text, unsigned reactor)
{
	struct sip_addr from = wire_addr("192.0.2.1:5060");

	CHECK_INT(sip_transport_inject(served->server->transport, served->listener, &from,
			  text, reactor),
		==, 0);
}

void served_ask(const struct served *served, const char *method, unsigned i)
{
	char text[512];

	served_inject(served, served_request(text, sizeof(text), method, i, i),
		i % sip_pool_reactor_count(served->server->pool));
}

unsigned served_wait(unsigned count)
{
	struct timespec until;
	unsigned seen;
	int error = 0;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += patience_s();
	pthread_mutex_lock(&mutex);
	while (answers < count && error == 0)
		error = pthread_cond_timedwait(&came, &mutex, &until);
	seen = answers;
	pthread_mutex_unlock(&mutex);
	CHECK_INT(seen, >=, count);
	return seen;
}
