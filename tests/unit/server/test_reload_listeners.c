/* SPDX-License-Identifier: BSD-2-Clause */
/* Listeners are reconciled: real sockets on the loopback, a stepped pool, virtual time.
 */
#include "support/check.h"
#include "support/world.h"

#include "server/settings/listeners.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The sections of the configuration of now. */
static struct sip_transport_section sections[3];
static size_t section_count;

static void use_sections(struct sip_config *config)
{
	config->global.authentication = false;
	config->transport = sections;
	config->transport_count = section_count;
}

static void set_section(size_t at, const char *name, const struct sip_addr *addr)
{
	sip_transport_section_init(&sections[at]);
	sections[at].name = name;
	sections[at].bind = *addr;
}

/* A server with one UDP listener `udp`, beside the wire of memory. */
static struct world *listening_world(struct sip_addr *bound)
{
	static const char *const modules[] = { "res_sip_endpoint_identifier_user",
		"res_sip_options", NULL };
	struct sip_addr any = wire_addr("127.0.0.1:0");
	struct world *w;

	set_section(0, "udp", &any);
	section_count = 1;
	w = world_create(&(struct world_options){ .configure = use_sections,
		.modules = modules,
		.address = "127.0.0.2:5060",
		.bound = true });
	CHECK_INT(sip_server_address(w->server, "udp", bound), ==, 0);
	return w;
}

static int peer_open(void)
{
	struct sip_addr addr = wire_addr("127.0.0.1:0");
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	CHECK(fd >= 0);
	CHECK_INT(bind(fd, &addr.sa, sip_addr_len(&addr)), ==, 0);
	return fd;
}

/* The status of the answer to an OPTIONS that is sent to `addr`; 0: none came. */
static int ask(struct world *w, const struct sip_addr *addr)
{
	static unsigned number;
	int fd = peer_open();
	char text[1024];
	ssize_t len;
	int status = 0;

	number++;
	len = snprintf(text, sizeof(text),
		"OPTIONS sip:example.org SIP/2.0\r\n"
		"Via: SIP/2.0/UDP 127.0.0.1;rport;branch=z9hG4bK%u\r\n"
		"From: <sip:6001@example.org>;tag=1\r\nTo: <sip:example.org>\r\n"
		"Call-ID: c%u\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\n\r\n",
		number, number);
	CHECK_INT(
		sendto(fd, text, (size_t)len, 0, &addr->sa, sip_addr_len(addr)), ==, len);
	wire_settle(&w->wire);
	len = recv(fd, text, sizeof(text) - 1, MSG_DONTWAIT);
	text[len > 0 ? len : 0] = '\0';
	if (len > 0)
		CHECK_INT(sscanf(text, "SIP/2.0 %d", &status), ==, 1);
	close(fd);
	return status;
}

static bool is_free(const struct sip_addr *addr)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool free;

	CHECK(fd >= 0);
	free = bind(fd, &addr->sa, sip_addr_len(addr)) == 0;
	close(fd);
	return free;
}

static const struct sip_listener *listener_named(struct world *w, const char *name)
{
	const struct sip_listener *listener = sip_listener_named(
		w->server->transport, name);

	CHECK(listener != NULL);
	return listener;
}

TEST(a_new_section_is_listened_on_and_the_others_are_not_touched)
{
	struct sip_addr bound;
	struct sip_addr late;
	struct sip_addr any = wire_addr("127.0.0.1:0");
	struct world *w = listening_world(&bound);
	const struct sip_listener *before = listener_named(w, "udp");

	set_section(1, "late", &any);
	section_count = 2;
	CHECK_INT(world_reload(w, use_sections), ==, 0);
	CHECK_INT(sip_server_address(w->server, "late", &late), ==, 0);

	CHECK(listener_named(w, "udp") == before);
	CHECK_INT(before->state, ==, SIP_LISTENER_OPEN);
	CHECK_INT(ask(w, &bound), ==, 200);
	CHECK_INT(ask(w, &late), ==, 200);
	world_destroy(&w);
}

/* listeners.h: "for 64*T1 at least" */
TEST(a_section_that_is_gone_takes_nothing_new_and_is_closed_after_64_t1)
{
	struct sip_addr bound;
	struct sip_addr other;
	struct sip_addr any = wire_addr("127.0.0.1:0");
	struct world *w = listening_world(&bound);
	uint32_t number = listener_named(w, "udp")->number;

	set_section(0, "other", &any);
	CHECK_INT(world_reload(w, use_sections), ==, 0);
	CHECK(strstr(w->told, "takes nothing new, and is closed within 212 s") != NULL);
	CHECK_INT(sip_server_address(w->server, "other", &other), ==, 0);
	CHECK_INT(ask(w, &bound), ==, 503);
	CHECK_INT(ask(w, &other), ==, 200);

	wire_forward_ms(&w->wire, 31999);
	CHECK(sip_transport_listener(w->server->transport, number) != NULL);
	CHECK(!is_free(&bound));
	wire_forward_ms(&w->wire, 1001);
	CHECK(sip_transport_listener(w->server->transport, number) == NULL);
	CHECK(is_free(&bound));

	set_section(1, "udp", &bound);
	section_count = 2;
	CHECK_INT(world_reload(w, use_sections), ==, 0);
	CHECK_INT(listener_named(w, "udp")->number, >, number);
	CHECK_INT(ask(w, &bound), ==, 200);
	world_destroy(&w);
}

