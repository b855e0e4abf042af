/* SPDX-License-Identifier: BSD-2-Clause */
/* Modules that are part of a test: loading.h. */
#include "support/loading.h"

#include "support/check.h"

#include "res_sip/show.h"

#include <stdio.h>
#include <string.h>

/* What the modules have done, in order. */
char loading_seen[128];

void loading_note(const char *text)
{
	CHECK(strlen(loading_seen) + strlen(text) < sizeof(loading_seen) - 1);
	strncat(loading_seen, text, sizeof(loading_seen) - strlen(loading_seen) - 1);
}

static void open_door(struct sip_config *config)
{
	config->global.authentication = false;
}

struct world *bare_world(void)
{
	static const char *const no_modules[] = { NULL };

	loading_seen[0] = '\0';
	return world_create(
		&(struct world_options){ .configure = open_door, .modules = no_modules });
}

static void note_released(void *arg)
{
	(void)arg;
	loading_note("R");
}

char loading_error[SIP_SERVER_ERROR_LEN];

static struct sip_module_source source_of(const struct ast_sip_module_file *file)
{
	return (struct sip_module_source){
		.file = file, .rank = SIZE_MAX, .released = note_released
	};
}

int loading_add(struct world *w, const struct ast_sip_module_file *file)
{
	struct sip_module_source source = source_of(file);

	loading_error[0] = '\0';
	return sip_server_add_module(w->server, &source, loading_error);
}

int loading_replace(struct world *w, const struct ast_sip_module_file *file)
{
	struct sip_module_source source = source_of(file);

	loading_error[0] = '\0';
	return sip_server_replace_module(w->server, &source, loading_error);
}

int loading_remove(struct world *w, const char *name)
{
	loading_error[0] = '\0';
	return sip_server_remove_module(w->server, name, loading_error);
}

/* ---- `show modules` ---- */

static char shown[2048];

static void no_columns(void *arg, const char *name, enum sip_show_shape shape,
	const struct sip_show_column *columns, size_t count)
{
	(void)arg;
	(void)name;
	(void)shape;
	(void)columns;
	CHECK_INT(count, ==, 8);
}

static void keep_row(void *arg, const char *const *values)
{
	size_t len = strlen(shown);

	(void)arg;
	snprintf(shown + len, sizeof(shown) - len, "%s %s %s;", values[0], values[2],
		values[3] != NULL ? values[3] : "-");
}

struct sip_str loading_show(struct world *w)
{
	const struct sip_show_query query = { .what = "modules" };
	const struct sip_show_sink sink = { NULL, no_columns, keep_row };

	shown[0] = '\0';
	CHECK_INT(sip_server_show(w->server, &query, &sink), ==, 0);
	return sip_str_of(shown);
}
