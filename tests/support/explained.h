/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Explanations of requests to a world (world.h, ask.h).
 *
 *     struct explained *e = EXPLAIN(w, .method = "OPTIONS");
 *     CHECK_SAYS(e, "authenticate", "challenged");
 *     explained_free(&e);
 *
 * Each checks that nothing of it is left: no message, counter, slab, transaction, call or
 * contact is other than before.
 */
#pragma once

#include "support/ask.h"

#include "res_sip/explain.h"

struct explained {
	struct sip_explanation *explanation;
};

/** Of these bytes, from there. */
struct explained *explain_bytes(
	struct world *world, struct sip_str text, const struct sip_addr *from);

/** With line feeds for CRLF; NULL: from STRANGER. */
struct explained *explain_text(struct world *world, const char *text, const char *peer);

struct explained *explain(struct world *world, const struct ask *what);
#define EXPLAIN(world, ...) explain(world, &(struct ask){ __VA_ARGS__ })

/** Likewise of a peer whose certificate has proved that name. */
struct explained *explain_proved(
	struct world *world, const struct ask *what, const char *certificate);

/** Likewise with credentials for a fresh nonce. */
struct explained *explain_as(struct world *world, struct ask what);
#define EXPLAIN_AS(world, ...) explain_as(world, (struct ask){ __VA_ARGS__ })

/** A step as text: `verdict\nline (file:1)\n...`; "" where it is not there.  Static
 * buffer. */
const char *explained_step(const struct explained *explained, const char *name);

/** A message that would be sent and begins so; "" where there is none. */
const char *explained_message(const struct explained *explained, const char *start);

void explained_free(struct explained **explained);

/** A step's text has that in it. */
#define CHECK_SAYS(explained, step, wanted)                                              \
	do {                                                                             \
		if (strstr(explained_step(explained, step), wanted) == NULL)             \
			check_failed(__FILE__, __LINE__, "%s says %s", step,             \
				explained_step(explained, step));                        \
	} while (0)

/** ... and begins with it. */
#define CHECK_VERDICT(explained, step, wanted)                                           \
	do {                                                                             \
		if (strncmp(explained_step(explained, step), wanted "\n",                \
			    sizeof(wanted)) != 0)                                        \
			check_failed(__FILE__, __LINE__, "%s says %s", step,             \
				explained_step(explained, step));                        \
	} while (0)