/* The listener that `contact` is reached from. */
static const struct sip_listener *way_to(
	struct world *w, const struct ast_sip_contact *contact)
{
	struct sip_flow flow;

	CHECK_INT(ast_sip_flow_to_contact(contact, &flow), ==, 0);
	CHECK(sip_addr_equal(&flow.peer, &contact->flow.peer));
	return sip_transport_listener(w->server->transport, flow.listener);
}

TEST(a_contact_of_a_listener_that_is_gone_is_reached_from_another)
{
	struct sip_addr bound;
	struct sip_addr any = wire_addr("127.0.0.1:0");
	struct world *w = listening_world(&bound);
	struct ast_sip_contact contact = { .flow = { .listener = 0 } };
	const struct sip_listener *udp = listener_named(w, "udp");

	contact.flow = (struct sip_flow){ .listener = udp->number,
		.kind = SIP_UDP,
		.local = bound,
		.peer = wire_addr("127.0.0.1:5099") };
	CHECK(way_to(w, &contact) == udp);
	set_section(0, "other", &any);
	CHECK_INT(world_reload(w, use_sections), ==, 0);
	CHECK(way_to(w, &contact) != udp);

	wire_forward_ms(&w->wire, 40000);
	CHECK(way_to(w, &contact) != NULL);
	world_destroy(&w);
}

TEST(a_section_that_comes_back_has_its_sockets_still)
{
	struct sip_addr bound;
	struct sip_addr any = wire_addr("127.0.0.1:0");
	struct world *w = listening_world(&bound);
	const struct sip_listener *before;

	/* By its real port: one that the system chooses is another one each time. */
	set_section(0, "fixed", &bound);
	sip_addr_set_port(&sections[0].bind, 0);
	sections[0].name = "udp";
	before = listener_named(w, "udp");
	set_section(1, "other", &any);
	section_count = 2;
	CHECK_INT(world_reload(w, use_sections), ==, 0);
	sections[0] = sections[1];
	section_count = 1;
	CHECK_INT(world_reload(w, use_sections), ==, 0);
	CHECK_INT(before->state, ==, SIP_LISTENER_DRAINING);

	set_section(1, "udp", &any);
	section_count = 2;
	CHECK_INT(world_reload(w, use_sections), ==, 0);
	CHECK_INT(before->state, ==, SIP_LISTENER_OPEN);
	CHECK(listener_named(w, "udp") == before);
	CHECK_INT(ask(w, &bound), ==, 200);
	wire_forward_ms(&w->wire, 60000);
	CHECK_INT(ask(w, &bound), ==, 200);
	world_destroy(&w);
}

TEST(a_listener_that_can_not_be_bound_leaves_all_as_it_was)
{
	struct sip_addr bound;
	struct sip_addr any = wire_addr("127.0.0.1:0");
	struct sip_addr taken;
	socklen_t len = sizeof(taken);
	struct world *w = listening_world(&bound);
	int fd = peer_open();
	uint32_t count = sip_transport_listener_count(w->server->transport);

	CHECK_INT(getsockname(fd, &taken.sa, &len), ==, 0);
	set_section(0, "new", &any);
	set_section(1, "taken", &taken);
	section_count = 2;
	CHECK_INT(world_reload(w, use_sections), ==, SIP_EEXISTS);
	CHECK(strstr(w->error, "transport taken: udp 127.0.0.1:") != NULL);
	CHECK(strstr(w->error, "is in use") != NULL);

	CHECK_INT(sip_transport_listener_count(w->server->transport), ==, count);
	CHECK_INT(listener_named(w, "udp")->state, ==, SIP_LISTENER_OPEN);
	CHECK_INT(ask(w, &bound), ==, 200);
	close(fd);
	world_destroy(&w);
}

TEST(another_name_or_external_address_needs_no_other_socket)
{
	struct sip_addr bound;
	struct sip_addr any = wire_addr("127.0.0.1:0");
	struct sip_addr told = wire_addr("198.51.100.7:5060");
	struct world *w = listening_world(&bound);
	const struct sip_listener *listener = listener_named(w, "udp");

	sections[0].external_signaling = told;
	sections[0].external_signaling_port = 5060;
	CHECK_INT(world_reload(w, use_sections), ==, 0);
	CHECK(strstr(w->told, "has other options") != NULL);
	CHECK(listener_named(w, "udp") == listener);
	CHECK(sip_transport_is_ours(w->server->transport, &told));

	set_section(0, "udp", &any);
	CHECK_INT(world_reload(w, use_sections), ==, 0);
	CHECK(!sip_transport_is_ours(w->server->transport, &told));
	CHECK_INT(world_reload(w, use_sections), ==, 0);
	CHECK(strstr(w->told, "transport") == NULL);
	world_destroy(&w);
}

/* The server is asked to stop while a listener drains. */
TEST(a_drain_may_be_under_way_at_the_end)
{
	struct sip_addr bound;
	struct world *w = listening_world(&bound);

	section_count = 0;
	CHECK_INT(world_reload(w, use_sections), ==, 0);
	CHECK_INT(ask(w, &bound), ==, 503);
	world_stop(&w);
}
