/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An endpoint as an object: its options and those of its auth sections, with what is made
 * of their passwords, in one piece of memory; shared by the settings in which it is the
 * same.
 *
 * Threads: made by one, read only afterwards; the count is atomic.
 */
#include "server/settings/endpoint_object.h"

#include "server/settings/options.h"

#include "res_sip/endpoint.h"

#include <stdlib.h>

static size_t auth_room(const struct sip_endpoint_parts *parts)
{
	size_t len = 0;

	for (size_t i = 0; i < parts->auth_count; i++)
		len += sip_options_room(sip_auth_table(), parts->auth[i]);
	return len;
}

static int make_ha1s(struct ast_sip_endpoint *endpoint, const char *realm)
{
	int result = 0;

	for (size_t i = 0; i < endpoint->auth_count && result == 0; i++)
		result = sip_ha1_make(&endpoint->auth[i], realm, &endpoint->ha1[i]);
	return result;
}

struct ast_sip_endpoint *sip_endpoint_create(const struct sip_endpoint_parts *parts)
{
	size_t options_len = sip_options_room(sip_endpoint_table(), parts->options);
	size_t one_auth = sizeof(struct sip_auth_config) + sizeof(struct sip_ha1);
	struct ast_sip_endpoint *endpoint;
	char *room;

	endpoint = calloc(1,
		sizeof(*endpoint) + parts->auth_count * one_auth + options_len +
			auth_room(parts));
	if (endpoint == NULL)
		return NULL;
	atomic_init(&endpoint->refs, 1);
	endpoint->auth = (struct sip_auth_config *)(endpoint + 1);
	endpoint->auth_count = parts->auth_count;
	endpoint->ha1 = (struct sip_ha1 *)(endpoint->auth + parts->auth_count);
	room = (char *)&endpoint->ha1[parts->auth_count];
	sip_options_copy(sip_endpoint_table(), &endpoint->options, parts->options, &room);
	for (size_t i = 0; i < parts->auth_count; i++)
		sip_options_copy(
			sip_auth_table(), &endpoint->auth[i], parts->auth[i], &room);
	if (make_ha1s(endpoint, parts->realm) != 0) {
		free(endpoint);
		return NULL;
	}
	return endpoint;
}

bool sip_endpoint_is(
	const struct ast_sip_endpoint *endpoint, const struct sip_endpoint_parts *parts)
{
	if (endpoint->auth_count != parts->auth_count ||
		!sip_options_equal(
			sip_endpoint_table(), &endpoint->options, parts->options))
		return false;
	for (size_t i = 0; i < parts->auth_count; i++) {
		if (!sip_options_equal(
			    sip_auth_table(), &endpoint->auth[i], parts->auth[i]))
			return false;
	}
	return true;
}

bool sip_endpoint_means_the_same(
	const struct ast_sip_endpoint *a, const struct ast_sip_endpoint *b)
{
	if (a == b)
		return true;
	if (a->auth_count != b->auth_count ||
		!sip_options_mean_the_same(
			sip_endpoint_table(), &a->options, &b->options))
		return false;
	for (size_t i = 0; i < a->auth_count; i++) {
		if (!sip_options_mean_the_same(
			    sip_auth_table(), &a->auth[i], &b->auth[i]))
			return false;
	}
	return true;
}

struct ast_sip_endpoint *ast_sip_endpoint_ref(struct ast_sip_endpoint *endpoint)
{
	atomic_fetch_add_explicit(
		&endpoint->refs, 1, memory_order_relaxed); /* held by the caller */
	return endpoint;
}

void ast_sip_endpoint_unref(struct ast_sip_endpoint *endpoint)
{
	if (endpoint != NULL && atomic_fetch_sub(&endpoint->refs, 1) == 1)
		free(endpoint);
}
