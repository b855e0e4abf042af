/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Proxies that send to each other: RFC 3261 section 16.12, RFC 5393.
 *
 * Plan: a call through two servers that both stay in its path; addresses of record that
 * point at each other.
 */
#include "phones.h"

#define A "127.0.0.1:5060"
#define B "127.0.0.2:5060"

/* What was sent to `to` and not carried there yet arrives; whether there was any. */
static bool carry(struct world *from, size_t *carried, struct world *to,
	const char *to_addr, const char *from_addr)
{
	struct sip_addr addr = wire_addr(to_addr);
	bool any = false;

	while (*carried < from->wire.count) {
		struct wire_message *message = &from->wire.sent[(*carried)++];
		struct sip_addr peer = wire_addr(from_addr);
		char *text;

		if (!sip_addr_equal(&message->flow.peer, &addr))
			continue;
		any = true;
		text = message->text;
		CHECK_INT(sip_transport_inject(to->wire.transport, to->wire.listener,
				  &peer, sip_str_of(text), 0),
			==, 0);
		wire_settle(&to->wire);
	}
	return any;
}

/* ---- one server, addresses of record that point at each other ---- */

/* Everything that it sent to itself; how many requests. */
static size_t carry_around(struct world *w)
{
	size_t carried = 0;
	size_t rounds = 0;

	while (carry(w, &carried, w, A, A) && ++rounds < 1000)
		continue;
	CHECK_INT(rounds, <, 1000);
	return wire_count(&w->wire, "INVITE ");
}

static void each_other(struct sip_config *config)
{
	static const char *const one[] = { "sip:6002@" A };
	static const char *const two[] = { "sip:6001@" A };
	struct sip_aor_config *aor = (struct sip_aor_config *)(uintptr_t)config->aor;

	aor[0].contact = (struct sip_config_list){ one, 1 };
	aor[1].contact = (struct sip_config_list){ two, 1 };
}

/* 16.3 step 4: the third time round nothing has changed. */
TEST(addresses_of_record_that_point_at_each_other_end_in_482)
{
	struct world *w = phones_world_with(0, each_other);

	wire_receive(&w->wire, CALLER, invite(""));
	CHECK_INT(carry_around(w), <=, 4);
	CHECK_INT(count_to(w, CALLER, "SIP/2.0 482"), ==, 1);
	CHECK_INT(count_to(w, CALLER, "SIP/2.0 "), ==, 2);
	acknowledge(w);
	world_destroy(&w);
}

#define WIDTH 8

/* Each contact is another Request-URI, so that loops are found late: RFC 5393 section 3
 * counts what a proxy without Max-Breadth would do. */
static void explosive(struct sip_config *config)
{
	static char text[2 * WIDTH][64];
	static const char *uris[2 * WIDTH];
	struct sip_aor_config *aor = (struct sip_aor_config *)(uintptr_t)config->aor;

	for (unsigned i = 0; i < 2 * WIDTH; i++) {
		snprintf(text[i], sizeof(text[i]), "sip:%u@" A ";n=%u", 6001 + i % 2, i);
		uris[i] = text[i];
	}
	aor[0].contact = (struct sip_config_list){ uris, WIDTH };
	aor[1].contact = (struct sip_config_list){ uris + WIDTH, WIDTH };
}

/* RFC 5393 5.1: "Max-Breadth [...] limits the total number of concurrent branches" */
TEST(forks_of_forks_stay_below_max_breadth)
{
	struct world *w = phones_world_with(0, explosive);
	size_t sent;

	wire_receive(&w->wire, CALLER, invite(""));
	sent = carry_around(w);
	CHECK_INT(sent, >, WIDTH);
	/* 60 branches at once, none longer than there are Request-URIs. */
	CHECK_INT(sent, <=, 60 * (2 * WIDTH + 1));
	CHECK_INT(count_to(w, CALLER, "SIP/2.0 482") + count_to(w, CALLER, "SIP/2.0 440"),
		==, 1);
	acknowledge(w);
	world_destroy(&w);
}

/* ---- two servers ---- */

static const char *const modules[] = { "res_sip_proxy", NULL };

static void configure_a(struct sip_config *config)
{
	static const char *const uris[] = { "sip:6001@" B };
	struct sip_aor_config *aor = (struct sip_aor_config *)(uintptr_t)config->aor;

	config->global.authentication = false;
	aor[0].contact = (struct sip_config_list){ uris, 1 };
}

static void configure_b(struct sip_config *config)
{
	config->global.authentication = false;
	phones_configure(config, 2);
}

struct pair {
	struct world *a;
	struct world *b;
	size_t from_a;
	size_t from_b;
};

static struct pair two_servers(void)
{
	struct pair p = { 0 };

	p.a = world_create(
		&(struct world_options){ .configure = configure_a, .modules = modules });
	p.b = world_create(&(struct world_options){
		.configure = configure_b, .modules = modules, .address = B });
	return p;
}

