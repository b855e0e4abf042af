/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What res_sip.conf means: the library's configuration, and what the program itself
 * needs.
 *
 *     settings_init(&settings, &store, &problems);
 *     settings_read(&settings, "/etc/res_sip");
 *
 * Every mistake goes to the problems; with an error among them the settings are not to be
 * used.
 */
#pragma once

#include "tree.h"

#include <res_sip/config.h>

enum object_kind {
	OBJECT_TRANSPORT,
	OBJECT_ENDPOINT,
	OBJECT_AOR,
	OBJECT_AUTH,
	OBJECT_IDENTIFY,
	OBJECT_DOMAIN_ALIAS,
	OBJECT_ACL,
	OBJECT_NAMED_ACL, /* sections of acl.conf */
	OBJECT_GLOBAL,
	OBJECT_SYSTEM,
	OBJECT_KINDS
};

/* The sections of one type, in the order of their structs in the configuration. */
struct objects {
	const struct section **sections;
	size_t count;
};

struct settings {
	struct store *store;
	struct problems *problems;
	struct tree tree;
	struct objects objects[OBJECT_KINDS];
	struct sip_config config;
	/* The arrays that `config` points to. */
	struct sip_transport_section *transports;
	struct sip_endpoint_config *endpoints;
	struct sip_aor_config *aors;
	struct sip_auth_config *auths;
	struct sip_identify_config *identifies;
	struct sip_domain_alias_config *domain_aliases;
	struct sip_acl_section *acls; /* of both kinds */
	/* [global], for the program. */
	const char *folder;
	const char *file;
	const char *control_socket;   /* control_socket=, `FOLDER/res_sip.sock` */
	enum sip_log_level log_level; /* log_level=, notice */
	struct tree acl_tree;         /* acl.conf */
};

void settings_init(
	struct settings *settings, struct store *store, struct problems *problems);

/* Read FOLDER/res_sip.conf. */
void settings_read(struct settings *settings, const char *folder);

/* Likewise, but make sense of [global] only: for who wants no phones of a hundred
 * thousand. */
void settings_read_global(struct settings *settings, const char *folder);

/* Make sense of settings->tree, for text that comes from no file. */
void settings_understand(struct settings *settings, const char *folder);

/* The section that is the object of that kind and name; NULL: there is none.  Not for
 * [global] and [system], whose name may be any. */
const struct section *settings_find(
	const struct settings *settings, enum object_kind kind, const char *name);

/* Read the sections of another file, which are all of one type. */
void settings_read_as(
	struct settings *settings, struct tree *tree, const struct section_type *type);

/* `text` as seen from the folder of the configuration. */
const char *settings_path(struct settings *settings, const char *text);
