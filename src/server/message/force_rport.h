/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * To which port a request is answered: that of its source, or of its Via.
 *
 * The option force_rport is an endpoint's, but the first answer that a phone gets is a
 * challenge, before anybody knows whether it is that endpoint.  So there are two rules:
 * one that holds for everybody until the sender proved who he is, and the endpoint's own
 * from then on.  (docs/decisions/017-the-port-of-an-answer.md)
 *
 * The address is the source's in any case.  Threads: the turn of the message's work.
 */
#pragma once

#include "server/serving.h"

/** Before the sender is known: to the source, unless some endpoint has force_rport=no and
 * the Via names the source's own address.  The same for each copy, and whoever it claims
 * to be from. */
void sip_force_rport_begin(struct sip_rx_data *rdata);

/** The request's endpoint is proved, by address or by password: its option holds. */
void sip_force_rport_of_endpoint(struct sip_rx_data *rdata);

/** The host in the topmost Via is not the address it came from. */
bool sip_sent_by_differs(const struct sip_rx_data *request);
