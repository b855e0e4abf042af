/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Outbound in a REGISTER: RFC 5626 section 6.
 *
 * A reg-id counts with +sip.instance only, and where the phone has `outbound` in
 * Supported: else it is ignored, and the contact is one like any other.
 */
#include "outbound.h"

#include <res_sip/uri.h>

#define REG_ID_MAX 0x7fffffffu /* 2^31 - 1 */

/* Whoever stands between has put his Via on top. */
static bool came_directly(const struct sip_rx_data *rdata)
{
	return !sip_rx_data_has_further_via(rdata);
}

bool outbound_has_timer(const struct sip_rx_data *rdata)
{
	return sip_rx_data_flow(rdata)->connection != 0 && came_directly(rdata);
}

/* A proxy that is the first hop, and sends by the flow that it has kept, says `ob`.
 * Others behind it may have put theirs before. */
static bool path_has_ob(const struct sip_rx_data *rdata)
{
	struct sip_hdr_iter iter = { 0 };

	while (sip_rx_data_next_element(rdata, SIP_HDR_PATH, &iter)) {
		struct sip_name_addr addr;
		struct sip_uri uri;

		if (sip_name_addr_parse(iter.value, &addr) == 0 &&
			sip_uri_parse(addr.uri, &uri) == 0 &&
			sip_uri_param(&uri, SIP_STR("ob"), NULL))
			return true;
	}
	return false;
}

/* It may take a walk through all of the message. */
static enum outbound look(const struct sip_rx_data *rdata)
{
	if (!sip_rx_data_has_token(rdata, SIP_HDR_SUPPORTED, SIP_STR("outbound")))
		return OUTBOUND_NOT_SUPPORTED;
	return came_directly(rdata) || path_has_ob(rdata) ? OUTBOUND_SUPPORTED
							  : OUTBOUND_FIRST_HOP_LACKS;
}

int outbound_reg_id(const struct sip_rx_data *rdata, struct sip_str params,
	enum outbound *outbound, uint32_t *reg_id, struct refusal *refusal)
{
	struct sip_str text;
	uint64_t number;

	*reg_id = 0;
	if (params.len == 0 || !sip_param_find(params, SIP_STR("reg-id"), &text) ||
		!sip_param_find(params, SIP_STR("+sip.instance"), NULL))
		return 0;
	if (*outbound == OUTBOUND_UNKNOWN)
		*outbound = look(rdata);
	if (*outbound == OUTBOUND_NOT_SUPPORTED)
		return 0;
	if (*outbound == OUTBOUND_FIRST_HOP_LACKS)
		return refuse(refusal, 439, NULL);
	if (sip_str_number(text, REG_ID_MAX, &number) != 0 || number == 0)
		return refuse(refusal, 400, "Malformed reg-id in Contact");
	*reg_id = (uint32_t)number;
	return 0;
}
