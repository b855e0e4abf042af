/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The configuration as the server keeps it: copied, checked, with its look-up
 * tables made once.
 *
 * Threads: made by one, read only afterwards.  Elsewhere: what is ours (ours.c).
 */
#include "server/match.h"

#include <stdio.h>
#include <stdlib.h>

/* Copies into an arena; the first failure sticks. */
struct copier {
	struct sip_arena *arena;
	bool failed;
};

static const char *copy_text(struct copier *c, const char *text)
{
	struct sip_str copy;

	if (text == NULL)
		return NULL;
	if (c->failed || sip_arena_copy(c->arena, sip_str_of(text), &copy) != 0) {
		c->failed = true;
		return NULL;
	}
	return copy.ptr;
}

static void *copy_array(struct copier *c, const void *from, size_t count, size_t size)
{
	void *copy;

	if (count == 0 || c->failed)
		return NULL;
	copy = sip_arena_alloc(c->arena, count * size);
	if (copy == NULL)
		c->failed = true;
	else
		memcpy(copy, from, count * size);
	return copy;
}

static void copy_list(struct copier *c, struct sip_config_list *list)
{
	const char **item = copy_array(c, list->item, list->count, sizeof(*item));

	for (size_t i = 0; item != NULL && i < list->count; i++)
		item[i] = copy_text(c, item[i]);
	list->item = item;
}

static void copy_auth(struct copier *c, struct sip_auth_config *auth)
{
	auth->name = copy_text(c, auth->name);
	auth->source.file = copy_text(c, auth->source.file);
	auth->username = copy_text(c, auth->username);
	auth->password = copy_text(c, auth->password);
	auth->md5_cred = copy_text(c, auth->md5_cred);
	auth->sha256 = copy_text(c, auth->sha256);
	auth->sha512_256 = copy_text(c, auth->sha512_256);
	auth->realm = copy_text(c, auth->realm);
}

static void copy_endpoint_options(struct copier *c, struct sip_endpoint_config *options)
{
	options->name = copy_text(c, options->name);
	options->source.file = copy_text(c, options->source.file);
	copy_list(c, &options->aors);
	copy_list(c, &options->auth);
	options->from_user = copy_text(c, options->from_user);
	options->from_domain = copy_text(c, options->from_domain);
	options->transport = copy_text(c, options->transport);
}

static void copy_global(struct copier *c, struct sip_global_config *global)
{
	global->source.file = copy_text(c, global->source.file);
	copy_list(c, &global->domain);
	if (global->default_realm == NULL)
		global->default_realm = global->domain.count > 0 ? global->domain.item[0]
								 : "res_sip";
	global->default_realm = copy_text(c, global->default_realm);
	copy_list(c, &global->endpoint_identifier_order);
	copy_list(c, &global->service_order);
	copy_list(c, &global->default_auth_algorithms_uas);
	global->default_outbound_endpoint = copy_text(
		c, global->default_outbound_endpoint);
	global->emergency_endpoint = copy_text(c, global->emergency_endpoint);
	global->user_agent = copy_text(c, global->user_agent);
	global->key_file = copy_text(c, global->key_file);
}

static int complain(char *error, const char *kind, const char *name, const char *what,
	const char *value)
{
	snprintf(error, SIP_SERVER_ERROR_LEN, "%s %s: %s %s", kind, name ? name : "?",
		what, value ? value : "");
	return SIP_EINVALID;
}

/* The auth sections that an endpoint names, copied beside it. */
static int collect_auth(struct copier *c, const struct sip_config *config,
	struct ast_sip_endpoint *endpoint, char *error)
{
	size_t count = endpoint->options.auth.count;
	struct sip_auth_config *auth;

	if (count == 0)
		return 0;
	auth = sip_arena_zalloc(c->arena, count * sizeof(*auth));
	if (auth == NULL)
		return SIP_EMEMORY;
	for (size_t i = 0; i < count; i++) {
		const char *name = endpoint->options.auth.item[i];
		const struct sip_auth_config *found = NULL;

		for (size_t j = 0; j < config->auth_count && name != NULL; j++) {
			if (strcmp(config->auth[j].name, name) == 0)
				found = &config->auth[j];
		}
		if (found == NULL)
			return complain(error, "endpoint", endpoint->options.name,
				"there is no auth", name);
		auth[i] = *found;
		copy_auth(c, &auth[i]);
	}
	endpoint->auth = auth;
	endpoint->auth_count = count;
	return c->failed ? SIP_EMEMORY : 0;
}

static void destroy_endpoint(struct ast_sip_endpoint *endpoint)
{
	sip_arena_fini(&endpoint->arena);
	free(endpoint);
}

static int create_endpoint(const struct sip_config *config,
	const struct sip_endpoint_config *options, struct ast_sip_endpoint **out,
	char *error)
{
	struct ast_sip_endpoint *endpoint = calloc(1, sizeof(*endpoint));
	struct copier c;
	int result;

	if (endpoint == NULL)
		return SIP_EMEMORY;
	atomic_init(&endpoint->refs, 1);
	sip_arena_init(&endpoint->arena, NULL, 0);
	endpoint->options = *options;
	c = (struct copier){ .arena = &endpoint->arena };
	copy_endpoint_options(&c, &endpoint->options);
	result = c.failed ? SIP_EMEMORY : collect_auth(&c, config, endpoint, error);
	if (result != 0) {
		destroy_endpoint(endpoint);
		return result;
	}
	*out = endpoint;
	return 0;
}

