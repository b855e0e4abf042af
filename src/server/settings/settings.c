/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The configuration as the server keeps it: copied, checked, with its look-up
 * tables made once.
 *
 * Threads: made by one, read only afterwards.  Elsewhere: what is ours (ours.c).
 */
#include "server/admission/admission_class.h"
#include "server/settings/acl_settings.h"
#include "server/settings/endpoint_object.h"
#include "server/settings/match.h"
#include "server/settings/options.h"

#include <stdio.h>
#include <stdlib.h>

/* Everything that a making of settings needs. */
struct making {
	struct sip_settings *settings;
	const struct sip_settings *before; /* shares what is the same; NULL: nothing */
	const struct sip_config *config;
	struct sip_arena arena; /* for as long as it lasts */
	struct sip_names auths; /* name -> struct sip_auth_config */
	char *error;
};

/* Memory of the settings for what an array of `count` options points to.  NULL: out of
 * memory. */
static char *make_room(struct sip_settings *s, const struct sip_option_table *table,
	const void *options, size_t count)
{
	size_t len = 1;

	for (size_t i = 0; i < count; i++)
		len += sip_options_room(table, (const char *)options + i * table->size);
	return sip_arena_alloc(&s->arena, len);
}

static int copy_global(struct sip_settings *s, const struct sip_config *config)
{
	struct sip_global_config global = config->global;
	char *room;

	if (global.default_realm == NULL)
		global.default_realm = global.domain.count > 0 ? global.domain.item[0]
							       : "res_sip";
	room = make_room(s, sip_global_table(), &global, 1);
	if (room == NULL)
		return SIP_EMEMORY;
	sip_options_copy(sip_global_table(), &s->global, &global, &room);
	return 0;
}

static int complain(char *error, const char *kind, const char *name, const char *what,
	const char *value)
{
	snprintf(error, SIP_SERVER_ERROR_LEN, "%s %s: %s %s", kind, name ? name : "?",
		what, value ? value : "");
	return SIP_EINVALID;
}

static int index_auths(struct making *m)
{
	const struct sip_config *config = m->config;
	int result = sip_names_init(&m->auths, &m->arena, config->auth_count);

	for (size_t i = 0; i < config->auth_count && result == 0; i++) {
		/* The table only reads. */
		struct sip_auth_config
			*auth = (struct sip_auth_config *)(uintptr_t)&config->auth[i];

		if (!sip_names_add(&m->auths, sip_str_of(auth->name), auth))
			return complain(
				m->error, "auth", auth->name, "exists twice", NULL);
	}
	return result;
}

/* The auth sections that an endpoint names, into `auth`, which has room for them. */
static int find_auths(const struct making *m, const struct sip_endpoint_config *options,
	const struct sip_auth_config **auth)
{
	for (size_t i = 0; i < options->auth.count; i++) {
		const char *name = options->auth.item[i];

		auth[i] = name != NULL ? sip_names_find(&m->auths, sip_str_of(name))
				       : NULL;
		if (auth[i] == NULL)
			return complain(m->error, "endpoint", options->name,
				"there is no auth", name);
	}
	return 0;
}

/* What is made of a password is for one realm. */
static bool may_share(const struct making *m, const struct sip_endpoint_config *options)
{
	return options->auth.count == 0 ||
		strcmp(m->before->global.default_realm,
			m->settings->global.default_realm) == 0;
}

/* The one of before where nothing of it changed, else a new one. */
static int take_endpoint(struct making *m, const struct sip_endpoint_config *options,
	struct ast_sip_endpoint **out)
{
	const struct sip_auth_config *few[4];
	const struct sip_auth_config **auth = few;
	struct sip_endpoint_parts parts;
	struct ast_sip_endpoint *same = NULL;
	int result;

	if (options->auth.count > sizeof(few) / sizeof(few[0]))
		auth = sip_arena_alloc(&m->arena, options->auth.count * sizeof(*auth));
	if (auth == NULL)
		return SIP_EMEMORY;
	result = find_auths(m, options, auth);
	if (result != 0)
		return result;
	parts = (struct sip_endpoint_parts){ options, auth, options->auth.count,
		m->settings->global.default_realm };
	if (m->before != NULL && may_share(m, options))
		same = sip_names_find(&m->before->endpoints, sip_str_of(options->name));
	*out = same != NULL && sip_endpoint_is(same, &parts)
		? ast_sip_endpoint_ref(same)
		: sip_endpoint_create(&parts);
	return *out != NULL ? 0 : SIP_EMEMORY;
}

static int add_endpoints(struct making *m)
{
	struct sip_settings *s = m->settings;
	const struct sip_config *config = m->config;
	int result = sip_names_init(&s->endpoints, &s->arena, config->endpoint_count);

	if (result != 0)
		return result;
	s->endpoint = sip_arena_zalloc(
		&s->arena, (config->endpoint_count + 1) * sizeof(*s->endpoint));
	if (s->endpoint == NULL)
		return SIP_EMEMORY;
	for (size_t i = 0; i < config->endpoint_count; i++) {
		const char *name = config->endpoint[i].name;

		result = take_endpoint(m, &config->endpoint[i], &s->endpoint[i]);
		if (result != 0)
			return result;
		s->endpoint_count++;
		if (!s->endpoint[i]->options.force_rport)
			s->some_without_force_rport = true;
		if (!sip_names_add(&s->endpoints,
			    sip_str_of(s->endpoint[i]->options.name), s->endpoint[i]))
			return complain(m->error, "endpoint", name, "exists twice", NULL);
	}
	return 0;
}

