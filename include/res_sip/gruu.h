/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * URIs that name one phone of a user (GRUU, RFC 5627).
 *
 * A public one is the address of record with the phone's instance.  A temporary one has a
 * user part that tells nobody but this server whose it is; it holds as long as the phone
 * registers with the same Call-ID.  Neither is kept: both are written and read.
 *
 * Threads: any of the server's.
 */
#pragma once

#include "res_sip/compiler.h"
#include "res_sip/config.h"
#include "res_sip/location.h"
#include "res_sip/uri.h"

SIP_API_BEGIN

/** Room for any of them, and the NUL. */
#define AST_SIP_GRUU_LEN 512

/** What a URI of ours says of the phone that it means. */
struct ast_sip_gruu {
	const struct sip_aor_config *aor; /* NULL: whose it was is not known any more */
	struct sip_str instance;          /* of a public one, as written */
	uint64_t phone;                   /* of a temporary one */
	bool temporary;
};

/**
 * Write a contact's GRUU, whose address of record is `uri` (its user part and host count)
 * and the AOR `aor`.
 *
 * 0; -1: the contact names no instance, or they are too long for one.
 */
SIP_MUST_USE int ast_sip_gruu_write(const struct sip_uri *uri, const char *aor,
	const struct ast_sip_contact *contact, bool temporary, char *text);

/** Is the URI, whose host is ours, a GRUU?  Borrows it. */
bool ast_sip_gruu_read(const struct sip_uri *uri, struct ast_sip_gruu *gruu);

/** Is it the GRUU of that contact of its AOR? */
bool ast_sip_gruu_is_of(
	const struct ast_sip_gruu *gruu, const struct ast_sip_contact *contact);

SIP_API_END