static void carry_all(struct pair *p)
{
	bool any = true;

	while (any) {
		any = carry(p->a, &p->from_a, p->b, B, A);
		any = carry(p->b, &p->from_b, p->a, A, B) || any;
	}
}

static void end_pair(struct pair *p)
{
	world_destroy(&p->a);
	world_destroy(&p->b);
}

/* The Record-Routes as the callee got them, in the order of its Route; the caller's is
 * the other way round. */
static void take_routes(const struct wire_message *message, char routes[2][512])
{
	const char *at = message->text;

	for (int i = 0; i < 2; i++) {
		at = strstr(at, "\r\nRecord-Route: ");
		CHECK(at != NULL);
		at += 16;
		snprintf(routes[i], 512, "%.*s", (int)strcspn(at, "\r"), at);
	}
	CHECK(strstr(at, "\r\nRecord-Route: ") == NULL);
}

static const char *in_call(
	bool from_caller, const char *method, unsigned cseq, char routes[2][512])
{
	static char text[8192];

	snprintf(text, sizeof(text),
		"%s sip:%s SIP/2.0\nVia: SIP/2.0/UDP %s;branch=z9hG4bK%s\n"
		"From: <sip:x@example.org>;tag=%s\nTo: <sip:y@example.org>;tag=%s\n"
		"Call-ID: call-1\nCSeq: %u %s\nMax-Forwards: 70\nRoute: %s\nRoute: %s\n"
		"Content-Length: 0\n\n",
		method, from_caller ? "6001@192.0.2.101:5070" : "open@" CALLER,
		from_caller ? CALLER : phone(1), method,
		from_caller ? "caller" : "phone-1", from_caller ? "phone-1" : "caller",
		cseq, method, routes[from_caller], routes[!from_caller]);
	return text;
}

/* 16.12.1.1: "Basic SIP Trapezoid" */
TEST(a_call_through_two_servers_keeps_both_in_its_path)
{
	struct pair p = two_servers();
	char routes[2][512];

	wire_receive(&p.a->wire, CALLER, invite(""));
	carry_all(&p);
	CHECK_INT(count_to(p.b, phone(1), "INVITE "), ==, 1);
	CHECK_INT(count_to(p.b, phone(2), "INVITE "), ==, 1);
	CHECK_STR(sip_str_of(world_header(
			  sent_to(p.b, phone(1), "INVITE "), "Max-Forwards")),
		"68");
	take_routes(sent_to(p.b, phone(1), "INVITE "), routes);
	CHECK(strncmp(routes[0], "<sip:" B ";lr;rs=", 25) == 0);
	CHECK(strncmp(routes[1], "<sip:" A ";lr;rs=", 25) == 0);

	answer(p.b, 1, "INVITE", 180, "");
	answer(p.b, 2, "INVITE", 180, "");
	answer(p.b, 1, "INVITE", 200, "");
	carry_all(&p);
	CHECK_INT(count_to(p.b, phone(2), "CANCEL "), ==, 1);
	CHECK_INT(count_to(p.a, CALLER, "SIP/2.0 180"), ==, 2);
	CHECK_INT(count_to(p.a, CALLER, "SIP/2.0 200"), ==, 1);

	wire_receive(&p.a->wire, CALLER, in_call(true, "ACK", 1, routes));
	carry_all(&p);
	CHECK_INT(count_to(p.b, phone(1), "ACK "), ==, 1);
	CHECK_STR(sip_str_of(world_header(sent_to(p.b, phone(1), "ACK "), "Route")), "");

	wire_receive(&p.b->wire, phone(1), in_call(false, "BYE", 5, routes));
	carry_all(&p);
	CHECK_INT(count_to(p.a, CALLER, "BYE sip:open@192.0.2.99:5060 SIP/2.0"), ==, 1);
	end_pair(&p);
}

/* A call through both that phone 1 answered; its Record-Routes. */
static struct pair call_through_two(char routes[2][512])
{
	struct pair p = two_servers();

	wire_receive(&p.a->wire, CALLER, invite(""));
	carry_all(&p);
	take_routes(sent_to(p.b, phone(1), "INVITE "), routes);
	answer(p.b, 1, "INVITE", 200, "");
	carry_all(&p);
	answer(p.b, 2, "INVITE", 487, "");
	wire_receive(&p.a->wire, CALLER, in_call(true, "ACK", 1, routes));
	carry_all(&p);
	return p;
}

/* The 200 of the side at `peer` to the request that it got last. */
static void answer_in_call(struct world *w, const char *peer, const char *method)
{
	static const char *const copied[] = {
		"Via:", "From:", "To:", "Call-ID:", "CSeq:"
	};
	char text[8192] = "SIP/2.0 200 OK\n";
	const char *line = sent_to(w, peer, method)->text;

	for (; *line != '\r'; line = strchr(line, '\n') + 1) {
		for (size_t i = 0; i < sizeof(copied) / sizeof(copied[0]); i++) {
			if (strncmp(line, copied[i], strlen(copied[i])) != 0)
				continue;
			strncat(text, line, strcspn(line, "\r"));
			strcat(text, "\n");
		}
	}
	strcat(text, "Content-Length: 0\n\n");
	wire_receive(&w->wire, peer, text);
}

