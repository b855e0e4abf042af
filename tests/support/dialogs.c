/* SPDX-License-Identifier: BSD-2-Clause */
/* A service that has dialogs: dialogs.h. */
#include "support/dialogs.h"

#include "support/check.h"

#include <stdio.h>
#include <string.h>

struct dialogs dialogs;

static void tell(const char *mark, struct sip_str word)
{
	size_t len = strlen(dialogs.told);

	snprintf(dialogs.told + len, sizeof(dialogs.told) - len, "%s%s%.*s",
		len > 0 ? " " : "", mark, SIP_STR_ARG(word));
	dialogs.turn = ast_sip_current_work();
}

static void on_state(struct sip_dialog *dlg, enum ast_sip_dialog_state state,
	struct sip_rx_data *message)
{
	static const char *const names[] = { "new", "early", "confirmed", "ended" };
	static const char *const causes[] = { "none", "hung-up", "terminated",
		"cancelled", "refused", "timeout", "no-ack", "gone", "failed",
		"other-fork", "stopped" };

	(void)message;
	CHECK(ast_sip_dialog_state(dlg) == state);
	CHECK(ast_sip_dialog_token(dlg) == &dialogs);
	if (state == AST_SIP_DIALOG_ENDED) {
		dialogs.cause = ast_sip_dialog_cause(dlg);
		tell("ended=", sip_str_of(causes[dialogs.cause]));
		if (dlg == dialogs.dlg)
			dialogs.dlg = NULL;
		return;
	}
	tell(names[state], SIP_STR(""));
}

static void answer(struct sip_rx_data *request)
{
	struct sip_tx_data *tdata;

	if (dialogs.answer == 0 ||
		ast_sip_create_response(request, dialogs.answer, NULL, &tdata) != 0)
		return;
	if (dialogs.body != NULL && dialogs.answer < 300)
		CHECK_INT(ast_sip_add_body(tdata, dialogs.body), ==, 0);
	CHECK_INT(ast_sip_send_response(request, tdata), ==, 0);
}

static void hold(struct sip_rx_data *request)
{
	ast_sip_release_rx_data(dialogs.request);
	dialogs.request = ast_sip_hold_rx_data(request);
}

static bool on_request(struct sip_dialog *dlg, struct sip_rx_data *request)
{
	CHECK(ast_sip_current_request() == request);
	CHECK(sip_rx_data_method(request) == SIP_ACK ||
		ast_sip_dialog_of(request) == dlg);
	tell("?", sip_rx_data_method_text(request));
	if (!dialogs.take || sip_rx_data_method(request) == SIP_ACK)
		return false;
	if (sip_rx_data_method(request) == SIP_INVITE || dialogs.answer == 0)
		hold(request);
	answer(request);
	return true;
}

static void on_response(struct sip_dialog *dlg, struct sip_rx_data *response)
{
	char text[16];

	snprintf(text, sizeof(text), "!%d", sip_rx_data_status(response));
	tell(text, SIP_STR(""));
	if (dialogs.defer)
		ast_sip_dialog_defer_ack(dlg);
}

static void on_cancel(struct sip_dialog *dlg, struct sip_rx_data *invite)
{
	(void)dlg;
	CHECK(sip_rx_data_method(invite) == SIP_INVITE);
	tell("cancel", SIP_STR(""));
}

static bool on_fork(
	struct sip_dialog *dlg, struct sip_dialog *fork, struct sip_rx_data *response)
{
	(void)response;
	CHECK(dlg != fork);
	tell("fork", SIP_STR(""));
	dialogs.fork = fork;
	return dialogs.take_forks;
}

const struct ast_sip_dialog_usage dialogs_usage = {
	.name = "test",
	.on_state = on_state,
	.on_request = on_request,
	.on_response = on_response,
	.on_cancel = on_cancel,
	.on_fork = on_fork,
};

static bool on_rx_request(struct sip_rx_data *request)
{
	struct ast_sip_endpoint *endpoint = ast_sip_endpoint_find("open");

	if (sip_rx_data_method(request) != SIP_INVITE) {
		ast_sip_endpoint_unref(endpoint);
		return false;
	}
	dialogs.dlg = ast_sip_create_dialog_uas(endpoint, request);
	ast_sip_endpoint_unref(endpoint);
	if (dialogs.dlg == NULL)
		return true;
	ast_sip_dialog_set_usage(dialogs.dlg, &dialogs_usage, &dialogs);
	hold(request);
	answer(request);
	return true;
}

static struct sip_service service = { .name = "calls",
	.methods = "INVITE ACK BYE CANCEL",
	.on_rx_request = on_rx_request };

static uint32_t t2_ms; /* 0: the default */

