/* SPDX-License-Identifier: BSD-2-Clause */
/* What the sweep asks of a kind of processor: to look at many bytes at once. */
#pragma once

#include "message/hdr_id.h"

struct masks {
	uint64_t line_feeds;
	uint64_t controls; /* below space: line feeds and tabs included */
};

/** Of 64 bytes; bit 0 is the first. */
typedef struct masks masks_fn(const char *block);

/** Where the first colon stands in 32 bytes; 32: nowhere. */
typedef uint32_t colon_fn(const char *at);

/** As sip_hdr_differs(); may read 32 bytes. */
typedef bool differs_fn(const char *name, const struct sip_hdr_row *row);

struct sweep_eyes {
	masks_fn *masks_of;
	colon_fn *colon_of;
	differs_fn *differs;
};
