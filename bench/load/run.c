/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The loop: receive, start what may start, send, look at the timers, wait.
 *
 * Closed loop: as many operations in progress as were asked for, always.  Open
 * loop: operations start by the clock, whatever became of the earlier ones, and
 * their latency counts from the time they should have started at.
 */
#include "load.h"

#include <stdio.h>
#include <time.h>

#define SECOND_NS UINT64_C(1000000000)
#define LOOK_NS   UINT64_C(20000000)        /* between two looks at the timers */
#define DRAIN_NS  (PATIENCE_NS + SECOND_NS) /* for what is in progress at the end */

struct schedule {
	const struct limit *limit;
	uint64_t begin_ns; /* of what is measured */
	uint64_t end_ns;
	uint64_t next_ns; /* open loop: the next start */
	uint64_t interval_ns;
	uint64_t started;
	bool ending;
};

static double own_cpu_seconds(void)
{
	struct timespec used;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
	return (double)used.tv_sec + (double)used.tv_nsec / 1e9;
}

static void on_response(struct load *load, const struct message *message)
{
	struct op *op = op_of_branch(load, message->via[0]);

	if (op != NULL) {
		load->scenario->response(load, op, message);
		return;
	}
	op = op_of_call_id(load, message->call_id);
	if (op != NULL && load->scenario->again != NULL)
		load->scenario->again(load, op, message);
	else
		load->figures.strays++;
}

static void on_datagram(void *arg, unsigned socket, const char *text, size_t len)
{
	struct load *load = arg;
	struct message message;

	if (!message_read(&message, text, len)) {
		/* Nothing says whose it is. */
		load->figures.strays++;
		return;
	}
	if (message.is_response) {
		on_response(load, &message);
		return;
	}
	struct op *op = op_of_call_id(load, message.call_id);
	if (op == NULL || load->scenario->request == NULL ||
		(socket % 2 != CALLEE && !load->net.trunk))
		load->figures.strays++;
	else
		load->scenario->request(load, op, &message);
}

static bool may_start(const struct load *load, const struct schedule *schedule)
{
	if (schedule->ending || load->idle_count == 0)
		return false;
	if (schedule->limit->count != 0)
		return schedule->started < schedule->limit->count;
	return schedule->interval_ns == 0 || schedule->next_ns <= load->now_ns;
}

/* Open loop, and no room for what should start now: it never does. */
static void skip_some(struct load *load, struct schedule *schedule)
{
	while (load->idle_count == 0 && !schedule->ending && schedule->interval_ns != 0 &&
		schedule->next_ns <= load->now_ns) {
		schedule->next_ns += schedule->interval_ns;
		load->figures.skipped++;
	}
}

static void start_some(struct load *load, struct schedule *schedule)
{
	/* One pass over those that are idle now: one that fails at once waits for the
	 * next. */
	for (unsigned left = load->idle_count; left != 0 && may_start(load, schedule);
		left--) {
		struct op *op = load->idle[--load->idle_count];
		uint64_t scheduled_ns = load->now_ns;
		if (schedule->interval_ns != 0) {
			scheduled_ns = schedule->next_ns;
			schedule->next_ns += schedule->interval_ns;
		}
		schedule->started++;
		op_start(load, op, scheduled_ns);
	}
}

static bool is_over(const struct load *load, const struct schedule *schedule)
{
	if (schedule->limit->count != 0)
		return schedule->started == schedule->limit->count &&
			load->idle_count == load->op_count;
	return load->now_ns >= schedule->end_ns;
}

static void wait_for_more(
	struct load *load, const struct schedule *schedule, uint64_t look_ns)
{
	uint64_t until_ns = look_ns;

	if (!schedule->ending && schedule->interval_ns != 0 && load->idle_count != 0 &&
		schedule->next_ns < until_ns)
		until_ns = schedule->next_ns;
	if (until_ns > load->now_ns)
		net_wait(&load->net, until_ns - load->now_ns);
}

static void turn(struct load *load, struct schedule *schedule, uint64_t *look_ns)
{
	unsigned received;

	load->now_ns = clock_ns();
	received = net_receive(&load->net, on_datagram, load);
	start_some(load, schedule);
	if (load->options.overload)
		skip_some(load, schedule);
	if (load->now_ns >= *look_ns) {
		ops_look(load);
		*look_ns = load->now_ns + LOOK_NS;
	}
	net_flush(&load->net);
	if (received == 0)
		wait_for_more(load, schedule, *look_ns);
}

static void drain(struct load *load, struct schedule *schedule, uint64_t *look_ns)
{
	uint64_t until_ns = load->now_ns + DRAIN_NS;

	schedule->ending = true;
	while (load->idle_count != load->op_count && load->now_ns < until_ns)
		turn(load, schedule, look_ns);
}

/* What counts begins now. */
static void begin(struct load *load, struct measured *measured)
{
	load->figures = (struct figures){ .done = 0 };
	measured->server_cpu_seconds = server_cpu_seconds(&load->options);
	measured->server_grown_bytes = server_resident_bytes(&load->options);
	measured->own_cpu_seconds = own_cpu_seconds();
	measured->kernel_drops = kernel_drops();
	measured->sent = load->net.sent;
	measured->received = load->net.received;
}

static void end(struct load *load, uint64_t begin_ns, struct measured *measured)
{
	measured->seconds = (double)(load->now_ns - begin_ns) / 1e9;
	measured->server_cpu_seconds = server_cpu_seconds(&load->options) -
		measured->server_cpu_seconds;
	measured->server_grown_bytes = server_resident_bytes(&load->options) -
		measured->server_grown_bytes;
	measured->own_cpu_seconds = own_cpu_seconds() - measured->own_cpu_seconds;
	measured->kernel_drops = kernel_drops() - measured->kernel_drops;
	measured->sent = load->net.sent - measured->sent;
	measured->received = load->net.received - measured->received;
}

void run(struct load *load, const struct scenario *scenario, const struct limit *limit,
	struct measured *measured)
{
	struct schedule schedule = { .limit = limit };
	uint64_t look_ns;
	bool begun = false;

	load->scenario = scenario;
	load->now_ns = clock_ns();
	look_ns = load->now_ns + LOOK_NS;
	schedule.begin_ns = load->now_ns + (uint64_t)(limit->warmup_seconds * 1e9);
	schedule.end_ns = schedule.begin_ns + (uint64_t)(limit->seconds * 1e9);
	schedule.next_ns = load->now_ns;
	if (limit->count == 0 && load->options.rate > 0)
		schedule.interval_ns = (uint64_t)(1e9 / load->options.rate);
	while (!is_over(load, &schedule)) {
		if (!begun && load->now_ns >= schedule.begin_ns) {
			begun = true;
			schedule.begin_ns = load->now_ns;
			begin(load, measured);
		}
		turn(load, &schedule, &look_ns);
	}
	end(load, schedule.begin_ns, measured);
	struct figures figures = load->figures;
	drain(load, &schedule, &look_ns);
	/* What fails while it drains has failed; what succeeds is not of the time
	 * measured. */
	figures.failed = load->figures.failed + (load->op_count - load->idle_count);
	load->figures = figures;
}
