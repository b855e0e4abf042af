/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A service that blocks: its own call waits, nobody else does, and what waited is served.
 */
#include "support/ask.h"
#include "support/check.h"
#include "support/spare_threads.h"

#include "res_sip/service.h"

#include <stdlib.h>

static struct {
	struct world *world;
	struct spares *spares; /* of each test its own: one that fails leaves threads */
	struct spare *blocked; /* on which the service blocks; NULL: it does not */
	struct spare *all[SPARES_MAX]; /* on which it has blocked, in order */
	unsigned begun;
	unsigned served;
} scene;

/* Each request with a Subject blocks. */
static bool serve(struct sip_rx_data *rdata)
{
	scene.begun++;
	if (sip_msg_hdr(&rdata->msg, SIP_HDR_SUBJECT) != NULL) {
		struct spare *spare = spares_self();

		CHECK(spare != NULL);
		scene.all[scene.begun % SPARES_MAX] = scene.blocked = spare;
		spare_block(spare);
		scene.blocked = NULL;
	}
	scene.served++;
	return ast_sip_respond(rdata, 200, NULL) == 0;
}

static struct sip_service service = {
	.name = "slow",
	.stage = SIP_STAGE_LOCAL,
	.methods = "OPTIONS",
	.may_block = true,
	.on_rx_request = serve,
};

static void prepare(void)
{
	CHECK_INT(ast_sip_register_service(&service), ==, 0);
}

static void without_password(struct sip_config *config)
{
	config->global.authentication = false;
	config->system.servants_max = 4;
}

static void scene_open(void)
{
	scene.blocked = NULL;
	scene.begun = scene.served = 0;
	scene.spares = malloc(sizeof(*scene.spares));
	CHECK(scene.spares != NULL);
	spares_init(scene.spares);
	scene.world = world_create(&(struct world_options){ .configure = without_password,
		.prepare = prepare,
		.spare_threads = &scene.spares->threads });
}

static void scene_close(void)
{
	world_destroy(&scene.world);
	spares_fini(scene.spares);
	free(scene.spares);
}

static void settle(void)
{
	do
		wire_settle(&scene.world->wire);
	while (spares_run(scene.spares, 0));
}

static void go_on(void)
{
	CHECK(scene.blocked != NULL);
	spare_go_on(scene.blocked);
	settle();
}

static void receive_options(
	const char *call_id, unsigned cseq, const char *branch, const char *extra)
{
	wire_receive(&scene.world->wire, "192.0.2.7:5060",
		world_request("OPTIONS", "sip:127.0.0.1:5060", "6001", call_id, cseq,
			branch, extra));
	settle();
}

TEST(what_waits_behind_its_own_callback_is_not_late)
{
	scene_open();
	struct wire *wire = &scene.world->wire;

	receive_options("one", 1, "z9hG4bK1", "Subject: slow\n");
	receive_options("one", 2, "z9hG4bK2", "");
	CHECK_INT(scene.begun, ==, 1);
	wire_forward_ms(wire, 1000);
	go_on();
	receive_options("two", 1, "z9hG4bK3", "");

	CHECK_INT(scene.served, ==, 3);
	CHECK_INT(wire_count(wire, "SIP/2.0 200"), ==, 3);
	CHECK_INT(wire_count(wire, "SIP/2.0 503"), ==, 0);
	scene_close();
}

TEST(another_call_is_served_while_one_blocks)
{
	scene_open();
	struct wire *wire = &scene.world->wire;

	receive_options("one", 1, "z9hG4bK1", "Subject: slow\n");
	receive_options("two", 1, "z9hG4bK2", "");
	CHECK_INT(wire_count(wire, "SIP/2.0 200"), ==, 1);
	go_on();

	CHECK_INT(wire_count(wire, "SIP/2.0 200"), ==, 2);
	scene_close();
}

/* Three of four may be lent, and all of them block. */
static void block_all(void)
{
	receive_options("one", 1, "z9hG4bK1", "Subject: slow\n");
	receive_options("two", 1, "z9hG4bK2", "Subject: slow\n");
	receive_options("three", 1, "z9hG4bK3", "Subject: slow\n");
	CHECK_INT(scene.begun, ==, 3);
}

static void go_on_all(void)
{
	for (unsigned i = 1; i <= 3; i++)
		spare_go_on(scene.all[i]);
	settle();
}

static void pass_ms(unsigned ms)
{
	wire_forward_ms(&scene.world->wire, ms);
	settle();
}

TEST(who_waits_for_a_spare_for_four_seconds_is_told_that_there_is_no_room)
{
	scene_open();
	struct wire *wire = &scene.world->wire;

	block_all();
	receive_options("four", 1, "z9hG4bK4", "");
	pass_ms(3999);
	CHECK_INT(wire_count(wire, "SIP/2.0 "), ==, 0);
	pass_ms(1);
	CHECK_INT(wire_count(wire, "SIP/2.0 503"), ==, 1);
	CHECK(strstr(wire_last(wire, "SIP/2.0 503")->text, "\r\nRetry-After: ") != NULL);
	/* Its copy hears the same, though a spare is free. */
	go_on_all();
	receive_options("four", 1, "z9hG4bK4", "");

	CHECK_INT(wire_count(wire, "SIP/2.0 503"), ==, 2);
	CHECK_INT(wire_count(wire, "SIP/2.0 200"), ==, 3);
	CHECK_INT(scene.served, ==, 3);
	CHECK_INT(
		sip_counter_value(scene.world->server->counters, SIP_COUNT_SPARES_MISSED),
		==, 1);
	scene_close();
}

/* Behind it in its own call: no server was busy. */
TEST(who_stands_behind_one_that_was_told_is_told_as_well)
{
	scene_open();
	struct wire *wire = &scene.world->wire;

	block_all();
	receive_options("four", 1, "z9hG4bK4", "");
	pass_ms(1000);
	receive_options("four", 2, "z9hG4bK5", "");
	pass_ms(3000);
	CHECK_INT(wire_count(wire, "SIP/2.0 503"), ==, 1);
	pass_ms(500);

	CHECK_INT(wire_count(wire, "SIP/2.0 503"), ==, 2);
	go_on_all();
	scene_close();
}

TEST(who_comes_after_one_was_told_waits_for_half_a_second)
{
	scene_open();
	struct wire *wire = &scene.world->wire;

	block_all();
	receive_options("four", 1, "z9hG4bK4", "");
	pass_ms(4000);
	receive_options("five", 1, "z9hG4bK5", "");
	pass_ms(499);
	CHECK_INT(wire_count(wire, "SIP/2.0 503"), ==, 1);
	pass_ms(1);
	CHECK_INT(wire_count(wire, "SIP/2.0 503"), ==, 2);
	/* After a second without one, as long as before. */
	pass_ms(1000);
	receive_options("six", 1, "z9hG4bK6", "");
	pass_ms(3999);

	CHECK_INT(wire_count(wire, "SIP/2.0 503"), ==, 2);
	go_on_all();
	CHECK_INT(wire_count(wire, "SIP/2.0 200"), ==, 4);
	scene_close();
}
