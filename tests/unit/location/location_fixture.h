/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A location on a virtual clock and a stepped pool, and short ways to register with it.
 */
#pragma once

#include "location/location.h"
#include "location/store.h"
#include "support/check.h"

#define T1_MS         500
#define REMEMBER_MS   (64 * T1_MS)
#define FIXTURE_TOLD  64
#define FIXTURE_TEXTS 16
#define FIXTURE_TIED  2048

struct location_fixture {
	struct sip_clock clock;
	struct sip_random random;
	struct sip_counters *counters;
	struct sip_pool *pool;
	struct sip_location *location;
	/* What was told: `added sip:alice@192.0.2.1`. */
	char told[FIXTURE_TOLD][128];
	size_t told_count;
	/* What is asked whether it is there. */
	uint32_t (*on_ask)(struct location_fixture *f, struct sip_str aor,
		const struct ast_sip_contact *contact); /* NULL: every 60 s */
	size_t asked_count;
	/* What is tied to a connection. */
	struct {
		struct sip_flow flow;
		uint64_t mark;
	} tied[FIXTURE_TIED];
	size_t tied_count;
	uint32_t ended; /* a connection that has ended when it is to be tied to */
	char moved[64]; /* where a contact came from and went to last: `3 to 4` */
};

/* One REGISTER in the words of a test; what is left out has a default. */
struct request {
	const char *aor;     /* alice@example.com */
	const char *call_id; /* a */
	uint32_t cseq;       /* 1 */
	const char *branch;  /* the CSeq in digits */
	const char *contact[8];
	uint32_t expires_s[8]; /* of each; REMOVE: 0; 0: 3600 */
	uint32_t q[8];         /* 0: 1000 */
	const char *params[8];
	uint32_t reg_id[8];
	bool remove_all;
	uint32_t max_contacts; /* 10 */
	bool remove_existing;
	const char *user_agent;
	uint32_t ask_every_s;
	uint32_t listener; /* of the flow; 1 */
	uint32_t connection;
	bool rehearsed; /* what it would come to */
};

#define REMOVE UINT32_MAX

struct location_fixture *location_begin(void);
struct location_fixture *location_begin_with_max(uint64_t max_contacts);

/* Asserts that nothing is left over. */
void location_end(struct location_fixture *f);

/* The answer, and what is registered after it. */
enum ast_sip_register_result ask(struct location_fixture *f,
	const struct request *request, struct ast_sip_contacts *now);

/* The answer alone. */
enum ast_sip_register_result register_it(
	struct location_fixture *f, const struct request *request);

/* The URIs that are found for alice@example.com, in their order, with a space between. */
const char *found(struct location_fixture *f);
const char *found_for(struct location_fixture *f, const char *aor);

/* The connection that the contacts number `first` and following were tied to ends. */
void lose(struct location_fixture *f, size_t first, size_t count);

/* The clock moves, and what is due happens. */
void forward_ms(struct location_fixture *f, uint64_t ms);
