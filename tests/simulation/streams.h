/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a seed with streams is like: who speaks TCP, what connections may do, and who else
 * calls the servers.
 */
#pragma once

#include "stream_net.h"

#include "cast.h"

struct draw;
struct host;
struct sim;
struct sip_config;

struct streams {
	struct stream_net net;
	struct draw draw;
	bool trunk; /* the servers speak TCP with each other */
	bool phone[CAST_PHONES_MAX];
	unsigned max_per_source;
	unsigned max_unsent_kib;
	unsigned keep_alive_s;
	unsigned first_ms;
	unsigned message_ms;
	unsigned write_ms;
};

/** The fault "streams". */
void faults_streams(struct sim *sim, struct draw *draw);

/** When all are there: who calls and is none of the cast. */
void streams_begin(struct sim *sim);

void streams_fini(struct sim *sim);

/** What the servers are told of it. */
void streams_configure(const struct sim *sim, unsigned host, struct sip_config *config);

/** The server opens its port. */
void streams_open_port(struct host *host);

/** Rule nothing-left: of the server's connections there is what the network has of them,
 * and nothing waits to be sent. */
void streams_check_empty(struct host *host);
/** It has stopped, and something waits to be sent. */
bool streams_wait(const struct host *host);
/** It has been destroyed: the network has nothing of it. */
void streams_check_gone(struct host *host);

/** Who is there has no power any more. */
bool streams_is_mute(const struct sim *sim, struct place place);
