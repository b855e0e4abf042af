/* SPDX-License-Identifier: BSD-2-Clause */
/* Values about who somebody is: secrets, hashes, algorithms, identifiers. */
#include "values.h"

#include <ctype.h>
#include <strings.h>

#define MD5_DIGITS    32
#define SHA256_DIGITS 64

void read_authentication(const struct value *value, void *field)
{
	bool *is_on = field;

	if (strcasecmp(value->entry->value, "none") == 0)
		*is_on = false;
	else if (strcasecmp(value->entry->value, "required") == 0)
		*is_on = true;
	else
		value_wrong(value, "`%s` is neither `required` (the default) nor `none`",
			value->entry->value);
}

void read_auth_type(const struct value *value, void *field)
{
	static const char *const words[] = { "userpass", "md5", "digest", NULL };
	enum sip_auth_type *type = field;
	const char *text = value->entry->value;

	if (strcasecmp(text, "google_oauth") == 0) {
		value_wrong(value, "google_oauth is not possible here");
		return;
	}
	for (int i = SIP_AUTH_USERPASS; i <= SIP_AUTH_DIGEST; i++) {
		if (strcasecmp(text, words[i]) == 0) {
			*type = (enum sip_auth_type)i;
			return;
		}
	}
	value_wrong(value, "`%s` is none of userpass, md5 and digest%s", text,
		suggest(value, sip_str_of(text), words));
}

/* A hash in lower case; NULL: it is none of that length. */
static const char *hash_text(
	const struct value *value, struct sip_str text, size_t digits)
{
	char *copy;

	if (text.len != digits) {
		value_wrong(value,
			"a hash of %zu hexadecimal digits is wanted, and there are %zu",
			digits, text.len);
		return NULL;
	}
	copy = store_text(value->settings->store, text);
	for (char *at = copy; *at != '\0'; at++) {
		if (!isxdigit((unsigned char)*at)) {
			value_wrong(value, "a hash has hexadecimal digits only");
			return NULL;
		}
		*at = (char)tolower((unsigned char)*at);
	}
	return copy;
}

void read_md5_cred(const struct value *value, void *field)
{
	const char **hash = field;

	if (value->entry->value[0] == '\0')
		*hash = NULL;
	else
		*hash = hash_text(value, sip_str_of(value->entry->value), MD5_DIGITS);
}

static const char *const algorithms[] = { "MD5", "SHA-256", "SHA-512-256", NULL };

/* The algorithm's own spelling; NULL: there is none of that name. */
static const char *algorithm_of(const struct value *value, struct sip_str word)
{
	for (size_t i = 0; algorithms[i] != NULL; i++) {
		if (sip_str_equal_nocase(word, sip_str_of(algorithms[i])))
			return algorithms[i];
	}
	value_wrong(value, "`%.*s` is none of MD5, SHA-256 and SHA-512-256%s",
		SIP_STR_ARG(word), suggest(value, word, algorithms));
	return NULL;
}

static void read_one_digest(
	const struct value *value, struct sip_auth_config *auth, struct sip_str text)
{
	size_t colon = sip_str_find(text, ':');
	struct sip_str word = { text.ptr, colon };
	struct sip_str hash;
	const char *algorithm;

	if (colon == SIZE_MAX) {
		/* The value is a secret: it is not repeated. */
		value_wrong(value, "ALGORITHM:HASH is wanted");
		return;
	}
	algorithm = algorithm_of(value, word);
	if (algorithm == NULL)
		return;
	hash = (struct sip_str){ text.ptr + colon + 1, text.len - colon - 1 };
	if (algorithm == algorithms[0])
		auth->md5_cred = hash_text(value, hash, MD5_DIGITS);
	else if (algorithm == algorithms[1])
		auth->sha256 = hash_text(value, hash, SHA256_DIGITS);
	else
		auth->sha512_256 = hash_text(value, hash, SHA256_DIGITS);
}

void read_password_digest(const struct value *value, void *field)
{
	struct sip_str rest = sip_str_of(value->entry->value);
	struct sip_str item;

	while (next_item(&rest, &item))
		read_one_digest(value, field, item);
}

void read_algorithms(const struct value *value, void *field)
{
	struct sip_config_list *list = field;
	struct sip_str rest = sip_str_of(value->entry->value);
	struct sip_str item;

	if (!value->entry->adds)
		*list = (struct sip_config_list){ 0 };
	while (next_item(&rest, &item)) {
		const char *algorithm = algorithm_of(value, item);

		if (algorithm != NULL)
			list_add(value->settings->store, list, algorithm);
	}
}

static uint32_t identifier_bit(const struct value *value, struct sip_str word)
{
	static const char *const words[] = { "username", "auth_username", "ip",
		"certificate", "header", "request_uri", "transport", NULL };

	for (unsigned i = 0; words[i] != NULL; i++) {
		if (!sip_str_equal_nocase(word, sip_str_of(words[i])))
			continue;
		if (i < 4)
			return 1u << i;
		problem_add(value->settings->problems, PROBLEM_WARNING,
			entry_value_at(value->entry),
			"identify_by: `%s` is not yet possible and does nothing",
			words[i]);
		return 0;
	}
	value_wrong(value,
		"`%.*s` is none of username, auth_username, ip and certificate%s",
		SIP_STR_ARG(word), suggest(value, word, words));
	return 0;
}

void read_identify_by(const struct value *value, void *field)
{
	uint32_t *bits = field;
	struct sip_str rest = sip_str_of(value->entry->value);
	struct sip_str item;

	if (!value->entry->adds)
		*bits = 0;
	while (next_item(&rest, &item))
		*bits |= identifier_bit(value, item);
}
