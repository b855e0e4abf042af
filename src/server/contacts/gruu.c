/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * GRUUs: see res_sip/gruu.h, RFC 5627.
 *
 *     sip:6001@example.org;gr=urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6
 *     sip:tgruu.0a1b2c@example.org;gr
 */
#include "res_sip/gruu.h"

#include "res_sip/endpoint.h"
#include "base/hex.h"
#include "server/contacts/gruu_token.h"
#include "server/serving.h"

#define TEMPORARY "tgruu."

/* What stands in a parameter's value as it is (RFC 3261 section 25.1: paramchar). */
static bool is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		(c >= '0' && c <= '9') ||
		(c != '\0' && strchr("-_.!~*'()[]/:&+$", c) != NULL);
}

static void put_escaped(struct sip_builder *b, struct sip_str text)
{
	for (size_t i = 0; i < text.len; i++) {
		char escape[3] = { '%' };

		if (is_plain(text.ptr[i])) {
			sip_put_char(b, text.ptr[i]);
			continue;
		}
		sip_hex_write(escape + 1, (uint8_t)text.ptr[i], 2);
		sip_put(b, (struct sip_str){ escape, 3 });
	}
}

/* `<urn:uuid:1>` as it is registered; without the brackets as it stands in a URI. */
static struct sip_str bare(struct sip_str instance)
{
	if (instance.len >= 2 && instance.ptr[0] == '<' &&
		instance.ptr[instance.len - 1] == '>')
		return (struct sip_str){ instance.ptr + 1, instance.len - 2 };
	return instance;
}

static int put_token(struct sip_builder *b, const struct sip_hash_key *key,
	struct sip_str aor, const struct ast_sip_contact *contact)
{
	struct sip_gruu_token token = { .cseq = contact->cseq, .aor_len = aor.len };
	char text[SIP_GRUU_TOKEN_MAX];

	if (aor.len > sizeof(token.aor))
		return -1;
	memcpy(token.aor, aor.ptr, aor.len);
	token.phone = sip_gruu_phone(
		key, bare(ast_sip_contact_instance(contact)), contact->call_id);
	sip_put(b, SIP_STR(TEMPORARY));
	sip_put(b, (struct sip_str){ text, sip_gruu_token_write(key, &token, text) });
	return 0;
}

int ast_sip_gruu_write(const struct sip_uri *uri, const char *aor,
	const struct ast_sip_contact *contact, bool temporary, char *text)
{
	struct sip_server *server = sip_server_here();
	struct sip_str instance = bare(ast_sip_contact_instance(contact));
	struct sip_builder b;

	SIP_ASSERT(server != NULL && uri != NULL && aor != NULL && text != NULL);
	if (instance.len == 0 || uri->host.len == 0)
		return -1;
	sip_builder_init(&b, text, AST_SIP_GRUU_LEN - 1);
	/* RFC 5630 section 5.2.1: of the scheme of the contact. */
	sip_put(&b, sip_uri_is_sips(contact->uri) ? SIP_STR("sips:") : SIP_STR("sip:"));
	if (!temporary)
		sip_put(&b, uri->user);
	else if (put_token(&b, &server->route_key[0].key, sip_str_of(aor), contact) != 0)
		return -1;
	sip_put_char(&b, '@');
	sip_put(&b, uri->host);
	if (uri->port != 0) {
		sip_put_char(&b, ':');
		sip_put_number(&b, uri->port);
	}
	sip_put(&b, SIP_STR(";gr"));
	if (!temporary) {
		sip_put_char(&b, '=');
		put_escaped(&b, instance);
	}
	if (b.error != 0)
		return -1;
	text[b.len] = '\0';
	return 0;
}

static bool read_token(const struct sip_server *server, struct sip_str text,
	struct sip_gruu_token *token)
{
	uint64_t now_s = sip_clock_wall_us(server->clock_used) / 1000000;

	for (size_t i = 0; i < SIP_ROUTE_KEYS; i++) {
		if (server->route_key[i].until_s > now_s &&
			sip_gruu_token_read(&server->route_key[i].key, text, token))
			return true;
	}
	return false;
}

static void read_temporary(
	const struct sip_server *server, struct sip_str user, struct ast_sip_gruu *gruu)
{
	struct sip_gruu_token token;
	char name[SIP_GRUU_AOR_MAX + 1];
	size_t skip = sizeof(TEMPORARY) - 1;

	gruu->temporary = true;
	if (!read_token(
		    server, (struct sip_str){ user.ptr + skip, user.len - skip }, &token))
		return;
	memcpy(name, token.aor, token.aor_len);
	name[token.aor_len] = '\0';
	gruu->aor = ast_sip_aor_find(name);
	gruu->phone = token.phone;
}

bool ast_sip_gruu_read(const struct sip_uri *uri, struct ast_sip_gruu *gruu)
{
	struct sip_server *server;
	struct sip_str value;

	SIP_ASSERT(uri != NULL && gruu != NULL);
	*gruu = (struct ast_sip_gruu){ .aor = NULL };
	if (!sip_uri_param(uri, SIP_STR("gr"), &value))
		return false;
	server = sip_server_here();
	SIP_ASSERT(server != NULL);
	if (value.ptr == NULL && uri->user.ptr != NULL &&
		sip_str_starts(uri->user, SIP_STR(TEMPORARY))) {
		read_temporary(server, uri->user, gruu);
		return true;
	}
	gruu->aor = ast_sip_aor_of_uri(uri);
	gruu->instance = value;
	return true;
}

/* With the escapes undone (RFC 3261 section 19.1.4), URNs without case (RFC 2141). */
static bool is_instance(struct sip_str written, struct sip_str instance)
{
	char buf[AST_SIP_GRUU_LEN];
	struct sip_str plain;

	return sip_uri_unescape(written, buf, sizeof(buf), &plain) == 0 &&
		sip_str_equal_nocase(plain, instance);
}

static bool is_phone(const struct sip_server *server, uint64_t phone,
	const struct ast_sip_contact *contact, struct sip_str instance)
{
	for (size_t i = 0; i < SIP_ROUTE_KEYS; i++) {
		if (server->route_key[i].until_s != 0 &&
			sip_gruu_phone(&server->route_key[i].key, instance,
				contact->call_id) == phone)
			return true;
	}
	return false;
}

bool ast_sip_gruu_is_of(
	const struct ast_sip_gruu *gruu, const struct ast_sip_contact *contact)
{
	struct sip_server *server = sip_server_here();
	struct sip_str instance;

	SIP_ASSERT(server != NULL && gruu != NULL && contact != NULL);
	instance = bare(ast_sip_contact_instance(contact));
	if (instance.len == 0)
		return false;
	return gruu->temporary ? is_phone(server, gruu->phone, contact, instance)
			       : is_instance(gruu->instance, instance);
}