static void configure(struct sip_config *config)
{
	static struct sip_endpoint_config endpoints[3];
	static struct sip_aor_config aors[3];
	static const char *const contact[] = { "sip:box@" BOX };

	memcpy(endpoints, config->endpoint, sizeof(endpoints));
	memcpy(aors, config->aor, sizeof(aors));
	aors[2].contact = (struct sip_config_list){ contact, 1 };
	config->endpoint = endpoints;
	config->aor = aors;
	config->global.authentication = false;
	if (t2_ms != 0)
		config->system.timer_t2_ms = t2_ms;
}

static struct world *create_world(const struct sip_listener_config *listener)
{
	static const char *const no_modules[] = { NULL };
	struct world *w;

	dialogs = (struct dialogs){ .answer = 200 };
	w = world_create(&(struct world_options){
		.configure = configure, .modules = no_modules, .listener = listener });
	CHECK_INT(ast_sip_register_service(&service), ==, 0);
	return w;
}

struct world *dialogs_world(void)
{
	t2_ms = 0;
	return create_world(NULL);
}

struct world *dialogs_world_of_t2(uint32_t wanted_ms)
{
	t2_ms = wanted_ms;
	return create_world(NULL);
}

struct world *dialogs_world_by(const struct sip_listener_config *listener)
{
	t2_ms = 0;
	return create_world(listener);
}

void dialogs_end(struct world **w)
{
	ast_sip_release_rx_data(dialogs.request);
	dialogs.request = NULL;
	world_destroy(w);
}

void dialogs_clear(struct world *w)
{
	dialogs.told[0] = '\0';
	wire_clear(&w->wire);
}

int dialogs_called(struct world *w, const char *extra)
{
	char fields[2048];

	snprintf(fields, sizeof(fields),
		"Max-Forwards: 70\nContact: <sip:caller@" PEER ">\n%s", extra);
	return ASK(w, .method = "INVITE", .branch = "invite", .extra = fields);
}

int dialogs_within(struct world *w, const char *method, unsigned cseq)
{
	char tag[64];

	CHECK(dialogs.dlg != NULL);
	snprintf(tag, sizeof(tag), "%.*s",
		SIP_STR_ARG(ast_sip_dialog_local_tag(dialogs.dlg)));
	return ASK(w, .method = method, .uri = "sip:127.0.0.1:5060", .cseq = cseq,
		.to_tag = tag,
		.extra = "Max-Forwards: 70\nContact: <sip:caller@" PEER ">\n");
}

void dialogs_connect(struct world *w)
{
	CHECK_INT(dialogs_called(w, ""), ==, 200);
	CHECK_INT(dialogs_within(w, "ACK", 1), ==, 0);
}

struct sip_dialog *dialogs_call(struct world *w)
{
	struct ast_sip_endpoint *endpoint = ast_sip_endpoint_find("open");

	dialogs.dlg = ast_sip_create_dialog_uac(endpoint, NULL, NULL);
	ast_sip_endpoint_unref(endpoint);
	CHECK(dialogs.dlg != NULL);
	ast_sip_dialog_set_usage(dialogs.dlg, &dialogs_usage, &dialogs);
	CHECK_INT(ast_sip_send_request("INVITE", "offer", dialogs.dlg), ==, 0);
	wire_settle(&w->wire);
	/* Without memory it has ended. */
	CHECK(dialogs.dlg != NULL);
	return dialogs.dlg;
}

/* Within a dialog the To field has its tag. */
void dialogs_answer_bare(struct world *w, const char *start, int code, const char *to_tag,
	const char *extra)
{
	const struct wire_message *request = wire_last(&w->wire, start);
	const char *text = response_text(request, code, to_tag, extra);
	char bare[4096];
	const char *at = strstr(text, "\nTo: ");
	const char *tag = strstr(at, ";tag=");
	const char *twice = strstr(tag + 1, ";tag=");

	if (twice != NULL && twice < strchr(tag, '\n')) {
		snprintf(bare, sizeof(bare), "%.*s%s", (int)(twice - text), text,
			strchr(twice, '\n'));
		text = bare;
	}
	wire_receive(&w->wire, BOX, text);
}

void dialogs_answer(struct world *w, const char *start, int code, const char *to_tag,
	const char *extra)
{
	char fields[1024];

	snprintf(fields, sizeof(fields), "Contact: <sip:box@" BOX ">\n%s", extra);
	dialogs_answer_bare(w, start, code, to_tag, fields);
}

void dialogs_run(struct world *w, int (*task)(void *data), void *data)
{
	CHECK(dialogs.dlg != NULL);
	CHECK_INT(ast_sip_push_task(ast_sip_dialog_work(dialogs.dlg), task, data), ==, 0);
	wire_settle(&w->wire);
}
