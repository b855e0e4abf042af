/* SPDX-License-Identifier: BSD-2-Clause */
/** Authentication as the path of a request does it; the public side is
 * res_sip/authenticator.h. */
#pragma once

#include "server/serving.h"

enum sip_check {
	SIP_CHECK_PASSED,   /* go on */
	SIP_CHECK_ANSWERED, /* challenged or refused */
	SIP_CHECK_LATER,    /* ast_sip_authentication_done() resumes the request */
};

enum sip_check sip_check_authentication(
	struct sip_rx_data *rdata, struct ast_sip_endpoint *endpoint);
