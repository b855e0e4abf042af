/* SPDX-License-Identifier: BSD-2-Clause */
/* See wire.h. */
#include "wire.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* How long a wait may take until the test fails.  While allocations fail on purpose,
 * waiting in vain is what happens. */
static int patience_ms(void)
{
	return getenv("SIP_ALLOC_FAIL") != NULL ? 500 : 20000;
}

static void write_down(struct wire *wire, struct wire_list *list,
	const struct wire_note *note, struct sip_str text)
{
	struct sip_reactor *reactor = sip_reactor_current();
	struct wire_note *place;

	pthread_mutex_lock(&wire->mutex);
	place = &list->notes[list->count];
	*place = *note;
	place->len = text.len;
	place->text = malloc(text.len + 1);
	/* Without a place or a copy the wait for it ends in vain. */
	if (list->count + 1 < WIRE_NOTES && place->text != NULL) {
		memcpy(place->text, text.ptr, text.len);
		place->text[text.len] = '\0';
		place->reactor = reactor != NULL ? sip_reactor_number(reactor)
						 : UINT32_MAX;
		list->count++;
	} else {
		free(place->text);
	}
	pthread_cond_broadcast(&wire->changed);
	pthread_mutex_unlock(&wire->mutex);
}

static void answer(struct wire *wire, const struct sip_rx_data *rdata)
{
	struct sip_tx_data *tdata = wire_message(wire, rdata->msg.text, rdata->msg.len);

	if (tdata == NULL)
		return;
	sip_transport_send(wire->transport, &rdata->flow, tdata);
	sip_tx_data_unref(&tdata);
}

static void take_one(struct wire *wire, struct sip_rx_data *rdata)
{
	struct wire_note note = { .flow = rdata->flow,
		.arrival_us = rdata->arrival_us,
		.refused = rdata->refused };

	if (wire->echo)
		answer(wire, rdata);
	if (wire->keep) {
		pthread_mutex_lock(&wire->mutex);
		if (wire->kept_count < WIRE_NOTES)
			wire->kept[wire->kept_count++] = sip_rx_data_ref(rdata);
		pthread_mutex_unlock(&wire->mutex);
	}
	write_down(wire, &wire->received, &note,
		(struct sip_str){ rdata->msg.text, rdata->msg.len });
	sip_rx_data_unref(&rdata);
}

static void on_received(void *arg, struct sip_rx_data **batch, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		take_one(arg, batch[i]);
}

static void on_failed(
	void *arg, const struct sip_flow *flow, struct sip_str quote, int error)
{
	struct wire *wire = arg;
	struct wire_note note = { .flow = *flow, .error = error };

	write_down(wire, &wire->failed, &note, quote);
}

static void on_traced(
	void *arg, bool sent, const struct sip_flow *flow, struct sip_str text)
{
	struct wire *wire = arg;
	struct wire_note note = { .flow = *flow, .sent = sent };

	write_down(wire, &wire->traced, &note, text);
}

static void on_ended(
	void *arg, const struct sip_flow *flow, const uint64_t *mark, unsigned count)
{
	struct wire *wire = arg;
	struct wire_note note = { .flow = *flow };
	char digits[24];

	pthread_mutex_lock(&wire->mutex);
	if (count > wire->ended_most)
		wire->ended_most = count;
	pthread_mutex_unlock(&wire->mutex);
	for (unsigned i = 0; i < count; i++) {
		int len = snprintf(
			digits, sizeof(digits), "%llu", (unsigned long long)mark[i]);
		write_down(wire, &wire->ended, &note,
			(struct sip_str){ digits, (size_t)len });
	}
}

static void make_pool(struct wire *wire, const struct wire_plan *plan)
{
	struct sip_pool_config config;

	sip_pool_config_init(&config);
	config.servants = plan->reactors != 0 ? plan->reactors : 1;
	config.stepped = plan->stepped;
	config.clock = &wire->clock;
	config.random = &wire->random;
	config.counters = wire->counters;
	CHECK_INT(sip_pool_create(&config, &wire->pool), ==, 0);
}

void wire_streams(struct sip_stream_config *config)
{
	*config = (struct sip_stream_config){
		.max_per_source = 256,
		.connect_ms = 4000,
		.first_ms = 30000,
		.message_ms = 20000,
		.write_ms = 10000,
		.idle_ms = 100000,
		.queue_bytes = 256 * 1024,
	};
}

