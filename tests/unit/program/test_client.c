/* SPDX-License-Identifier: BSD-2-Clause */
/* A client of the control socket: requests, answers, and one who does not read. */
#include "client.h"
#include "jobs.h"
#include "support/check.h"
#include "syntaxes.h"

#include <sys/socket.h>
#include <unistd.h>

struct pair {
	struct client client;
	int far; /* the other end */
};

static void pair_create(struct pair *pair)
{
	int fds[2];

	CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds),
		==, 0);
	client_init(&pair->client, fds[0], 1, 1000);
	pair->far = fds[1];
}

static void pair_end(struct pair *pair)
{
	client_fini(&pair->client);
	close(pair->far);
}

/* A client that watches everything. */
static void watch_all(struct pair *pair)
{
	const struct arguments all = { .syntax = &syntax_trace };
	char error[SYNTAX_ERROR_LEN];
	struct watch *watch = watch_create(&all, error);

	CHECK(watch != NULL);
	client_watch(&pair->client, watch);
}

static void say(const struct pair *pair, const char *text)
{
	CHECK_INT(send(pair->far, text, strlen(text), 0), ==, strlen(text));
}

static void check_heard(const struct pair *pair, const char *wanted)
{
	char text[512];
	ssize_t len = recv(pair->far, text, sizeof(text), 0);

	CHECK(len >= 0);
	CHECK_STR(((struct sip_str){ text, (size_t)len }), wanted);
}

TEST(a_request_is_a_line_that_may_come_in_parts)
{
	struct pair pair;

	pair_create(&pair);
	say(&pair, "show ");
	CHECK(!client_read(&pair.client, 2000));
	say(&pair, "pool\nrest");
	CHECK(client_read(&pair.client, 3000));

	CHECK_STR(((struct sip_str){ pair.client.request, pair.client.request_len }),
		"show pool");
	CHECK_INT(client_deadline_ms(&pair.client), ==, 13000);
	pair_end(&pair);
}

TEST(an_answer_is_sent_and_the_client_done)
{
	struct text answer = { 0 };
	struct pair pair;

	pair_create(&pair);
	text_add(&answer, SIP_STR("table\n"));
	CHECK(!answer.failed);
	client_wait(&pair.client);
	CHECK(client_deadline_ms(&pair.client) == UINT64_MAX);
	client_answer(&pair.client, &answer, true, 99000);
	CHECK_INT(client_deadline_ms(&pair.client), ==, 109000);
	CHECK(client_wants_write(&pair.client));
	client_write(&pair.client, 99000);

	CHECK_INT(pair.client.state, ==, CLIENT_GONE);
	check_heard(&pair, "ok\ntable\n");
	pair_end(&pair);
}

TEST(a_reason_is_told_and_may_have_lines)
{
	struct text answer = { 0 };
	struct pair pair;

	pair_create(&pair);
	text_add(&answer, SIP_STR("no\nline 2"));
	CHECK(!answer.failed);
	client_answer(&pair.client, &answer, false, 2000);
	client_write(&pair.client, 2000);

	check_heard(&pair, "error: no\nline 2\n");
	pair_end(&pair);
}

/* Or it would keep its place among the clients for as long as it talks. */
TEST(who_talks_and_does_not_read_has_no_more_time_for_that)
{
	struct text answer = { 0 };
	struct pair pair;

	pair_create(&pair);
	client_wait(&pair.client);
	client_answer(&pair.client, &answer, true, 2000);
	say(&pair, "more");
	CHECK(!client_read(&pair.client, 9000));

	CHECK_INT(pair.client.state, ==, CLIENT_ANSWERING);
	CHECK_INT(client_deadline_ms(&pair.client), ==, 12000);
	pair_end(&pair);
}

TEST(a_reason_that_ends_its_line_gets_no_empty_one)
{
	struct text answer = { 0 };
	struct pair pair;

	pair_create(&pair);
	text_add(&answer, SIP_STR("no\nline 2\n"));
	client_answer(&pair.client, &answer, false, 2000);
	client_write(&pair.client, 2000);

	check_heard(&pair, "error: no\nline 2\n");
	pair_end(&pair);
}

