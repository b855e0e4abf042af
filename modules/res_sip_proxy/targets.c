/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where a request goes: RFC 3261 section 16.5.
 *
 * Inside of a call: along our signed Route.  For one of our AORs: to its
 * contacts.  Elsewhere: to the Route or the Request-URI, for those who may.
 */
#include "targets.h"

#include <stdio.h>

static struct sip_log_limit limit;

/* RFC 5393 5.3.3.2: what a request without Max-Breadth may be shared into. */
#define BREADTH_DEFAULT 60

static void add_flow(struct targets *targets, const struct sip_flow *flow)
{
	targets->item[targets->count++] = (struct target){ .how.flow = *flow,
		.reachable = true };
}

static void add_uri(struct targets *targets, const struct sip_uri *uri)
{
	struct target *target = &targets->item[targets->count++];

	*target = (struct target){ .how.next_hop = uri->text };
	target->reachable = ast_sip_flow_to_uri(uri, &target->how.flow) >= 0;
}

/* Dry: where a contact comes from, and how it is reached. */
static void explain_contact(const struct sip_rx_data *request,
	const struct ast_sip_contact *contact, const struct target *target)
{
	static const char *const states[] = {
		[AST_SIP_NOT_ASKED] = "",
		[AST_SIP_UNKNOWN] = ", not asked yet whether it is there",
		[AST_SIP_REACHABLE] = ", it answers (qualify_frequency=)",
		[AST_SIP_UNREACHABLE] =
			", it does not answer (qualify_frequency=), and is last",
	};
	char peer[SIP_ADDR_TEXT_LEN];
	char expires[64] = "from the configuration (contact=)";

	if (contact->call_id.len > 0)
		snprintf(expires, sizeof(expires), "registered, for another %u s",
			ast_sip_contact_remaining_s(contact));
	ast_sip_explain(request, NULL, "contact %.*s: %s, %s%s%s%.*s%s%s",
		SIP_STR_ARG(contact->uri), expires,
		!target->reachable                       ? "can't be reached"
			: contact->flow.listener != 0    ? "by the flow "
			: target->how.flow.listener != 0 ? "by its URI, "
							 : "by its name",
		target->reachable && target->how.flow.listener != 0
			? sip_addr_text(&target->how.flow.peer, peer)
			: "",
		contact->path.len > 0 ? ", Path " : "", SIP_STR_ARG(contact->path),
		states[ast_sip_contact_reachability(contact, NULL)],
		target->waits ? ", another flow of a phone above, if that fails" : "");
}

/* RFC 5626 section 7: of one phone's flows no more than one is tried at a time. */
static void find_phone(const struct targets *targets, struct target *target)
{
	struct sip_str instance;

	if (ast_sip_contact_reg_id(target->contact) == 0)
		return;
	instance = ast_sip_contact_instance(target->contact);
	for (size_t i = 0; i < targets->count && target->phone == 0; i++) {
		const struct target *other = &targets->item[i];

		if (other->phone != 0 && sip_str_equal(other->how.aor, target->how.aor) &&
			sip_str_equal_nocase(
				ast_sip_contact_instance(other->contact), instance))
			target->phone = other->phone;
	}
	target->waits = target->phone != 0;
	if (!target->waits)
		target->phone = (uint32_t)targets->count + 1;
}

static void add_contact(const struct sip_rx_data *request, struct targets *targets,
	const char *aor, const struct ast_sip_contact *contact)
{
	struct target *target = &targets->item[targets->count];

	*target = (struct target){
		.how.request_uri = contact->uri,
		.how.route = contact->path,
		.how.aor = sip_str_of(aor),
		.silent = ast_sip_contact_reachability(contact, NULL) ==
			AST_SIP_UNREACHABLE,
		.contact = ast_sip_contact_ref(contact),
	};
	if (contact->flow.listener == 0)
		target->how.next_hop = ast_sip_contact_next_hop(contact);
	target->reachable = ast_sip_flow_to_contact(contact, &target->how.flow) >= 0;
	find_phone(targets, target);
	if (ast_sip_is_dry(request))
		explain_contact(request, contact, target);
	targets->count++;
}

