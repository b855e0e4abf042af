/* SPDX-License-Identifier: BSD-2-Clause */
/** Endpoints by address and by certificate, for the folder (public side:
 * res_sip/endpoint.h). */
#pragma once

#include "server/settings/snapshot.h"

/** Make settings->match of the identify sections; the endpoints are there already.
 * SIP_EMEMORY, SIP_EINVALID with `error`. */
SIP_MUST_USE int sip_match_compile(
	struct sip_settings *settings, const struct sip_config *config, char *error);

/** The identify section that says whose the address is; NULL: none does. */
const struct sip_match_section *sip_match_section(
	const struct sip_settings *settings, const struct sip_addr *addr);

/** The endpoint of the first of the names (NULL: none) that is in an identify section;
 * not counted; NULL: none is. */
struct ast_sip_endpoint *sip_match_certificate(
	const struct sip_settings *settings, const struct sip_peer_names *names);

/** The endpoint of the longest network that has the address; not counted; NULL: none. */
struct ast_sip_endpoint *sip_match_find(
	const struct sip_settings *settings, const struct sip_addr *addr);
