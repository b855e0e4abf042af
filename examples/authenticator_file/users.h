/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * The user file: a line `user:realm:HA1` for each, as htdigest(1) writes it.
 *
 * It is AUTHENTICATOR_FILE in the environment, else `users` beside res_sip.conf.  A task
 * of a work of its own looks once a second whether it has changed, reads it aside and
 * swaps the table: who looks a user up never waits for a disk.
 *
 * Threads: users_find() any, the others one.
 */
#pragma once

#include "digest.h"

/** Read it, and go on looking.  0, or -1 (logged): it can't be read, out of memory. */
SIP_MUST_USE int users_open(void);

/** Look no more; the users are found as before. */
void users_stop(void);

/** Forget them. */
void users_free(void);

/** The secret of a user; of nobody, which nothing matches, where there is none: then it
 * is false. */
bool users_find(struct sip_str user, struct sip_str realm, struct ha1 *ha1);
