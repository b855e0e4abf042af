/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who is there: two servers, their users, and the phones of each, drawn from the seed.
 *
 * Server A serves a.example with the users 6001, 6002, ...; B serves b.example with
 * 7001, ...  Each knows the other by its address, and has for each of the other's users
 * an AOR whose contact is there, so that every user can be called from everywhere.
 */
#pragma once

#include "memory.h"

#define CAST_HOSTS      2
#define CAST_USERS_MAX  6
#define CAST_PHONES_MAX 12

struct cast_user {
	const char *name;
	const char *password;
	const char *aor; /* sip:6001@a.example */
	unsigned host;   /* which serves it */
};

/* What a phone is like. */
enum cast_kind {
	CAST_HONEST,
	CAST_WRONG_PASSWORD,
	CAST_REPLAYER, /* sends what it has seen of others */
	CAST_STRANGER, /* has no password, and tries everything */
};

struct cast_phone {
	const struct cast_user *user; /* a stranger's: whose name it takes */
	enum cast_kind kind;
	struct place place;
	const char *name; /* in ladders */
};

struct cast_host {
	const char *name; /* `A` */
	const char *domain;
	struct place place;
	unsigned reactors;
	unsigned max_contacts;
	unsigned nonce_lifetime_s;
	unsigned failed_logins; /* 0: nobody has to wait */
};

struct cast {
	struct cast_host host[CAST_HOSTS];
	struct cast_user user[CAST_USERS_MAX];
	unsigned user_count;
	struct cast_phone phone[CAST_PHONES_MAX];
	unsigned phone_count;
};

void cast_draw(struct cast *cast, struct memory *memory, uint64_t seed);

/** NULL: nobody has that name. */
const struct cast_user *cast_find(const struct cast *cast, struct slice name);

/** The server at that place; CAST_HOSTS: none. */
unsigned cast_host_at(const struct cast *cast, struct place place);
