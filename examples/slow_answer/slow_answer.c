/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A service that blocks for a second, and nobody else notices: a MESSAGE to
 * sip:slow@our-domain asks something slow, then is answered 200.  See README.md
 * beside it.
 */
#include <res_sip.h>

#include <time.h>

/* In the place of a database's client, an HTTP request, a disk: it does not return for a
 * second. */
static void ask_something_slow(void)
{
	const struct timespec second = { .tv_sec = 1 };

	/* Interrupted early: the answer comes early. */
	(void)nanosleep(&second, NULL);
}

/*
 * A task of the call's work: the thread that waits here is a spare one.  Every other call
 * goes on; this one waits, for its messages are served one after another.
 */
static int answer(void *arg)
{
	struct sip_rx_data *rdata = arg;

	ask_something_slow();
	/* 0 or -1: a task that failed is counted and logged. */
	return ast_sip_respond(rdata, 200, NULL);
}

static bool claims(const struct sip_rx_data *rdata)
{
	const struct ast_sip_route *route = ast_sip_request_route(rdata);

	return sip_rx_data_method(rdata) == SIP_MESSAGE && route->target_is_ours &&
		sip_str_equal(route->request_uri->user, SIP_STR("slow"));
}

/*
 * It could wait here, too.  But this callback is asked about every request, and one that
 * was slow is called on a spare thread for the next ten seconds: all requests would take
 * that detour, where only this task has to.
 *
 * A kept request absorbs the copies that its sender repeats from half a second on.
 */
static bool on_request(struct sip_rx_data *rdata)
{
	if (!claims(rdata))
		return false;
	if (ast_sip_keep_request(rdata) != 0 ||
		ast_sip_push_task(ast_sip_current_work(), answer, rdata) != 0)
		SIP_IGNORE(ast_sip_respond(rdata, 503, NULL)); /* out of memory */
	return true;
}

static struct sip_service service = {
	.name = "slow_answer",
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

AST_SIP_MODULE(.name = "slow_answer", .load = load, .unload = unload);