/* Who is not known is challenged as this endpoint. */
static int add_artificial(struct making *m)
{
	struct sip_endpoint_config options;

	if (m->before != NULL) {
		m->settings->artificial = ast_sip_endpoint_ref(m->before->artificial);
		return 0;
	}
	sip_endpoint_config_init(&options);
	options.name = "(unknown)";
	m->settings->artificial = sip_endpoint_create(
		&(struct sip_endpoint_parts){ .options = &options });
	if (m->settings->artificial == NULL)
		return SIP_EMEMORY;
	m->settings->artificial->artificial = true;
	return 0;
}

static int add_aors(struct making *m)
{
	struct sip_settings *s = m->settings;
	const struct sip_config *config = m->config;
	int result = sip_names_init(&s->aors, &s->arena, config->aor_count);
	char *room = make_room(s, sip_aor_table(), config->aor, config->aor_count);

	s->aor = sip_arena_zalloc(&s->arena, (config->aor_count + 1) * sizeof(*s->aor));
	if (result != 0 || room == NULL || s->aor == NULL)
		return SIP_EMEMORY;
	for (size_t i = 0; i < config->aor_count; i++) {
		struct sip_aor_config *aor = &s->aor[i];

		sip_options_copy(sip_aor_table(), aor, &config->aor[i], &room);
		if (!sip_names_add(&s->aors, sip_str_of(aor->name), aor))
			return complain(m->error, "aor", aor->name, "exists twice", NULL);
		s->aor_count++;
	}
	return 0;
}

static int add_transports(struct sip_settings *s, const struct sip_config *config)
{
	char *room = make_room(
		s, sip_transport_table(), config->transport, config->transport_count);

	s->transport = sip_arena_zalloc(
		&s->arena, (config->transport_count + 1) * sizeof(*s->transport));
	if (room == NULL || s->transport == NULL)
		return SIP_EMEMORY;
	for (size_t i = 0; i < config->transport_count; i++)
		sip_options_copy(sip_transport_table(), &s->transport[i],
			&config->transport[i], &room);
	s->transport_count = config->transport_count;
	return 0;
}

static int add_aliases(struct making *m)
{
	struct sip_settings *s = m->settings;
	const struct sip_config *config = m->config;
	size_t count = config->domain_alias_count;
	char *room = make_room(s, sip_domain_alias_table(), config->domain_alias, count);

	s->alias = sip_arena_zalloc(&s->arena, (count + 1) * sizeof(*s->alias));
	if (room == NULL || s->alias == NULL)
		return SIP_EMEMORY;
	for (size_t i = 0; i < count; i++) {
		if (config->domain_alias[i].domain == NULL)
			return complain(m->error, "domain_alias",
				config->domain_alias[i].name, "names no domain", NULL);
		sip_options_copy(sip_domain_alias_table(), &s->alias[i],
			&config->domain_alias[i], &room);
		s->alias_count++;
	}
	return 0;
}

static int fill(struct making *m)
{
	int result = copy_global(m->settings, m->config);

	if (result == 0)
		result = index_auths(m);
	if (result == 0)
		result = add_endpoints(m);
	if (result == 0)
		result = add_artificial(m);
	if (result == 0)
		result = add_aors(m);
	if (result == 0)
		result = add_transports(m->settings, m->config);
	if (result == 0)
		result = add_aliases(m);
	if (result == 0)
		result = sip_acl_settings_fill(
			m->settings, m->before, m->config, m->error);
	if (result == 0)
		result = sip_match_compile(m->settings, m->config, m->error);
	return result;
}

int sip_settings_create(const struct sip_config *config,
	const struct sip_settings *before, struct sip_settings **settings, char *error)
{
	struct sip_settings *s = calloc(1, sizeof(*s));
	struct making m = { s, before, config, .error = error };
	int result;

	if (s == NULL)
		return SIP_EMEMORY;
	atomic_init(&s->refs, 1);
	sip_arena_init(&s->arena, NULL, 0);
	sip_arena_init(&m.arena, NULL, 0);
	s->system = config->system;
	s->system.source.file = NULL;
	s->system.pin_cores = NULL; /* borrowed while the pool is made */
	s->least_wait_us = sip_class_least_wait_us(s);
	result = fill(&m);
	sip_arena_fini(&m.arena);
	if (result != 0) {
		sip_settings_unref(&s);
		return result;
	}
	*settings = s;
	return 0;
}

struct sip_settings *sip_settings_ref(struct sip_settings *settings)
{
	/* Relaxed: the caller holds one already. */
	atomic_fetch_add_explicit(&settings->refs, 1, memory_order_relaxed);
	return settings;
}

static void destroy(struct sip_rcu_head *head)
{
	struct sip_settings *s = SIP_CONTAINER(head, struct sip_settings, rcu);

	for (size_t i = 0; i < s->endpoint_count; i++)
		ast_sip_endpoint_unref(s->endpoint[i]);
	ast_sip_endpoint_unref(s->artificial);
	sip_arena_fini(&s->arena);
	free(s);
}

void sip_settings_unref(struct sip_settings **settings)
{
	struct sip_settings *s = *settings;

	*settings = NULL;
	/* A hundred thousand endpoints are not for the last request that saw them to
	 * free. */
	if (s != NULL && atomic_fetch_sub(&s->refs, 1) == 1)
		sip_rcu_defer(&s->rcu, destroy);
}
