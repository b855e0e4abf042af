/* SPDX-License-Identifier: BSD-2-Clause */
/* Reload: whole or not at all, while everything goes on. */
#include "support/check.h"
#include "support/world.h"

#include "server/settings/snapshot.h"

#include <pthread.h>
#include <string.h>

static struct sip_str told(const struct world *world, const char *words)
{
	return sip_str_of(strstr(world->told, words) != NULL ? words : world->told);
}

#define CHECK_TOLD(world, words) CHECK_STR(told(world, words), words)

static void ask(struct world *w, const char *method, const char *uri, const char *from,
	const char *call_id, const char *extra)
{
	wire_clear(&w->wire);
	wire_receive(&w->wire, "192.0.2.1:5060",
		world_request(method, uri, from, call_id, 1, call_id, extra));
}

TEST(bindings_and_unchanged_endpoints_stay)
{
	struct world *w = world_create(NULL);
	struct ast_sip_endpoint *before = ast_sip_endpoint_find("6001");
	struct ast_sip_endpoint *after;

	world_register(w, "6001", "secret1", "192.0.2.1:5060");
	CHECK_INT(world_reload(w, NULL), ==, 0);

	after = ast_sip_endpoint_find("6001");
	CHECK(before == after);
	CHECK_INT(sip_location_count(w->server->location), ==, 1);
	CHECK_TOLD(w, "endpoints: 3 (0 new, 0 changed, 0 gone), AORs: 3");
	ast_sip_endpoint_unref(before);
	ast_sip_endpoint_unref(after);
	world_destroy(&w);
}

static void other_password(struct sip_config *config)
{
	static struct sip_auth_config auths[2];

	memcpy(auths, config->auth, sizeof(auths));
	auths[0].password = "another";
	config->auth = auths;
}

TEST(another_password_holds_at_once)
{
	struct world *w = world_create(NULL);

	world_register(w, "6001", "secret1", "192.0.2.1:5060");
	CHECK_INT(world_reload(w, other_password), ==, 0);
	CHECK_TOLD(w, "endpoints: 3 (0 new, 1 changed, 0 gone)");
	wire_clear(&w->wire);
	world_register(w, "6001", "another", "192.0.2.1:5060");
	world_destroy(&w);
}

static void further_down(struct sip_config *config)
{
	static struct sip_endpoint_config endpoints[3];
	static struct sip_auth_config auths[2];
	static struct sip_acl_rule rule = { .prefix_len = 8, .permit = true };

	memcpy(endpoints, config->endpoint, sizeof(endpoints));
	memcpy(auths, config->auth, sizeof(auths));
	for (size_t i = 0; i < 3; i++)
		endpoints[i].source = (struct sip_config_source){ "other.conf",
			endpoints[i].source.line + 10 };
	for (size_t i = 0; i < 2; i++)
		auths[i].source.line += 10;
	rule.network.sa.sa_family = AF_INET;
	rule.line += 10;
	endpoints[0].source_acl.rule = &rule;
	endpoints[0].source_acl.rule_count = 1;
	config->endpoint = endpoints;
	config->auth = auths;
}

/* A section above got a line more: what `explain` tells is new, and no phone is another.
 */
TEST(an_endpoint_whose_lines_moved_has_not_changed)
{
	struct world *w = world_create(NULL);

	CHECK_INT(world_reload(w, further_down), ==, 0);
	CHECK_TOLD(w, "endpoints: 3 (0 new, 1 changed, 0 gone)");
	CHECK_INT(world_reload(w, further_down), ==, 0);
	CHECK_TOLD(w, "endpoints: 3 (0 new, 0 changed, 0 gone)");
	world_destroy(&w);
}

static void fewer(struct sip_config *config)
{
	config->endpoint_count = 1;
	config->aor_count = 1;
	config->identify_count = 0;
	config->endpoint++;
	config->aor++;
}

