/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls for help: emergency.h, res_sip/endpoint.h. */
#include "server/settings/emergency.h"

#define SOS SIP_STR("service:sos")

static bool is_sos(struct sip_str service)
{
	return service.len >= SOS.len &&
		sip_str_equal_nocase((struct sip_str){ service.ptr, SOS.len }, SOS) &&
		(service.len == SOS.len || service.ptr[SOS.len] == '.');
}

static bool is_number(const struct sip_config_list *numbers, struct sip_str user)
{
	for (size_t i = 0; i < numbers->count; i++) {
		if (sip_str_equal(user, sip_str_of(numbers->item[i])))
			return true;
	}
	return false;
}

bool sip_uri_is_emergency(const struct sip_server *server,
	const struct sip_settings *settings, const struct sip_uri *uri)
{
	if (uri->scheme == SIP_URI_URN)
		return is_sos(uri->user);
	if (uri->user.ptr == NULL || uri->scheme == SIP_URI_OTHER ||
		!is_number(&settings->global.emergency_numbers, uri->user))
		return false;
	return uri->scheme == SIP_URI_TEL || sip_uri_ours(server, settings, uri);
}
