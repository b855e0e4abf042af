/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Names of TLS peers by number: see tls_host.h.
 *
 * A number is a place and how often that place was given: one that has gone is never
 * taken for the next.
 */
#include "transport/tls_host.h"

#include "transport/transport.h"

#include "res_sip/error.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define ROOM      (SIP_TLS_HOST_PLACES * SIP_TLS_HOST_WAYS)
#define GIVEN_MAX (SIP_HOST_SECURE / ROOM - 1)

void sip_tls_hosts_init(struct sip_tls_hosts *hosts, struct sip_random *random)
{
	sip_leaf_lock_init(&hosts->lock);
	sip_random_bytes(random, &hosts->key, sizeof(hosts->key));
}

static struct sip_tls_host *at(struct sip_tls_hosts *hosts, uint32_t number)
{
	return &hosts->host[number % ROOM / SIP_TLS_HOST_WAYS]
			   [number % SIP_TLS_HOST_WAYS];
}

static uint32_t number_of(
	const struct sip_tls_hosts *hosts, const struct sip_tls_host *host)
{
	return host->given * ROOM + (uint32_t)(host - &hosts->host[0][0]);
}

void sip_tls_hosts_fini(struct sip_tls_hosts *hosts)
{
	for (uint32_t i = 0; i < ROOM; i++) {
		free(at(hosts, i)->name);
		at(hosts, i)->name = NULL;
	}
	sip_leaf_lock_fini(&hosts->lock);
}

bool sip_tls_is_host(struct sip_str *name)
{
	if (name->len > 0 && name->ptr[name->len - 1] == '.')
		name->len--;
	for (size_t i = 0; i < name->len; i++) {
		unsigned char c = (unsigned char)name->ptr[i];

		if (c >= 0x80 || (!isalnum(c) && c != '-' && c != '.' && c != '_'))
			return false;
	}
	return name->len > 0;
}

/* In lower case, without the root's dot; false: it is no host's name. */
static bool normalise(struct sip_str name, char *text)
{
	if (!sip_tls_is_host(&name) || name.len >= SIP_TLS_HOST_LEN)
		return false;
	for (size_t i = 0; i < name.len; i++)
		text[i] = (char)tolower((unsigned char)name.ptr[i]);
	text[name.len] = '\0';
	return true;
}

/* The one of that name, else the one to be given up; under the lock. */
static struct sip_tls_host *choose(struct sip_tls_host *place, const char *name)
{
	struct sip_tls_host *chosen = &place[0];

	for (unsigned i = 0; i < SIP_TLS_HOST_WAYS; i++) {
		if (place[i].name != NULL && strcmp(place[i].name, name) == 0)
			return &place[i];
		if (place[i].used < chosen->used)
			chosen = &place[i];
	}
	return chosen;
}

int sip_tls_hosts_find(struct sip_tls_hosts *hosts, struct sip_str name, uint32_t *number)
{
	char text[SIP_TLS_HOST_LEN];
	struct sip_tls_host *host;
	struct sip_addr addr;
	char *spare;
	uint64_t hash;

	if (sip_addr_parse(name, 1, &addr) == SIP_OK) {
		*number = 0;
		return SIP_OK;
	}
	if (!normalise(name, text))
		return SIP_ESYNTAX;
	spare = strdup(text);
	if (spare == NULL)
		return SIP_EMEMORY;
	hash = sip_hash(&hosts->key, text, strlen(text));
	sip_leaf_lock(&hosts->lock);
	host = choose(hosts->host[hash % SIP_TLS_HOST_PLACES], text);
	host->used = ++hosts->used;
	if (host->name == NULL || strcmp(host->name, text) != 0) {
		char *before = host->name;

		host->name = spare;
		spare = before;
		/* A million names later they come again, but for 0. */
		host->given = host->given % GIVEN_MAX + 1;
	}
	*number = number_of(hosts, host);
	sip_leaf_unlock(&hosts->lock);
	free(spare);
	return SIP_OK;
}

uint32_t sip_tls_hosts_number(struct sip_tls_hosts *hosts, struct sip_str name)
{
	char text[SIP_TLS_HOST_LEN];
	const struct sip_tls_host *host;
	uint32_t number = 0;
	uint64_t hash;

	if (!normalise(name, text))
		return 0;
	hash = sip_hash(&hosts->key, text, strlen(text));
	sip_leaf_lock(&hosts->lock);
	host = choose(hosts->host[hash % SIP_TLS_HOST_PLACES], text);
	if (host->name != NULL && strcmp(host->name, text) == 0)
		number = number_of(hosts, host);
	sip_leaf_unlock(&hosts->lock);
	return number;
}

bool sip_tls_hosts_name(struct sip_tls_hosts *hosts, uint32_t number, char *text)
{
	const struct sip_tls_host *host;
	bool found;

	number &= ~SIP_HOST_SECURE;
	host = at(hosts, number);
	sip_leaf_lock(&hosts->lock);
	found = host->name != NULL && number_of(hosts, host) == number;
	if (found)
		memcpy(text, host->name, strlen(host->name) + 1);
	sip_leaf_unlock(&hosts->lock);
	return found;
}
