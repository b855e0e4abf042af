/* SPDX-License-Identifier: BSD-2-Clause */
/* The tree: its beginning, and looking into it. */
#include "tree.h"

#include "grammar.h"

#include <strings.h>

void tree_init(struct tree *tree, struct store *store, struct problems *problems)
{
	*tree = (struct tree){ .store = store, .problems = problems };
	tree->last_of_name.store = store;
}

bool tree_read_file(struct tree *tree, const char *path)
{
	struct grammar grammar = { .tree = tree };
	struct position at = { path, 0, 0 };

	return grammar_read_path(&grammar, path, at, true);
}

void tree_read_text(struct tree *tree, const char *name, struct sip_str text)
{
	struct grammar grammar = { .tree = tree };

	grammar_read(&grammar, name, text, NULL);
}

bool same_name(const char *name, const char *other)
{
	/* Most that are compared differ in their first letter, by more than its case. */
	return ((name[0] ^ other[0]) & ~('a' ^ 'A')) == 0 && strcasecmp(name, other) == 0;
}

const struct entry *section_entry(const struct section *section, const char *name)
{
	for (size_t i = section->count; i != 0; i--) {
		const struct entry *entry = section->members[i - 1].entry;

		if (same_name(entry->name, name))
			return entry;
	}
	return NULL;
}

struct position entry_value_at(const struct entry *entry)
{
	struct position at = entry->at;

	at.column = entry->value_column;
	return at;
}
