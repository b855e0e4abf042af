/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where the rules listen to a server's connections: what is given to them to be sent,
 * what they give up, and that they end.  The linker leads these calls here first.
 */
#include "host_config.h"
#include "sim.h"
#include "streams.h"
#include "watch_streams.h"

#include "transport/connection.h"
#include "transport/connections.h"

#include <errno.h>

void __real_sip_connections_send(struct sip_connections *connections,
	struct sip_listening *listening, const struct sip_flow *flow,
	struct sip_tx_data *tdata);
void __real_sip_connections_tell_waiters(
	struct sip_connections *connections, const struct sip_flow *flow, int error);
void __real_sip_send_fail_later(struct sip_transport *transport, unsigned number,
	const struct sip_flow *flow, struct sip_tx_data *tdata, int error);

void __wrap_sip_connections_send(struct sip_connections *connections,
	struct sip_listening *listening, const struct sip_flow *flow,
	struct sip_tx_data *tdata);
void __wrap_sip_connections_tell_waiters(
	struct sip_connections *connections, const struct sip_flow *flow, int error);
void __wrap_sip_send_fail_later(struct sip_transport *transport, unsigned number,
	const struct sip_flow *flow, struct sip_tx_data *tdata, int error);

/* The server that has that flow; NULL: it is none of streams, or has no power. */
static struct host *host_of(const struct sip_flow *flow)
{
	struct sim *sim = sim_running();
	struct place local = host_place(&flow->local);

	if (sim == NULL || sim->streams == NULL || flow->kind != SIP_TCP)
		return NULL;
	for (unsigned i = 0; i < CAST_HOSTS; i++) {
		if (sim->cast.host[i].place.ip == local.ip && !sim->host[i].mute)
			return &sim->host[i];
	}
	return NULL;
}

static struct slice text_of(const struct sip_tx_data *tdata)
{
	return (struct slice){ tdata->text, tdata->len };
}

void __wrap_sip_connections_send(struct sip_connections *connections,
	struct sip_listening *listening, const struct sip_flow *flow,
	struct sip_tx_data *tdata)
{
	struct host *host = host_of(flow);
	struct scarcity *before = scarcity_use(NULL);

	if (host != NULL)
		watch_stream_send(host->sim->watch, host->number, host_place(&flow->peer),
			flow->connection == 0, text_of(tdata));
	scarcity_use(before);
	__real_sip_connections_send(connections, listening, flow, tdata);
}

void __wrap_sip_connections_tell_waiters(
	struct sip_connections *connections, const struct sip_flow *flow, int error)
{
	struct host *host = host_of(flow);
	struct scarcity *before = scarcity_use(NULL);

	if (host != NULL)
		watch_stream_lost(
			host->sim->watch, host->number, host_place(&flow->peer));
	scarcity_use(before);
	__real_sip_connections_tell_waiters(connections, flow, error);
}

void __wrap_sip_send_fail_later(struct sip_transport *transport, unsigned number,
	const struct sip_flow *flow, struct sip_tx_data *tdata, int error)
{
	struct host *host = host_of(flow);
	struct scarcity *before = scarcity_use(NULL);

	if (host != NULL)
		watch_stream_failed(host->sim->watch, host->number,
			host_place(&flow->peer), flow->connection == 0, error == ENOBUFS,
			text_of(tdata));
	scarcity_use(before);
	__real_sip_send_fail_later(transport, number, flow, tdata, error);
}
