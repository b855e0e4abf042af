/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * Outbound in a REGISTER (RFC 5626 section 6): a phone that says of a contact by which of
 * its flows to us it is reached.
 *
 * Threads: the turn of the request's work.
 */
#pragma once

#include "refusal.h"

#include <res_sip/message.h>

/* Seconds: what phones are told that have registered a connection (RFC 5626 section
 * 4.4.1; what they take where nothing is said). */
#define FLOW_TIMER_S 120

/** A flow that is registered by this request is a connection of the phone's own to us. */
bool outbound_has_timer(const struct sip_rx_data *rdata);

/* Of a request, whatever its Contacts. */
enum outbound {
	OUTBOUND_UNKNOWN, /* nobody has looked yet */
	OUTBOUND_NOT_SUPPORTED,
	OUTBOUND_FIRST_HOP_LACKS,
	OUTBOUND_SUPPORTED,
};

/** The reg-id of a Contact of the request with these parameters; 0: none that counts.
 * *outbound begins as unknown, and is the same for all of its Contacts.  0; -1 and
 * *refusal. */
SIP_MUST_USE int outbound_reg_id(const struct sip_rx_data *rdata, struct sip_str params,
	enum outbound *outbound, uint32_t *reg_id, struct refusal *refusal);
