/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the Contact fields of a REGISTER ask for: RFC 3261 section 10.3, steps
 * 6 and 7.  All of them are read before anything is changed: one that is wrong
 * refuses the request.
 *
 * Elsewhere: how long they hold (expiry.c).
 */
#include "bindings.h"

#include "expiry.h"

#include <stdlib.h>

/* How many a request may name that go, beside those that may stay: the location looks for
 * each among all that it has. */
#define GOING_MOST ((size_t)64)

/* Those that have a field of their own, and a reg-id that does not count. */
static bool is_own_param(struct sip_str param, uint32_t reg_id)
{
	size_t equals = sip_str_find(param, '=');
	struct sip_str name = { param.ptr, equals < param.len ? equals : param.len };

	name = sip_str_trim(name);
	return sip_str_equal_nocase(name, SIP_STR("q")) ||
		sip_str_equal_nocase(name, SIP_STR("expires")) ||
		(reg_id == 0 && sip_str_equal_nocase(name, SIP_STR("reg-id")));
}

/* Cut the next parameter off *rest: up to a semicolon that is not within quotes. */
static struct sip_str next_param(struct sip_str *rest)
{
	bool quoted = false;
	size_t end = 0;

	for (; end < rest->len; end++) {
		char c = rest->ptr[end];
		if (quoted && c == '\\')
			end++;
		else if (c == '"')
			quoted = !quoted;
		else if (c == ';' && !quoted)
			break;
	}
	if (end > rest->len)
		end = rest->len;
	struct sip_str param = { rest->ptr, end };
	size_t used = end < rest->len ? end + 1 : end;
	*rest = (struct sip_str){ rest->ptr + used, rest->len - used };
	return sip_str_trim(param);
}

/* The parameters that belong to the binding, written to `buf`, which has room for all of
 * them. */
static struct sip_str kept_params(struct sip_str params, uint32_t reg_id, char *buf)
{
	size_t len = 0;

	while (params.len > 0) {
		struct sip_str param = next_param(&params);
		if (param.len == 0 || is_own_param(param, reg_id))
			continue;
		if (len > 0)
			buf[len++] = ';';
		memcpy(buf + len, param.ptr, param.len);
		len += param.len;
	}
	return (struct sip_str){ buf, len };
}

/* The request's Expires field, which holds for contacts without a parameter of their own.
 */
static struct expiry_request expires_field(const struct sip_rx_data *rdata)
{
	struct sip_str text = sip_rx_data_header(rdata, SIP_HDR_EXPIRES);

	if (text.ptr == NULL)
		return (struct expiry_request){ .given = false };
	return (struct expiry_request){ .given = true, .seconds = expiry_of_text(text) };
}

static int read_q(struct sip_str params, uint32_t *q, struct refusal *refusal)
{
	struct sip_str text;

	*q = 1000;
	if (!sip_param_find(params, SIP_STR("q"), &text))
		return 0;
	if (sip_qvalue_parse(text, q) != 0)
		return refuse(refusal, 400, "Malformed q in Contact");
	return 0;
}

static int read_uri(struct sip_str text, bool (*uri_is_ours)(const struct sip_uri *uri),
	struct sip_uri *uri, struct refusal *refusal)
{
	if (sip_uri_parse(text, uri) != 0)
		return refuse(refusal, 400, "Malformed Contact");
	if (uri->scheme == SIP_URI_TEL)
		return 0;
	if (uri->scheme != SIP_URI_SIP && uri->scheme != SIP_URI_SIPS)
		return refuse(refusal, 403, "Contact Scheme Not Accepted");
	/* Calls to it would come back to us for ever. */
	if (uri_is_ours(uri))
		return refuse(refusal, 403, "Contact Is This Server");
	return 0;
}

static int read_expiry(struct sip_str params, struct expiry_request asked,
	const struct sip_aor_config *aor, uint32_t *granted, struct refusal *refusal)
{
	struct sip_str text;

	if (sip_param_find(params, SIP_STR("expires"), &text))
		asked = (struct expiry_request){ true, expiry_of_text(text) };
	switch (expiry_grant(asked, aor, granted)) {
	case EXPIRY_GRANTED: return 0;
	case EXPIRY_REMOVE: *granted = 0; return 0;
	case EXPIRY_TOO_BRIEF: break;
	}
	refuse(refusal, 423, NULL);
	refusal->min_expires = aor->minimum_expiration;
	return -1;
}

/* "If the request has additional Contact fields or an expiration time other than zero,
 * the request is invalid" */
static int check_star(struct bindings *bindings, bool stands_alone,
	struct expiry_request asked, struct refusal *refusal)
{
	if (!stands_alone)
		return refuse(refusal, 400, "Contact * Stands Alone");
	if (!asked.given || asked.seconds != 0)
		return refuse(refusal, 400, "Contact * Needs Expires 0");
	bindings->all = true;
	return 0;
}

static size_t count_commas(struct sip_str text)
{
	size_t count = 0;
	size_t comma;

	while ((comma = sip_str_find(text, ',')) != SIZE_MAX) {
		count++;
		text = (struct sip_str){ text.ptr + comma + 1, text.len - comma - 1 };
	}
	return count;
}

/* Room for all contacts, of which there are at most *count, and for the text of their
 * parameters. */
static int allocate(struct bindings *bindings, const struct sip_rx_data *rdata,
	size_t *count, char **params)
{
	struct sip_hdr_iter iter = { 0 };
	size_t bytes = 0;

	*count = 0;
	while (sip_rx_data_next_header(rdata, SIP_HDR_CONTACT, &iter)) {
		*count += 1 + count_commas(iter.value);
		bytes += iter.value.len;
	}
	if (*count <= 1 && bytes <= sizeof(bindings->one_params)) {
		bindings->binding = &bindings->one;
		*params = bindings->one_params;
		return 0;
	}
	bindings->memory = malloc(*count * sizeof(*bindings->binding) + bytes);
	bindings->binding = bindings->memory;
	*params = (char *)(bindings->binding + *count);
	return bindings->memory != NULL ? 0 : -1;
}

