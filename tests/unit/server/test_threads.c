/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Registering while requests are served, on threads: snapshots are replaced under those
 * that use them.  The sanitizer of threads is the judge.
 */
#include "support/check.h"
#include "support/patience.h"
#include "support/served.h"
#include "support/wire.h"

#include "res_sip.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#define REQUESTS 400
#define CHANGES  100

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static unsigned unloaded; /* guarded by mutex */

static void count_unload(void)
{
	pthread_mutex_lock(&mutex);
	unloaded++;
	pthread_mutex_unlock(&mutex);
}

static bool answer(struct sip_rx_data *rdata)
{
	/* A test does not fail on another thread: the answer would be missing below. */
	SIP_IGNORE(ast_sip_respond(rdata, 200, NULL));
	return true;
}

static void sign(struct sip_tx_data *tdata)
{
	SIP_IGNORE(ast_sip_add_header(tdata, "X-Signed", "yes"));
}

static struct sip_service signer = {
	.name = "signer", .on_tx_response = sign, .unload = count_unload
};

static void *change_registry(void *server)
{
	ast_sip_set_server(server);
	for (unsigned i = 0; i < CHANGES; i++) {
		if (ast_sip_register_service(&signer) == 0)
			ast_sip_unregister_service(&signer);
	}
	return NULL;
}

/* Each reload has another endpoint, and a listener more or less. */
static int reload_once(struct sip_server *server, unsigned number)
{
	struct sip_transport_section section;
	struct sip_endpoint_config endpoints[2];
	struct sip_config config;
	char error[SIP_SERVER_ERROR_LEN];
	char name[16];

	snprintf(name, sizeof(name), "e%u", number);
	sip_config_init(&config);
	config.global.authentication = false;
	config_be_patient(&config);
	config.global.max_body_bytes = 1000 + number;
	config.system.servants = 2;
	for (size_t i = 0; i < 2; i++)
		sip_endpoint_config_init(&endpoints[i]);
	endpoints[0].name = "a";
	endpoints[1].name = name;
	config.endpoint = endpoints;
	config.endpoint_count = 2;
	sip_transport_section_init(&section);
	section.name = "udp";
	section.bind = wire_addr("127.0.0.1:0");
	config.transport = &section;
	config.transport_count = number % 2;
	return sip_server_reload(server, &config, NULL, error);
}

static unsigned reloads; /* that went well; read after the thread has ended */

static void *reload_often(void *server)
{
	for (unsigned i = 0; i < CHANGES; i++) {
		reloads += reload_once(server, i) == 0;
		sip_release_memory();
	}
	return NULL;
}

/* Requests are served, half of them while `change` runs on a thread of its own. */
static void serve_while(void *(*change)(void *server))
{
	/* Lives on where the test fails and its threads do not. */
	static struct sip_service service = { .name = "answerer",
		.on_rx_request = answer };
	char error[SIP_SERVER_ERROR_LEN];
	struct served served;
	pthread_t changer;

	served_create(&served, "SIP/2.0 200");
	CHECK_INT(ast_sip_register_service(&service), ==, 0);
	CHECK_INT(sip_server_start(served.server, error), ==, 0);
	for (unsigned i = 0; i < REQUESTS / 2; i++)
		served_ask(&served, "OPTIONS", i);
	CHECK_INT(pthread_create(&changer, NULL, change, served.server), ==, 0);
	for (unsigned i = REQUESTS / 2; i < REQUESTS; i++)
		served_ask(&served, "OPTIONS", i);
	CHECK_INT(served_wait(REQUESTS), ==, REQUESTS);
	CHECK_INT(pthread_join(changer, NULL), ==, 0);
	sip_server_stop(served.server);
	sip_server_destroy(&served.server);
}

TEST(services_come_and_go_while_requests_are_served)
{
	unloaded = 0;
	serve_while(change_registry);
	CHECK_INT(unloaded, ==, CHANGES);
}

TEST(configurations_come_and_go_while_requests_are_served)
{
	reloads = 0;
	serve_while(reload_often);
	CHECK_INT(reloads, ==, CHANGES);
}
