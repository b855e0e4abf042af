/* SPDX-License-Identifier: BSD-2-Clause */
/* What sections say about each other: names that exist, sense that holds together. */
#pragma once

#include "settings.h"

/* After all sections were read.  Leaves transports out that can't be opened yet. */
void cross_check(struct settings *settings);

/* The access lists: names that exist, lists that do what they read like. */
void check_acls(struct settings *settings);

/*
 * Compare `[global] endpoint_identifier_order=` with the order in which the modules
 * register their identifiers.  `modules` are the names of the modules, in the order of
 * loading.
 */
void cross_check_identifiers(
	struct settings *settings, const char *const *modules, size_t count);