struct reading {
	const struct sip_aor_config *aor;
	bool (*uri_is_ours)(const struct sip_uri *uri);
	struct expiry_request expires;
	const struct sip_rx_data *rdata;
	enum outbound outbound;
	char *params; /* where the next parameters are written */
};

/* The next of bindings->binding. */
static int read_contact(struct bindings *bindings, struct reading *reading,
	const struct sip_name_addr *addr, struct refusal *refusal)
{
	struct ast_sip_binding *binding = &bindings->binding[bindings->count];
	struct sip_uri uri;

	*binding = (struct ast_sip_binding){ .uri = addr->uri };
	if (read_uri(addr->uri, reading->uri_is_ours, &uri, refusal) != 0 ||
		read_q(addr->params, &binding->q, refusal) != 0 ||
		read_expiry(addr->params, reading->expires, reading->aor,
			&binding->expires_s, refusal) != 0 ||
		outbound_reg_id(reading->rdata, addr->params, &reading->outbound,
			&binding->reg_id, refusal) != 0)
		return -1;
	/* A quoted-pair may be one (25.1), but no text that goes on from here. */
	if (sip_str_find(addr->params, '\0') != SIZE_MAX)
		return refuse(refusal, 400, "NUL in Contact");
	binding->params = kept_params(addr->params, binding->reg_id, reading->params);
	reading->params += binding->params.len;
	if (binding->expires_s != 0) {
		bindings->secure |= uri.scheme == SIP_URI_SIPS;
		bindings->insecure |= uri.scheme != SIP_URI_SIPS;
	}
	bindings->count++;
	return 0;
}

/* At most so many. */
static int read_contacts(struct bindings *bindings, const struct sip_rx_data *rdata,
	struct reading *reading, size_t contacts, struct refusal *refusal)
{
	struct sip_hdr_iter iter = { 0 };

	while (bindings->count < contacts &&
		sip_rx_data_next_element(rdata, SIP_HDR_CONTACT, &iter)) {
		struct sip_name_addr addr;
		if (sip_name_addr_parse(iter.value, &addr) != 0)
			return refuse(refusal, 400, "Malformed Contact");
		if (sip_str_equal(addr.uri, SIP_STR("*")))
			return check_star(bindings,
				bindings->count == 0 &&
					!sip_rx_data_next_element(
						rdata, SIP_HDR_CONTACT, &iter),
				reading->expires, refusal);
		if (bindings->count == GOING_MOST + reading->aor->max_contacts)
			return refuse(refusal, 403, "Too Many Contacts");
		if (read_contact(bindings, reading, &addr, refusal) != 0)
			return -1;
	}
	return 0;
}

/* RFC 5626 section 6: a request registers one flow and nothing else; what it removes may
 * be more.  Which of several contacts would be reached by it? */
static int check_flows(struct bindings *bindings, struct refusal *refusal)
{
	size_t stay = 0;

	for (size_t i = 0; i < bindings->count; i++) {
		if (bindings->binding[i].expires_s == 0)
			continue;
		stay++;
		bindings->flow |= bindings->binding[i].reg_id != 0;
	}
	return bindings->flow && stay > 1 ? refuse(refusal, 400, "One Contact For A Flow")
					  : 0;
}

/* RFC 5630 section 5.2: "a binding to a SIPS Contact header field only if all the
 * appropriate URIs are of the SIPS scheme", which are the Request-URI and all Contacts;
 * Path is path.c's.  RFC 3261 10.2.1: a sips: address of record has no other contacts. */
static int check_schemes(const struct bindings *bindings, const struct sip_rx_data *rdata,
	const struct sip_uri *to, struct refusal *refusal)
{
	bool asked = sip_rx_data_request_uri(rdata)->scheme == SIP_URI_SIPS;
	enum sip_transport_kind kind = sip_rx_data_flow(rdata)->kind;

	if (bindings->secure && (!asked || bindings->insecure))
		return refuse(refusal, 400, "SIPS Contact Without SIPS");
	if (bindings->insecure && to->scheme == SIP_URI_SIPS)
		return refuse(refusal, 400, "SIPS Needs A SIPS Contact");
	if (bindings->secure && !sip_is_tls(kind))
		return refuse(refusal, 403, "SIPS Needs TLS");
	return 0;
}

int bindings_init(struct bindings *bindings, const struct sip_rx_data *rdata,
	const struct sip_uri *to, const struct sip_aor_config *aor,
	bool (*uri_is_ours)(const struct sip_uri *uri), struct refusal *refusal)
{
	struct reading reading = {
		.aor = aor,
		.uri_is_ours = uri_is_ours,
		.expires = expires_field(rdata),
		.rdata = rdata,
	};
	size_t contacts;

	bindings->count = 0;
	bindings->all = bindings->secure = bindings->insecure = bindings->flow = false;
	bindings->memory = NULL;
	if (allocate(bindings, rdata, &contacts, &reading.params) != 0)
		return refuse(refusal, 500, NULL);
	if (read_contacts(bindings, rdata, &reading, contacts, refusal) == 0 &&
		check_flows(bindings, refusal) == 0 &&
		check_schemes(bindings, rdata, to, refusal) == 0)
		return 0;
	bindings_fini(bindings);
	return -1;
}

void bindings_fini(struct bindings *bindings)
{
	free(bindings->memory);
	bindings->memory = NULL;
	bindings->binding = NULL;
}
