/* SPDX-License-Identifier: BSD-2-Clause */
/* A module for tests: a thread of its own, where no callback runs, pushes a task. */
#include <res_sip.h>
#include <res_sip/module.h>
#include <res_sip/server.h>

#include <pthread.h>
#include <stddef.h>

static int pushed;

static int run_task(void *data)
{
	(void)data;
	return 0;
}

static void *push_one(void *server)
{
	ast_sip_set_server(server);
	pushed = ast_sip_push_task(NULL, run_task, NULL);
	return NULL;
}

static int load(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, push_one, ast_sip_server()) != 0)
		return -1;
	pthread_join(thread, NULL);
	return pushed;
}

AST_SIP_MODULE(.name = "threaded", .load = load);
