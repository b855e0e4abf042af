/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * Servants: threads that run a reactor, or as spares single works.
 */
#pragma once

#include "work/reactor.h"
#include "work/thread.h"

#include <pthread.h>

enum sip_servant_life {
	SIP_SERVANT_NONE, /* the place is free */
	SIP_SERVANT_ALIVE,
	SIP_SERVANT_ENDED, /* to be joined */
};

struct sip_servant {
	_Alignas(SIP_APART) struct sip_pool *pool;
	unsigned number;
	uint64_t released;       /* the word of its reactor, while a callback runs */
	uint64_t now_us;         /* when it last read the clock */
	unsigned now_age;        /* steps since */
	struct sip_atomic tasks; /* its own count, read by others */
	struct sip_atomic longest_wait_us; /* likewise; set to 0 by the reader */
	struct sip_atomic thread_id;       /* the kernel's */

	/* Guarded by the pool's spares.mutex. */
	enum sip_servant_life life;
	struct sip_list parked;    /* in spares.parked, or alone */
	struct sip_reactor *given; /* a reactor to run */
	pthread_cond_t wake;
	pthread_t thread;
};

/** The time, read anew if that was some steps ago. */
uint64_t sip_servant_now_us(struct sip_servant *servant);
/** Read the clock. */
uint64_t sip_servant_read_clock(struct sip_servant *servant);

/** Run the work's next tasks, and put it where it goes from here. */
void sip_turn_run(struct sip_servant *servant, struct ast_sip_work *work);

/** The thread owns the reactor from here on. */
void sip_servant_own(struct sip_servant *servant, struct sip_reactor *reactor);

/** Threads' main function; arg is the servant. */
void *sip_servant_main(void *arg);
