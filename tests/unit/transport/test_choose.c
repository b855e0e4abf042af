/* SPDX-License-Identifier: BSD-2-Clause */
/* Which listener and which of our addresses reach a peer, and which addresses are ours.
 */
#include "wire.h"

#include "transport/local_addresses.h"
#include "transport/route.h"

#include <errno.h>
#include <stdlib.h>

static void ignore_sent(void *arg, const struct sip_flow *flow, struct sip_str text)
{
	(void)arg;
	(void)flow;
	(void)text;
}

static int route(
	struct wire *wire, uint32_t number, const char *peer, struct sip_flow *flow)
{
	struct sip_addr addr = addr_of(peer, 5060);

	return sip_transport_route(wire->transport, number, SIP_UDP, &addr, flow);
}

TEST(a_specific_listener_sends_from_its_address)
{
	struct wire *wire = wire_create(&(struct wire_plan){ 0 });
	const struct sip_listener *listener = wire_listen(wire, "127.0.0.1");
	struct sip_addr peer = addr_of("127.0.0.9", 5060);
	struct sip_flow flow;

	CHECK_INT(route(wire, 0, "127.0.0.9", &flow), ==, 0);
	CHECK_INT(flow.listener, ==, 1);
	CHECK_INT(flow.connection, ==, 0);
	CHECK_ADDR(flow.local, listener->bound);
	CHECK_ADDR(flow.peer, peer);
	wire_end(wire);
}

TEST(a_wildcard_s_address_comes_from_the_routing_table)
{
	static const char *const cases[][3] = {
		{ "0.0.0.0", "127.0.0.9", "127.0.0.1" },
		{ "::", "::1", "::1" },
	};

	for (unsigned i = 0; i < 2; i++) {
		struct wire *wire = wire_create(&(struct wire_plan){ 0 });
		const struct sip_listener *listener = wire_listen(wire, cases[i][0]);
		struct sip_addr wanted = addr_of(
			cases[i][2], sip_addr_port(&listener->bound));
		struct sip_flow flow;

		CHECK_INT(route(wire, 0, cases[i][1], &flow), ==, 0);
		CHECK_ADDR(flow.local, wanted);
		CHECK_INT(route(wire, 1, cases[i][1], &flow), ==, 0);
		CHECK_ADDR(flow.local, wanted);
		wire_end(wire);
	}
}

TEST(a_listener_of_another_family_or_kind_does_not_fit)
{
	struct wire *wire = wire_create(&(struct wire_plan){ 0 });
	struct sip_addr peer = addr_of("127.0.0.1", 5060);
	struct sip_flow flow;

	wire_listen(wire, "127.0.0.1");

	CHECK_INT(route(wire, 0, "::1", &flow), ==, SIP_ENOTFOUND);
	CHECK_INT(route(wire, 1, "::1", &flow), ==, SIP_ENOTFOUND);
	CHECK_INT(route(wire, 2, "127.0.0.1", &flow), ==, SIP_ENOTFOUND);
	CHECK_INT(sip_transport_route(wire->transport, 0, SIP_TCP, &peer, &flow), ==,
		SIP_ENOTFOUND);
	wire_end(wire);
}

TEST(among_several_the_one_with_the_system_s_source_is_chosen)
{
	struct wire *wire = wire_create(&(struct wire_plan){ 0 });
	struct sip_flow flow;

	wire_listen(wire, "127.0.0.2");
	wire_listen(wire, "0.0.0.0");
	CHECK_INT(route(wire, 0, "127.0.0.9", &flow), ==, 0);
	CHECK_INT(flow.listener, ==, 2);

	wire_listen(wire, "127.0.0.1");
	CHECK_INT(route(wire, 0, "127.0.0.9", &flow), ==, 0);
	CHECK_INT(flow.listener, ==, 3);
	wire_end(wire);
}

TEST(simulated_listeners_do_not_ask_the_system)
{
	struct wire *wire = wire_create(&(struct wire_plan){ .stepped = true });
	struct sip_listener_config config = { .bind = addr_of("192.0.2.1", 5060) };
	const struct sip_listener *listener;
	struct sip_flow flow;

	for (unsigned i = 0; i < 2; i++) {
		sip_addr_set_port(&config.bind, (uint16_t)(5060 + i));
		CHECK_INT(sip_transport_listen_memory(
				  wire->transport, &config, ignore_sent, NULL, &listener),
			==, 0);
	}

	CHECK_INT(route(wire, 0, "203.0.113.1", &flow), ==, 0);
	CHECK_INT(flow.listener, ==, 1);
	wire_end(wire);
}

