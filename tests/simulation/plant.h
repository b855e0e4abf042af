/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Mistakes on purpose: what a server sends is taken away before anybody sees it, as if it
 * had forgotten it; or it does what it should not.  They show that the rules find what
 * they are for.
 */
#pragma once

#include "sip_text.h"

#include <stdio.h>

struct host;
struct sim;

/** The mistake that the options name makes the server forget this message. */
bool plant_swallows(const struct sim *sim, struct slice bytes);

/** The server, which has just started, makes the mistake from now on. */
void plant_begin(struct host *host);

/** The name of each, in a line. */
void plants_list(FILE *out);

bool plant_exists(const char *name);
