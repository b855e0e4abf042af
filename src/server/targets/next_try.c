/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The next try: its target, the way there, the copy that goes there (RFC 3263 section
 * 4.3), and whether that is too long for UDP (RFC 3261 section 18.1.1).
 */
#include "server/targets/tries_parts.h"

#include "server/proxy/branch_id.h"

/* 18.1.1: "larger than 1300 bytes and the path MTU is unknown". */
#define LONG_BYTES 1300

/* Until the connection is there. */
#define CONNECT_US UINT64_C(1000000)

static const struct sip_system_config *system_of(const struct sip_server *server)
{
	return &sip_rcu_read(&server->snapshot)->settings->system;
}

bool sip_tries_are_wanted(const struct sip_server *server, size_t len)
{
	bool wanted;

	if (len <= LONG_BYTES)
		return false;
	sip_rcu_read_begin();
	wanted = !system_of(server)->disable_tcp_switch;
	sip_rcu_read_end();
	return wanted;
}

void sip_tries_be_patient(struct sip_tries *tries)
{
	uint32_t patience_ms;

	sip_timer_stop(&tries->patience);
	if (tries->switched) {
		sip_timer_start(&tries->patience, CONNECT_US);
		return;
	}
	if (tries->next == tries->targets.count)
		return;
	sip_rcu_read_begin();
	patience_ms = system_of(tries->server)->target_timeout_ms;
	sip_rcu_read_end();
	sip_timer_start(&tries->patience, patience_ms * UINT64_C(1000));
}

/* The way there, with what TLS has to compare the certificate with. */
static int find_flow(
	struct sip_tries *tries, const struct sip_target *target, struct sip_flow *flow)
{
	struct sip_transport *transport = tries->server->transport;
	int result = sip_transport_route(
		transport, tries->listener, target->kind, &target->addr, flow);

	/* RFC 5922 section 4: the name that was asked for, wherever DNS leads. */
	if (result == 0 && target->kind == SIP_TLS && tries->name.len > 0)
		result = sip_transport_host(transport, tries->name, &flow->host);
	if (result == 0 && tries->secure)
		sip_transport_secure(flow);
	return result;
}

/* *tdata is the copy that goes there, which is long for UDP: by TCP, where there is a
 * way. */
static bool switch_to_tcp(struct sip_tries *tries, const struct sip_target *target,
	struct sip_str branch, struct sip_tx_data **tdata, struct sip_flow *flow)
{
	struct sip_tx_data *by_tcp;
	struct sip_flow way;

	if (!tries->may_switch || target->kind != SIP_UDP ||
		!sip_tries_are_wanted(tries->server, (*tdata)->len) ||
		sip_transport_route(
			tries->server->transport, 0, SIP_TCP, &target->addr, &way) != 0)
		return false;
	by_tcp = tries->user.build(tries->user.events.arg, &way, branch);
	if (by_tcp == NULL)
		return false;
	sip_tx_data_unref(tdata);
	*tdata = by_tcp;
	*flow = way;
	return true;
}

static int try_target(
	struct sip_tries *tries, const struct sip_target *target, bool may_switch)
{
	struct sip_server *server = tries->server;
	char text[SIP_BRANCH_LEN];
	struct sip_str branch = { text, sizeof(text) };
	struct sip_txn_user user = sip_tries_events(tries);
	struct sip_tx_data *tdata;
	struct sip_flow flow;
	struct sip_txn *txn;
	bool switched;
	int result = find_flow(tries, target, &flow);

	if (result != 0)
		return result;
	sip_branch_write(text, tries->call_hash, tries->loop_hash,
		sip_random_u64(&server->random));
	tdata = tries->user.build(tries->user.events.arg, &flow, branch);
	if (tdata == NULL)
		return SIP_EMEMORY;
	switched = may_switch && switch_to_tcp(tries, target, branch, &tdata, &flow);
	result = sip_uac_create(
		server->txns, tries->call, tdata, &flow, branch, &user, &txn);
	sip_tx_data_unref(&tdata);
	if (result != 0)
		return result;
	tries->responded = false;
	tries->switched = switched;
	/* That TCP did not do says nothing of the target. */
	tries->trying = tries->name.len > 0 && !switched ? target : NULL;
	sip_tries_count_on(tries, txn);
	return 0;
}

int sip_tries_next(struct sip_tries *tries)
{
	int result = SIP_ENOTFOUND;

	if (tries->switched)
		result = try_target(
			tries, &tries->targets.target[tries->next - 1], false);
	while (result != 0 && tries->next < tries->targets.count)
		result = try_target(tries, &tries->targets.target[tries->next++], true);
	if (result == 0)
		sip_tries_be_patient(tries);
	return result;
}
