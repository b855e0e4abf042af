/* SPDX-License-Identifier: BSD-2-Clause */
/* Calling code that the core did not write: callback.h. */
#include "server/modules/callback.h"

void sip_callback_open(struct sip_callback_scope *scope, struct sip_call_site *site,
	struct sip_rx_data *rdata)
{
	scope->site = site;
	scope->before = ast_sip_current_request();
	sip_callback_begin(site);
	sip_serving_set_current(rdata);
}

void sip_callback_close(struct sip_callback_scope *scope)
{
	sip_serving_set_current(scope->before);
	sip_callback_end(scope->site);
}
