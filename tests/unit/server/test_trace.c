/* SPDX-License-Identifier: BSD-2-Clause */
/* What a watcher is told, and in which order. */
#include "res_sip/trace.h"
#include "support/ask.h"
#include "support/check.h"

#include <stdio.h>

/* One word for each thing told. */
struct told {
	char text[512];
};

static void add(struct told *told, const char *format, const char *what, int len)
{
	size_t used = strlen(told->text);

	snprintf(told->text + used, sizeof(told->text) - used, format, len, what);
}

static void on_message(void *arg, const struct sip_trace_message *message)
{
	bool is_response = sip_str_starts(message->text, SIP_STR("SIP/2.0 "));
	const char *what = message->text.ptr + (is_response ? 8 : 0);

	add(arg, message->sent ? " ->%.*s" : " <-%.*s", what, (int)strcspn(what, " "));
}

static void on_link(void *arg, const struct sip_trace_link *link)
{
	CHECK_STR(link->call_id, "call");
	CHECK((link->endpoint == NULL) != (link->aor == NULL));
	add(arg, link->endpoint != NULL ? " endpoint:%.*s" : " aor:%.*s",
		link->endpoint != NULL ? link->endpoint : link->aor, 64);
}

static void watch(struct world *w, struct told *told)
{
	sip_server_trace(
		w->server, &(struct sip_trace_watcher){ told, on_message, on_link });
}

TEST(a_call_s_endpoint_and_aor_come_behind_its_request_and_before_what_is_sent)
{
	struct world *w = world_create(NULL);
	struct told told = { "" };

	world_register(w, "6002", "secret2", "192.0.2.2:5060");
	watch(w, &told);
	ASK(w, .method = "MESSAGE", .uri = "sip:6002@example.org", .from = "open",
		.peer = TRUNK);

	CHECK_STR(sip_str_of(told.text), " <-MESSAGE endpoint:open aor:6002 ->MESSAGE");
	world_destroy(&w);
}

TEST(who_is_not_known_is_no_endpoint)
{
	struct world *w = world_create(NULL);
	struct told told = { "" };

	watch(w, &told);
	ASK(w, .method = "MESSAGE", .uri = "sip:6002@example.org", .from = "nobody");

	CHECK_STR(sip_str_of(told.text), " <-MESSAGE ->407");
	world_destroy(&w);
}

TEST(nobody_is_told_once_it_ended)
{
	struct world *w = world_create(NULL);
	struct told told = { "" };

	watch(w, &told);
	sip_server_trace(w->server, NULL);
	ASK(w, .method = "OPTIONS", .from = "open", .peer = TRUNK);

	CHECK_STR(sip_str_of(told.text), "");
	world_destroy(&w);
}