/* 12.2 with 16.12.1.1: a re-INVITE of either side goes through both, without a Route left
 * and without a new Record-Route, and so do its answer and its ACK. */
TEST(a_reinvite_of_either_side_passes_two_servers)
{
	char routes[2][512];
	struct pair p = call_through_two(routes);
	size_t from_caller = count_to(p.b, phone(1), "INVITE ");

	wire_receive(&p.a->wire, CALLER, in_call(true, "INVITE", 2, routes));
	carry_all(&p);
	CHECK_INT(count_to(p.b, phone(1), "INVITE "), ==, from_caller + 1);
	CHECK_STR(
		sip_str_of(world_header(sent_to(p.b, phone(1), "INVITE "), "Route")), "");
	CHECK_STR(sip_str_of(world_header(
			  sent_to(p.b, phone(1), "INVITE "), "Record-Route")),
		"");
	answer_in_call(p.b, phone(1), "INVITE ");
	carry_all(&p);
	CHECK_INT(count_to(p.a, CALLER, "SIP/2.0 200"), ==, 2);
	wire_receive(&p.a->wire, CALLER, in_call(true, "ACK", 2, routes));
	carry_all(&p);
	CHECK_INT(count_to(p.b, phone(1), "ACK "), ==, 2);

	wire_receive(&p.b->wire, phone(1), in_call(false, "INVITE", 7, routes));
	carry_all(&p);
	CHECK_INT(count_to(p.a, CALLER, "INVITE "), ==, 1);
	answer_in_call(p.a, CALLER, "INVITE ");
	carry_all(&p);
	CHECK_INT(count_to(p.b, phone(1), "SIP/2.0 200"), ==, 1);
	wire_receive(&p.b->wire, phone(1), in_call(false, "ACK", 7, routes));
	carry_all(&p);
	CHECK_INT(count_to(p.a, CALLER, "ACK "), ==, 1);
	end_pair(&p);
}

/* 15.1.1 */
TEST(the_bye_of_the_caller_passes_two_servers)
{
	char routes[2][512];
	struct pair p = call_through_two(routes);

	wire_receive(&p.a->wire, CALLER, in_call(true, "BYE", 2, routes));
	carry_all(&p);
	CHECK_INT(count_to(p.b, phone(1), "BYE "), ==, 1);
	CHECK_STR(sip_str_of(world_header(sent_to(p.b, phone(1), "BYE "), "Route")), "");
	answer_in_call(p.b, phone(1), "BYE ");
	carry_all(&p);
	CHECK_STR(sip_str_of(world_header(sent_to(p.a, CALLER, "SIP/2.0 200"), "CSeq")),
		"2 BYE");
	end_pair(&p);
}

/* 16.10 hop by hop, 17.1.1.3 hop by hop. */
TEST(a_cancel_passes_two_servers)
{
	struct pair p = two_servers();

	wire_receive(&p.a->wire, CALLER, invite(""));
	carry_all(&p);
	answer(p.b, 1, "INVITE", 180, "");
	answer(p.b, 2, "INVITE", 180, "");
	carry_all(&p);
	cancel(p.a);
	carry_all(&p);
	CHECK_INT(count_to(p.b, phone(1), "CANCEL "), ==, 1);
	CHECK_INT(count_to(p.b, phone(2), "CANCEL "), ==, 1);
	answer(p.b, 1, "INVITE", 487, "");
	answer(p.b, 2, "INVITE", 487, "");
	carry_all(&p);
	CHECK_INT(count_to(p.a, CALLER, "SIP/2.0 487"), ==, 1);
	CHECK_INT(count_to(p.a, B, "ACK "), ==, 1);
	acknowledge(p.a);
	end_pair(&p);
}

static void back_to_a(struct sip_config *config)
{
	static const char *const uris[] = { "sip:6001@" A };
	struct sip_aor_config *aor = (struct sip_aor_config *)(uintptr_t)config->aor;

	config->global.authentication = false;
	aor[0].contact = (struct sip_config_list){ uris, 1 };
}

/* RFC 5393 4: a loop over two servers is found by the one that sees it twice. */
TEST(servers_that_point_at_each_other_end_in_482)
{
	struct pair p = { 0 };

	p.a = world_create(
		&(struct world_options){ .configure = configure_a, .modules = modules });
	p.b = world_create(&(struct world_options){
		.configure = back_to_a, .modules = modules, .address = B });
	wire_receive(&p.a->wire, CALLER, invite(""));
	carry_all(&p);
	CHECK_INT(count_to(p.a, CALLER, "SIP/2.0 482"), ==, 1);
	CHECK_INT(wire_count(&p.a->wire, "INVITE ") + wire_count(&p.b->wire, "INVITE "),
		<=, 6);
	acknowledge(p.a);
	end_pair(&p);
}
