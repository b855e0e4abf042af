/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * acl.conf belongs to all of an Asterisk, and most of it may be about other things: it is
 * looked at only where acl= or contact_acl= of a section names a list.
 */
#include "acl_file.h"

#include "types.h"

#include <unistd.h>

static const char file_name[] = "acl.conf";

static bool names_some(const struct sip_acl_config *acl)
{
	return acl->acl.count != 0;
}

static bool is_wanted(const struct settings *settings)
{
	const struct sip_config *config = &settings->config;

	for (size_t i = 0; i < config->acl_count; i++) {
		if (names_some(&config->acl[i].source_acl) ||
			names_some(&config->acl[i].contact_acl))
			return true;
	}
	for (size_t i = 0; i < config->transport_count; i++) {
		if (names_some(&config->transport[i].source_acl))
			return true;
	}
	for (size_t i = 0; i < config->endpoint_count; i++) {
		if (names_some(&config->endpoint[i].source_acl) ||
			names_some(&config->endpoint[i].contact_acl))
			return true;
	}
	return false;
}

void acl_file_read(struct settings *settings)
{
	const char *path = settings_path(settings, file_name);

	/* Text that comes from no file has no file beside it. */
	if (settings->tree.no_includes || !is_wanted(settings) || access(path, F_OK) != 0)
		return;
	tree_init(&settings->acl_tree, settings->store, settings->problems);
	if (tree_read_file(&settings->acl_tree, path))
		settings_read_as(settings, &settings->acl_tree, type_of_acl_file());
}
