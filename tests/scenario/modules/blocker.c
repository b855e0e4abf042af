/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A service that blocks, as no service should: each MESSAGE to sip:block@our-domain waits
 * in its callback until somebody writes to the FIFO that BLOCKER_FIFO names, and is
 * answered 200.
 */
#include <res_sip.h>

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static bool claims(const struct sip_rx_data *rdata)
{
	const struct ast_sip_route *route = ast_sip_request_route(rdata);

	return sip_rx_data_method(rdata) == SIP_MESSAGE && route->target_is_ours &&
		sip_str_equal(route->request_uri->user, SIP_STR("block"));
}

static bool on_request(struct sip_rx_data *rdata)
{
	int fd;

	if (!claims(rdata))
		return false;
	sip_log(SIP_LOG_NOTICE, "blocker", "waits");
	fd = open(getenv("BLOCKER_FIFO"), O_RDONLY);
	if (fd >= 0)
		close(fd);
	/* Why it could not be sent is in the log. */
	SIP_IGNORE(ast_sip_respond(rdata, fd >= 0 ? 200 : 500, NULL));
	return true;
}

static struct sip_service service = {
	.name = "blocker",
	.stage = SIP_STAGE_LOCAL,
	.methods = "MESSAGE",
	.on_rx_request = on_request,
	.claims = claims,
};

static int load(void)
{
	return ast_sip_register_service(&service);
}

static void unload(void)
{
	ast_sip_unregister_service(&service);
}

AST_SIP_MODULE(.name = "blocker", .load = load, .unload = unload);