struct ast_sip_endpoint *ast_sip_endpoint_ref(struct ast_sip_endpoint *endpoint)
{
	atomic_fetch_add_explicit(
		&endpoint->refs, 1, memory_order_relaxed); /* held by the caller */
	return endpoint;
}

void ast_sip_endpoint_unref(struct ast_sip_endpoint *endpoint)
{
	if (endpoint != NULL && atomic_fetch_sub(&endpoint->refs, 1) == 1)
		destroy_endpoint(endpoint);
}

static int add_endpoints(
	struct sip_settings *s, const struct sip_config *config, char *error)
{
	int result = sip_names_init(&s->endpoints, &s->arena, config->endpoint_count);

	if (result != 0)
		return result;
	s->endpoint = sip_arena_zalloc(
		&s->arena, (config->endpoint_count + 1) * sizeof(*s->endpoint));
	if (s->endpoint == NULL)
		return SIP_EMEMORY;
	for (size_t i = 0; i < config->endpoint_count; i++) {
		const char *name = config->endpoint[i].name;

		result = create_endpoint(
			config, &config->endpoint[i], &s->endpoint[i], error);
		if (result != 0)
			return result;
		s->endpoint_count++;
		if (!sip_names_add(&s->endpoints,
			    sip_str_of(s->endpoint[i]->options.name), s->endpoint[i]))
			return complain(error, "endpoint", name, "exists twice", NULL);
	}
	return 0;
}

/* Who is not known is challenged as this endpoint. */
static int add_artificial(
	struct sip_settings *s, const struct sip_config *config, char *error)
{
	struct sip_endpoint_config options;
	int result;

	sip_endpoint_config_init(&options);
	options.name = "(unknown)";
	result = create_endpoint(config, &options, &s->artificial, error);
	if (result == 0)
		s->artificial->artificial = true;
	return result;
}

static int add_aors(struct sip_settings *s, const struct sip_config *config, char *error)
{
	struct copier c = { .arena = &s->arena };
	int result = sip_names_init(&s->aors, &s->arena, config->aor_count);

	if (result != 0)
		return result;
	s->aor = copy_array(&c, config->aor, config->aor_count, sizeof(*s->aor));
	if (c.failed)
		return SIP_EMEMORY;
	for (size_t i = 0; i < config->aor_count; i++) {
		struct sip_aor_config *aor = &s->aor[i];

		aor->name = copy_text(&c, aor->name);
		aor->source.file = copy_text(&c, aor->source.file);
		copy_list(&c, &aor->contact);
		if (c.failed)
			return SIP_EMEMORY;
		if (!sip_names_add(&s->aors, sip_str_of(aor->name), aor))
			return complain(error, "aor", aor->name, "exists twice", NULL);
		s->aor_count++;
	}
	return 0;
}

static int add_transports(struct sip_settings *s, const struct sip_config *config)
{
	struct copier c = { .arena = &s->arena };

	s->transport = copy_array(
		&c, config->transport, config->transport_count, sizeof(*s->transport));
	for (size_t i = 0; s->transport != NULL && i < config->transport_count; i++) {
		s->transport[i].name = copy_text(&c, s->transport[i].name);
		s->transport[i].source.file = copy_text(&c, s->transport[i].source.file);
	}
	s->transport_count = config->transport_count;
	return c.failed ? SIP_EMEMORY : 0;
}

int sip_settings_create(
	const struct sip_config *config, struct sip_settings **settings, char *error)
{
	struct sip_settings *s = calloc(1, sizeof(*s));
	struct copier c;
	int result;

	if (s == NULL)
		return SIP_EMEMORY;
	atomic_init(&s->refs, 1);
	sip_arena_init(&s->arena, NULL, 0);
	s->global = config->global;
	s->system = config->system;
	s->system.source.file = NULL;
	s->system.pin_cores = NULL; /* borrowed while the pool is made */
	c = (struct copier){ .arena = &s->arena };
	copy_global(&c, &s->global);
	result = c.failed ? SIP_EMEMORY : add_endpoints(s, config, error);
	if (result == 0)
		result = add_artificial(s, config, error);
	if (result == 0)
		result = add_aors(s, config, error);
	if (result == 0)
		result = add_transports(s, config);
	if (result == 0)
		result = sip_match_compile(s, config, error);
	if (result != 0) {
		sip_settings_unref(&s);
		return result;
	}
	*settings = s;
	return 0;
}

void sip_settings_unref(struct sip_settings **settings)
{
	struct sip_settings *s = *settings;

	*settings = NULL;
	if (s == NULL || atomic_fetch_sub(&s->refs, 1) != 1)
		return;
	for (size_t i = 0; i < s->endpoint_count; i++)
		ast_sip_endpoint_unref(s->endpoint[i]);
	ast_sip_endpoint_unref(s->artificial);
	sip_arena_fini(&s->arena);
	free(s);
}
