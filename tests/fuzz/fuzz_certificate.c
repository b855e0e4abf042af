/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A certificate, DER: each of its names is a host's name or an address, whatever stands
 * in it; as many as there may be; and it proves exactly those.
 */
#include "require.h"
#include "transport/tls_names.h"

#include "res_sip/error.h"

#include <ctype.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
	X509 *certificate;
	unsigned count;
};

static bool is_host(struct sip_str name)
{
	for (size_t i = 0; i < name.len; i++) {
		unsigned char c = (unsigned char)name.ptr[i];

		if (c >= 0x80 || (!isalnum(c) && c != '-' && c != '.' && c != '_'))
			return false;
	}
	return name.len > 0;
}

static bool look(void *arg, struct sip_str name)
{
	struct seen *seen = arg;
	struct sip_addr addr;

	seen->count++;
	if (sip_addr_parse(name, 0, &addr) == SIP_OK) {
		REQUIRE(sip_tls_names_prove(seen->certificate, NULL, &addr));
	} else {
		char host[1024];

		REQUIRE(is_host(name));
		if (name.len < sizeof(host)) {
			memcpy(host, name.ptr, name.len);
			host[name.len] = '\0';
			REQUIRE(sip_tls_names_prove(seen->certificate, host, &addr));
		}
	}
	return false;
}

/* All of them, or none where it has ended. */
static void check_collection(const struct seen *seen, const struct sip_addr *peer)
{
	struct sip_peer_names *names = sip_tls_names_collect(seen->certificate, peer);
	bool proves = sip_tls_names_prove(seen->certificate, NULL, peer);

	REQUIRE(names != NULL);
	REQUIRE(names->count == seen->count || names->count == 0);
	REQUIRE(proves || !names->address);
	for (size_t i = 0; i < names->count; i++)
		REQUIRE(sip_peer_names_have(names, names->name[i]));
	sip_peer_names_unref(&names);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const unsigned char *at = data;
	struct seen seen = { d2i_X509(NULL, &at, (long)size), 0 };
	struct sip_addr peer = { .v4 = { .sin_family = AF_INET } };

	if (seen.certificate == NULL)
		return 0;
	REQUIRE(!sip_tls_names_visit(seen.certificate, look, &seen));
	REQUIRE(seen.count <= SIP_TLS_NAMES_MAX);
	check_collection(&seen, &peer);
	REQUIRE(!sip_tls_names_prove(seen.certificate, "*.example.test", &peer));
	X509_free(seen.certificate);
	return 0;
}
