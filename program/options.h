/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every option that we know, by the type of its section, with a verdict.
 *
 * The tables (options_endpoint.c and so on) hold what res_pjsip documents, and what is
 * ours.  An option that is in none of them is a mistake.
 */
#pragma once

#include "settings.h"

enum verdict {
	OPTION_HONOURED,
	OPTION_DIFFERENT,  /* honoured, and `note` says what is different: a notice */
	OPTION_NO_MEANING, /* about media or a PBX: a notice */
	OPTION_NOT_YET,    /* a warning */
	OPTION_REFUSED,    /* promises protection that is not given: an error */
};

struct option;

/* One value on its way from the file into a struct. */
struct value {
	struct settings *settings;
	const struct option *option;
	const struct entry *entry;
};

/* Check the value and put it into `field`; mistakes go to the problems. */
typedef void option_read_fn(const struct value *value, void *field);

struct option {
	const char *name;
	enum verdict verdict;
	const char *help; /* what it means here; of what is honoured */
	const char *note; /* what is different, or why it is not; NULL: the verdict says
			     all */
	/* With this value, res_pjsip's own default, nobody is told anything; NULL: always
	 * told. */
	const char *harmless;
	const char *unset;    /* what holds where nothing is said and `field` is empty */
	const char *theirs;   /* res_pjsip's default, where it is not ours */
	bool warns;           /* a warning, where the verdict has a notice */
	bool repeats;         /* each line adds; else the later one replaces */
	bool ours;            /* res_pjsip has none of that name */
	option_read_fn *read; /* NULL: the value is not looked at */
	size_t field;         /* offset in the struct of the section's type */
	uint32_t min;         /* of a number */
	uint32_t max;
};

struct option_table {
	const struct option *options;
	size_t count;
};

#define OPTION_TABLE(array)                                                              \
	{                                                                                \
		array, sizeof(array) / sizeof((array)[0])                                \
	}

/* How rows without a field are written in the tables. */
#define NO_MEANING(option_name, without, why)                                            \
	{                                                                                \
		.name = option_name, .verdict = OPTION_NO_MEANING, .harmless = without,  \
		.note = why                                                              \
	}
#define MEDIA(option_name, without)  NO_MEANING(option_name, without, why_media)
#define PBX(option_name, without)    NO_MEANING(option_name, without, why_pbx)
#define INSIDE(option_name, without) NO_MEANING(option_name, without, why_inside)
#define NOT_YET(option_name, without)                                                    \
	{                                                                                \
		.name = option_name, .verdict = OPTION_NOT_YET, .harmless = without      \
	}
#define REFUSED(option_name, without, why)                                               \
	{                                                                                \
		.name = option_name, .verdict = OPTION_REFUSED, .harmless = without,     \
		.note = why                                                              \
	}

/* A row of an access list in a section: which list, and what it means there. */
#define ACL_OPTION(option_name, reader, type, list, ...)                                 \
	{                                                                                \
		.name = option_name, .repeats = true, .unset = "none", .read = reader,   \
		.field = offsetof(struct type, list), __VA_ARGS__                        \
	}

/* Why options have no meaning here; a pointer says which. */
extern const char why_media[];
extern const char why_pbx[];
extern const char why_inside[];

extern const struct option_table endpoint_options;
extern const struct option_table aor_options;
extern const struct option_table auth_options;
extern const struct option_table transport_options;
extern const struct option_table identify_options;
extern const struct option_table domain_alias_options;
extern const struct option_table acl_options;
extern const struct option_table named_acl_options;
extern const struct option_table global_options;
extern const struct option_table system_options;

/* Of types that are not there yet: their names are known (options_later.c). */
extern const struct option_table registration_options;
extern const struct option_table contact_options;
extern const struct option_table resource_list_options;
extern const struct option_table subscription_persistence_options;
extern const struct option_table inbound_publication_options;
extern const struct option_table outbound_publish_options;
extern const struct option_table asterisk_publication_options;
extern const struct option_table phoneprov_options;
extern const struct option_table wizard_options;

/* A row by its name (without case); NULL: none. */
const struct option *option_find(const struct option_table *table, const char *name);