/* RFC 5630 section 5.3: what was called by a sips: URI goes to a sips: contact by TLS,
 * and to no other. */
static bool is_too_insecure(const struct sip_rx_data *request,
	const struct targets *targets, const struct ast_sip_contact *contact)
{
	struct sip_uri uri;

	if (!targets->secure ||
		(sip_uri_parse(contact->uri, &uri) == 0 && uri.scheme == SIP_URI_SIPS &&
			(contact->flow.listener == 0 || sip_is_tls(contact->flow.kind))))
		return false;
	ast_sip_explain(request, NULL,
		"contact %.*s is left out: a sips: URI was called, and that is none, or "
		"not by TLS (RFC 5630)",
		SIP_STR_ARG(contact->uri));
	return true;
}

/* All contacts of an AOR, best first; of a GRUU (not NULL) those of its phone. */
static int add_aor(const struct sip_rx_data *request, struct targets *targets,
	const char *aor, const struct ast_sip_gruu *gruu)
{
	struct ast_sip_contacts found;
	const struct sip_aor_config *section;

	if (ast_sip_location_find(aor, &found) != 0)
		return 500;
	for (size_t i = 0; i < found.count && targets->count < PROXY_TARGETS_MAX; i++) {
		if (gruu != NULL && !ast_sip_gruu_is_of(gruu, found.contact[i]))
			continue;
		if (is_too_insecure(request, targets, found.contact[i]))
			targets->insecure_left = true;
		else
			add_contact(request, targets, aor, found.contact[i]);
	}
	if (found.count > PROXY_TARGETS_MAX)
		sip_log_limited(&limit, SIP_LOG_WARNING, "proxy",
			"more contacts than a request is sent to aor=%s contacts=%zu",
			aor, found.count);
	ast_sip_contacts_release(&found);
	if (ast_sip_is_dry(request) && targets->count == 0 && !targets->insecure_left) {
		section = ast_sip_aor_find(aor);
		ast_sip_explain(request, section != NULL ? &section->source : NULL,
			"aor %s has no contact: nothing is registered, and contact= gives "
			"none",
			aor);
	}
	return targets->count > 0 ? 0 : 480;
}

/* Calls for help: the endpoint that is configured for them. */
static int add_emergency(const struct sip_rx_data *request, struct targets *targets)
{
	const char *name = ast_sip_global_options()->emergency_endpoint;
	struct ast_sip_endpoint *endpoint = name != NULL ? ast_sip_endpoint_find(name)
							 : NULL;
	int result = 480;

	ast_sip_explain(request, &ast_sip_global_options()->source,
		"an emergency call: emergency_endpoint=%s%s", name != NULL ? name : "",
		endpoint == NULL ? ", which does not exist" : "");
	if (endpoint == NULL)
		return 404;
	for (size_t i = 0; i < ast_sip_endpoint_options(endpoint)->aors.count; i++) {
		int code = add_aor(request, targets,
			ast_sip_endpoint_options(endpoint)->aors.item[i], NULL);

		if (result != 0)
			result = code;
	}
	ast_sip_endpoint_unref(endpoint);
	return result;
}

/* A number without an endpoint for it is a name like any other. */
static bool is_for_help(const struct sip_uri *uri)
{
	return ast_sip_uri_is_emergency(uri) &&
		(uri->scheme == SIP_URI_URN ||
			ast_sip_global_options()->emergency_endpoint != NULL);
}

