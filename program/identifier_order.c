/* SPDX-License-Identifier: BSD-2-Clause */
/* `[global] endpoint_identifier_order=` beside the order of the modules. */
#include "cross_check_who.h"

#include "nearest.h"

#include <limits.h>
#include <strings.h>

/* What the modules of this project register. */
static const struct {
	const char *identifier;
	const char *module;
} registered[] = {
	{ "certificate", "res_sip_endpoint_identifier_certificate" },
	{ "ip", "res_sip_endpoint_identifier_ip" },
	{ "username", "res_sip_endpoint_identifier_user" },
	{ "auth_username", "res_sip_endpoint_identifier_user" },
	{ "anonymous", "res_sip_endpoint_identifier_anonymous" },
};

#define REGISTERED_COUNT (sizeof(registered) / sizeof(registered[0]))

/* The module of an identifier; NULL: another's, or none. */
static const char *module_of(const char *identifier)
{
	for (size_t i = 0; i < REGISTERED_COUNT; i++) {
		if (strcasecmp(registered[i].identifier, identifier) == 0)
			return registered[i].module;
	}
	return NULL;
}

static void tell_unknown(
	struct settings *settings, const char *identifier, struct position at)
{
	struct nearest nearest;

	nearest_init(&nearest, sip_str_of(identifier));
	for (size_t i = 0; i < REGISTERED_COUNT; i++)
		nearest_try(&nearest, registered[i].identifier);
	if (nearest.name != NULL)
		problem_add(settings->problems, PROBLEM_WARNING, at,
			"endpoint_identifier_order: no module of this server has an identifier "
			"`%s`; did you mean `%s`?",
			identifier, nearest.name);
	else
		problem_add(settings->problems, PROBLEM_WARNING, at,
			"endpoint_identifier_order: no module of this server has an identifier "
			"`%s`",
			identifier);
}

static size_t place_of(const char *module, const char *const *modules, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(modules[i], module) == 0)
			return i;
	}
	return SIZE_MAX;
}

void cross_check_identifiers(
	struct settings *settings, const char *const *modules, size_t count)
{
	const struct sip_config_list *order = &settings->config.global
						       .endpoint_identifier_order;
	struct position at;
	size_t last = 0;
	bool differs = false;

	if (order->count == 0)
		return;
	at = option_place(settings->objects[OBJECT_GLOBAL].sections[0],
		"endpoint_identifier_order");
	for (size_t i = 0; i < order->count; i++) {
		const char *module = module_of(order->item[i]);
		size_t place = module == NULL ? SIZE_MAX
					      : place_of(module, modules, count);

		if (module == NULL)
			tell_unknown(settings, order->item[i], at);
		if (place == SIZE_MAX)
			continue;
		differs = differs || place < last;
		last = place;
	}
	if (differs)
		problem_add(settings->problems, PROBLEM_WARNING, at,
			"endpoint_identifier_order differs from the order in which the modules "
			"are loaded, and wins over it");
}