TEST(an_answer_for_which_there_was_no_memory_is_a_reason)
{
	struct text answer = { .failed = true };
	struct pair pair;

	pair_create(&pair);
	client_answer(&pair.client, &answer, true, 2000);
	CHECK(!pair.client.out.failed);
	client_write(&pair.client, 2000);

	check_heard(&pair, "error: out of memory\n");
	pair_end(&pair);
}

TEST(a_client_that_leaves_while_it_waits_is_gone)
{
	struct pair pair;

	pair_create(&pair);
	client_wait(&pair.client);
	shutdown(pair.far, SHUT_RDWR);
	CHECK(!client_read(&pair.client, 2000));
	client_hang_up(&pair.client);

	CHECK_INT(pair.client.state, ==, CLIENT_GONE);
	pair_end(&pair);
}

TEST(a_client_that_says_no_more_gets_its_answer)
{
	struct text answer = { 0 };
	struct pair pair;

	pair_create(&pair);
	say(&pair, "show pool\n");
	shutdown(pair.far, SHUT_WR);
	CHECK(client_read(&pair.client, 2000));
	client_wait(&pair.client);
	CHECK(!client_read(&pair.client, 2000));
	CHECK(!client_wants_read(&pair.client));
	text_add(&answer, SIP_STR("table\n"));
	CHECK(!answer.failed);
	client_answer(&pair.client, &answer, true, 3000);
	client_write(&pair.client, 3000);

	check_heard(&pair, "ok\ntable\n");
	pair_end(&pair);
}

TEST(the_end_of_what_a_client_says_ends_its_line)
{
	struct pair pair;

	pair_create(&pair);
	say(&pair, "show pool");
	shutdown(pair.far, SHUT_WR);
	CHECK(!client_read(&pair.client, 2000));
	CHECK(client_read(&pair.client, 2000));

	CHECK_STR(((struct sip_str){ pair.client.request, pair.client.request_len }),
		"show pool");
	pair_end(&pair);
}

TEST(a_request_without_end_is_refused)
{
	char line[sizeof(((struct client *)NULL)->request) + 1];
	struct pair pair;

	memset(line, 'x', sizeof(line) - 1);
	line[sizeof(line) - 1] = '\0';
	pair_create(&pair);
	say(&pair, line);
	CHECK(!client_read(&pair.client, 2000));
	CHECK_INT(pair.client.state, ==, CLIENT_ANSWERING);
	client_write(&pair.client, 2000);

	check_heard(&pair, "error: the request is too long\n");
	pair_end(&pair);
}

TEST(a_client_that_leaves_is_gone)
{
	struct pair pair;

	pair_create(&pair);
	shutdown(pair.far, SHUT_RDWR);
	CHECK(!client_read(&pair.client, 2000));

	CHECK_INT(pair.client.state, ==, CLIENT_GONE);
	pair_end(&pair);
}

TEST(a_watcher_may_wait_for_ever_while_it_has_read_all)
{
	struct pair pair;

	pair_create(&pair);
	watch_all(&pair);
	CHECK_INT(client_deadline_ms(&pair.client), ==, 11000);
	client_write(&pair.client, 2000);

	CHECK(client_deadline_ms(&pair.client) == UINT64_MAX);
	pair_end(&pair);
}

TEST(a_watcher_that_does_not_read_misses_messages_and_has_a_deadline)
{
	static char message[65536];
	struct trace_record record = { .local.sa.sa_family = AF_INET };
	struct pair pair;
	size_t most;

	record.peer = record.local;
	memset(message, 'x', sizeof(message));
	pair_create(&pair);
	watch_all(&pair);
	for (int i = 0; i < 200; i++)
		client_show(&pair.client, &record,
			(struct sip_str){ message, sizeof(message) });
	most = pair.client.out.len;

	CHECK_INT(pair.client.state, ==, CLIENT_WATCHING);
	CHECK_INT(most, <, 5 * 1024 * 1024);
	CHECK_INT(client_deadline_ms(&pair.client), ==, 11000);
	pair_end(&pair);
}

