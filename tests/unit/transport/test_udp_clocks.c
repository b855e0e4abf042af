/* SPDX-License-Identifier: BSD-2-Clause */
/* When a datagram came, where the processor is taken away while the clocks are read. */
#include "wire.h"

#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

#define AWAY_S 5

int __real_clock_gettime(clockid_t id, struct timespec *now);
int __wrap_clock_gettime(clockid_t id, struct timespec *now);

static struct {
	_Atomic clockid_t behind; /* after this clock is read by a reactor, once */
	atomic_bool armed;
	atomic_int away_s; /* how much later than the system's all clocks are */
} script;

int __wrap_clock_gettime(clockid_t id, struct timespec *now)
{
	int result = __real_clock_gettime(id, now);

	now->tv_sec += atomic_load(&script.away_s);
	if (id == atomic_load(&script.behind) && sip_reactor_current() != NULL &&
		atomic_exchange(&script.armed, false))
		atomic_store(&script.away_s, AWAY_S);
	return result;
}

static void check_arrival(clockid_t behind)
{
	struct wire *wire = wire_create(&(struct wire_plan){ 0 });
	const struct sip_listener *listener = wire_listen(wire, "127.0.0.1");
	int peer = peer_open("127.0.0.1");
	const struct wire_note *note;
	uint64_t sent_us;

	atomic_store(&script.away_s, 0);
	atomic_store(&script.behind, behind);
	sent_us = sip_pool_now_us(wire->pool);
	peer_send(peer, &listener->bound, "hello", 5);
	atomic_store(&script.armed, true);
	wire_start(wire);
	note = wire_wait(wire, &wire->received, 1);

	CHECK(!atomic_load(&script.armed));
	CHECK_INT(note->arrival_us, >=, sent_us - 1000);
	CHECK_INT(note->arrival_us, <, sent_us + AWAY_S * 1000000 / 2);
	close(peer);
	wire_end(wire);
	atomic_store(&script.away_s, 0);
}

TEST(time_lost_behind_the_wall_clock_is_not_time_of_the_datagram)
{
	check_arrival(CLOCK_REALTIME);
}

TEST(time_lost_behind_the_monotonic_clock_is_not_time_of_the_datagram)
{
	check_arrival(CLOCK_MONOTONIC);
}