static void make_transport(struct wire *wire, const struct wire_plan *plan)
{
	struct sip_transport_config config = {
		.pool = wire->pool,
		.counters = wire->counters,
		.rx_slab = wire->rx_slab,
		.tx_slab = wire->tx_slab,
		.user = { .arg = wire,
			.received = on_received,
			.failed = on_failed,
			.traced = on_traced,
			.ended = on_ended },
		.batch = plan->batch,
		.receive_buffer = plan->receive_buffer,
		.max_large_bytes = plan->max_large_bytes,
		.random = &wire->random,
	};

	if (plan->streams != NULL)
		config.streams = *plan->streams;
	else
		wire_streams(&config.streams);
	CHECK_INT(sip_transport_create(&config, &wire->transport), ==, 0);
}

struct wire *wire_create(const struct wire_plan *plan)
{
	struct wire *wire = calloc(1, sizeof(*wire));

	CHECK(wire != NULL);
	wire->stepped = plan->stepped;
	if (plan->stepped)
		sip_clock_init_virtual(&wire->clock);
	else
		sip_clock_init_real(&wire->clock);
	sip_random_init_seed(&wire->random, 1);
	pthread_mutex_init(&wire->mutex, NULL);
	pthread_cond_init(&wire->changed, NULL);
	wire->counters = sip_counters_create();
	wire->rx_slab = sip_slab_create("rx", SIP_RX_SLAB_LEN, plan->rx_max);
	wire->tx_slab = sip_slab_create("tx", SIP_TX_SLAB_LEN, 0);
	CHECK(wire->counters != NULL && wire->rx_slab != NULL && wire->tx_slab != NULL);
	make_pool(wire, plan);
	make_transport(wire, plan);
	return wire;
}

void wire_start(struct wire *wire)
{
	CHECK_INT(sip_pool_start(wire->pool), ==, 0);
}

static void clear(struct wire_list *list)
{
	for (unsigned i = 0; i < list->count; i++)
		free(list->notes[i].text);
	list->count = 0;
}

void wire_end(struct wire *wire)
{
	sip_pool_stop(wire->pool);
	wire_release_kept(wire);
	sip_transport_destroy(&wire->transport);
	sip_pool_destroy(&wire->pool);

	CHECK_INT(sip_slab_live(wire->rx_slab), ==, 0);
	CHECK_INT(sip_slab_live(wire->tx_slab), ==, 0);

	sip_slab_destroy(&wire->rx_slab);
	sip_slab_destroy(&wire->tx_slab);
	sip_counters_destroy(&wire->counters);
	clear(&wire->received);
	clear(&wire->failed);
	clear(&wire->traced);
	clear(&wire->ended);
	pthread_cond_destroy(&wire->changed);
	pthread_mutex_destroy(&wire->mutex);
	free(wire);
}

struct sip_addr addr_of(const char *text, uint16_t port)
{
	struct sip_addr addr;

	CHECK_INT(sip_addr_parse(sip_str_of(text), port, &addr), ==, 0);
	return addr;
}

static const struct sip_listener *listen_as(
	struct wire *wire, const struct sip_listener_config *config)
{
	const struct sip_listener *listener = NULL;

	CHECK_INT(sip_transport_listen(wire->transport, config, &listener), ==, 0);
	return listener;
}

static const struct sip_listener *listen_at(
	struct wire *wire, const char *text, enum sip_transport_kind kind)
{
	return listen_as(wire,
		&(struct sip_listener_config){
			.name = text, .kind = kind, .bind = addr_of(text, 0) });
}

const struct sip_listener *wire_listen_gso(struct wire *wire, const char *text)
{
	return listen_as(wire,
		&(struct sip_listener_config){
			.name = text, .bind = addr_of(text, 0), .udp_gso = true });
}

const struct sip_listener *wire_listen(struct wire *wire, const char *text)
{
	return listen_at(wire, text, SIP_UDP);
}

const struct sip_listener *wire_listen_tcp(struct wire *wire, const char *text)
{
	return listen_at(wire, text, SIP_TCP);
}

void wire_forward_ms(struct wire *wire, uint64_t ms)
{
	sip_clock_forward_us(&wire->clock, ms * 1000);
	while (sip_pool_step(wire->pool))
		;
}

static struct timespec deadline(void)
{
	struct timespec at;

	clock_gettime(CLOCK_REALTIME, &at);
	at.tv_nsec += patience_ms() % 1000 * 1000000;
	at.tv_sec += patience_ms() / 1000 + at.tv_nsec / 1000000000;
	at.tv_nsec %= 1000000000;
	return at;
}

unsigned wire_count(struct wire *wire, struct wire_list *list)
{
	unsigned count;

	pthread_mutex_lock(&wire->mutex);
	count = list->count;
	pthread_mutex_unlock(&wire->mutex);
	return count;
}

const struct wire_note *wire_wait(
	struct wire *wire, struct wire_list *list, unsigned count)
{
	struct timespec until = deadline();
	struct timespec now;
	int error = 0;

