/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How long others wait while a callback blocks its servant: tasks of works that are held
 * on that servant's reactor, half of them queued behind the callback before it begins,
 * and datagrams of a socket that this reactor reads.
 *
 * Every 100 us a task is pushed and a datagram sent; each says when that was.
 */
#include "bench.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#define WORKS     200
#define PAUSE_S   0.0001
#define TARGET_US 10000.0
#define BATCH     64

/* Processors fetch lines in pairs. */
#define APART (2 * SIP_CACHE_LINE)

struct held {
	_Alignas(APART) struct ast_sip_work work;
};

struct waits {
	uint64_t count;
	uint64_t longest_ns;
};

struct stuck {
	struct bench bench;
	struct held *works;
	struct sip_watch watch;
	struct sockaddr_in address;
	int sender;
	double seconds;
	/* What has waited: by whoever runs the reactor, which is one at a time. */
	struct waits tasks;
	struct waits datagrams;
	_Atomic bool counts;
	_Atomic bool begun;
};

struct pushed {
	struct sip_task task;
	struct stuck *stuck;
	uint64_t at_ns;
};

static void count(struct stuck *stuck, struct waits *waits, uint64_t since_ns)
{
	uint64_t waited_ns = real_ns() - since_ns;

	if (!atomic_load(&stuck->counts))
		return;
	waits->count++;
	if (waited_ns > waits->longest_ns)
		waits->longest_ns = waited_ns;
}

static enum sip_task_result run(struct sip_task *task)
{
	struct pushed *pushed = SIP_CONTAINER(task, struct pushed, task);

	count(pushed->stuck, &pushed->stuck->tasks, pushed->at_ns);
	free(pushed);
	return SIP_TASK_DONE;
}

static bool receive(struct sip_watch *watch, struct sip_reactor *reactor)
{
	struct stuck *stuck = SIP_CONTAINER(watch, struct stuck, watch);
	uint64_t sent_ns;

	(void)reactor;
	for (unsigned i = 0; i < BATCH; i++) {
		if (recv(watch->fd, &sent_ns, sizeof(sent_ns), MSG_DONTWAIT) !=
			sizeof(sent_ns))
			return false;
		count(stuck, &stuck->datagrams, sent_ns);
	}
	return true;
}

static void push(struct stuck *stuck, uint64_t number)
{
	struct pushed *pushed = malloc(sizeof(*pushed));

	if (pushed == NULL)
		die("no memory");
	*pushed = (struct pushed){ .stuck = stuck, .at_ns = real_ns() };
	pushed->task = (struct sip_task){ .run = run,
		.pushed_us = sip_clock_now_us(&stuck->bench.clock) };
	sip_work_push(&stuck->works[number % WORKS].work, &pushed->task);
}

static void send_one(const struct stuck *stuck)
{
	uint64_t now_ns = real_ns();

	if (sendto(stuck->sender, &now_ns, sizeof(now_ns), 0,
		    (const struct sockaddr *)&stuck->address,
		    sizeof(stuck->address)) != sizeof(now_ns))
		die("can't send");
}

static void push_spread(struct stuck *stuck, double seconds)
{
	uint64_t until_ns = real_ns() + (uint64_t)(seconds * 1e9);

	for (uint64_t number = 0; real_ns() < until_ns; number++) {
		push(stuck, number);
		send_one(stuck);
		sleep_s(PAUSE_S);
	}
}

static int get_stuck(void *arg)
{
	struct stuck *stuck = arg;

	atomic_store(&stuck->begun, true);
	sleep_s(stuck->seconds);
	return 0;
}

/* In one callback, so that all of it is queued behind the one that blocks. */
static int begin(void *arg)
{
	struct stuck *stuck = arg;
	struct ast_sip_work *work = ast_sip_create_work();

	if (work == NULL)
		die("no memory");
	sip_work_hold(work, 0);
	if (ast_sip_push_task(work, get_stuck, stuck) != 0)
		die("refused");
	for (uint64_t i = 0; i < WORKS; i++)
		push(stuck, i);
	ast_sip_destroy_work(work);
	return 0;
}

static void open_sockets(struct stuck *stuck)
{
	socklen_t len = sizeof(stuck->address);

	stuck->watch = (struct sip_watch){ .fd = socket(AF_INET, SOCK_DGRAM, 0),
		.ready = receive };
	stuck->sender = socket(AF_INET, SOCK_DGRAM, 0);
	stuck->address = (struct sockaddr_in){ .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	if (stuck->watch.fd < 0 || stuck->sender < 0 ||
		bind(stuck->watch.fd, (struct sockaddr *)&stuck->address, len) != 0 ||
		getsockname(stuck->watch.fd, (struct sockaddr *)&stuck->address, &len) !=
			0 ||
		sip_reactor_watch(
			sip_pool_reactor(stuck->bench.pool, 0), &stuck->watch) != 0)
		die("no socket");
}

static void make_works(struct stuck *stuck)
{
	stuck->works = aligned_alloc(APART, WORKS * sizeof(*stuck->works));
	if (stuck->works == NULL)
		die("no memory");
	for (unsigned i = 0; i < WORKS; i++) {
		struct ast_sip_work *work = &stuck->works[i].work;

		sip_work_init(work, stuck->bench.pool, 0, false, NULL);
		sip_work_hold(work, 0);
	}
}

static void print(const struct stuck *stuck, const char *what, const struct waits *waits)
{
	double longest_us = (double)waits->longest_ns / 1000;

	printf("%u servants, one stuck for %.1f s: longest wait of %" PRIu64
	       " %s of its reactor %.0f us, target %.0f, ratio %.2f\n",
		sip_pool_reactor_count(stuck->bench.pool), stuck->seconds, waits->count,
		what, longest_us, TARGET_US, longest_us / TARGET_US);
}

void measure_stuck(unsigned servants, double seconds)
{
	struct stuck stuck = { .seconds = seconds };
	struct sip_pool_figures figures;
	struct ast_sip_work *beginner;

	open_pool(&stuck.bench, servants);
	make_works(&stuck);
	open_sockets(&stuck);
	beginner = ast_sip_create_work();
	if (beginner == NULL || sip_pool_start(stuck.bench.pool) != 0)
		die("no threads");
	sip_work_hold(beginner, 0);
	push_spread(&stuck, 0.2); /* warm */
	atomic_store(&stuck.counts, true);
	if (ast_sip_push_task(beginner, begin, &stuck) != 0)
		die("refused");
	push_spread(&stuck, seconds - 0.1);
	atomic_store(&stuck.counts, false);
	sip_pool_figures(stuck.bench.pool, &figures);
	print(&stuck, "tasks", &stuck.tasks);
	print(&stuck, "datagrams", &stuck.datagrams);
	printf("%u servants: take-overs %" PRIu64 "%s\n", servants, figures.takeovers,
		stuck.begun ? "" : ", and nothing was stuck");
	fflush(stdout);
	ast_sip_destroy_work(beginner);
	sip_pool_stop(stuck.bench.pool);
	sip_pool_destroy(&stuck.bench.pool);
	close(stuck.watch.fd);
	close(stuck.sender);
	free(stuck.works);
}
