/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A module for tests: answers FROB with ANSWER, and keeps WAIT until a later FROB, for
 * which it has a static variable, as each instance has its own.
 */
#include <res_sip.h>
#include <res_sip/module.h>

#include <stddef.h>

static struct sip_rx_data *waiting;

static bool answer_frob(struct sip_rx_data *rdata)
{
	SIP_IGNORE(ast_sip_respond(rdata, ANSWER, NULL));
	return true;
}

static bool on_request(struct sip_rx_data *rdata)
{
	if (sip_str_equal(sip_rx_data_method_text(rdata), SIP_STR("FROB")))
		return answer_frob(rdata);
	if (!sip_str_equal(sip_rx_data_method_text(rdata), SIP_STR("WAIT")) ||
		ast_sip_keep_request(rdata) != 0)
		return false;
	waiting = rdata;
	return true;
}

/* The core has sent 500 at the deadline, or nobody waits any more. */
static void on_txn_state(struct sip_rx_data *rdata, enum sip_txn_event event)
{
	if (event == SIP_TXN_ENDED && rdata == waiting)
		waiting = NULL;
}

static struct sip_service service = {
	.name = "answerer", .on_rx_request = on_request, .on_txn_state = on_txn_state
};

static int load(void)
{
	return ast_sip_register_service(&service);
}

static void unload(void)
{
	ast_sip_unregister_service(&service);
}

AST_SIP_MODULE(.name = "answerer", .load = load, .unload = unload);
