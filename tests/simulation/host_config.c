/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The configuration of a server: its own users with password and AOR, the other server
 * known by its address, and an AOR for each of the other's users that leads there.
 */
#include "host_config.h"

#include <arpa/inet.h>

struct sip_addr host_addr(struct place place)
{
	struct sip_addr addr = { 0 };

	addr.v4.sin_family = AF_INET;
	addr.v4.sin_addr.s_addr = htonl(place.ip);
	addr.v4.sin_port = htons(place.port);
	return addr;
}

struct place host_place(const struct sip_addr *addr)
{
	return (struct place){ ntohl(addr->v4.sin_addr.s_addr),
		ntohs(addr->v4.sin_port) };
}

static struct sip_config_list list_of(struct memory *memory, const char *text)
{
	const char **item = memory_take(memory, sizeof(*item));

	*item = text;
	return (struct sip_config_list){ item, 1 };
}

static void configure_own(struct sip_endpoint_config *endpoint,
	struct sip_auth_config *auth, const struct cast_user *user, struct memory *memory)
{
	sip_endpoint_config_init(endpoint);
	endpoint->name = user->name;
	endpoint->aors = list_of(memory, user->name);
	endpoint->auth = list_of(memory, user->name);
	sip_auth_config_init(auth);
	auth->name = auth->username = user->name;
	auth->password = user->password;
}

static void configure_trunk(struct sip_config *config,
	struct sip_endpoint_config *endpoint, struct place other, struct memory *memory)
{
	struct sip_identify_match *match = memory_take(memory, sizeof(*match));
	struct sip_identify_config *identify = memory_take(memory, sizeof(*identify));

	sip_endpoint_config_init(endpoint);
	endpoint->name = "trunk";
	/* Without a password: who writes that name need not be the other server. */
	endpoint->identify_by = SIP_IDENTIFY_IP;
	*match = (struct sip_identify_match){ .prefix_len = 32 };
	match->network = host_addr((struct place){ other.ip, 0 });
	*identify = (struct sip_identify_config){
		.name = "trunk", .endpoint = "trunk", .match = match, .match_count = 1
	};
	config->identify = identify;
	config->identify_count = 1;
}

static void configure_aor(struct sip_aor_config *aor, const struct cast *cast,
	const struct cast_user *user, unsigned number, struct memory *memory)
{
	char place[PLACE_TEXT_LEN];

	sip_aor_config_init(aor);
	aor->name = user->name;
	aor->max_contacts = cast->host[number].max_contacts;
	aor->minimum_expiration = 10;
	if (user->host == number)
		return;
	aor->max_contacts = 0;
	place_text(cast->host[user->host].place, place);
	aor->contact = list_of(
		memory, memory_format(memory, "sip:%s@%s", user->name, place));
}

void host_configure(struct sip_config *config, const struct cast *cast, unsigned number,
	const struct cast_user *without, struct memory *memory)
{
	const struct cast_host *host = &cast->host[number];
	struct sip_endpoint_config *endpoint = memory_take(
		memory, (CAST_USERS_MAX + 1) * sizeof(*endpoint));
	struct sip_auth_config *auth = memory_take(
		memory, CAST_USERS_MAX * sizeof(*auth));
	struct sip_aor_config *aor = memory_take(memory, CAST_USERS_MAX * sizeof(*aor));
	unsigned own = 0;

	sip_config_init(config);
	for (unsigned i = 0; i < cast->user_count; i++) {
		const struct cast_user *user = &cast->user[i];

		configure_aor(&aor[i], cast, user, number, memory);
		if (user->host != number || user == without)
			continue;
		configure_own(&endpoint[own], &auth[own], user, memory);
		own++;
	}
	configure_trunk(config, &endpoint[own], cast->host[1 - number].place, memory);
	config->global.domain = list_of(memory, host->domain);
	config->global.failed_logins = host->failed_logins;
	config->global.nonce_lifetime_s = host->nonce_lifetime_s;
	config->endpoint = endpoint;
	config->endpoint_count = own + 1;
	config->auth = auth;
	config->auth_count = own;
	config->aor = aor;
	config->aor_count = cast->user_count;
}
