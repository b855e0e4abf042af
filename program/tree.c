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

const struct entry *section_entry(const struct section *section, const char *name)
{
	for (size_t i = section->count; i != 0; i--) {
		if (strcasecmp(section->entries[i - 1].name, name) == 0)
			return &section->entries[i - 1];
	}
	return NULL;
}

struct position entry_value_at(const struct entry *entry)
{
	struct position at = entry->at;

	at.column = entry->value_column;
	return at;
}
