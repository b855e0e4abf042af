/* SPDX-License-Identifier: BSD-2-Clause */
/** Making endpoints, for the folder (public side: res_sip/endpoint.h). */
#pragma once

#include "server/settings/snapshot.h"

/* What an endpoint is made of; borrowed. */
struct sip_endpoint_parts {
	const struct sip_endpoint_config *options;
	const struct sip_auth_config *const *auth; /* in the order of its `auth=` */
	size_t auth_count;
	const char *realm; /* that they are challenged with */
};

/** With one reference; NULL: out of memory. */
struct ast_sip_endpoint *sip_endpoint_create(const struct sip_endpoint_parts *parts);

/** A new one of these parts would be the same, the realm apart. */
bool sip_endpoint_is(
	const struct ast_sip_endpoint *endpoint, const struct sip_endpoint_parts *parts);

/** They differ at most in where they were written. */
bool sip_endpoint_means_the_same(
	const struct ast_sip_endpoint *a, const struct ast_sip_endpoint *b);
