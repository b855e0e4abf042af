/* SPDX-License-Identifier: BSD-2-Clause */
/* The grammar: section headers, options, directives. */
#include "grammar.h"

#include "nearest.h"

#include <strings.h>

#define MOST_OPTIONS 100000 /* of a section, with those of its templates */

/* What stands in the parentheses behind a section's name. */
struct header {
	const char *name;
	struct position at;
	bool is_template;
	bool appends;
	bool is_broken;          /* names a section that is not there */
	const char *filter_name; /* `+type=aor`; NULL: none */
	const char *filter_value;
	size_t base_count; /* of grammar->bases */
};

static struct sip_str line_of(const struct grammar *grammar)
{
	return (struct sip_str){ grammar->reader.text, grammar->reader.len };
}

static struct sip_str part(struct sip_str text, size_t from, size_t to)
{
	return (struct sip_str){ text.ptr + from, to - from };
}

/* Where a slice of the line stood in the file. */
static struct position place_of(const struct grammar *grammar, struct sip_str slice)
{
	return line_position(
		&grammar->reader, (size_t)(slice.ptr - grammar->reader.text));
}

#define MISTAKE(grammar, slice, ...)                                                     \
	problem_add((grammar)->tree->problems, PROBLEM_ERROR, place_of(grammar, slice),  \
		__VA_ARGS__)

static void add_member(
	struct tree *tree, struct section *section, struct entry *entry, bool inherited)
{
	section->members = store_grow(
		tree->store, section->members, section->count, sizeof(*section->members));
	section->members[section->count++] = (struct member){ entry, inherited };
}

static void inherit(struct tree *tree, struct section *section,
	const struct section *base, struct position at)
{
	/* A section that names itself would grow while it is read. */
	size_t count = base->count;

	/* It doubles each time, too. */
	if (section->count + count > MOST_OPTIONS) {
		problem_add(tree->problems, PROBLEM_ERROR, at,
			"section [%s] would have more than %d options", section->name,
			MOST_OPTIONS);
		return;
	}
	for (size_t i = 0; i < count; i++)
		add_member(tree, section, base->members[i].entry, true);
}

static struct section *find_base(struct grammar *grammar, struct sip_str name)
{
	struct tree *tree = grammar->tree;
	struct section *base = names_find(&tree->last_of_name, 0, name);
	struct nearest nearest;

	if (base != NULL)
		return base;
	nearest_init(&nearest, name);
	for (size_t i = 0; i < tree->count; i++)
		nearest_try(&nearest, tree->sections[i]->name);
	if (nearest.name != NULL)
		MISTAKE(grammar, name,
			"no section [%.*s] above this line; did you mean [%s]?",
			SIP_STR_ARG(name), nearest.name);
	else
		MISTAKE(grammar, name, "no section [%.*s] above this line",
			SIP_STR_ARG(name));
	return NULL;
}

static void read_filter(
	struct grammar *grammar, struct header *header, struct sip_str filter)
{
	size_t equals = sip_str_find(filter, '=');
	struct store *store = grammar->tree->store;

	header->appends = true;
	if (filter.len == 0)
		return;
	if (equals == SIZE_MAX) {
		MISTAKE(grammar, filter,
			"`+` is followed by nothing, or by option=value");
		return;
	}
	header->filter_name = store_text(store, sip_str_trim(part(filter, 0, equals)));
	header->filter_value = store_text(
		store, sip_str_trim(part(filter, equals + 1, filter.len)));
}

static void add_base(struct grammar *grammar, struct header *header, struct section *base)
{
	/* It stays as large as the longest header made it. */
	if (header->base_count == grammar->base_room)
		grammar->bases = store_grow(grammar->tree->store, grammar->bases,
			grammar->base_room++, sizeof(struct section *));
	grammar->bases[header->base_count++] = base;
}

static void read_header_word(
	struct grammar *grammar, struct header *header, struct sip_str word)
{
	struct section *base;

