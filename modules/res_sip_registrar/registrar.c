/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The registrar: RFC 3261 section 10.3.
 *
 * It takes REGISTER for our own domains; one for another domain is the
 * proxy's.  Start reading at register_contacts(), which is the RFC's list of
 * steps: who may (3 and 4), whose bindings (5), what is asked for (6 and 7), and
 * bind_contacts(): one change of the location or none (7), the answer (8), which is
 * there before that.
 *
 * The answer is stateless; the location knows a copy of the last REGISTER.
 *
 * Threads: the turn of the request's work; memory only.
 * Elsewhere: Contact (bindings.c), Path (path.c), flows (outbound.c), times (expiry.c),
 * answers (answer.c).
 */
#include "answer.h"
#include "bindings.h"
#include "path.h"
#include "refusal.h"

#include <res_sip.h>

/* The log line about a REGISTER that was refused, which phones repeat. */
static struct sip_log_limit refusals;

/* Step 1.  A user part in the Request-URI is wrong (10.2) and harmless. */
static bool claims(const struct sip_rx_data *rdata)
{
	return sip_rx_data_method(rdata) == SIP_REGISTER &&
		ast_sip_request_route(rdata)->target_is_ours;
}

static bool is_anonymous(const struct ast_sip_endpoint *endpoint)
{
	struct sip_str name = sip_str_of(ast_sip_endpoint_name(endpoint));

	return sip_str_equal(name, SIP_STR("anonymous")) ||
		sip_str_starts(name, SIP_STR("anonymous@"));
}

/*
 * Steps 3 and 4, as far as they do not depend on the AOR.  The core authenticated the
 * request before it came here, and gives its result again; one that came by a way without
 * that step is challenged now. 0; 1: a challenge was sent; -1 and *refusal.
 */
static int check_sender(struct sip_rx_data *rdata, struct ast_sip_endpoint *endpoint,
	struct refusal *refusal)
{
	if (endpoint == NULL || ast_sip_endpoint_is_artificial(endpoint) ||
		is_anonymous(endpoint)) {
		ast_sip_explain(rdata, NULL, "nobody known sent it");
		return refuse(refusal, 403, NULL);
	}
	switch (ast_sip_check_authentication(endpoint, rdata)) {
	case AST_SIP_AUTHENTICATION_SUCCESS:
	case AST_SIP_AUTHENTICATION_NOT_REQUIRED: return 0;
	case AST_SIP_AUTHENTICATION_CHALLENGE_SENT: return 1;
	case AST_SIP_AUTHENTICATION_FAILED: break;
	}
	return refuse(refusal, 403, NULL);
}

/* Steps 4 and 5: the AOR of the To field, and whether the endpoint may have it. */
static int find_aor(const struct sip_rx_data *rdata,
	const struct ast_sip_endpoint *endpoint, struct sip_uri *to,
	const struct sip_aor_config **aor, struct refusal *refusal)
{
	if (sip_uri_parse(sip_rx_data_to(rdata)->uri, to) != 0)
		return refuse(refusal, 400, "Malformed To");
	/* 10.3: "the To header field ... MUST be a SIP or SIPS URI" (10.2); a number is
	 * looked up like one. */
	if (to->scheme == SIP_URI_OTHER || to->scheme == SIP_URI_URN)
		return refuse(refusal, 400, "Bad Request: To Is No SIP URI");
	bool has_host = to->scheme == SIP_URI_SIP || to->scheme == SIP_URI_SIPS;
	*aor = has_host && !ast_sip_uri_is_ours(to) ? NULL : ast_sip_aor_of_uri(to);
	if (*aor == NULL) {
		ast_sip_explain(rdata, NULL,
			"no aor has the name of the To field: %.*s%s",
			SIP_STR_ARG(to->text),
			has_host && !ast_sip_uri_is_ours(to) ? ", which is not ours"
							     : "");
		return refuse(refusal, 404, NULL);
	}
	ast_sip_explain(rdata, &(*aor)->source, "aor %s of the To field", (*aor)->name);
	if (!ast_sip_endpoint_has_aor(endpoint, (*aor)->name)) {
		ast_sip_explain(rdata, &ast_sip_endpoint_options(endpoint)->source,
			"endpoint %s may not register it: aors= does not name %s",
			ast_sip_endpoint_name(endpoint), (*aor)->name);
		return refuse(refusal, 403, NULL);
	}
	ast_sip_explain(rdata, &ast_sip_endpoint_options(endpoint)->source,
		"endpoint %s may register it: aors= names it",
		ast_sip_endpoint_name(endpoint));
	if ((*aor)->max_contacts == 0) {
		ast_sip_explain(rdata, &(*aor)->source,
			"max_contacts=0: nobody may register there");
		return refuse(refusal, 403, "No Contacts Allowed");
	}
	return 0;
}

