/* SPDX-License-Identifier: BSD-2-Clause */
/* Stages, each for all that came together: see ahead.h. */
#include "server/ahead.h"

#include "server/auth/nonce.h"
#include "server/settings/snapshot.h"

/* As many as a socket is read for at once. */
#define AHEAD_MAX 64

/* What of an endpoint is looked at: it, its auth section, and what they point to behind
 * them. */
#define ENDPOINT_LEN                                                                     \
	(sizeof(struct ast_sip_endpoint) + sizeof(struct sip_auth_config) +              \
		2 * SIP_CACHE_LINE)

/* What is known of the requests that came together: hashes of names. */
struct ahead {
	struct sip_server *server;
	const struct sip_settings *settings;
	uint64_t caller[AHEAD_MAX]; /* who asks */
	unsigned caller_count;
	uint64_t callee[AHEAD_MAX]; /* who is called, or registers */
	uint64_t place[AHEAD_MAX];  /* of the same, in the location */
	unsigned callee_count;
};

/* The user of `sip:user@...`, as it is written; empty: none. */
static struct sip_str user_of(struct sip_str uri)
{
	size_t begin = uri.len > 5 && uri.ptr[3] == ':' ? 4 : 5;
	const char *at;

	if (uri.len <= begin)
		return (struct sip_str){ NULL, 0 };
	uri.ptr += begin;
	at = memchr(uri.ptr, '@', uri.len - begin);
	return (struct sip_str){ uri.ptr, at != NULL ? (size_t)(at - uri.ptr) : 0 };
}

/* The nonce of credentials, if it is as long as ours; what it may be taken for else does
 * no harm. */
static struct sip_str nonce_of(struct sip_str credentials)
{
	static const char name[] = "nonce=\"";
	const size_t name_len = sizeof(name) - 1;
	const char *end = credentials.ptr + credentials.len;
	const char *at = credentials.ptr;

	while ((at = memchr(at, ',', (size_t)(end - at))) != NULL) {
		if ((size_t)(end - at) < 2 + name_len + SIP_NONCE_LEN)
			break;
		at += at[1] == ' ' ? 2 : 1;
		if (memcmp(at, name, name_len) == 0)
			return (struct sip_str){ at + name_len, SIP_NONCE_LEN };
	}
	return (struct sip_str){ NULL, 0 };
}

static void begin_callee(struct ahead *ahead, struct sip_str user, uint64_t hash)
{
	unsigned i = ahead->callee_count++;

	ahead->callee[i] = hash;
	ahead->place[i] = sip_location_hash(ahead->server->location, user);
	sip_names_prefetch(&ahead->settings->aors, hash);
	sip_location_prefetch_shard(ahead->server->location, ahead->place[i]);
}

static void begin_caller(struct ahead *ahead, uint64_t hash)
{
	ahead->caller[ahead->caller_count++] = hash;
	sip_names_prefetch(&ahead->settings->endpoints, hash);
}

/* Who registers mostly has the name of his AOR, and gets no further without credentials.
 */
static void begin_registration(struct ahead *ahead, const struct sip_msg *msg)
{
	struct sip_str credentials = sip_msg_header(msg, SIP_HDR_AUTHORIZATION);
	struct sip_str user = user_of(msg->to.uri);
	uint64_t hash = sip_names_hash(user);

	begin_caller(ahead, hash);
	if (credentials.ptr == NULL)
		return;
	begin_callee(ahead, user, hash);
	sip_nonce_prefetch(ahead->server->nonces, nonce_of(credentials));
}

static void begin(struct ahead *ahead, const struct sip_msg *msg)
{
	struct sip_str user = msg->request_uri.user;

	if (!msg->is_request || msg->to_tag.ptr != NULL || msg->method == SIP_CANCEL ||
		msg->method == SIP_ACK)
		return;
	if (msg->method == SIP_REGISTER) {
		begin_registration(ahead, msg);
		return;
	}
	begin_caller(ahead, sip_names_hash(user_of(msg->from.uri)));
	if (user.len > 0)
		begin_callee(ahead, user, sip_names_hash(user));
}

static void go_on(const struct ahead *ahead)
{
	const struct sip_settings *settings = ahead->settings;
	const struct sip_location *location = ahead->server->location;

	for (unsigned i = 0; i < ahead->caller_count; i++)
		sip_names_prefetch_object(
			&settings->endpoints, ahead->caller[i], ENDPOINT_LEN);
	for (unsigned i = 0; i < ahead->callee_count; i++) {
		sip_names_prefetch_object(
			&settings->aors, ahead->callee[i], sizeof(struct sip_aor_config));
		sip_location_prefetch_slot(location, ahead->place[i]);
	}
	for (unsigned i = 0; i < ahead->callee_count; i++)
		sip_location_prefetch_record(location, ahead->place[i]);
	for (unsigned i = 0; i < ahead->callee_count; i++)
		sip_location_prefetch_contact(location, ahead->place[i]);
}

void sip_look_ahead(
	struct sip_server *server, struct sip_rx_data *const *batch, unsigned count)
{
	struct ahead ahead;

	/* One alone would only wait here for what it waits for later. */
	if (count < 2)
		return;
	ahead.server = server;
	ahead.caller_count = 0;
	ahead.callee_count = 0;
	sip_rcu_read_begin();
	ahead.settings = sip_rcu_read(&server->snapshot)->settings;
	for (unsigned i = 0; i < count && i < AHEAD_MAX; i++)
		begin(&ahead, &batch[i]->msg);
	go_on(&ahead);
	sip_rcu_read_end();
}
