/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What goes wrong in a simulation: a table of named faults, each of which a seed may
 * have.
 *
 * A fault draws from a stream of its own, so that one more in the table changes nothing
 * in what the others do.
 */
#pragma once

#include "draw.h"

#include <stdio.h>

struct sim;

struct fault {
	const char *name;
	unsigned permille; /* of the seeds that have it */
	/* Sets the network, or schedules events in the agenda. */
	void (*begin)(struct sim *sim, struct draw *draw);
};

/** Begins those that the seed has; only the one that the options name, where they name
 * one.  Some are what the servers are like, and begin `before` these. */
void faults_begin(struct sim *sim, bool before);

/** The name of each, in a line. */
void faults_list(FILE *out);

bool fault_exists(const char *name);