static int find(struct sip_rx_data *request, struct targets *targets)
{
	const struct ast_sip_route *route = ast_sip_request_route(request);
	const struct sip_aor_config *aor;
	struct ast_sip_gruu gruu;
	bool is_gruu;

	if (route->by_path) {
		ast_sip_explain(request, NULL, "a Path of this server leads to a phone%s",
			route->flow_failed ? ", which is not there any more" : "");
		if (route->forged_path || !ast_sip_request_trusted(request))
			return 403;
		if (route->flow_failed)
			return 430;
		if (targets->secure && !sip_is_tls(route->flow.kind)) {
			targets->insecure_left = true;
			return 480;
		}
	}
	if (route->has_flow) {
		ast_sip_explain(request, NULL, "it goes along the route of its call");
		add_flow(targets, &route->flow);
		return 0;
	}
	if (is_for_help(route->request_uri))
		return add_emergency(request, targets);
	/* 16.3 step 2: no other service has a name here. */
	if (route->target->scheme == SIP_URI_URN)
		return 416;
	if (!route->target_is_ours) {
		/* Not ours to carry for just anybody. */
		if (!ast_sip_request_trusted(request)) {
			ast_sip_explain(request, NULL,
				"another domain is not for this sender, who has proved "
				"nothing: by a password, or by its address without auth=");
			return 403;
		}
		/* RFC 5630 section 5.3: URIs that are not consistent. */
		if (targets->secure && route->target->scheme != SIP_URI_SIPS) {
			ast_sip_explain(request, NULL,
				"a sips: URI is called, and its Route is none");
			return 400;
		}
		add_uri(targets, route->target);
		ast_sip_explain(request, NULL, "its sender may send to other domains%s",
			targets->item[0].reachable ? ""
						   : "; the target can't be reached "
						     "(500)");
		return 0;
	}
	/* A dialog that nobody vouches for. */
	if (route->has_to_tag) {
		ast_sip_explain(request, NULL,
			"it has a To tag, and nothing vouches for its call");
		return 481;
	}
	is_gruu = ast_sip_gruu_read(route->request_uri, &gruu);
	aor = is_gruu ? gruu.aor : ast_sip_aor_of_uri(route->request_uri);
	if (aor == NULL) {
		ast_sip_explain(request, NULL, "no aor has the name %.*s@%.*s or %.*s",
			SIP_STR_ARG(route->request_uri->user),
			SIP_STR_ARG(route->request_uri->host),
			SIP_STR_ARG(route->request_uri->user));
		return 404;
	}
	ast_sip_explain(request, &aor->source, "for aor %s%s", aor->name,
		is_gruu ? ", one phone of it (GRUU)" : "");
	return add_aor(request, targets, aor->name, is_gruu ? &gruu : NULL);
}

/* Fewer targets than there are, or none, where the request may not be shared any further.
 */
static int limit_breadth(struct sip_rx_data *request, struct targets *targets)
{
	uint32_t breadth;

	switch (sip_rx_data_number(request, SIP_HDR_MAX_BREADTH, &breadth)) {
	case 0: break;
	case SIP_EMISSING: breadth = BREADTH_DEFAULT; break;
	default: return 400;
	}
	if (breadth == 0)
		return 440;
	/* Only an AOR's contacts are more than one. */
	while (targets->count > breadth)
		ast_sip_contact_unref(targets->item[--targets->count].contact);
	targets->breadth = breadth;
	return 0;
}

int targets_find(struct sip_rx_data *request, struct targets *targets)
{
	const struct sip_uri *called = ast_sip_request_route(request)->request_uri;
	int code;

	targets->count = 0;
	targets->secure = called->scheme == SIP_URI_SIPS && !is_for_help(called);
	targets->insecure_left = false;
	code = find(request, targets);
	if (code == 0)
		code = limit_breadth(request, targets);
	if (code != 0)
		targets_release(targets);
	return code;
}

void targets_release(struct targets *targets)
{
	for (size_t i = 0; i < targets->count; i++) {
		if (targets->item[i].contact != NULL)
			ast_sip_contact_unref(targets->item[i].contact);
	}
	targets->count = 0;
}
