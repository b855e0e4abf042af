/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * The location: which contacts an address of record has (RFC 3261 section 10).
 *
 * Contacts are immutable and counted: one that was looked up stays readable
 * until it is unreferenced, whatever a REGISTER does meanwhile.
 *
 * Threads: any.  Memory only, nothing here waits.
 */
#pragma once

#include "res_sip/compiler.h"
#include "res_sip/flow.h"

SIP_API_BEGIN

struct sip_rx_data;

/** Is a contact there?  Known of AORs with qualify_frequency=, whose contacts are asked.
 */
enum ast_sip_reachability {
	AST_SIP_NOT_ASKED,
	AST_SIP_UNKNOWN, /* it will be asked */
	AST_SIP_REACHABLE,
	AST_SIP_UNREACHABLE,
};

/** One binding.  Read only. */
struct ast_sip_contact {
	struct sip_str uri;        /* as registered */
	struct sip_str params;     /* of the Contact field, without q and expires; reg-id
				      only where it counts */
	struct sip_str call_id;    /* of the REGISTER that made it; empty: static */
	struct sip_str user_agent; /* may be empty */
	struct sip_str path;       /* Path values, as received; may be empty */
	uint32_t cseq;
	uint32_t q;             /* thousandths; 1000 where none was given */
	uint64_t expires_at_us; /* monotonic; UINT64_MAX: static, never */
	uint32_t expires_s;     /* as granted */
	struct sip_flow flow;   /* it registered on; listener 0: static */
};

/** Keep it: one more reference; returns `contact`. */
const struct ast_sip_contact *ast_sip_contact_ref(const struct ast_sip_contact *contact);
/** Give it back; it may be gone then. */
void ast_sip_contact_unref(const struct ast_sip_contact *contact);

/** Which phone it is: its +sip.instance, without quotes (RFC 5626 section 4.1); {NULL,
 * 0}: it does not say.  Borrows the contact. */
struct sip_str ast_sip_contact_instance(const struct ast_sip_contact *contact);

/** Which of the phone's flows it is reached by (RFC 5626); 0: it has registered none. */
uint32_t ast_sip_contact_reg_id(const struct ast_sip_contact *contact);

/** The URI that requests to it are sent to first, where its flow is not known: of the
 * first proxy of its Path (RFC 3327), else its own.  Borrows the contact. */
struct sip_str ast_sip_contact_next_hop(const struct ast_sip_contact *contact);

/** Seconds until it expires, rounded up; UINT32_MAX: never. */
uint32_t ast_sip_contact_remaining_s(const struct ast_sip_contact *contact);

/** What is known now, also where it was looked up before; *rtt_us, which may be NULL,
 * gets the latest round-trip time in microseconds, 0: none was measured. */
enum ast_sip_reachability ast_sip_contact_reachability(
	const struct ast_sip_contact *contact, uint32_t *rtt_us);

/** What was found; contacts[] are best first: by q, then the latest first; those that are
 * unreachable stand behind all others.  Each is referenced. */
struct ast_sip_contacts {
	const struct ast_sip_contact **contact;
	size_t count;
};

/** The live contacts of an AOR, static ones included.  0 (count may be 0); -1: out of
 * memory. */
SIP_MUST_USE int ast_sip_location_find(const char *aor, struct ast_sip_contacts *found);

/** Give all of them back; *found is then empty. */
void ast_sip_contacts_release(struct ast_sip_contacts *found);

/** One Contact of a REGISTER. */
struct ast_sip_binding {
	struct sip_str uri;
	struct sip_str params;
	uint32_t expires_s; /* 0: remove */
	uint32_t q;
	uint32_t reg_id; /* as in params, with +sip.instance: it takes the place of the
			    binding with both, whatever its URI (RFC 5626); 0: by URI */
};

/** A REGISTER's whole change, done at once or not at all. */
struct ast_sip_registration {
	const char *aor;
	const struct ast_sip_binding *bindings;
	size_t count;    /* 0 and not remove_all: a query */
	bool remove_all; /* Contact: * */
	struct sip_str call_id;
	uint32_t cseq;
	struct sip_str
		branch; /* of the topmost Via: knows a copy of the last REGISTER again */
	struct sip_str user_agent;
	struct sip_str path;
	struct sip_flow flow;
	uint32_t ask_every_s; /* whether it is there; 0: never (qualify_frequency=) */
	uint32_t max_contacts;
	bool remove_existing; /* where max_contacts is passed, the oldest go */
};

/** What became of a registration; in brackets what a registrar answers. */
enum ast_sip_register_result {
	AST_SIP_REGISTER_DONE,
	AST_SIP_REGISTER_COPY, /* the same REGISTER again: nothing changed, answer as
				  before */
	AST_SIP_REGISTER_OLD,  /* CSeq is not newer than the binding's: nothing changed
				  (500) */
	AST_SIP_REGISTER_TOO_MANY, /* above max_contacts: nothing changed (403) */
	AST_SIP_REGISTER_MEMORY,   /* out of memory: nothing changed (500) */
};

/** Who has sent this request has been told, by Flow-Timer (RFC 5626 section 4.4.1), to
 * say something every so many seconds: its connection ends when it has not for a little
 * longer, and its bindings with it.  Nothing of a request that came by none. */
void ast_sip_expect_keep_alive(const struct sip_rx_data *rdata, uint32_t seconds);

/**
 * Change and read the bindings of an AOR (RFC 3261 section 10.3, steps 6 to 8).
 *
 * `now` gets the registered contacts after it (static ones not included), also where
 * nothing changed; for a copy their expires_s is what to answer.  The caller releases it.
 */
enum ast_sip_register_result ast_sip_location_register(
	const struct ast_sip_registration *change, struct ast_sip_contacts *now);

SIP_API_END
