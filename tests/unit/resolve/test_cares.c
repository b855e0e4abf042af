/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * c-ares on a stepped pool: the server is a socket of the test's own, which is read and
 * answered between steps.  Timeouts are the scenarios'
 * (tests/scenario/cases/resolving.py).
 */
#include "support/check.h"

#include "base/counter.h"
#include "res_sip/error.h"
#include "resolve/cares.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define HEADER_LEN 12

/* Loopback is not at once: looks at the socket, of which each is a system call. */
#define LOOKS 100000

struct asked {
	struct sip_dns_query query;
	unsigned answers;
};

struct cares_fixture {
	struct sip_clock clock;
	struct sip_random random;
	struct sip_counters *counters;
	struct sip_pool *pool;
	struct sip_cares *cares;
	struct ast_sip_work *work; /* instead of the resolver's */
	int server;
	struct asked asked[3];
};

static enum sip_task_result on_answered(struct sip_task *task)
{
	struct asked *asked = SIP_CONTAINER(task, struct asked, query.task);

	asked->answers++;
	return SIP_TASK_DONE;
}

static void open_server(struct cares_fixture *f, char *address, size_t len)
{
	struct sip_addr addr;
	socklen_t addr_len = sizeof(addr);
	char text[SIP_ADDR_TEXT_LEN];

	CHECK_INT(sip_addr_parse(SIP_STR("127.0.0.1:0"), 0, &addr), ==, 0);
	f->server = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	CHECK_INT(f->server, >=, 0);
	CHECK_INT(bind(f->server, &addr.sa, sip_addr_len(&addr)), ==, 0);
	CHECK_INT(getsockname(f->server, &addr.sa, &addr_len), ==, 0);
	snprintf(address, len, "%s", sip_addr_text(&addr, text));
}

static void setup(struct cares_fixture *f)
{
	struct sip_pool_config pool;
	struct sip_cares_config config;
	char address[SIP_ADDR_TEXT_LEN];

	memset(f, 0, sizeof(*f));
	sip_clock_init_virtual(&f->clock);
	sip_random_init_seed(&f->random, 5);
	f->counters = sip_counters_create();
	CHECK(f->counters != NULL);
	sip_pool_config_init(&pool);
	pool.servants = 2;
	pool.clock = &f->clock;
	pool.random = &f->random;
	pool.counters = f->counters;
	pool.stepped = true;
	CHECK_INT(sip_pool_create(&pool, &f->pool), ==, 0);
	open_server(f, address, sizeof(address));
	sip_cares_config_init(&config);
	config.pool = f->pool;
	config.servers = address;
	CHECK_INT(sip_cares_create(&config, &f->cares), ==, 0);
	CHECK_INT(sip_pool_start(f->pool), ==, 0);
	f->work = ast_sip_create_work();
	CHECK(f->work != NULL);
}

static int stop_source(void *arg)
{
	struct cares_fixture *f = arg;

	sip_core_enter();
	sip_cares_source(f->cares)->stop(sip_cares_source(f->cares));
	sip_core_leave();
	return 0;
}

static void teardown(struct cares_fixture *f)
{
	CHECK_INT(ast_sip_push_task(f->work, stop_source, f), ==, 0);
	sip_pool_step(f->pool);
	ast_sip_destroy_work(f->work);
	sip_pool_stop(f->pool);
	sip_cares_destroy(&f->cares);
	sip_pool_destroy(&f->pool);
	sip_counters_destroy(&f->counters);
	close(f->server);
	for (size_t i = 0; i < sizeof(f->asked) / sizeof(f->asked[0]); i++)
		sip_dns_answer_unref(&f->asked[i].query.answer);
}

struct errand {
	struct cares_fixture *f;
	struct asked *asked;
};

static int ask_source(void *arg)
{
	struct errand *errand = arg;
	struct sip_dns_source *source = sip_cares_source(errand->f->cares);

	sip_core_enter();
	source->query(source, &errand->asked->query);
	sip_core_leave();
	return 0;
}

static void ask(struct cares_fixture *f, size_t number, const char *name)
{
	struct errand errand = { f, &f->asked[number] };
	struct sip_dns_query *query = &errand.asked->query;

	query->type = SIP_DNS_A;
	snprintf(query->name, sizeof(query->name), "%s", name);
	query->source = sip_cares_source(f->cares);
	query->answered = on_answered;
	query->pool = f->pool;
	query->work = f->work;
	CHECK_INT(ast_sip_push_task(f->work, ask_source, &errand), ==, 0);
	sip_pool_step(f->pool);
}

struct datagram {
	uint8_t bytes[2048];
	size_t len;
	struct sockaddr_in from;
};

/* The next query that came to the server. */
static void receive(struct cares_fixture *f, struct datagram *datagram)
{
	socklen_t from_len = sizeof(datagram->from);
	ssize_t got = -1;

	for (int i = 0; i < LOOKS && got < 0; i++)
		got = recvfrom(f->server, datagram->bytes, sizeof(datagram->bytes), 0,
			(struct sockaddr *)&datagram->from, &from_len);
	CHECK_INT(got, >, HEADER_LEN);
	datagram->len = (size_t)got;
}

/* Until the query has its answer. */
static void reply(struct cares_fixture *f, struct datagram *datagram, struct asked *asked)
{
	CHECK_INT(sendto(f->server, datagram->bytes, datagram->len, 0,
			  (struct sockaddr *)&datagram->from, sizeof(datagram->from)),
		==, datagram->len);
	for (int i = 0; i < LOOKS && asked->answers == 0; i++)
		sip_pool_step(f->pool);
	CHECK_INT(asked->answers, ==, 1);
}

