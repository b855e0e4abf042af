/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A server with phones around it, for tests of the proxy.
 *
 *     struct world *w = phones_world(2);            6001 has two phones
 *     wire_receive(&w->wire, CALLER, invite(""));
 *     answer(w, 1, "INVITE", 180, "");              phone 1 rings
 *
 * The caller is the endpoint `open`.  The phones are static contacts of the AOR 6001:
 * phone n is sip:6001@ADDRESS, its address is phone(n).
 */
#pragma once

#include "support/check.h"
#include "support/world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CALLER "192.0.2.99:5060"

/* phones_world_with() changes the configuration after the phones are in it. */
struct world *phones_world(unsigned count);
struct world *phones_world_with(
	unsigned count, void (*configure)(struct sip_config *config));

/** A configuration with that many phones, for a `configure` of one's own. */
void phones_configure(struct sip_config *config, unsigned count);

/** Where phone n is; n counts from 1.  Static buffer. */
const char *phone(unsigned n);

/** A request of the caller's to 6001; the Call-ID is call-1, and the To tag, where
 * `to_tag` is not NULL, that one.  Static buffer. */
const char *request(const char *method, unsigned cseq, const char *branch,
	const char *to_tag, const char *extra);
const char *invite(const char *extra);

/** The caller's CANCEL of invite(), its ACK of a refusal of it. */
void cancel(struct world *w);
void acknowledge(struct world *w);

/** The latest message to `peer` that begins with `start`; fails where there is none. */
const struct wire_message *sent_to(
	const struct world *w, const char *peer, const char *start);
/** How many went there. */
size_t count_to(const struct world *w, const char *peer, const char *start);

/** The text of phone n's response to the latest request of that method that it got:
 * To tag phone-n; `extra` is whole lines.  Static buffer. */
const char *answer_text(const struct world *w, unsigned n, const char *method, int code,
	const char *extra);
/** It arrives. */
void answer(struct world *w, unsigned n, const char *method, int code, const char *extra);

/** The transport says that what was sent last to phone n never arrived (ICMP). */
void unreachable(struct world *w, unsigned n, const char *method);

/** Let any bytes arrive, as they are. */
void receive_bytes(struct world *w, const char *peer, const char *bytes, size_t len);

/** From here on log lines are kept here, not written. */
void listen_to_log(void);
/** How many of them have `text`. */
size_t log_count(const char *text);
