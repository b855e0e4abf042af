/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The order of services and identifiers: that of registration, and the configured one
 * before it.
 */
#include "support/check.h"
#include "support/world.h"

static char asked[64];

static void note(const char *name)
{
	strcat(asked, name);
	strcat(asked, " ");
}

static bool ask_a(struct sip_rx_data *rdata)
{
	(void)rdata;
	note("a");
	return false;
}

static bool ask_b(struct sip_rx_data *rdata)
{
	(void)rdata;
	note("b");
	return false;
}

static bool ask_f(struct sip_rx_data *rdata)
{
	(void)rdata;
	note("f");
	return false;
}

static struct sip_service services[] = {
	{ .name = "f", .stage = SIP_STAGE_FORWARD, .on_rx_request = ask_f },
	{ .name = "a", .stage = SIP_STAGE_LOCAL, .on_rx_request = ask_a },
	{ .name = "b", .stage = SIP_STAGE_LOCAL, .on_rx_request = ask_b },
};

static void prepare(void)
{
	asked[0] = '\0';
	for (size_t i = 0; i < 3; i++)
		CHECK_INT(ast_sip_register_service(&services[i]), ==, 0);
}

static void without_authentication(struct sip_config *config)
{
	config->global.authentication = false;
}

static void b_first(struct sip_config *config)
{
	static const char *const order[] = { "b" };

	config->global.authentication = false;
	config->global.service_order = (struct sip_config_list){ order, 1 };
}

static void ask(void (*configure)(struct sip_config *config))
{
	struct world *w = world_create(
		&(struct world_options){ .prepare = prepare, .configure = configure });

	wire_receive(&w->wire, "192.0.2.1:5060",
		world_request("INFO", "sip:127.0.0.1", "x", "c", 1, "b", ""));
	world_destroy(&w);
}

TEST(local_services_are_asked_before_forwarding_ones_in_the_order_of_registration)
{
	ask(without_authentication);
	CHECK_STR(sip_str_of(asked), "a b f ");
}

TEST(the_configured_order_wins_within_a_stage)
{
	ask(b_first);
	CHECK_STR(sip_str_of(asked), "b a f ");
}