/* Kept until they expire, for a slip in the files should not cost every phone an hour. */
TEST(bindings_of_an_aor_that_is_gone_are_out_of_reach_until_it_is_back)
{
	struct world *w = world_create(NULL);

	world_register(w, "6001", "secret1", "192.0.2.1:5060");
	CHECK_INT(world_reload(w, fewer), ==, 0);
	CHECK_TOLD(w, "endpoints: 1 (0 new, 0 changed, 2 gone), AORs: 1");
	CHECK_TOLD(w, "AORs that are gone: 1 have 1 contacts, out of reach");
	CHECK(ast_sip_endpoint_find("6001") == NULL);
	CHECK(ast_sip_aor_find("6001") == NULL);

	CHECK_INT(world_reload(w, NULL), ==, 0);
	CHECK(strstr(w->told, "out of reach") == NULL);
	CHECK_INT(sip_location_count(w->server->location), ==, 1);
	world_destroy(&w);
}

static void wrong(struct sip_config *config)
{
	static const char *const nobody[] = { "nobody" };
	static const char *const domains[] = { "elsewhere.example" };
	static struct sip_endpoint_config endpoints[3];

	memcpy(endpoints, config->endpoint, sizeof(endpoints));
	endpoints[2].auth = (struct sip_config_list){ nobody, 1 };
	config->endpoint = endpoints;
	config->global.domain = (struct sip_config_list){ domains, 1 };
}

TEST(a_reload_that_fails_changes_nothing)
{
	struct world *w = world_create(NULL);
	struct sip_snapshot *before = sip_snapshot_take(w->server);
	struct sip_snapshot *after;

	CHECK_INT(world_reload(w, wrong), ==, SIP_EINVALID);
	CHECK_STR(sip_str_of(w->error), "endpoint open: there is no auth nobody");
	CHECK_STR(sip_str_of(w->told), "");

	after = sip_snapshot_take(w->server);
	CHECK(before == after);
	sip_snapshot_unref(&before);
	sip_snapshot_unref(&after);
	world_destroy(&w);
}

static void without_authentication(struct sip_config *config)
{
	config->global.authentication = false;
}

TEST(without_an_authenticator_none_can_be_wanted)
{
	static const char *const modules[] = { "res_sip_options", NULL };
	struct world *w = world_create(&(struct world_options){
		.configure = without_authentication, .modules = modules });

	CHECK_INT(world_reload(w, NULL), ==, SIP_ESTATE);
	CHECK(strstr(w->error, "no authenticator is loaded") != NULL);
	CHECK(!ast_sip_global_options()->authentication);
	CHECK_INT(world_reload(w, without_authentication), ==, 0);
	world_destroy(&w);
}

static char asked[64];

static bool note_a(struct sip_rx_data *rdata)
{
	(void)rdata;
	strcat(asked, "a");
	return false;
}

static bool note_b(struct sip_rx_data *rdata)
{
	(void)rdata;
	strcat(asked, "b");
	return false;
}

static struct sip_service services[] = {
	{ .name = "a", .on_rx_request = note_a },
	{ .name = "b", .on_rx_request = note_b },
};

static void prepare_services(void)
{
	CHECK_INT(ast_sip_register_service(&services[0]), ==, 0);
	CHECK_INT(ast_sip_register_service(&services[1]), ==, 0);
}

static void b_first(struct sip_config *config)
{
	static const char *const order[] = { "b" };

	config->global.authentication = false;
	config->global.service_order = (struct sip_config_list){ order, 1 };
}

static void check_order(struct world *w, const char *call_id, const char *order)
{
	asked[0] = '\0';
	ask(w, "OPTIONS", "sip:127.0.0.1", "6001", call_id, "");
	CHECK_STR(sip_str_of(asked), order);
}

TEST(what_is_registered_takes_the_configured_order)
{
	struct world *w = world_create(&(struct world_options){
		.configure = without_authentication, .prepare = prepare_services });

	check_order(w, "one", "ab");
	CHECK_INT(world_reload(w, b_first), ==, 0);
	check_order(w, "two", "ba");
	CHECK_INT(world_reload(w, without_authentication), ==, 0);
	check_order(w, "three", "ab");
	world_destroy(&w);
}

