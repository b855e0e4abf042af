/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One simulation: servers, phones, the network between them and the rules that must hold,
 * on one virtual clock, in one thread, everything drawn from one seed.
 *
 *     struct sim *sim = sim_create(&(struct sim_options){ .seed = 7 });
 *     uint64_t hash = sim_run(sim);
 *     sim_destroy(&sim);
 *
 * Where a rule is broken, or the process dies, the command that repeats it and a ladder
 * are printed, and the process ends with status 1.
 */
#pragma once

#include "agenda.h"
#include "blocking.h"
#include "cast.h"
#include "draw.h"
#include "host.h"
#include "memory.h"
#include "net.h"
#include "trace.h"
#include "watch.h"

struct phone;
struct streams;

/* T1, T2 and T4 of RFC 3261 section 17, and 64*T1. */
#define T1_US     UINT64_C(500000)
#define T2_US     UINT64_C(4000000)
#define T4_US     UINT64_C(5000000)
#define T64_US    (64 * T1_US)
#define SECOND_US UINT64_C(1000000)

struct sim_options {
	uint64_t seed;
	const char *only;  /* the name of the only fault that may be on; NULL: as drawn */
	const char *plant; /* a mistake of the servers' (plant.h); NULL: none */
	bool print;        /* the ladder of everything, at the end */
};

struct sim {
	struct sim_options options;
	uint64_t now_us;
	uint64_t quiet_us; /* from then on nobody begins anything */
	struct draw draw;  /* of the order of things at one instant */
	struct memory memory;
	struct agenda agenda;
	struct trace trace;
	struct net net;
	struct streams *streams; /* NULL: nobody speaks TCP */
	struct cast cast;
	struct blocking blocking[CAST_HOSTS];
	struct host host[CAST_HOSTS];
	struct watch *watch;
	struct phone *phone[CAST_PHONES_MAX];
	unsigned phone_count;
};

struct sim *sim_create(const struct sim_options *options);

/** NULL: none. */
struct sim *sim_running(void);

/** Let it happen to its end, and check what must hold then; the hash of its trace. */
uint64_t sim_run(struct sim *sim);

void sim_destroy(struct sim **sim);

/** `rule` is broken: say so, draw the ladder of `call_id` (empty: of everything at the
 * end), and end the process. */
_Noreturn void sim_broken(struct sim *sim, const char *rule, struct slice call_id,
	const char *format, ...) __attribute__((format(printf, 4, 5)));