	if (word.len == 0) {
		MISTAKE(grammar, word, "a name, `!` or `+` is missing here");
	} else if (word.ptr[0] == '+') {
		read_filter(grammar, header, part(word, 1, word.len));
	} else if (sip_str_equal(word, SIP_STR("!"))) {
		header->is_template = true;
	} else {
		base = find_base(grammar, word);
		header->is_broken = header->is_broken || base == NULL;
		if (base == NULL)
			return;
		add_base(grammar, header, base);
	}
}

/* `(!,a,b)` behind the name. */
static void read_header_words(
	struct grammar *grammar, struct header *header, struct sip_str words)
{
	if (words.len == 0)
		return;
	if (words.ptr[0] != '(') {
		MISTAKE(grammar, words, "only `(...)` may stand behind a section's name");
		return;
	}
	if (words.ptr[words.len - 1] != ')') {
		MISTAKE(grammar, words, "the `)` is missing");
		return;
	}
	words = part(words, 1, words.len - 1);
	for (;;) {
		size_t comma = sip_str_find(words, ',');
		size_t end = comma == SIZE_MAX ? words.len : comma;

		read_header_word(grammar, header, sip_str_trim(part(words, 0, end)));
		if (comma == SIZE_MAX)
			return;
		words = part(words, comma + 1, words.len);
	}
}

static bool fits_filter(const struct section *section, const struct header *header)
{
	const struct entry *entry;

	if (header->filter_name == NULL)
		return true;
	entry = section_entry(section, header->filter_name);
	return entry != NULL && strcasecmp(entry->value, header->filter_value) == 0;
}

/* The section that `[name](+)` goes on with. */
static struct section *find_continued(
	struct grammar *grammar, const struct header *header)
{
	struct section *found = NULL;
	struct section *section = names_get(
		&grammar->tree->last_of_name, 0, header->name);
	struct problems *problems = grammar->tree->problems;

	for (; section != NULL; section = section->before) {
		if (!fits_filter(section, header))
			continue;
		if (found != NULL) {
			problem_add(problems, PROBLEM_ERROR, header->at,
				"there are several sections [%s] above: say which one, as in "
				"[%s](+type=endpoint)",
				header->name, header->name);
			return found;
		}
		found = section;
	}
	if (found == NULL)
		problem_add(problems, PROBLEM_ERROR, header->at,
			"[%s](+) goes on with a section above, and there is none of that name%s",
			header->name, header->filter_name != NULL ? " and option" : "");
	return found;
}

static struct section *add_section(struct tree *tree, const struct header *header)
{
	struct section *section = store_alloc(tree->store, sizeof(*section));

	section->name = header->name;
	section->at = header->at;
	section->is_template = header->is_template;
	section->before = names_put(&tree->last_of_name, 0, header->name, section);
	tree->sections = store_grow(
		tree->store, tree->sections, tree->count, sizeof(struct section *));
	tree->sections[tree->count++] = section;
	return section;
}

static void read_section(struct grammar *grammar)
{
	struct sip_str line = line_of(grammar);
	size_t end = sip_str_find(line, ']');
	struct header header = { .at = place_of(grammar, line) };
	struct sip_str name;

	if (end == SIZE_MAX) {
		MISTAKE(grammar, line, "the `]` is missing");
		end = line.len;
	}
	name = sip_str_trim(part(line, 1, end));
	if (name.len == 0)
		MISTAKE(grammar, line, "the section has no name");
	header.name = store_text(grammar->tree->store, name);
	if (end < line.len)
		read_header_words(
			grammar, &header, sip_str_trim(part(line, end + 1, line.len)));
	grammar->open = header.appends ? find_continued(grammar, &header) : NULL;
	header.is_broken = header.is_broken || (header.appends && grammar->open == NULL);
	if (grammar->open == NULL)
		grammar->open = add_section(grammar->tree, &header);
	grammar->open->is_broken = grammar->open->is_broken || header.is_broken;
	for (size_t i = 0; i < header.base_count; i++)
		inherit(grammar->tree, grammar->open, grammar->bases[i], header.at);
}

