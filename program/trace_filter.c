/* SPDX-License-Identifier: BSD-2-Clause */
/* Judging messages one by one, and by their calls. */
#include "trace_filter.h"

#include "message_head.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

static bool is_at(const struct ast_sip_contact *contact, const struct sip_addr *peer)
{
	struct sip_uri uri;
	struct sip_addr addr;

	/* Behind a Path it shares its address with others. */
	if (contact->path.len != 0)
		return false;
	if (contact->flow.listener != 0)
		return sip_addr_equal(&contact->flow.peer, peer);
	return sip_uri_parse(contact->uri, &uri) == SIP_OK &&
		sip_addr_parse(uri.host, uri.port != 0 ? uri.port : 5060, &addr) ==
		SIP_OK &&
		sip_addr_equal(&addr, peer);
}

static bool aor_is_at(const char *aor, const struct sip_addr *peer)
{
	struct ast_sip_contacts found;
	bool is = false;

	if (ast_sip_location_find(aor, &found) != 0)
		return false;
	for (size_t i = 0; i < found.count && !is; i++)
		is = is_at(found.contact[i], peer);
	ast_sip_contacts_release(&found);
	return is;
}

static bool endpoint_is_at(
	const struct ast_sip_endpoint *endpoint, const struct sip_addr *peer)
{
	const struct sip_config_list *aors = &ast_sip_endpoint_options(endpoint)->aors;
	struct ast_sip_endpoint *by_address = ast_sip_endpoint_by_address(peer);
	bool is = by_address != NULL &&
		strcmp(ast_sip_endpoint_name(by_address),
			ast_sip_endpoint_name(endpoint)) == 0;

	ast_sip_endpoint_unref(by_address);
	for (size_t i = 0; i < aors->count && i < FILTER_MOST_AORS && !is; i++)
		is = aor_is_at(aors->item[i], peer);
	return is;
}

static void take_part(struct trace_filter *filter, struct sip_str call_id,
	trace_show_fn *show, void *arg)
{
	if (trace_calls_has(filter->calls, call_id))
		return;
	trace_calls_add(filter->calls, call_id);
	trace_held_release(&filter->held, call_id, show, arg);
}

static bool has_aor(const char *endpoint_name, struct sip_str aor)
{
	struct ast_sip_endpoint *endpoint = ast_sip_endpoint_find(endpoint_name);
	const struct sip_config_list *aors;
	bool has = false;

	if (endpoint == NULL)
		return false;
	aors = &ast_sip_endpoint_options(endpoint)->aors;
	for (size_t i = 0; i < aors->count && !has; i++)
		has = sip_str_equal(aor, sip_str_of(aors->item[i]));
	ast_sip_endpoint_unref(endpoint);
	return has;
}

/* `CALL-ID\nNAME` */
static void take_link(struct trace_filter *filter, enum trace_what what,
	struct sip_str text, trace_show_fn *show, void *arg)
{
	size_t end = sip_str_find(text, '\n');
	struct sip_str name;

	if (filter->endpoint == NULL || end == SIZE_MAX)
		return;
	name = (struct sip_str){ text.ptr + end + 1, text.len - end - 1 };
	if (what == TRACE_ENDPOINT ? sip_str_equal(name, sip_str_of(filter->endpoint))
				   : has_aor(filter->endpoint, name))
		take_part(filter, (struct sip_str){ text.ptr, end }, show, arg);
}

/* Is the endpoint at the other end of this message? */
static bool is_of_endpoint(
	const struct trace_filter *filter, const struct trace_record *record)
{
	struct ast_sip_endpoint *endpoint = ast_sip_endpoint_find(filter->endpoint);
	bool is = endpoint != NULL && endpoint_is_at(endpoint, &record->peer);

	ast_sip_endpoint_unref(endpoint);
	return is;
}

/* Shown, or held until its call is known. */
static bool is_known(struct trace_filter *filter, const struct trace_record *record,
	struct sip_str call_id, trace_show_fn *show, void *arg)
{
	if (filter->endpoint == NULL || trace_calls_has(filter->calls, call_id))
		return true;
	if (!is_of_endpoint(filter, record))
		return false;
	take_part(filter, call_id, show, arg);
	return true;
}

void trace_filter_take(struct trace_filter *filter, const struct trace_record *record,
	struct sip_str text, trace_show_fn *show, void *arg)
{
	struct message_head head;
	bool fits;
	bool known;

	if (record->what != TRACE_MESSAGE) {
		take_link(filter, record->what, text, show, arg);
		return;
	}
	message_head_read(text, &head);
	fits = (!filter->has_ip || network_has(&filter->network, &record->peer)) &&
		(filter->call_id == NULL ||
			sip_str_equal(head.call_id, sip_str_of(filter->call_id)));
	/* Also of those that the other filters keep back: it says whose call this is. */
	known = is_known(filter, record, head.call_id, show, arg);
	if (fits && known)
		show(arg, record, text);
	else if (fits)
		trace_held_put(&filter->held, record, text);
}

/* A copy of an option's value; false: no memory. */
static bool keep(char **place, const char *value)
{
	*place = value != NULL ? strdup(value) : NULL;
	return value == NULL || *place != NULL;
}

static bool make_calls(struct trace_filter *filter)
{
	uint64_t seed = 0;

	if (filter->endpoint == NULL)
		return true;
	filter->calls = malloc(sizeof(*filter->calls));
	if (filter->calls == NULL)
		return false;
	/* At worst the rows are guessed, and some calls forgotten too soon. */
	SIP_IGNORE(getrandom(&seed, sizeof(seed), 0) < 0);
	trace_calls_init(filter->calls, seed);
	return true;
}

bool trace_filter_init(
	struct trace_filter *filter, const struct arguments *arguments, char *error)
{
	const char *endpoint = arguments_option(arguments, "--endpoint");
	const char *ip = arguments_option(arguments, "--ip");
	const char *call_id = arguments_option(arguments, "--call-id");
	struct ast_sip_endpoint *found;

	*filter = (struct trace_filter){ .has_ip = ip != NULL };
	if (ip != NULL && !network_parse(sip_str_of(ip), &filter->network)) {
		snprintf(error, SYNTAX_ERROR_LEN,
			"%.100s is no address or network such as 192.0.2.1, 192.0.2.0/24 or "
			"[2001:db8::1]:5060",
			ip);
		return false;
	}
	if (endpoint != NULL) {
		found = ast_sip_endpoint_find(endpoint);
		if (found == NULL) {
			snprintf(error, SYNTAX_ERROR_LEN, "there is no endpoint %.100s",
				endpoint);
			return false;
		}
		ast_sip_endpoint_unref(found);
	}
	if (keep(&filter->endpoint, endpoint) && keep(&filter->call_id, call_id) &&
		make_calls(filter))
		return true;
	trace_filter_fini(filter);
	snprintf(error, SYNTAX_ERROR_LEN, "out of memory");
	return false;
}

void trace_filter_fini(struct trace_filter *filter)
{
	trace_held_fini(&filter->held);
	free(filter->endpoint);
	free(filter->call_id);
	free(filter->calls);
	*filter = (struct trace_filter){ 0 };
}
