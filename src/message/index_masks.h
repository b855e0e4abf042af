/* SPDX-License-Identifier: BSD-2-Clause */
/* What the sweep wants to know of 64 bytes. */
#pragma once

#include <stdint.h>

struct masks {
	uint64_t line_feeds;
	uint64_t colons;
	uint64_t controls; /* below space, line feeds included, the tab not */
};

/** Bit 0 is the first byte. */
typedef struct masks masks_fn(const char *block);
