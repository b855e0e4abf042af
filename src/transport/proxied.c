/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Connections through a load balancer that speaks the PROXY protocol.
 *
 * The header is looked at where the system has it, and taken only when it is whole: what
 * comes behind it is for TLS, WebSocket or the framer, who read for themselves.  From
 * where a header has to come nothing else is taken; from elsewhere none is: whoever can
 * send one says who he is.
 */
#include "transport/connection.h"

#include "transport/connections.h"
#include "transport/proxy_header.h"

#include "res_sip/log.h"

#include <errno.h>
#include <sys/socket.h>

static struct sip_log_limit limit;

bool sip_listening_is_proxied(
	const struct sip_listening *listening, const struct sip_addr *peer)
{
	const struct sip_listener_options *options = sip_listening_options(listening);

	return sip_networks_have(options->proxies, options->proxy_count, peer);
}

static bool refuse(struct sip_connection *connection, const struct sip_addr *peer,
	enum sip_counter counter, const char *reason)
{
	char text[SIP_ADDR_TEXT_LEN];
	char by[SIP_ADDR_TEXT_LEN];

	sip_count(connection->connections->transport->config.counters, counter);
	sip_log_limited(&limit, SIP_LOG_WARNING, "transport",
		"connection is closed peer=%s number=%u transport=%s "
		"load_balancer=%s reason=\"%s\"",
		sip_addr_text(peer, text), connection->flow.connection,
		sip_transport_name(connection->flow.kind),
		sip_addr_text(&connection->flow.peer, by), reason);
	sip_connection_close(connection, 0);
	return false;
}

/* It is whole: take it. */
static bool take(struct sip_connection *connection, const struct sip_proxy_header *header)
{
	char bytes[SIP_PROXY_HEADER_MAX];
	ssize_t got = recv(connection->watch.fd, bytes, header->len, 0);
	int result;

	if (got != (ssize_t)header->len) {
		sip_connection_close(connection, got < 0 ? errno : EPROTO);
		return false;
	}
	connection->proxied = false;
	if (!header->relayed)
		return true; /* the load balancer's own, which is not limited */
	result = sip_connections_unveil(connection, &header->peer);
	if (result == SIP_ELIMIT)
		return refuse(connection, &header->peer, SIP_COUNT_CONNECTIONS_REFUSED,
			"it has as many as one source may have");
	if (result != SIP_OK)
		return refuse(connection, &header->peer, SIP_COUNT_CONNECTIONS_REFUSED,
			"there is no memory");
	return true;
}

static bool look_at(struct sip_connection *connection, struct sip_str text)
{
	struct sip_proxy_header header;

	switch (sip_proxy_header_read(text, &header)) {
	case SIP_PROXY_HEADER_WHOLE: return take(connection, &header);
	case SIP_PROXY_HEADER_BROKEN:
		return refuse(connection, &connection->flow.peer,
			SIP_COUNT_CONNECTIONS_BROKEN, header.reason);
	case SIP_PROXY_HEADER_PARTLY: break;
	}
	return false;
}

bool sip_connection_read_proxy_header(struct sip_connection *connection)
{
	char bytes[SIP_PROXY_HEADER_MAX];
	ssize_t got;

	if (!connection->proxied || connection->state != SIP_CONNECTED)
		return !connection->proxied;
	do
		got = recv(connection->watch.fd, bytes, sizeof(bytes), MSG_PEEK);
	while (got < 0 && errno == EINTR);
	if (got > 0)
		return look_at(connection, (struct sip_str){ bytes, (size_t)got });
	if (got == 0)
		sip_connection_close(connection, 0);
	else if (errno != EAGAIN && errno != EWOULDBLOCK)
		sip_connection_close(connection, errno);
	return false;
}