/* Where calls to the contact go: to where it registered from, or by its URI. */
static struct sip_flow reached_by(
	const struct sip_rx_data *rdata, const struct bindings *bindings)
{
	const struct ast_sip_endpoint *endpoint = ast_sip_request_endpoint(rdata);
	const struct sip_flow *flow = sip_rx_data_flow(rdata);

	/* A WebSocket client can be reached in no other way (RFC 7118 section 5), and who
	 * has registered a flow is not to be (RFC 5626 section 7). */
	if (ast_sip_endpoint_options(endpoint)->rewrite_contact || bindings->flow ||
		sip_is_websocket(flow->kind))
		return *flow;
	return (struct sip_flow){ 0 };
}

/* Dry: what the location would say. */
static void explain_change(const struct sip_rx_data *rdata,
	const struct sip_aor_config *aor, const struct ast_sip_registration *change,
	enum ast_sip_register_result result)
{
	static const char *const texts[] = {
		[AST_SIP_REGISTER_DONE] = "would be done",
		[AST_SIP_REGISTER_COPY] = "a copy of the last REGISTER: nothing changes",
		[AST_SIP_REGISTER_OLD] = "an older CSeq than the last: nothing changes",
		[AST_SIP_REGISTER_TOO_MANY] = "too many contacts: nothing changes",
		[AST_SIP_REGISTER_MEMORY] = "out of memory, or max_contacts= of [system]",
	};

	for (size_t i = 0; i < change->count; i++) {
		const struct ast_sip_binding *binding = &change->bindings[i];

		if (binding->expires_s == 0)
			ast_sip_explain(rdata, NULL, "contact <%.*s> is to be removed",
				SIP_STR_ARG(binding->uri));
		else
			ast_sip_explain(rdata, &aor->source,
				"contact <%.*s> for %u s (minimum_expiration=%u, "
				"maximum_expiration=%u)",
				SIP_STR_ARG(binding->uri), binding->expires_s,
				aor->minimum_expiration, aor->maximum_expiration);
	}
	if (change->remove_all)
		ast_sip_explain(rdata, NULL, "all contacts are to be removed");
	else if (change->count == 0)
		ast_sip_explain(rdata, NULL, "no Contact: it asks what is registered");
	ast_sip_explain(rdata, &aor->source, "%s (max_contacts=%u, remove_existing=%s)",
		texts[result], aor->max_contacts, aor->remove_existing ? "yes" : "no");
}

/* What the access lists say of the contacts; one that goes may be any. */
static int check_contacts(const struct sip_rx_data *rdata,
	const struct bindings *bindings, struct refusal *refusal)
{
	const struct ast_sip_endpoint *endpoint = ast_sip_request_endpoint(rdata);
	const struct sip_flow flow = reached_by(rdata, bindings);
	const struct sip_addr *source = flow.listener != 0 ? &flow.peer : NULL;

	for (size_t i = 0; i < bindings->count; i++) {
		const struct ast_sip_binding *binding = &bindings->binding[i];

		if (binding->expires_s != 0 &&
			!ast_sip_contact_allowed(endpoint, binding->uri, source))
			return refuse(refusal, 403, "Contact Not Allowed");
	}
	return 0;
}

/* Step 7: all of it or nothing. */
static int change_location(struct sip_rx_data *rdata, const struct sip_aor_config *aor,
	const struct bindings *bindings, struct sip_str path,
	struct ast_sip_contacts *now, struct refusal *refusal)
{
	const struct ast_sip_registration change = {
		.aor = aor->name,
		.bindings = bindings->binding,
		.count = bindings->count,
		.remove_all = bindings->all,
		.call_id = sip_rx_data_call_id(rdata),
		.cseq = sip_rx_data_cseq(rdata),
		.branch = sip_rx_data_via(rdata)->branch,
		.user_agent = sip_rx_data_header(rdata, SIP_HDR_USER_AGENT),
		.path = path,
		.flow = reached_by(rdata, bindings),
		.ask_every_s = aor->qualify_frequency,
		.max_contacts = aor->max_contacts,
		.remove_existing = aor->remove_existing,
	};

	enum ast_sip_register_result result = ast_sip_location_register(&change, now);

