/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A transport on a pool, what its user was told, and peers with sockets of their own.
 *
 * Checks are made by the test's thread only; the reactors' threads write down
 * what they see, and the test waits until there is enough.
 */
#pragma once

#include "support/check.h"

#include "transport/transport.h"

#include <pthread.h>

#define WIRE_NOTES 512

/* One thing that the user was told. */
struct wire_note {
	struct sip_flow flow;
	char *text; /* a copy */
	size_t len;
	int error;
	unsigned reactor;
	uint16_t refused;
	uint64_t arrival_us;
	bool sent; /* of a trace */
};

struct wire_list {
	struct wire_note notes[WIRE_NOTES];
	unsigned count;
};

struct wire {
	struct sip_clock clock;
	struct sip_random random;
	struct sip_counters *counters;
	struct sip_slab *rx_slab;
	struct sip_slab *tx_slab;
	struct sip_pool *pool;
	struct sip_transport *transport;
	bool stepped;
	bool echo;             /* send everything back */
	bool keep;             /* hold on to what is received */
	pthread_mutex_t mutex; /* guards what follows */
	pthread_cond_t changed;
	struct wire_list received;
	struct wire_list failed;
	struct wire_list traced;
	struct wire_list ended; /* a note for each mark, which is its text, in digits */
	unsigned ended_most;    /* marks that were told at once */
	struct sip_rx_data *kept[WIRE_NOTES];
	unsigned kept_count;
};

/* How a wire is to be; zero is the default. */
struct wire_plan {
	unsigned reactors; /* default 1 */
	unsigned batch;
	unsigned receive_buffer;
	uint64_t rx_max; /* messages; 0: no maximum */
	uint64_t max_large_bytes;
	bool stepped;
	const struct sip_stream_config *streams; /* NULL: wire_streams() */
};

/* Bounds that no test of something else meets. */
void wire_streams(struct sip_stream_config *config);

struct wire *wire_create(const struct wire_plan *plan);
void wire_start(struct wire *wire);

/* Stops the pool, checks that nothing is left, and frees. */
void wire_end(struct wire *wire);

/* Listen at `text` (port 0 where it has none); fails the test. */
const struct sip_listener *wire_listen(struct wire *wire, const char *text);
/* Likewise, with `udp_gso`. */
const struct sip_listener *wire_listen_gso(struct wire *wire, const char *text);
const struct sip_listener *wire_listen_tcp(struct wire *wire, const char *text);

/* Wait until the list has that many notes; fails the test after some seconds. */
const struct wire_note *wire_wait(
	struct wire *wire, struct wire_list *list, unsigned count);
/* Stepped: move the clock, and run what is due then. */
void wire_forward_ms(struct wire *wire, uint64_t ms);
void wire_wait_counter(struct wire *wire, enum sip_counter counter, uint64_t value);
unsigned wire_count(struct wire *wire, struct wire_list *list);
void wire_release_kept(struct wire *wire);

/* A sealed message; NULL: out of memory. */
struct sip_tx_data *wire_message(struct wire *wire, const char *text, size_t len);

/* Run `run` by the owner of a reactor, and wait until it returned. */
void wire_on_reactor(
	struct wire *wire, unsigned reactor, void (*run)(void *arg), void *arg);

struct sip_addr addr_of(const char *text, uint16_t port);
bool note_is(const struct wire_note *note, const char *text);

/* A peer's socket, bound to `text` (a host). */
int peer_open(const char *text);
struct sip_addr peer_addr(int fd);
void peer_send(int fd, const struct sip_addr *to, const char *text, size_t len);
/* Returns the length; fails the test when nothing comes for some seconds. */
size_t peer_receive(int fd, char *buf, size_t size, struct sip_addr *from);
/* An address at which nobody listens. */
struct sip_addr closed_addr(const char *host);

#define CHECK_ADDR(is, wanted) CHECK(sip_addr_equal(&(is), &(wanted)))
