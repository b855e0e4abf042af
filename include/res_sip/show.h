/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * Looking at a running server: what `res_sip show` tells.
 *
 * An answer is one table of text or several.  Names of tables and columns stay what they
 * are: programs read them.
 *
 * Threads: any but those of the server (never from a task): some answers are put together
 * by the server's works, and waited for.
 */
#pragma once

#include "res_sip/compiler.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

SIP_API_BEGIN

struct sip_server;

/** What the text of a column's values means. */
enum sip_show_kind {
	SIP_SHOW_TEXT,
	SIP_SHOW_NUMBER, /* digits */
	SIP_SHOW_FLAG,   /* `yes` or `no` */
	SIP_SHOW_LIST,   /* items with commas between them; may be empty */
};

/** A column of a table. */
struct sip_show_column {
	const char *name; /* small letters and spaces */
	enum sip_show_kind kind;
};

/** How a table is best printed. */
enum sip_show_shape {
	SIP_SHOW_ROWS,    /* many things, each with a few values */
	SIP_SHOW_RECORDS, /* a few things, each with many values */
	SIP_SHOW_PAIRS,   /* two columns, a name and its value; no name comes twice */
};

/** Who takes the answer; texts are borrowed for the call. */
struct sip_show_sink {
	void *arg;
	/** A table begins; its name tells it from the others of the answer. */
	void (*table)(void *arg, const char *name, enum sip_show_shape shape,
		const struct sip_show_column *columns, size_t count);
	/** A value for each column; NULL: there is none. What peers wrote is in it as it
	 * came. */
	void (*row)(void *arg, const char *const *values);
};

/** What is asked. */
struct sip_show_query {
	const char *what; /* `contacts`; sip_show_what() has all */
	const char *name; /* which one; NULL: `what` is about all */
	uint32_t limit;   /* rows at most, where `what` has a limit; 0: its own */
};

/**
 * Ask, and have `sink` called with the answer.
 *
 * 0
 * SIP_EUNSUPPORTED  there is nothing of that `what`
 * SIP_EINVALID      it wants a name, or takes none
 * SIP_ENOTFOUND     there is none of that name
 * SIP_EMEMORY
 */
SIP_MUST_USE int sip_server_show(struct sip_server *server,
	const struct sip_show_query *query, const struct sip_show_sink *sink);

/** Everything that can be shown, in order, and whether it wants a name; NULL behind the
 * last. */
const char *sip_show_what(size_t index, bool *wants_name);

SIP_API_END