static void contact_a(struct sip_config *config)
{
	static const char *const uris[] = { "sip:a@192.0.2.7", "sip:b@192.0.2.7" };
	static struct sip_aor_config aors[3];

	memcpy(aors, config->aor, sizeof(aors));
	aors[2].contact = (struct sip_config_list){ uris, 2 };
	config->aor = aors;
}

static void contact_b(struct sip_config *config)
{
	static const char *const uris[] = { "sip:c@192.0.2.7", "sip:b@192.0.2.7" };
	static struct sip_aor_config aors[3];

	memcpy(aors, config->aor, sizeof(aors));
	aors[2].contact = (struct sip_config_list){ uris, 2 };
	config->aor = aors;
}

TEST(static_contacts_come_and_go_and_those_that_stay_are_the_same)
{
	struct world *w = world_create(&(struct world_options){ .configure = contact_a });
	struct ast_sip_contacts before;
	struct ast_sip_contacts after;

	CHECK_INT(ast_sip_location_find("open", &before), ==, 0);
	CHECK_INT(world_reload(w, contact_b), ==, 0);
	CHECK_INT(ast_sip_location_find("open", &after), ==, 0);
	CHECK_INT(before.count, ==, 2);
	CHECK_INT(after.count, ==, 2);
	CHECK_STR(after.contact[0]->uri, "sip:c@192.0.2.7");
	CHECK(after.contact[1] == before.contact[1]);
	ast_sip_contacts_release(&before);
	ast_sip_contacts_release(&after);

	CHECK_INT(world_reload(w, NULL), ==, 0);
	CHECK_INT(ast_sip_location_find("open", &after), ==, 0);
	CHECK_INT(after.count, ==, 0);
	ast_sip_contacts_release(&after);
	world_destroy(&w);
}

static void other_system(struct sip_config *config)
{
	static const int cores[] = { 0 };

	config->system.servants = 7;
	config->system.timer_t1_ms = 100;
	config->system.timer_c_ms = 200000;
	config->system.pin_cores = cores;
	config->global.key_file = "elsewhere.key";
}

TEST(what_wants_a_restart_is_told_and_stays_as_it_is)
{
	struct world *w = world_create(NULL);

	CHECK_INT(world_reload(w, other_system), ==, 0);
	CHECK_TOLD(w, "servants=7 wants a restart: 0 holds until then");
	CHECK_TOLD(w, "timer_t1=100 wants a restart: 500 holds until then");
	CHECK_TOLD(w, "key_file=elsewhere.key wants a restart: (none) holds until then");
	CHECK(strstr(w->told, "timer_c") == NULL);
	CHECK_INT(ast_sip_system_options()->timer_t1_ms, ==, 500);
	CHECK_INT(ast_sip_system_options()->timer_c_ms, ==, 200000);

	/* As long as it is not restarted. */
	CHECK_INT(world_reload(w, other_system), ==, 0);
	CHECK_TOLD(w, "servants=7 wants a restart: 0 holds until then");
	world_destroy(&w);
}

static void short_bodies(struct sip_config *config)
{
	config->global.max_body_bytes = 4;
}

TEST(limits_of_messages_hold_at_once)
{
	static const char with_body[] =
		"OPTIONS sip:127.0.0.1 SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKl\n"
		"From: <sip:a@b>;tag=1\nTo: <sip:127.0.0.1>\nCall-ID: limit\n"
		"CSeq: 1 OPTIONS\nMax-Forwards: 70\nContent-Length: 5\n\n12345";
	struct world *w = world_create(NULL);

	wire_receive(&w->wire, "192.0.2.1:5060", with_body);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 413"), ==, 0);
	CHECK_INT(world_reload(w, short_bodies), ==, 0);
	wire_receive(&w->wire, "192.0.2.1:5060", with_body);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 413"), ==, 1);
	world_destroy(&w);
}

static void three_hops(struct sip_config *config)
{
	config->global.max_forwards = 3;
}

