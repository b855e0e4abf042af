/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * URIs, one or two in lines of their own: parts lie in their text; what is printed from
 * them is parsed to the same and equal; who is equal to whom goes both ways.
 */
#include "message/builder.h"
#include "require.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define TEXT_MAX 8192

static void require_inside(const struct sip_uri *uri)
{
	const struct sip_str part[] = { uri->user, uri->password, uri->host, uri->params,
		uri->headers };

	for (size_t i = 0; i < sizeof(part) / sizeof(part[0]); i++)
		REQUIRE(is_inside(part[i], uri->text));
}

static bool has_host(const struct sip_uri *uri)
{
	return uri->scheme == SIP_URI_SIP || uri->scheme == SIP_URI_SIPS;
}

static void put_behind(struct sip_builder *b, const char *before, struct sip_str text)
{
	if (text.len == 0)
		return;
	sip_put(b, sip_str_of(before));
	sip_put(b, text);
}

static void put_uri(struct sip_builder *b, const struct sip_uri *uri)
{
	size_t colon = sip_str_find(uri->text, ':');

	sip_put(b, (struct sip_str){ uri->text.ptr, colon + 1 });
	sip_put(b, uri->user);
	if (uri->password.ptr != NULL) {
		sip_put_char(b, ':');
		sip_put(b, uri->password);
	}
	if (uri->user.ptr != NULL && has_host(uri))
		sip_put_char(b, '@');
	sip_put(b, uri->host);
	if (uri->port != 0) {
		sip_put_char(b, ':');
		sip_put_number(b, uri->port);
	}
	put_behind(b, ";", uri->params);
	put_behind(b, "?", uri->headers);
}

static void print_and_parse(const struct sip_uri *first)
{
	static char buf[2 * TEXT_MAX];
	struct sip_builder b;
	struct sip_uri second;

	sip_builder_init(&b, buf, sizeof(buf));
	put_uri(&b, first);
	REQUIRE(b.error == 0 &&
		sip_uri_parse((struct sip_str){ buf, b.len }, &second) == 0);
	REQUIRE(first->scheme == second.scheme && first->port == second.port &&
		same_text(first->user, second.user) &&
		same_text(first->password, second.password) &&
		same_text(first->host, second.host) &&
		sip_str_equal(first->params, second.params) &&
		sip_str_equal(first->headers, second.headers));
	REQUIRE(sip_uri_equal(first, &second) && sip_uri_equal(&second, first));
}

/* Every byte escaped means the same. */
static void unescape(struct sip_str text)
{
	static char plain[TEXT_MAX];
	static char escaped[3 * TEXT_MAX];
	static char again[TEXT_MAX];
	struct sip_builder b;
	struct sip_str first;
	struct sip_str second;

	if (sip_uri_unescape(text, plain, sizeof(plain), &first) != 0)
		return;
	REQUIRE(first.len <= text.len);
	sip_builder_init(&b, escaped, sizeof(escaped));
	for (size_t i = 0; i < first.len; i++) {
		sip_put_char(&b, '%');
		sip_put_hex(&b, (const uint8_t *)&first.ptr[i], 1);
	}
	REQUIRE(sip_uri_unescape((struct sip_str){ escaped, b.len }, again, sizeof(again),
			&second) == 0 &&
		sip_str_equal(first, second));
}

static bool parse(struct sip_str text, struct sip_uri *uri)
{
	struct sip_str value = { NULL, 0 };

	if (sip_uri_parse(text, uri) != 0)
		return false;
	REQUIRE(uri->text.ptr == text.ptr && uri->text.len == text.len);
	require_inside(uri);
	print_and_parse(uri);
	unescape(uri->user);
	if (sip_uri_param(uri, SIP_STR("transport"), &value))
		REQUIRE(is_inside(value, uri->params));
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = malloc(size + 1);
	struct sip_str text = { copy + 1, size };
	size_t end;
	struct sip_uri a;
	struct sip_uri b;

	REQUIRE(copy != NULL);
	for (size_t i = 0; i < size; i++)
		copy[1 + i] = (char)data[i];
	end = sip_str_find(text, '\n');
	if (size > TEXT_MAX || end == SIZE_MAX)
		end = size;
	if (size <= TEXT_MAX && parse((struct sip_str){ text.ptr, end }, &a) &&
		end < size &&
		parse((struct sip_str){ text.ptr + end + 1, size - end - 1 }, &b))
		REQUIRE(sip_uri_equal(&a, &b) == sip_uri_equal(&b, &a));
	free(copy);
	return 0;
}