	if (ast_sip_is_dry(rdata))
		explain_change(rdata, aor, &change, result);
	switch (result) {
	case AST_SIP_REGISTER_DONE:
	case AST_SIP_REGISTER_COPY: return 0;
	case AST_SIP_REGISTER_TOO_MANY: return refuse(refusal, 403, "Too Many Contacts");
	case AST_SIP_REGISTER_OLD: return refuse(refusal, 500, "Request Out Of Order");
	case AST_SIP_REGISTER_MEMORY: break;
	}
	return refuse_busy(refusal);
}

/* Steps 7 and 8.  0: answered; -1: not, and *refusal says what with. */
static int bind_contacts(struct sip_rx_data *rdata, const struct sip_aor_config *aor,
	const struct bindings *bindings, const struct path *path, struct refusal *refusal)
{
	struct ast_sip_contacts now;
	struct sip_tx_data *answer;

	if (check_contacts(rdata, bindings, refusal) != 0)
		return -1;
	/* RFC 5630 section 5.2 */
	if (bindings->secure && path->insecure)
		return refuse(refusal, 400, "SIPS Contact Without SIPS");
	answer = answer_create(rdata, path->text, bindings->flow);
	if (answer == NULL)
		return refuse_busy(refusal);
	if (change_location(rdata, aor, bindings, path->text, &now, refusal) != 0) {
		ast_sip_destroy_tx_data(answer);
		ast_sip_contacts_release(&now);
		return -1;
	}
	if (bindings->flow && outbound_has_timer(rdata))
		ast_sip_expect_keep_alive(rdata, FLOW_TIMER_S);
	answer_bindings(rdata, answer, &now, aor->name);
	ast_sip_contacts_release(&now);
	return 0;
}

/* 0: answered; -1: not, and *refusal says what with. */
static int register_contacts(struct sip_rx_data *rdata, struct refusal *refusal)
{
	struct ast_sip_endpoint *endpoint = ast_sip_request_endpoint(rdata);
	const struct sip_aor_config *aor;
	struct sip_uri to;
	struct bindings bindings;
	struct path path;

	int result = check_sender(rdata, endpoint, refusal);
	if (result != 0)
		return result > 0 ? 0 : -1;
	if (find_aor(rdata, endpoint, &to, &aor, refusal) != 0 ||
		path_init(&path, rdata, aor, refusal) != 0)
		return -1;
	result = bindings_init(&bindings, rdata, &to, aor, ast_sip_uri_is_ours, refusal);
	if (result == 0) {
		result = bind_contacts(rdata, aor, &bindings, &path, refusal);
		bindings_fini(&bindings);
	}
	path_fini(&path);
	return result;
}

static void log_refusal(const struct sip_rx_data *rdata, const struct refusal *refusal)
{
	const struct ast_sip_endpoint *endpoint = ast_sip_request_endpoint(rdata);
	struct sip_str reason = sip_str_of(refusal->reason);
	char source[SIP_ADDR_TEXT_LEN];

	if (reason.ptr == NULL)
		reason = sip_status_reason(refusal->status);
	sip_log_limited(&refusals, SIP_LOG_NOTICE, "registrar",
		"refused source=%s endpoint=%s to=%.*s status=%d reason=%.*s",
		sip_addr_text(&sip_rx_data_flow(rdata)->peer, source),
		endpoint != NULL ? ast_sip_endpoint_name(endpoint) : "none",
		SIP_STR_ARG(sip_rx_data_to(rdata)->uri), refusal->status,
		SIP_STR_ARG(reason));
}

static bool on_request(struct sip_rx_data *rdata)
{
	struct refusal refusal;

	if (!claims(rdata))
		return false;
	if (register_contacts(rdata, &refusal) != 0) {
		ast_sip_explain(rdata, NULL, "refused: %d %s", refusal.status,
			refusal.reason != NULL ? refusal.reason : "");
		log_refusal(rdata, &refusal);
		answer_refusal(rdata, &refusal);
	}
	return true;
}

static struct sip_service service = {
	.name = "registrar",
	.stage = SIP_STAGE_LOCAL,
	.methods = "REGISTER",
	.methods_only = true,
	.on_rx_request = on_request,
	.claims = claims,
	.understands = "path outbound gruu",
};

static int load(void)
{
	return ast_sip_register_service(&service);
}

static void unload(void)
{
	ast_sip_unregister_service(&service);
}

AST_SIP_MODULE(.name = "res_sip_registrar", .flags = AST_SIP_MODULE_DRY_SAFE,
	.load = load, .unload = unload);