static void read_option(struct grammar *grammar)
{
	struct sip_str line = line_of(grammar);
	size_t equals = sip_str_find(line, '=');
	struct store *store = grammar->tree->store;
	struct sip_str name;
	struct sip_str value;
	struct entry *entry;
	bool adds;

	if (equals == SIZE_MAX) {
		MISTAKE(grammar, line, "neither a [section] nor an option with its `=`");
		return;
	}
	adds = equals != 0 && line.ptr[equals - 1] == '+';
	name = sip_str_trim(part(line, 0, adds ? equals - 1 : equals));
	value = part(line, equals + 1, line.len);
	if (!adds && value.len != 0 && value.ptr[0] == '>')
		value = part(value, 1, value.len);
	value = sip_str_trim(value);
	if (name.len == 0)
		MISTAKE(grammar, line, "the option's name is missing before the `=`");
	else if (grammar->open == NULL)
		MISTAKE(grammar, line,
			"the option `%.*s` stands before the first [section]",
			SIP_STR_ARG(name));
	if (name.len == 0 || grammar->open == NULL)
		return;
	entry = store_alloc(store, sizeof(*entry));
	add_member(grammar->tree, grammar->open, entry, false);
	entry->adds = adds;
	entry->name = store_text(store, name);
	entry->value = store_text(store, value);
	entry->at = place_of(grammar, name);
	entry->value_column = place_of(grammar, value).column;
}

/* The file's name with or without `"..."` or `<...>`. */
static struct sip_str unquote(struct sip_str name)
{
	bool quoted = name.len >= 2 &&
		((name.ptr[0] == '"' && name.ptr[name.len - 1] == '"') ||
			(name.ptr[0] == '<' && name.ptr[name.len - 1] == '>'));

	return quoted ? part(name, 1, name.len - 1) : name;
}

static void read_directive(struct grammar *grammar)
{
	struct sip_str line = line_of(grammar);
	size_t end = 0;
	struct sip_str word;
	struct sip_str name;
	bool tries;

	while (end < line.len && strchr(" \t\"<", line.ptr[end]) == NULL)
		end++;
	word = part(line, 0, end);
	tries = sip_str_equal_nocase(word, SIP_STR("#tryinclude"));
	if (sip_str_equal_nocase(word, SIP_STR("#exec"))) {
		MISTAKE(grammar, line,
			"#exec is refused: a configuration runs no programs");
		return;
	}
	if (!tries && !sip_str_equal_nocase(word, SIP_STR("#include"))) {
		MISTAKE(grammar, line, "unknown directive %.*s; did you mean #include?",
			SIP_STR_ARG(word));
		return;
	}
	name = unquote(sip_str_trim(part(line, end, line.len)));
	if (name.len == 0)
		MISTAKE(grammar, line, "%.*s of what?", SIP_STR_ARG(word));
	else if (grammar->tree->no_includes)
		MISTAKE(grammar, line, "%.*s is not possible here", SIP_STR_ARG(word));
	else
		grammar_include(grammar, name, place_of(grammar, line), !tries);
}

void grammar_read(struct grammar *grammar, const char *name, struct sip_str text,
	const struct file_chain *chain)
{
	/* An included file is read in the middle of its includer. */
	struct line_reader outer = grammar->reader;
	const struct file_chain *outer_chain = grammar->chain;

	line_reader_init(&grammar->reader, grammar->tree->problems, name, text);
	grammar->chain = chain;
	while (line_next(&grammar->reader)) {
		if (grammar->reader.len == 0)
			continue;
		switch (grammar->reader.text[0]) {
		case '[': read_section(grammar); break;
		case '#': read_directive(grammar); break;
		default: read_option(grammar); break;
		}
	}
	grammar->reader = outer;
	grammar->chain = outer_chain;
}
