/* SPDX-License-Identifier: BSD-2-Clause */
/* What the URI alone decides: RFC 3263 section 4.1, before the first query. */
#include "resolve/walk.h"

#include "res_sip/error.h"
#include "resolve/host.h"

uint16_t plan_usual_port(enum sip_transport_kind kind)
{
	switch (kind) {
	case SIP_UDP:
	case SIP_TCP: return 5060;
	case SIP_TLS: return 5061;
	case SIP_WS: return 80;
	case SIP_WSS: return 443;
	}
	return 0;
}

/* RFC 3261 26.2.2: transport=tcp of a sips: URI means TLS over TCP; RFC 7118 section 4:
 * ws likewise. */
static enum sip_transport_kind secured(enum sip_transport_kind kind)
{
	return kind == SIP_TCP ? SIP_TLS : kind == SIP_WS ? SIP_WSS : kind;
}

static int read_transport(struct plan *plan)
{
	struct sip_str word = plan->request->transport;

	for (int i = SIP_UDP; i <= SIP_WSS; i++) {
		enum sip_transport_kind kind = (enum sip_transport_kind)i;

		if (!sip_str_equal_nocase(word, sip_str_of(sip_transport_name(kind))))
			continue;
		plan->kind = plan->secure ? secured(kind) : kind;
		plan->chosen = true;
		return plan->secure && !sip_is_tls(plan->kind) ? SIP_EINVALID : SIP_OK;
	}
	return SIP_EINVALID;
}

/* Without a word in the URI: UDP, or TLS where it is secure.  TCP where we have no UDP.
 */
static void choose_usual(struct plan *plan)
{
	const uint8_t *families = plan->request->families;

	plan->kind = plan->secure                                  ? SIP_TLS
		: families[SIP_UDP] == 0 && families[SIP_TCP] != 0 ? SIP_TCP
								   : SIP_UDP;
	plan->chosen = plan->request->port != 0 || plan->addr.sa.sa_family != AF_UNSPEC;
}

/* NAPTR may lead to any transport, where the URI leaves it open. */
static bool has_listener(const struct plan *plan)
{
	const uint8_t *families = plan->request->families;
	uint8_t wanted = plan->addr.sa.sa_family == AF_INET ? SIP_FAMILY_IPV4
		: plan->addr.sa.sa_family == AF_INET6       ? SIP_FAMILY_IPV6
						      : SIP_FAMILY_IPV4 | SIP_FAMILY_IPV6;

	if (plan->chosen)
		return (families[plan->kind] & wanted) != 0;
	for (int kind = SIP_UDP; kind <= SIP_WSS; kind++)
		if (families[kind] != 0 &&
			(!plan->secure || sip_is_tls((enum sip_transport_kind)kind)))
			return true;
	return false;
}

int plan_make(const struct sip_resolve_request *request, struct plan *plan)
{
	enum host_kind kind;
	int error = SIP_OK;

	*plan = (struct plan){ .request = request,
		.secure = request->scheme == SIP_URI_SIPS };
	if (request->scheme != SIP_URI_SIP && request->scheme != SIP_URI_SIPS)
		return SIP_EINVALID;
	kind = host_read(request->host, &plan->addr, &plan->name);
	if (kind == HOST_GARBLED)
		return SIP_ESYNTAX;
	if (request->transport.ptr != NULL)
		error = read_transport(plan);
	else
		choose_usual(plan);
	if (error != SIP_OK)
		return error;
	if (!has_listener(plan))
		return SIP_EUNSUPPORTED;
	return kind == HOST_INVALID ? SIP_ENOTFOUND : SIP_OK;
}

uint16_t plan_port(const struct plan *plan)
{
	return plan->request->port != 0 ? plan->request->port
					: plan_usual_port(plan->kind);
}
