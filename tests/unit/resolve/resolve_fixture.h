/* SPDX-License-Identifier: BSD-2-Clause */
/* A resolver in one thread on the virtual clock, somebody who asks, and a DNS of lines.
 */
#pragma once

#include "fake_dns.h"
#include "support/check.h"

#include "base/counter.h"
#include "resolve/resolve.h"

struct resolve_fixture {
	struct sip_clock clock;
	struct sip_random random;
	struct sip_counters *counters;
	struct sip_pool *pool;
	struct fake_dns dns;
	struct sip_resolver_config config; /* may be changed between prepare and open */
	struct sip_resolver *resolver;
	struct ast_sip_work *work;
	uint8_t families[SIP_WSS + 1]; /* both of all transports */

	/* Of the latest ask. */
	struct sip_ask *ask; /* it waits */
	unsigned told;
	int result;
	struct sip_targets targets;
	char text[1024];
};

void resolve_prepare(struct resolve_fixture *f, const char *const *zone);
void resolve_open(struct resolve_fixture *f);
/* Both. */
void resolve_setup(struct resolve_fixture *f, const char *const *zone);
void resolve_teardown(struct resolve_fixture *f);

/* Ask for a URI, and let everything run that can without time passing. */
void resolve_ask(struct resolve_fixture *f, const char *uri);

/* What was told so far: `udp 192.0.2.1:5060, tcp [2001:db8::1]:5070`, `waits`, or the
 * error's words. */
struct sip_str resolve_told(struct resolve_fixture *f);

/* Both. */
struct sip_str resolve_all(struct resolve_fixture *f, const char *uri);

void resolve_forward_ms(struct resolve_fixture *f, uint64_t ms);
uint64_t resolve_counted(const struct resolve_fixture *f, enum sip_counter counter);

/* Run `function(f)` in the turn of the asker's work. */
void resolve_in_turn(
	struct resolve_fixture *f, void (*function)(struct resolve_fixture *f));
