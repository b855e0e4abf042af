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

/** ast_sip_request_credentials(), whoever they come from. */
SIP_MUST_USE int sip_find_credentials(const struct sip_rx_data *rdata, const char *realm,
	struct sip_digest *credentials);
