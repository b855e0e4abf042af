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
	unsigned begun;
	unsigned served;
} scene;

/* Each request with a Subject blocks. */
static bool serve(struct sip_rx_data *rdata)
{
	scene.begun++;
	if (sip_msg_hdr(&rdata->msg, SIP_HDR_SUBJECT) != NULL) {
		scene.blocked = spares_self();
		CHECK(scene.blocked != NULL);
		spare_block(scene.blocked);
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
