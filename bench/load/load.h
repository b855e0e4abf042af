/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The load generator: operations in progress, and the scenarios they follow.
 *
 * An operation is what a person would count: an OPTIONS answered, a phone
 * registered, a call made and ended.  Its number and generation stand in its
 * branches and Call-IDs, so that every message finds its operation in one step,
 * and a late one is told from one that belongs here.
 */
#pragma once

#include "digest.h"
#include "histogram.h"
#include "net.h"

#define NEVER       UINT64_MAX
#define T1_NS       UINT64_C(500000000)
#define T2_NS       UINT64_C(4000000000)
#define PATIENCE_NS UINT64_C(8000000000) /* then a request counts as failed */

/* Who is not let in goes sooner, or they would be more than the generator has room for.
 */
#define OVERLOAD_PATIENCE_NS UINT64_C(900000000)

#define ROUTE_MAX 1024

/* Processes of a server. */
#define SERVER_PIDS_MAX 32

struct options {
	const char *host;
	uint16_t port;
	const char *domain;
	const char *scenario;
	double seconds;
	double warmup_seconds;
	unsigned in_progress;
	double rate; /* of starts per second; 0: closed loop */
	unsigned users;
	unsigned first_user;
	unsigned count;  /* so many operations at once, instead of a time; 0: a time */
	unsigned before; /* so many operations before those, which are not measured */
	unsigned cycles; /* so often both, and a rest, the first time not measured; 0:
			    once */
	double hold_seconds; /* of a call, between its ACK and a re-INVITE; 0: neither */
	bool overload;       /* a refusal is no failure */
	unsigned pairs;      /* of sockets, which users have by turns */
	bool trunk;          /* one address and port for callers and callees */
	const char *password;
	const char
		*run; /* makes Call-IDs of this run its own; NULL: time and process do */
	int server_pid[SERVER_PIDS_MAX]; /* 0 ends them; none: none to measure */
	bool brief;                      /* the line for programs only */
};

/* A message that is sent again until it is answered. */
struct resend {
	uint64_t at_ns;   /* NEVER: not any more */
	uint64_t sent_ns; /* last */
	uint64_t *due_ns; /* its operation's, in load.due_ns */
	uint64_t interval_ns;
	uint64_t give_up_ns;
	unsigned socket;
	struct sockaddr_in to;
	size_t len;
	char text[DATAGRAM_MAX / 2];
};

struct user {
	char name[32];
	char contact[96]; /* sip:user0001@127.0.0.1:40000 */
	char call_id[64];
	uint32_t cseq;
	unsigned caller; /* the sockets that are used for it */
	unsigned callee;
	bool busy;
	struct credentials credentials;
};

struct op {
	uint32_t number;
	uint32_t generation;
	bool busy;
	uint64_t scheduled_ns;
	uint64_t let_in_ns;   /* when the copy of its first request was sent that was
				 answered; 0 */
	struct user *user;    /* who registers, or is called */
	unsigned tries;       /* of a registration */
	unsigned last_status; /* of its responses; 0: none yet */

	/* The caller's transaction that is under way. */
	uint32_t transaction; /* counts, and stands in the branch */
	struct span method;
	struct span call_id;
	uint32_t cseq;
	struct resend request;
	char own_call_id[48];

	/* A call. */
	uint64_t hold_until_ns; /* NEVER: it is not held */
	bool again;             /* it is in its re-INVITE */
	bool answered;          /* the callee has sent its 200 */
	bool acknowledged;      /* the callee has its ACK */
	bool established;       /* the caller has the 200 */
	struct resend answer;   /* the callee's 200, until the ACK */
	size_t ack_len;         /* the caller's ACK, for 200s that come again */
	struct sockaddr_in next_hop;
	char ack[DATAGRAM_MAX / 2];
	char remote_tag[96];
	char remote_target[192];
	char route[ROUTE_MAX]; /* Route lines */
};

struct load;

struct scenario {
	const char *name;
	bool callees;   /* they must be registered first */
	bool primed;    /* every user must have registered once */
	bool exclusive; /* an operation has its user to itself */
	void (*start)(struct load *load, struct op *op);
	void (*response)(struct load *load, struct op *op, const struct message *message);
	/* To the callee; NULL: none comes. */
	void (*request)(struct load *load, struct op *op, const struct message *message);
	/* A response to a transaction that is over; NULL: nothing is to be done about it.
	 */
	void (*again)(struct load *load, struct op *op, const struct message *message);
	/* Its hold_until_ns has come. */
	void (*held)(struct load *load, struct op *op);
};

