/* SPDX-License-Identifier: BSD-2-Clause */
/* Cross checks of transports of TLS: see cross_check_tls.h. */
#include "cross_check_tls.h"

#include "cross_check_who.h"

#include <time.h>

#define TLS_PORT    5061
#define DAY_S       86400
#define NOTICE_DAYS 14

/* RFC 3261 18.2.1: 5061 is TLS's. */
static void use_port(const struct section *section, struct sip_addr *bind)
{
	const struct entry *entry = section_entry(section, "bind");
	struct sip_addr addr;

	/* With a port of its own it is the same, whatever is proposed. */
	if (entry != NULL &&
		sip_addr_parse(sip_str_of(entry->value), TLS_PORT, &addr) == SIP_OK &&
		sip_addr_port(&addr) == TLS_PORT)
		*bind = addr;
}

/* What promises protection that is not given. */
static void refuse_promises(struct settings *settings, const struct section *section,
	const struct sip_transport_section *transport)
{
	const struct {
		const char *option;
		bool wanted;
	} promises[] = {
		{ "verify_client", transport->tls.verify_client },
		{ "require_client_cert", transport->tls.require_client_cert },
		{ "verify_server", transport->tls.verify_server },
	};

	for (size_t i = 0; i < sizeof(promises) / sizeof(promises[0]); i++) {
		if (promises[i].wanted)
			problem_add(settings->problems, PROBLEM_ERROR,
				option_place(section, promises[i].option),
				"%s: over %s nobody has a certificate",
				promises[i].option,
				sip_transport_name(transport->protocol));
	}
}

static void check_end(
	struct settings *settings, const struct section *section, int64_t ends_s)
{
	int64_t left_s = ends_s - (int64_t)time(NULL);

	if (left_s <= 0)
		problem_add(settings->problems, PROBLEM_WARNING,
			option_place(section, "cert_file"),
			"cert_file: the certificate ended %lld days ago",
			(long long)(-left_s / DAY_S));
	else if (left_s < NOTICE_DAYS * DAY_S)
		problem_add(settings->problems, PROBLEM_WARNING,
			option_place(section, "cert_file"),
			"cert_file: the certificate ends in %lld days",
			(long long)(left_s / DAY_S));
}

void cross_check_tls(struct settings *settings, const struct section *section,
	struct sip_transport_section *transport)
{
	struct sip_tls_problem problem;
	int64_t ends_s;
	int result;

	if (!sip_is_tls(transport->protocol)) {
		refuse_promises(settings, section, transport);
		return;
	}
	if (transport->protocol == SIP_TLS)
		use_port(section, &transport->bind);
	result = sip_tls_config_check(&transport->tls, &ends_s, &problem);
	if (result == SIP_OK)
		check_end(settings, section, ends_s);
	else if (result == SIP_EINVALID)
		problem_add(settings->problems, PROBLEM_ERROR,
			option_place(section, problem.option), "%s: %s", problem.option,
			problem.text);
}
