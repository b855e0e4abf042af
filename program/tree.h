/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A configuration as it was written: sections with their options, includes and templates
 * resolved, nothing understood yet.
 */
#pragma once

#include "names.h"
#include "problems.h"

struct entry {
	const char *name;
	const char *value;
	struct position at;    /* of the name */
	uint32_t value_column; /* in the same line */
	bool adds;             /* `+=` */
	bool told;             /* its verdict was; once for all sections that have it */
};

/* A section's own, or one of a template. */
struct member {
	struct entry *entry;
	bool inherited;
};

struct section_type;

struct section {
	const char *name;
	struct position at;
	bool is_template;       /* `(!)`: only others use it */
	bool is_broken;         /* it was to begin with a section that is not there */
	struct section *before; /* the one above it with the same name */
	struct member *members; /* those of the templates first: a later one wins */
	size_t count;
	/* Once it is understood (settings.h). */
	const struct section_type *type; /* NULL: of none, or it is no object */
	const struct section *first;     /* of its type and name: the one that holds */
	size_t index;                    /* among the objects of its type */
};

struct tree {
	struct store *store;
	struct problems *problems;
	struct section **sections;
	size_t count;
	struct names last_of_name; /* the last section of a name */
	bool no_includes; /* `#include` is an error: for text that comes from no file */
};

void tree_init(struct tree *tree, struct store *store, struct problems *problems);

/* Read `path` and what it includes.  Mistakes go to the problems; false: it could not be
 * read. */
bool tree_read_file(struct tree *tree, const char *path);

/* Read text; `name` stands for the file in messages. */
void tree_read_text(struct tree *tree, const char *name, struct sip_str text);

/* The entry that holds: the last of that name (without case); NULL: none. */
const struct entry *section_entry(const struct section *section, const char *name);

/* Do names of options say the same (without case)? */
bool same_name(const char *name, const char *other);

/* Where its value stands. */
struct position entry_value_at(const struct entry *entry);
