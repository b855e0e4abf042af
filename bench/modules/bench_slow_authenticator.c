/* SPDX-License-Identifier: BSD-2-Clause */
/* An authenticator as slow as one that asks a database far away: each MESSAGE waits 100
 * ms for it, and is let in.  It asks nothing of other methods. */
#include <res_sip.h>

#include <time.h>

static int requires_authentication(
	struct ast_sip_endpoint *endpoint, struct sip_rx_data *rdata)
{
	(void)endpoint;
	return sip_rx_data_method(rdata) == SIP_MESSAGE;
}

static int authenticate_request(
	struct ast_sip_endpoint *endpoint, struct sip_rx_data *rdata)
{
	const struct timespec wait = { .tv_nsec = 100000000 };

	(void)endpoint;
	(void)rdata;
	return nanosleep(&wait, NULL);
}

static int get_authentication_credentials(struct ast_sip_endpoint *endpoint,
	struct ast_sip_digest_challenge_data *challenge)
{
	(void)endpoint;
	(void)challenge;
	return -1; /* it challenges nobody */
}

static struct ast_sip_authenticator authenticator = {
	.requires_authentication = requires_authentication,
	.authenticate_request = authenticate_request,
	.get_authentication_credentials = get_authentication_credentials,
	.may_block = true,
};

static int load(void)
{
	return ast_sip_register_authenticator(&authenticator);
}

static void unload(void)
{
	ast_sip_unregister_authenticator(&authenticator);
}

AST_SIP_MODULE(.name = "bench_slow_authenticator", .load = load, .unload = unload);