/* The query as its own answer: its question, and an address (192.0.2.1) for that. */
static void make_answer(struct datagram *datagram)
{
	static const uint8_t record[] = { 0xc0, HEADER_LEN, 0, 1, 0, 1, 0, 0, 1, 44, 0, 4,
		192, 0, 2, 1 };
	size_t question = HEADER_LEN;

	while (datagram->bytes[question] != 0)
		question += datagram->bytes[question] + 1u;
	question += 5;
	datagram->bytes[2] |= 0x80;
	datagram->bytes[7] = 1;
	datagram->bytes[11] = 0; /* without the query's EDNS */
	memcpy(datagram->bytes + question, record, sizeof(record));
	datagram->len = question + sizeof(record);
}

TEST(an_answer_of_the_server_is_the_querys)
{
	struct cares_fixture f;
	struct datagram datagram;
	setup(&f);

	ask(&f, 0, "a.example.test");
	receive(&f, &datagram);
	CHECK_INT(f.asked[0].answers, ==, 0);
	make_answer(&datagram);
	reply(&f, &datagram, &f.asked[0]);
	CHECK_INT(f.asked[0].query.result, ==, 0);
	CHECK_INT(f.asked[0].query.answer->count, ==, 1);
	CHECK_INT(f.asked[0].query.answer->ttl_s, ==, 300);
	teardown(&f);
}

/* An answer to a question that was not asked is not taken: another name, another number.
 */
TEST(answers_of_others_are_not_taken)
{
	struct cares_fixture f;
	struct datagram datagram;
	struct datagram forged;
	setup(&f);

	ask(&f, 0, "a.example.test");
	receive(&f, &datagram);
	make_answer(&datagram);
	forged = datagram;
	forged.bytes[1] ^= 1;
	CHECK_INT(sendto(f.server, forged.bytes, forged.len, 0,
			  (struct sockaddr *)&forged.from, sizeof(forged.from)),
		==, forged.len);
	datagram.bytes[datagram.len - 1] = 77;
	reply(&f, &datagram, &f.asked[0]);
	CHECK_INT(f.asked[0].query.result, ==, 0);
	CHECK_INT(f.asked[0].query.answer->record[0].addr.v4.sin_addr.s_addr, ==,
		htonl(0xc000024d));
	teardown(&f);
}

/* RFC 1035 4.1.1: rcode 3, there is no such name. */
TEST(a_name_that_does_not_exist_is_an_answer)
{
	struct cares_fixture f;
	struct datagram datagram;
	setup(&f);

	ask(&f, 0, "a.example.test");
	receive(&f, &datagram);
	datagram.bytes[2] |= 0x80;
	datagram.bytes[3] = 3;
	reply(&f, &datagram, &f.asked[0]);
	CHECK_INT(f.asked[0].query.result, ==, 0);
	CHECK_INT(f.asked[0].query.answer->count, ==, 0);
	teardown(&f);
}

/* RFC 1035 4.1.1: rcode 2, the server failed. */
TEST(a_server_that_fails_is_no_answer)
{
	struct cares_fixture f;
	struct datagram datagram;
	setup(&f);

	ask(&f, 0, "a.example.test");
	/* It is asked once more. */
	for (int try = 0; try < 2 && f.asked[0].answers == 0; try++) {
		receive(&f, &datagram);
		datagram.bytes[2] |= 0x80;
		datagram.bytes[3] = 2;
		CHECK_INT(
			sendto(f.server, datagram.bytes, datagram.len, 0,
				(struct sockaddr *)&datagram.from, sizeof(datagram.from)),
			==, datagram.len);
		sip_pool_step(f.pool);
	}
	for (int i = 0; i < LOOKS && f.asked[0].answers == 0; i++)
		sip_pool_step(f.pool);
	CHECK_INT(f.asked[0].answers, ==, 1);
	CHECK_INT(f.asked[0].query.result, ==, SIP_EREFUSED);
	teardown(&f);
}

TEST(what_is_asked_when_it_stops_is_answered)
{
	struct cares_fixture f;
	setup(&f);

	ask(&f, 0, "a.example.test");
	ask(&f, 1, "b.example.test");
	CHECK_INT(ast_sip_push_task(f.work, stop_source, &f), ==, 0);
	sip_pool_step(f.pool);
	ask(&f, 2, "c.example.test");
	for (int i = 0; i < 3; i++) {
		CHECK_INT(f.asked[i].answers, ==, 1);
		CHECK_INT(f.asked[i].query.result, ==, SIP_ESTATE);
	}
	ast_sip_destroy_work(f.work);
	sip_pool_stop(f.pool);
	sip_cares_destroy(&f.cares);
	sip_pool_destroy(&f.pool);
	sip_counters_destroy(&f.counters);
	close(f.server);
}

TEST(servers_that_can_not_be_read_are_refused)
{
	struct cares_fixture f;
	struct sip_cares_config config;
	struct sip_cares *cares = NULL;
	setup(&f);

	sip_cares_config_init(&config);
	config.pool = f.pool;
	config.servers = "example.test";
	CHECK_INT(sip_cares_create(&config, &cares), ==, SIP_EINVALID);
	CHECK(cares == NULL);
	teardown(&f);
}
