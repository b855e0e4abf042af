/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * What DNS is asked and what it says, apart from who asks it.
 *
 * A source answers queries: c-ares in the program (cares.h), one of its own in the
 * simulation, a table in tests.  An answer never changes once it was given; whoever
 * has a reference may read it, from any thread.
 */
#pragma once

#include "res_sip/flow.h"
#include "work/pool.h"

/** Of a name, without the dot at its end. */
#define SIP_DNS_NAME_LEN 253

/** Of one answer; more are refused. */
#define SIP_DNS_RECORDS_MAX 64

enum sip_dns_type {
	SIP_DNS_A,
	SIP_DNS_AAAA,
	SIP_DNS_SRV,
	SIP_DNS_NAPTR,
};

/* RFC 3263 section 4.1, RFC 7118 section 8. */
enum sip_dns_service {
	SIP_DNS_D2U,  /* SIP+D2U */
	SIP_DNS_D2T,  /* SIP+D2T */
	SIP_DNS_SD2T, /* SIPS+D2T */
	SIP_DNS_D2W,  /* SIP+D2W */
	SIP_DNS_SD2W, /* SIPS+D2W */
};

struct sip_dns_record {
	struct sip_addr addr;         /* A, AAAA; its port is 0 */
	uint32_t rank;                /* A, AAAA: rank.h; the resolver's */
	uint16_t order;               /* SRV: priority */
	uint16_t preference;          /* SRV: weight */
	uint16_t port;                /* SRV */
	enum sip_dns_service service; /* NAPTR */
	bool terminal;                /* NAPTR: flag `a`, no SRV comes between */
	struct sip_str name; /* SRV, NAPTR: where it leads to; empty: nowhere (`.`) */
};

struct sip_dns_answer {
	_Atomic unsigned references;
	enum sip_dns_type type;
	uint32_t ttl_s;
	struct sip_str name; /* that was asked for, in small letters */
	unsigned count;      /* 0: there is none */
	unsigned room;
	size_t text_left;
	char *text;
	struct sip_dns_record record[];
};

/** Without records yet: of at most `room`, whose names have `text_len` bytes in all.
 * Returns a reference; NULL: out of memory. */
SIP_MUST_USE struct sip_dns_answer *sip_dns_answer_create(
	struct sip_str name, enum sip_dns_type type, unsigned room, size_t text_len);

/** Copies *record and its name, in small letters and without a dot at its end; both fit
 * (asserted). */
void sip_dns_answer_add(
	struct sip_dns_answer *answer, const struct sip_dns_record *record);

struct sip_dns_answer *sip_dns_answer_ref(struct sip_dns_answer *answer);
/** *answer becomes NULL.  NULL is allowed. */
void sip_dns_answer_unref(struct sip_dns_answer **answer);

/** The service of a NAPTR's service field, without case; false: none of ours. */
bool sip_dns_service_of(struct sip_str text, enum sip_dns_service *service);

struct sip_dns_source;

/* One question that a source has been asked. */
struct sip_dns_query {
	struct sip_task task;          /* the source's, until it has answered */
	struct sip_dns_source *source; /* that it was asked of */
	enum sip_dns_type type;
	char name[SIP_DNS_NAME_LEN + 1]; /* in small letters */
	/* The resolver's, as is what follows. */
	enum sip_task_result (*answered)(struct sip_task *task);
	struct sip_pool *pool;
	struct ast_sip_work *work;
	int result;
	struct sip_dns_answer *answer;
};

struct sip_dns_source {
	/**
	 * In the resolver's turn: ask for query->name.  Borrows `query` until
	 * sip_dns_answered(), which follows exactly once, whatever happens; it may be
	 * called from inside.
	 */
	void (*query)(struct sip_dns_source *source, struct sip_dns_query *query);

	/** In the resolver's turn: answer all that was asked and will be, at once. */
	void (*stop)(struct sip_dns_source *source);
};

/**
 * The answer to `query`, any thread: `result` 0, and a reference that is taken over.
 *
 * That the name or its records do not exist is an answer, of no records.  Otherwise:
 * SIP_ETIMEOUT  nobody answered
 * SIP_EREFUSED  the server failed, or will not answer
 * SIP_ESYNTAX   what came is no answer
 * SIP_ELIMIT    more than SIP_DNS_RECORDS_MAX records
 * SIP_EMEMORY   out of memory
 * SIP_ESTATE    the source was stopped
 */
void sip_dns_answered(
	struct sip_dns_query *query, int result, struct sip_dns_answer *answer);
