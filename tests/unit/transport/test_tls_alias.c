/* SPDX-License-Identifier: BSD-2-Clause */
/* Requests toward a peer by the connection that it has opened: RFC 5923. */
#include "tls_peer.h"

#include "transport/connection.h"

#include <errno.h>

/* A server that has been told that its peer, at `port`, may be sent requests so. */
struct fixture {
	struct certificates *all;
	struct wire *wire;
	const struct sip_listener *listener;
	struct tls_peer peer;
	struct sip_addr target; /* where nobody listens */
	struct sip_flow came;   /* by what the peer's message came */
};

static void nothing(void *arg)
{
	(void)arg;
}

/* What the connection had to do by now is done: there is one servant. */
static void settle(struct fixture *f)
{
	wire_on_reactor(f->wire, 0, nothing, NULL);
}

static uint32_t aliases(const struct fixture *f)
{
	return atomic_load(&f->wire->transport->connections->alias_count);
}

/* Its peer offers the target's port, and has been heard again since. */
static void offer(struct fixture *f)
{
	unsigned heard = wire_count(f->wire, &f->wire->received);

	sip_transport_alias(f->wire->transport, &f->came, sip_addr_port(&f->target));
	tls_say(&f->peer, tcp_message("again"));
	SIP_IGNORE(wire_wait(f->wire, &f->wire->received, heard + 1)->len == 0);
	settle(f);
}

/* The peer comes with a certificate of that plan; NULL: without one. */
static void begin(struct fixture *f, const struct certificate_plan *plan, bool verify)
{
	struct tls_peer_plan peer_plan = { .own = NULL };
	struct sip_tls_config config = { .verify_client = verify };
	const char *text = tcp_message("hello");
	char own[CERTIFICATE_PATH_LEN];
	char path[CERTIFICATE_PATH_LEN];

	f->all = certificates_begin();
	config.cert_file = certificate_make(f->all,
		&(struct certificate_plan){ .file = "own.pem", .common_name = "own" },
		own);
	config.ca_list_file = f->all->authority;
	f->wire = wire_create(&(struct wire_plan){ 0 });
	tls_watch_log();
	f->listener = tls_listen(f->wire, tls_context(&config));
	wire_start(f->wire);
	if (plan != NULL)
		peer_plan.own = certificate_make(f->all, plan, path);
	tls_dial(&f->peer, &f->listener->bound, &peer_plan);
	tls_say(&f->peer, text);
	f->came = wire_wait(f->wire, &f->wire->received, 1)->flow;
	f->target = tcp_closed();
}

static void end(struct fixture *f)
{
	tls_peer_close(&f->peer);
	wire_end(f->wire);
	certificates_end(f->all);
}

/* Where a URI with that name, which leads to the target, would be sent. */
static struct sip_flow flow_to(struct fixture *f, const char *name)
{
	struct sip_flow flow;

	CHECK_INT(sip_transport_route(f->wire->transport, f->listener->number, SIP_TLS,
			  &f->target, &flow),
		==, 0);
	if (name != NULL)
		CHECK_INT(sip_transport_host(
				  f->wire->transport, sip_str_of(name), &flow.host),
			==, 0);
	return flow;
}

static const struct certificate_plan two_names = { .file = "c.pem",
	.alternatives = "DNS:a.test,DNS:b.test" };
static const struct certificate_plan an_address = { .file = "c.pem",
	.alternatives = "IP:127.0.0.1" };

/* "the server compares the identity it wants with those of the certificate": section 9;
 * and nothing without a certificate that was verified. */
TEST(only_who_has_proved_a_name_is_reached_by_what_he_opened)
{
	static const struct {
		const struct certificate_plan *plan;
		const char *asked; /* NULL: the address */
		bool verify;
		bool other_port;
		bool reached;
	} rows[] = {
		{ &two_names, "a.test", true, false, true },
		{ &two_names, "B.test", true, false, true },
		{ &two_names, "c.test", true, false, false },
		{ &two_names, "a.test", true, true, false },
		{ &two_names, NULL, true, false, false },
		{ &an_address, NULL, true, false, true },
		{ &an_address, "a.test", true, false, false },
		{ &two_names, "a.test", false, false, false },
		{ NULL, "a.test", true, false, false },
		{ NULL, NULL, true, false, false },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *text = tcp_message("back");
		struct sip_flow flow;
		struct fixture f;

		begin(&f, rows[i].plan, rows[i].verify);
		offer(&f);
		CHECK_INT(aliases(&f), ==, rows[i].plan != NULL && rows[i].verify);
		if (rows[i].other_port)
			f.target = tcp_closed();
		flow = flow_to(&f, rows[i].asked);
		tcp_send(f.wire, &flow, text);

		if (rows[i].reached)
			tls_expect(&f.peer, text);
		else
			CHECK_INT(wire_wait(f.wire, &f.wire->failed, 1)->error, ==,
				ECONNREFUSED);
		end(&f);
	}
}

/* Its peer has another port now. */
TEST(the_latest_port_counts)
{
	const char *text = tcp_message("back");
	struct sip_flow before;
	struct sip_flow flow;
	struct fixture f;

	begin(&f, &two_names, true);
	before = flow_to(&f, "a.test");
	offer(&f);
	f.target = tcp_closed();
	flow = flow_to(&f, "a.test");
	offer(&f);
	CHECK_INT(aliases(&f), ==, 1);
	tcp_send(f.wire, &before, tcp_message("lost"));
	CHECK_INT(wire_wait(f.wire, &f.wire->failed, 1)->error, ==, ECONNREFUSED);
	tcp_send(f.wire, &flow, text);

	tls_expect(&f.peer, text);
	end(&f);
}

/* ---- the end ---- */

struct waits {
	struct sip_flow_waiter waiter;
	_Atomic int error; /* 0: not told */
};

static void note_lost(struct sip_flow_waiter *waiter, int error)
{
	atomic_store(&SIP_CONTAINER(waiter, struct waits, waiter)->error, error);
}

TEST(who_waits_by_it_is_told_of_its_end)
{
	const char *text = tcp_message("back");
	struct waits told = { .waiter.lost = note_lost };
	struct waits other = { .waiter.lost = note_lost };
	struct sip_flow flow;
	struct sip_flow elsewhere;
	struct fixture f;

	begin(&f, &two_names, true);
	offer(&f);
	flow = flow_to(&f, "b.test");
	elsewhere = flow_to(&f, "c.test");
	CHECK(sip_transport_await(f.wire->transport, &flow, &told.waiter));
	CHECK(sip_transport_await(f.wire->transport, &elsewhere, &other.waiter));
	tcp_send(f.wire, &flow, text);
	tls_expect(&f.peer, text);
	SIP_IGNORE(SSL_shutdown(f.peer.ssl));
	tls_expect_end(&f.peer);
	settle(&f);

	CHECK_INT(aliases(&f), ==, 0);
	CHECK_INT(atomic_load(&told.error), ==, ENOTCONN);
	CHECK_INT(atomic_load(&other.error), ==, 0);
	CHECK(sip_transport_waited(f.wire->transport, &other.waiter));
	end(&f);
}