	/* What the system carries may take a moment. */
	do {
		while (wire->stepped && sip_pool_step(wire->pool))
			;
		clock_gettime(CLOCK_REALTIME, &now);
	} while (wire->stepped && wire_count(wire, list) < count &&
		now.tv_sec <= until.tv_sec);
	pthread_mutex_lock(&wire->mutex);
	while (!wire->stepped && list->count < count && error == 0)
		error = pthread_cond_timedwait(&wire->changed, &wire->mutex, &until);
	pthread_mutex_unlock(&wire->mutex);
	CHECK_INT(wire_count(wire, list), >=, count);
	return &list->notes[count - 1];
}

/* Counters have nobody to wait for: look until it is there. */
void wire_wait_counter(struct wire *wire, enum sip_counter counter, uint64_t value)
{
	struct timespec until = deadline();
	struct timespec now;

	do {
		while (wire->stepped && sip_pool_step(wire->pool))
			;
		if (sip_counter_value(wire->counters, counter) >= value)
			break;
		sched_yield();
		clock_gettime(CLOCK_REALTIME, &now);
	} while (now.tv_sec <= until.tv_sec);
	CHECK_INT(sip_counter_value(wire->counters, counter), ==, value);
}

void wire_release_kept(struct wire *wire)
{
	pthread_mutex_lock(&wire->mutex);
	while (wire->kept_count > 0)
		sip_rx_data_unref(&wire->kept[--wire->kept_count]);
	pthread_mutex_unlock(&wire->mutex);
}

struct sip_tx_data *wire_message(struct wire *wire, const char *text, size_t len)
{
	struct sip_tx_data *tdata = sip_tx_data_create(wire->tx_slab, len);

	if (tdata == NULL)
		return NULL;
	if (len > 0)
		memcpy(tdata->text, text, len);
	tdata->len = (uint32_t)len;
	tdata->sealed = true;
	return tdata;
}

struct errand {
	struct sip_task task;
	struct wire *wire;
	void (*run)(void *arg);
	void *arg;
	bool done;
};

static enum sip_task_result run_errand(struct sip_task *task)
{
	struct errand *errand = SIP_CONTAINER(task, struct errand, task);
	struct wire *wire = errand->wire;

	errand->run(errand->arg);
	pthread_mutex_lock(&wire->mutex);
	errand->done = true;
	pthread_cond_broadcast(&wire->changed);
	pthread_mutex_unlock(&wire->mutex);
	return SIP_TASK_DONE;
}

void wire_on_reactor(
	struct wire *wire, unsigned reactor, void (*run)(void *arg), void *arg)
{
	struct errand errand = { .wire = wire, .run = run, .arg = arg };

	errand.task.run = run_errand;
	sip_reactor_post(sip_pool_reactor(wire->pool, reactor), &errand.task);
	while (wire->stepped && sip_pool_step(wire->pool))
		;
	pthread_mutex_lock(&wire->mutex);
	while (!errand.done && !wire->stepped)
		pthread_cond_wait(&wire->changed, &wire->mutex);
	pthread_mutex_unlock(&wire->mutex);
}

bool note_is(const struct wire_note *note, const char *text)
{
	return note->len == strlen(text) && memcmp(note->text, text, note->len) == 0;
}

int peer_open(const char *text)
{
	struct sip_addr addr = addr_of(text, 0);
	int fd = socket(addr.sa.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	CHECK_INT(fd, >=, 0);
	CHECK_INT(bind(fd, &addr.sa, sip_addr_len(&addr)), ==, 0);
	return fd;
}

struct sip_addr peer_addr(int fd)
{
	struct sip_addr addr;
	socklen_t len = sizeof(addr);

	memset(&addr, 0, sizeof(addr));
	CHECK_INT(getsockname(fd, &addr.sa, &len), ==, 0);
	return addr;
}

void peer_send(int fd, const struct sip_addr *to, const char *text, size_t len)
{
	CHECK_INT(sendto(fd, text, len, 0, &to->sa, sip_addr_len(to)), ==, len);
}

size_t peer_receive(int fd, char *buf, size_t size, struct sip_addr *from)
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
	socklen_t from_len = sizeof(*from);
	ssize_t len;

	CHECK_INT(poll(&poll_fd, 1, patience_ms()), ==, 1);
	memset(from, 0, sizeof(*from));
	len = recvfrom(fd, buf, size, 0, &from->sa, &from_len);
	CHECK_INT(len, >=, 0);
	return (size_t)len;
}

struct sip_addr closed_addr(const char *host)
{
	int fd = peer_open(host);
	struct sip_addr addr = peer_addr(fd);

	close(fd);
	return addr;
}
