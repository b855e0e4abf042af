/* SPDX-License-Identifier: BSD-2-Clause */
/* A module for tests: a thread of its own, where no callback runs, has a dialog. */
#include <res_sip.h>
#include <res_sip/module.h>
#include <res_sip/server.h>

#include <pthread.h>
#include <stddef.h>

static int made;

static void on_state(struct sip_dialog *dlg, enum ast_sip_dialog_state state,
	struct sip_rx_data *message)
{
	(void)dlg;
	(void)state;
	(void)message;
	made = 2;
}

static const struct ast_sip_dialog_usage usage = { .name = "dialing",
	.on_state = on_state };

static void *make_one(void *server)
{
	struct ast_sip_endpoint *endpoint;
	struct sip_dialog *dlg = NULL;

	ast_sip_set_server(server);
	endpoint = ast_sip_endpoint_find("open");
	if (endpoint != NULL)
		dlg = ast_sip_create_dialog_uac(endpoint, "sip:box@192.0.2.5:5060", NULL);
	ast_sip_endpoint_unref(endpoint);
	if (dlg == NULL)
		return NULL;
	ast_sip_dialog_set_usage(dlg, &usage, NULL);
	ast_sip_dialog_terminate(dlg, 0);
	made = 1;
	return NULL;
}

static int load(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, make_one, ast_sip_server()) != 0)
		return -1;
	pthread_join(thread, NULL);
	return made == 1 ? 0 : -1;
}

AST_SIP_MODULE(.name = "dialing", .load = load);