TEST(a_watcher_that_reads_again_is_told_what_it_missed)
{
	struct trace_record record = { .local.sa.sa_family = AF_INET, .missed = 1 };
	struct pair pair;

	record.peer = record.local;
	pair_create(&pair);
	watch_all(&pair);
	watch_miss(pair.client.watch, 2);
	client_show(&pair.client, &record, SIP_STR("x"));

	CHECK(!pair.client.out.failed);
	CHECK(sip_str_starts((struct sip_str){ pair.client.out.ptr, pair.client.out.len },
		SIP_STR("ok\n3 messages were not shown\n")));
	pair_end(&pair);
}

/* The line, then as many bytes as it says, in whatever parts. */
TEST(what_belongs_to_a_line_is_taken_behind_it)
{
	char error[SYNTAX_ERROR_LEN];
	struct pair pair;
	struct job *job;

	pair_create(&pair);
	say(&pair, "explain 7\nab");
	CHECK(client_read(&pair.client, 2000));
	job = job_create(
		(struct sip_str){ pair.client.request, pair.client.request_len }, error);
	CHECK(job != NULL);
	CHECK(!client_take(&pair.client, job, 7));
	say(&pair, "\ncd");
	CHECK(!client_read(&pair.client, 3000));
	CHECK_INT(client_deadline_ms(&pair.client), ==, 13000);
	say(&pair, "efgh");
	CHECK(client_read(&pair.client, 4000));

	CHECK_STR(((struct sip_str){ job->body.ptr, job->body.len }), "ab\ncdef");
	pair_end(&pair); /* the job goes with it */
}

TEST(what_belongs_to_a_line_may_be_there_already_or_be_nothing)
{
	char error[SYNTAX_ERROR_LEN];

	for (size_t wanted = 0; wanted < 3; wanted += 2) {
		struct pair pair;
		struct job *job;

		pair_create(&pair);
		say(&pair, "explain 2\nabc");
		CHECK(client_read(&pair.client, 2000));
		job = job_create(
			(struct sip_str){ pair.client.request, pair.client.request_len },
			error);
		CHECK(job != NULL);
		CHECK(client_take(&pair.client, job, wanted));
		CHECK_INT(job->body.len, ==, wanted);
		pair_end(&pair);
	}
}

TEST(what_belongs_to_a_line_and_ends_too_early_is_refused)
{
	struct pair pair;
	char error[SYNTAX_ERROR_LEN];

	pair_create(&pair);
	say(&pair, "explain 8 --from 127.0.0.1:5060\nhalf");
	shutdown(pair.far, SHUT_WR);
	CHECK(client_read(&pair.client, 2000));
	struct job *job = job_create(
		(struct sip_str){ pair.client.request, pair.client.request_len }, error);
	CHECK(job != NULL);
	CHECK(!client_take(&pair.client, job, 8));
	CHECK(!client_read(&pair.client, 2000));
	client_write(&pair.client, 2000);

	check_heard(&pair, "error: the message ends too early\n");
	pair_end(&pair);
}

/* Nothing stands behind a line that the end of all ends. */
TEST(a_line_without_its_end_has_nothing_behind_it)
{
	char error[SYNTAX_ERROR_LEN];
	struct pair pair;
	struct job *job;

	pair_create(&pair);
	say(&pair, "explain 60000 --from 127.0.0.1:5060");
	CHECK(!client_read(&pair.client, 2000));
	shutdown(pair.far, SHUT_WR);
	CHECK(client_read(&pair.client, 2000));
	job = job_create(
		(struct sip_str){ pair.client.request, pair.client.request_len }, error);
	CHECK(job != NULL);

	CHECK(!client_take(&pair.client, job, 60000));
	CHECK_INT(job->body.len, ==, 0);
	client_write(&pair.client, 2000);
	check_heard(&pair, "error: the message ends too early\n");
	pair_end(&pair);
}
