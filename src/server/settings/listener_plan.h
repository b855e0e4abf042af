/* SPDX-License-Identifier: BSD-2-Clause */
/** What listeners.c and listener_plan.c share. */
#pragma once

#include "server/settings/listeners.h"

#include "base/lock.h"

/* A listener that a section of the configuration opened. */
struct sip_listener_entry {
	struct sip_list link;
	uint32_t number;
	struct sip_addr asked;    /* bind= */
	uint64_t drains_since_us; /* while it drains */
};

struct sip_listeners {
	struct sip_server *server;
	struct sip_list open; /* the changer's */
	/* Guards: draining and its members' links. */
	struct sip_leaf_lock lock;
	struct sip_list draining;
	struct ast_sip_work *work;
	struct sip_timer timer; /* the work's */
	struct sip_task arm;    /* starts it */
	_Atomic bool arming;    /* `arm` is pushed, and has not begun */
	_Atomic bool daily;     /* certificates are looked at: listener_tls.c */
	struct sip_timer day;   /* the work's */
	struct sip_task begin_day;
};

/** Something drains from now on. */
void sip_listeners_arm(struct sip_listeners *listeners);

/** The bounds of a drain. */
uint64_t sip_drain_least_us(const struct sip_server *server);
uint64_t sip_drain_most_us(const struct sip_server *server);

/** Borrows from the section. */
struct sip_listener_config sip_listener_config_of(
	const struct sip_transport_section *section);

/** Why a section can't be bound, into `error`; returns `result`. */
int sip_listener_complain(
	char *error, const struct sip_transport_section *section, int result);
