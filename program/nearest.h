/* SPDX-License-Identifier: BSD-2-Clause */
/* The known name that a mistyped one was most likely meant to be. */
#pragma once

#include <res_sip.h>

struct nearest {
	struct sip_str word;
	const char *name;  /* the best so far; NULL: none is near enough */
	unsigned distance; /* of it */
};

void nearest_init(struct nearest *nearest, struct sip_str word);

/* Is `name` nearer than what was seen before? */
void nearest_try(struct nearest *nearest, const char *name);

/* How many letters have to be changed, added, left out or swapped with their neighbour to
 * make `a` of `b`; letters without case.  UINT_MAX for words longer than any name we
 * know. */
unsigned edit_distance(struct sip_str a, struct sip_str b);
