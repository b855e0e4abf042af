/* SPDX-License-Identifier: BSD-2-Clause */
/* The limits of a message: limits.h. */
#include "server/settings/limits.h"

#include <stdlib.h>

int sip_limits_prepare(const struct sip_server *server,
	const struct sip_global_config *global, struct sip_limits **out)
{
	const struct sip_limits *now = atomic_load(&server->limits);
	struct sip_limits *limits;

	*out = NULL;
	if (now != NULL && now->limits.header_bytes == global->max_header_bytes &&
		now->limits.headers == global->max_headers &&
		now->limits.body_bytes == global->max_body_bytes)
		return 0;
	limits = calloc(1, sizeof(*limits));
	if (limits == NULL)
		return SIP_EMEMORY;
	limits->limits = (struct sip_msg_limits){
		.header_bytes = global->max_header_bytes,
		.headers = global->max_headers,
		.body_bytes = global->max_body_bytes,
	};
	*out = limits;
	return 0;
}

void sip_limits_use(struct sip_server *server, struct sip_limits **limits)
{
	if (*limits == NULL)
		return;
	(*limits)->before = atomic_load(&server->limits);
	/* release: with the acquire in sip_limits_of() */
	atomic_store_explicit(&server->limits, *limits, memory_order_release);
	*limits = NULL;
}

void sip_limits_destroy(struct sip_limits **place)
{
	struct sip_limits *limits = *place;

	*place = NULL;
	while (limits != NULL) {
		struct sip_limits *before = limits->before;

		free(limits);
		limits = before;
	}
}
