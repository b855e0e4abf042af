/* SPDX-License-Identifier: BSD-2-Clause */
/* Cross checks of endpoints: who is one, how that is proven, what he may do. */
#pragma once

#include "cross_check.h"

/* Endpoints, their auth sections and AORs, identify sections. */
void check_who(struct settings *settings);

/* The section [name] of that kind; NULL, and said at `at`, about `option`: there is none.
 */
const struct section *check_name(struct settings *settings, enum object_kind kind,
	const char *name, struct position at, const char *option, const char *type);

/* Where the value of an option stands; the section's place where it has none. */
struct position option_place(const struct section *section, const char *name);