struct figures {
	uint64_t done;
	uint64_t failed;
	uint64_t retransmissions; /* of ours */
	uint64_t strays;          /* messages of operations that are over */
	uint64_t stale;           /* challenges where none was expected */
	/* Under overload, before the operation was let in. */
	uint64_t refused;         /* with 503 */
	uint64_t unanswered;      /* not at all */
	uint64_t skipped;         /* starts for which the generator had no room */
	struct histogram latency; /* from the scheduled start */
	struct histogram inside;  /* from the sending of what was let in */
};

struct load {
	struct options options;
	struct net net;
	const struct scenario *scenario;
	char run[17];
	uint64_t now_ns;
	struct op *op;
	unsigned op_count;
	/* When each has something to do, at the earliest: thousands that wait are not
	 * walked through themselves. */
	uint64_t *due_ns;
	struct op **idle;
	unsigned idle_count;
	struct user *user;
	unsigned user_count;
	unsigned next_user;
	unsigned complaints; /* printed */
	struct figures figures;
};

extern const struct scenario scenario_options;
extern const struct scenario scenario_register;
extern const struct scenario scenario_refresh;
extern const struct scenario scenario_enrol; /* registers the callees */
extern const struct scenario scenario_message;
extern const struct scenario scenario_call;

/* ---- clock.c ---- */

uint64_t clock_ns(void);

/* ---- op.c: one operation ---- */

void op_start(struct load *load, struct op *op, uint64_t scheduled_ns);
void op_done(struct load *load, struct op *op);
void op_fail(struct load *load, struct op *op, const char *reason);

/* Under overload, where the response is a 503 to what was not let in yet: the operation
 * is over. */
bool op_refused(struct load *load, struct op *op, const struct message *message);

/* The operation whose own Call-ID this is; NULL: none under way. */
struct op *op_of_call_id(struct load *load, struct span call_id);
struct op *op_of_branch(struct load *load, struct span via);

/* Begin a request in a new transaction: request line, Via, Max-Forwards, From, To,
 * Call-ID, CSeq. */
struct request {
	unsigned socket;
	struct span method;
	struct span uri;
	struct span from; /* sip:caller@example.com; the tag is the operation's */
	struct span to;   /* all of the field */
	struct span call_id;
	uint32_t cseq;
};
void op_request(struct load *load, struct op *op, const struct request *request,
	struct writer *writer);

/* Send it, and again until op_settle(). */
void op_send(struct load *load, struct op *op, const struct writer *writer,
	const struct sockaddr_in *to);
void op_settle(struct op *op);

/* Repeat `writer`'s message through `resend`, as TU or transaction would. */
void resend_start(struct load *load, struct resend *resend, unsigned socket,
	const struct writer *writer, const struct sockaddr_in *to);
void send_text(struct load *load, unsigned socket, const char *text, size_t len,
	const struct sockaddr_in *to);

/* What every response to the request under way must have; false: it failed the operation.
 */
bool op_check_response(struct load *load, struct op *op, const struct message *message);

/* What every request to the callee must have; likewise. */
bool op_check_request(struct load *load, struct op *op, const struct message *message);

/* Begin the callee's response: status line, Via, Record-Route, From, To, Call-ID, CSeq.
 */
void op_response(struct load *load, struct op *op, const struct message *request,
	struct span status, struct writer *writer);

/* The address in the topmost Via. */
bool response_address(const struct message *request, struct sockaddr_in *to);

/* Of all operations: send again what is due, give up what is too old. */
void ops_look(struct load *load);

/* ---- run.c ---- */

struct limit {
	double warmup_seconds;
	double seconds; /* 0: until `count` operations are over */
	uint64_t count;
};

struct measured {
	double seconds;
	double server_cpu_seconds;
	double server_end_seconds;  /* likewise, in the rest after each cycle */
	int64_t server_grown_bytes; /* resident */
	double own_cpu_seconds;
	uint64_t kernel_drops;
	uint64_t sent;
	uint64_t received;
};

void run(struct load *load, const struct scenario *scenario, const struct limit *limit,
	struct measured *measured);

/* ---- report.c ---- */

void report(const struct load *load, const struct measured *measured);
uint64_t kernel_drops(void);

/* ---- cpu.c ---- */

double server_cpu_seconds(const struct options *options);

/* Resident; 0: of no process. */
int64_t server_resident_bytes(const struct options *options);
