/* SPDX-License-Identifier: BSD-2-Clause */
/* Values of no particular type: text, switches, numbers, lists. */
#include "values.h"

#include "nearest.h"

#include <ctype.h>
#include <strings.h>

void value_wrong(const struct value *value, const char *format, ...)
{
	struct problems *problems = value->settings->problems;
	const char *text;
	va_list args;

	va_start(args, format);
	text = store_vformat(problems->store, format, args);
	va_end(args);
	problem_add(problems, PROBLEM_ERROR, entry_value_at(value->entry), "%s: %s",
		value->option->name, text);
}

const char *suggest(
	const struct value *value, struct sip_str word, const char *const *words)
{
	struct nearest nearest;

	nearest_init(&nearest, word);
	for (; *words != NULL; words++)
		nearest_try(&nearest, *words);
	if (nearest.name == NULL)
		return "";
	return store_format(value->settings->store, "; did you mean `%s`?", nearest.name);
}

/* `+=` is for lists and texts; of one thing there is no more. */
static bool takes_more(const struct value *value)
{
	if (!value->entry->adds)
		return true;
	problem_add(value->settings->problems, PROBLEM_ERROR, value->entry->at,
		"`+=` adds to a list or a text, and %s is neither", value->option->name);
	return false;
}

bool next_item(struct sip_str *list, struct sip_str *item)
{
	while (list->len != 0) {
		size_t comma = sip_str_find(*list, ',');
		size_t end = comma == SIZE_MAX ? list->len : comma;
		size_t skip = comma == SIZE_MAX ? list->len : comma + 1;

		*item = sip_str_trim((struct sip_str){ list->ptr, end });
		list->ptr += skip;
		list->len -= skip;
		if (item->len != 0)
			return true;
	}
	return false;
}

void list_add(struct store *store, struct sip_config_list *list, const char *item)
{
	const char **items = store_grow(
		store, (void *)(uintptr_t)list->item, list->count, sizeof(*list->item));

	items[list->count++] = item;
	list->item = items;
}

void read_text(const struct value *value, void *field)
{
	const char **text = field;

	if (value->entry->adds && *text != NULL)
		*text = store_format(
			value->settings->store, "%s%s", *text, value->entry->value);
	else
		*text = value->entry->value;
}

bool text_is_bool(const char *text, bool *is)
{
	static const char *const words[] = { "yes", "true", "on", "1", "y", "t", "no",
		"false", "off", "0", "n", "f" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcasecmp(text, words[i]) == 0) {
			*is = i < 6;
			return true;
		}
	}
	return false;
}

void read_bool(const struct value *value, void *field)
{
	static const char *const words[] = { "yes", "no", "true", "false", "off", NULL };
	struct sip_str text = sip_str_of(value->entry->value);

	if (takes_more(value) && !text_is_bool(value->entry->value, field))
		value_wrong(value, "`%s` is neither yes nor no%s", value->entry->value,
			suggest(value, text, words));
}

void read_number(const struct value *value, void *field)
{
	uint32_t *number = field;
	uint32_t min = value->option->min;
	uint32_t max = value->option->max;
	uint64_t wide;

	if (!takes_more(value))
		return;
	switch (sip_str_number(sip_str_of(value->entry->value), UINT32_MAX, &wide)) {
	case SIP_OK: break;
	case SIP_ELIMIT: wide = UINT64_MAX; break;
	default:
		value_wrong(value, "`%s` is not a whole number", value->entry->value);
		return;
	}
	if (wide < min || wide > max)
		value_wrong(value, "`%s` is out of range: from %u to %u",
			value->entry->value, min, max);
	else
		*number = (uint32_t)wide;
}

/* The digits behind the point, as thousandths; more than three are too fine. */
static bool parse_fraction(struct sip_str digits, uint32_t *thousandths)
{
	uint64_t number = 0;

	if (digits.len > 3 ||
		(digits.len > 0 && sip_str_number(digits, 999, &number) != SIP_OK))
		return false;
	for (size_t i = digits.len; i < 3; i++)
		number *= 10;
	*thousandths = (uint32_t)number;
	return true;
}

void read_seconds(const struct value *value, void *field)
{
	struct sip_str text = sip_str_of(value->entry->value);
	size_t point = sip_str_find(text, '.');
	struct sip_str whole = { text.ptr, point == SIZE_MAX ? text.len : point };
	struct sip_str fraction = { text.ptr + whole.len, 0 };
	uint32_t min = value->option->min;
	uint32_t max = value->option->max;
	uint32_t thousandths;
	uint64_t seconds;

	if (!takes_more(value))
		return;
	if (point != SIZE_MAX)
		fraction = (struct sip_str){ text.ptr + point + 1, text.len - point - 1 };
	if (sip_str_number(whole, UINT32_MAX / 1000 - 1, &seconds) != SIP_OK ||
		!parse_fraction(fraction, &thousandths)) {
		value_wrong(value, "`%s` is not a number of seconds such as 3 or 2.5",
			value->entry->value);
		return;
	}
	seconds = seconds * 1000 + thousandths;
	if (seconds < min || seconds > max)
		value_wrong(value, "`%s` is out of range: from %u.%03u to %u.%03u",
			value->entry->value, min / 1000, min % 1000, max / 1000,
			max % 1000);
	else
		*(uint32_t *)field = (uint32_t)seconds;
}

void read_list(const struct value *value, void *field)
{
	struct sip_config_list *list = field;
	struct sip_str rest = sip_str_of(value->entry->value);
	struct sip_str item;

	/* The items are another's (a default, a template's) as long as nothing is added.
	 */
	if (!value->entry->adds)
		*list = (struct sip_config_list){ 0 };
	while (next_item(&rest, &item))
		list_add(value->settings->store, list,
			store_text(value->settings->store, item));
}

void read_path(const struct value *value, void *field)
{
	const char **path = field;

	if (takes_more(value))
		*path = settings_path(value->settings, value->entry->value);
}

void read_log_level(const struct value *value, void *field)
{
	static const char *const words[] = { "error", "warning", "notice", "info",
		"debug", NULL };
	struct sip_str text = sip_str_of(value->entry->value);
	enum sip_log_level *level = field;
	int found = sip_log_level_of(text);

	if (!takes_more(value))
		return;
	if (found < 0)
		value_wrong(value,
			"`%s` is none of error, warning, notice, info and debug%s",
			value->entry->value, suggest(value, text, words));
	else
		*level = (enum sip_log_level)found;
}

void read_cores(const struct value *value, void *field)
{
	struct sip_system_config *system = field;
	struct sip_str rest = sip_str_of(value->entry->value);
	struct sip_str item;
	int *cores = NULL;
	size_t count = 0;

	while (next_item(&rest, &item)) {
		uint64_t core;

		if (sip_str_number(item, 4095, &core) != SIP_OK) {
			value_wrong(value, "`%.*s` is not the number of a core",
				SIP_STR_ARG(item));
			return;
		}
		cores = store_grow(value->settings->store, cores, count, sizeof(*cores));
		cores[count++] = (int)core;
	}
	system->pin_cores = cores;
	if (count == 0)
		return;
	if (system->servants != 0 && system->servants != count)
		value_wrong(value, "there are %zu cores for %u servants: a core for each",
			count, system->servants);
	system->servants = (uint32_t)count;
}
