/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Finding things by kind and name: a hash table that only grows.
 *
 * Configurations have a hundred thousand sections; looking through all of them for each
 * name is not an option.
 */
#pragma once

#include "store.h"

struct name_slot {
	const char *name;
	uint32_t hash; /* with the kind in it: of another one the name is not looked at */
	unsigned kind;
	void *value;
};

struct names {
	struct store *store;
	struct name_slot *slots;
	size_t room; /* a power of two */
	size_t count;
};

/* What was kept under that kind and name; NULL: nothing. */
void *names_get(const struct names *names, unsigned kind, const char *name);
void *names_find(const struct names *names, unsigned kind, struct sip_str name);

/* Keep `value`, in the place of what was kept before, which is returned (NULL: nothing
 * was).  Borrows `name` for as long as the table. */
void *names_put(struct names *names, unsigned kind, const char *name, void *value);