TEST(a_reactor_remembers_routes_for_a_second)
{
	struct sip_route_memory *memory = calloc(1, sizeof(*memory));
	struct sip_addr peer = addr_of("127.0.0.9", 5060);
	struct sip_addr wanted = addr_of("127.0.0.1", 0);
	struct sip_addr local;

	CHECK(memory != NULL);
	CHECK_INT(sip_route_find(memory, &peer, 1000000, &local), ==, 0);
	CHECK_ADDR(local, wanted);
	/* What is remembered shows by being wrong. */
	for (unsigned i = 0; i < SIP_ROUTE_PLACES; i++)
		memory->places[i].local = addr_of("192.0.2.77", 0);
	CHECK_INT(sip_route_find(memory, &peer, 1999999, &local), ==, 0);
	CHECK(!sip_addr_equal(&local, &wanted));

	CHECK_INT(sip_route_find(memory, &peer, 2000000, &local), ==, 0);
	CHECK_ADDR(local, wanted);
	free(memory);
}

TEST(no_route_is_an_error)
{
	struct sip_addr peer = addr_of("fe80::1", 5060);
	struct sip_addr local;

	/* A link-local address without its link. */
	CHECK_INT(sip_route_ask(&peer, &local), ==, SIP_ESYSTEM);
	CHECK_INT(errno, !=, 0);
}

TEST(addresses_of_listeners_are_ours_with_their_ports)
{
	struct wire *wire = wire_create(&(struct wire_plan){ 0 });
	struct sip_listener_config config = {
		.name = "outside",
		.bind = addr_of("127.0.0.2", 0),
		.external = addr_of("203.0.113.5", 0),
	};
	const struct sip_listener *listener = NULL;
	uint16_t port;
	struct sip_addr addr;

	CHECK_INT(sip_transport_listen(wire->transport, &config, &listener), ==, 0);
	port = sip_addr_port(&listener->bound);

	addr = addr_of("127.0.0.2", port);
	CHECK(sip_transport_is_ours(wire->transport, &addr));
	addr = addr_of("127.0.0.2", (uint16_t)(port ^ 1));
	CHECK(!sip_transport_is_ours(wire->transport, &addr));
	addr = addr_of("127.0.0.3", port);
	CHECK(!sip_transport_is_ours(wire->transport, &addr));
	addr = addr_of("203.0.113.5", port);
	CHECK(sip_transport_is_ours(wire->transport, &addr));
	memset(&addr, 0, sizeof(addr));
	CHECK(!sip_transport_is_ours(wire->transport, &addr));
	wire_end(wire);
}

TEST(every_local_address_is_ours_through_a_wildcard)
{
	struct wire *wire = wire_create(&(struct wire_plan){ 0 });
	uint16_t port4 = sip_addr_port(&wire_listen(wire, "0.0.0.0")->bound);
	uint16_t port6 = sip_addr_port(&wire_listen(wire, "::")->bound);
	const struct {
		const char *host;
		uint16_t port;
		bool ours;
	} cases[] = {
		{ "127.0.0.1", port4, true },
		{ "127.3.2.1", port4, true },
		{ "127.0.0.1", (uint16_t)(port4 ^ 1), false },
		{ "203.0.113.77", port4, false },
		{ "::1", port6, true },
		{ "::1", (uint16_t)(port6 ^ 1), false },
		{ "2001:db8::77", port6, false },
	};

	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct sip_addr addr = addr_of(cases[i].host, cases[i].port);

		CHECK_INT(
			sip_transport_is_ours(wire->transport, &addr), ==, cases[i].ours);
	}
	wire_end(wire);
}

TEST(the_system_is_asked_for_its_addresses_at_most_once_a_second)
{
	struct sip_local_addresses locals;
	struct sip_addr ours = addr_of("::1", 0);
	struct sip_addr foreign = addr_of("203.0.113.77", 0);
	struct sip_local_set *set;

	sip_local_addresses_init(&locals);
	CHECK(sip_local_addresses_has(&locals, &ours, 5000000));
	set = atomic_load(&locals.set);
	CHECK(!sip_local_addresses_has(&locals, &foreign, 5999999));
	CHECK(atomic_load(&locals.set) == set);

	CHECK(!sip_local_addresses_has(&locals, &foreign, 6000000));
	CHECK(atomic_load(&locals.set) != set);
	CHECK(sip_local_addresses_has(&locals, &ours, 6000001));
	sip_local_addresses_fini(&locals);
}
