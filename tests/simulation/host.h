/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A server in a simulation: the library with its real modules on a stepped pool, behind a
 * memory listener.
 */
#pragma once

#include "cast.h"
#include "draw.h"
#include "pace.h"
#include "scarcity.h"
#include "sip_text.h"

#include "base/clock.h"
#include "server/server.h"

#include "res_sip.h"
#include "res_sip/module.h"

/* In the order in which they are loaded. */
enum host_module {
	HOST_IDENTIFIER_IP,
	HOST_IDENTIFIER_USER,
	HOST_IDENTIFIER_ANONYMOUS,
	HOST_AUTHENTICATOR,
	HOST_OPTIONS,
	HOST_REGISTRAR,
	HOST_PROXY,
};

#define HOST_MODULES 7

/* Rounds of a server at one instant: more than any batch of messages takes. */
#define HOST_ROUNDS_MOST 10000

struct desk;
struct module_copy;
struct sim;

#define HOST_STEPS 4

struct host_step {
	uint64_t at_us;
	int64_t by_us;
};

struct host {
	struct sim *sim;
	unsigned number; /* in the cast */
	struct place place;
	struct sip_clock clock;
	struct pace pace;
	struct sip_server *server; /* NULL: it is away */
	const struct sip_listener *listener;
	const struct cast_user *without; /* whom its configuration does not have now */
	bool was_without[CAST_USERS_MAX];
	struct draw draw; /* the seeds of its lives */
	struct scarcity scarcity;
	bool mute; /* it has no power any more */
	bool stopping;
	bool stopped;    /* and not destroyed yet */
	bool keeps_keys; /* of its Record-Route: it has a key file */
	struct sip_route_key route_key[SIP_ROUTE_KEYS]; /* that file */
	struct host_step step[HOST_STEPS];              /* of its wall clock */
	unsigned steps;
	uint64_t changed_us; /* until when a challenge can be out of date by that */
	/* Those that run, each from a copy of its file; NULL: it is not there. */
	struct module_copy *module[HOST_MODULES];
	uint64_t gone_us[HOST_MODULES];    /* when it was last unloaded; 0: never */
	uint64_t present_us[HOST_MODULES]; /* when it was last loaded */
	struct desk *desk;                 /* desk.h */
};

/** Its place and name are those of the cast. */
void host_create(struct host *host, struct sim *sim, unsigned number);

/** It ends: orderly, as a program does that is told to stop, or without a word, as one
 * does that has no power.  Who sends there then hears of it where it `refuses`. */
void host_stop(struct host *host, bool orderly, bool refuses);

/** It begins with nothing, but for its configuration and its key file. */
void host_start(struct host *host);

/** Its code runs from now on, with the memory that it gets; nobody's any more. */
void host_enter(struct host *host);
void host_leave(void);

/** It did not get all of its memory at this instant. */
bool host_starves(const struct host *host);

/** Run what is runnable at this instant, where its work takes time one round; whether
 * there was anything. */
bool host_step(struct host *host);

/** Rule quiet-in-the-end: it has something to do for ever. */
_Noreturn void host_is_restless(struct host *host);

/** When it has something to do next: a timer is due, or a round can begin; NEVER. */
uint64_t host_next_us(const struct host *host);

/** Its clock moves on. */
void host_forward(struct host *host, uint64_t us);

/** Reads its configuration again, in which `without` (NULL: nobody) is no endpoint. */
void host_reload(struct host *host, const struct cast_user *without);

/** Its wall clock jumps. */
void host_step_wall(struct host *host, int64_t us);

/** After everything has ended: nothing of a message, a transaction or a call is left
 * (rule nothing-left). */
void host_check_empty(struct host *host);

/** Stops the server, unloads its modules and ends it, with the same checks. */
void host_destroy(struct host *host);

/** The contacts that `aor` (a name of the configuration) has at this instant, static ones
 * left out; as many as fit. */
struct host_contact {
	struct place place;
	uint64_t expires_us; /* by the simulation's clock */
};
size_t host_contacts(
	struct host *host, const char *aor, struct host_contact *contact, size_t room);
