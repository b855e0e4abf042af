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
	const char *note; /* a sentence for the operator; NULL: the verdict says all */
	const char *
		harmless; /* with this value nobody is told anything; NULL: always told */
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
#define NO_MEANING(option_name)                                                          \
	{                                                                                \
		.name = option_name, .verdict = OPTION_NO_MEANING                        \
	}
#define NOT_YET(option_name, without)                                                    \
	{                                                                                \
		.name = option_name, .verdict = OPTION_NOT_YET, .harmless = without      \
	}
#define REFUSED(option_name, without, why)                                               \
	{                                                                                \
		.name = option_name, .verdict = OPTION_REFUSED, .harmless = without,     \
		.note = why                                                              \
	}

extern const struct option_table endpoint_options;
extern const struct option_table aor_options;
extern const struct option_table auth_options;
extern const struct option_table transport_options;
extern const struct option_table identify_options;
extern const struct option_table global_options;
extern const struct option_table system_options;

/* A row by its name (without case); NULL: none. */
const struct option *option_find(const struct option_table *table, const char *name);