/* res_sip/endpoint.h: "on a thread that is none of the server's until its next call" */
TEST(borrowed_options_live_until_the_thread_asks_again)
{
	struct world *w = world_create(NULL);
	const struct sip_global_config *global = ast_sip_global_options();
	const struct sip_aor_config *aor;

	CHECK_INT(world_reload(w, three_hops), ==, 0);
	sip_rcu_barrier();
	CHECK_INT(global->max_forwards, ==, 70);
	CHECK_STR(sip_str_of(global->domain.item[0]), "example.org");

	aor = ast_sip_aor_find("6001");
	CHECK_INT(world_reload(w, NULL), ==, 0);
	ast_sip_release_options();
	CHECK(aor != NULL);
	CHECK_INT(ast_sip_global_options()->max_forwards, ==, 70);
	world_destroy(&w);
}

/* What a task was shown, and what holds while it runs. */
static struct {
	struct world *world;
	int result;
	uint32_t first;
	uint32_t again;
	uint32_t later;
} seen;

static void *reload_three_hops(void *arg)
{
	/* A test fails on its own thread only. */
	seen.result = world_reload(arg, three_hops);
	sip_rcu_barrier();
	return NULL;
}

static int look_around_a_reload(void *arg)
{
	const struct sip_global_config *global = ast_sip_global_options();
	pthread_t other;

	(void)arg;
	seen.first = global->max_forwards;
	if (pthread_create(&other, NULL, reload_three_hops, seen.world) != 0 ||
		pthread_join(other, NULL) != 0)
		return -1;
	seen.again = ast_sip_global_options()->max_forwards + global->max_forwards;
	return 0;
}

static int look_later(void *arg)
{
	(void)arg;
	seen.later = ast_sip_global_options()->max_forwards;
	return 0;
}

TEST(a_task_sees_one_set_of_options)
{
	struct world *w = world_create(NULL);

	seen.world = w;
	CHECK_INT(ast_sip_push_task(NULL, look_around_a_reload, NULL), ==, 0);
	wire_settle(&w->wire);
	CHECK_INT(ast_sip_push_task(NULL, look_later, NULL), ==, 0);
	wire_settle(&w->wire);

	CHECK_INT(seen.result, ==, 0);
	CHECK_INT(seen.first, ==, 70);
	CHECK_INT(seen.again, ==, 140);
	CHECK_INT(seen.later, ==, 3);
	world_destroy(&w);
}

TEST(a_task_sees_what_holds_whatever_its_thread_was_shown_before)
{
	struct world *w = world_create(NULL);

	CHECK_INT(ast_sip_global_options()->max_forwards, ==, 70);
	CHECK_INT(world_reload(w, three_hops), ==, 0);
	CHECK_INT(ast_sip_push_task(NULL, look_later, NULL), ==, 0);
	wire_settle(&w->wire);

	CHECK_INT(seen.later, ==, 3);
	world_destroy(&w);
}

/* "A message sees one snapshot from its first step to its last." */
TEST(a_call_that_rings_goes_on_by_its_own_settings)
{
	struct world *w = world_create(NULL);

	world_register(w, "6002", "secret2", "192.0.2.2:5060");
	wire_clear(&w->wire);
	wire_receive(&w->wire, "192.0.2.99:5060",
		world_request("INVITE", "sip:6002@example.org", "open", "rings", 1, "r",
			"Contact: <sip:open@192.0.2.99>\n"));
	CHECK_INT(wire_count(&w->wire, "INVITE"), ==, 1);
	CHECK_INT(world_reload(w, fewer), ==, 0);
	wire_forward_ms(&w->wire, 1000);
	CHECK_INT(wire_count(&w->wire, "INVITE"), ==, 2);
	wire_receive(&w->wire, "192.0.2.99:5060",
		world_request(
			"CANCEL", "sip:6002@example.org", "open", "rings", 1, "r", ""));

	CHECK_INT(wire_count(&w->wire, "SIP/2.0 200"), ==, 1);
	world_destroy(&w);
}
