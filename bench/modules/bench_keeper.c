/* SPDX-License-Identifier: BSD-2-Clause */
/* A service whose every OPTIONS has a transaction: what the server keeps of one is
 * measured with it. */
#include <res_sip.h>

static bool answer(struct sip_rx_data *rdata)
{
	if (ast_sip_keep_request(rdata) != 0)
		return false;
	SIP_IGNORE(ast_sip_respond(rdata, 200, NULL)); /* counted where it comes */
	return true;
}

static struct sip_service service = {
	.name = "bench_keeper",
	.stage = SIP_STAGE_LOCAL,
	.methods = "OPTIONS",
	.on_rx_request = answer,
};

static int load(void)
{
	return ast_sip_register_service(&service);
}

static void unload(void)
{
	ast_sip_unregister_service(&service);
}

AST_SIP_MODULE(.name = "bench_keeper", .load = load, .unload = unload);
