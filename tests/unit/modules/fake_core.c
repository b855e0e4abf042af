/* SPDX-License-Identifier: BSD-2-Clause */
/* The core as modules see it, in the hands of a test: see fake_core.h. */
#include "unit/modules/fake_core.h"

#include "support/check.h"

#include <stdio.h>
#include <stdlib.h>

struct sip_rx_data {
	struct sip_msg msg;
	struct sip_hdr hdrs[64];
	char text[8192];
	struct ast_sip_route route;
	bool answered;
};

struct sip_tx_data {
	struct fake_response response;
};

struct fake_core fake;
static struct sip_rx_data request;
static const char *const domains[] = { "example.com" };

static void keep_line(void *arg, enum sip_log_level level, struct sip_str line)
{
	(void)arg;
	(void)level;
	size_t used = strlen(fake.log);
	snprintf(fake.log + used, sizeof(fake.log) - used, "%.*s", SIP_STR_ARG(line));
	fake.log_lines++;
}

void fake_begin(const struct ast_sip_module_file *module)
{
	fake = (struct fake_core){
		.global = { .domain = { domains, 1 }, .default_realm = "example.com" },
		.authenticated = AST_SIP_AUTHENTICATION_SUCCESS,
		.flow = { .listener = 1 },
	};
	int parsed = sip_addr_parse(SIP_STR("198.51.100.7"), 5062, &fake.flow.peer);
	CHECK_INT(parsed, ==, 0);
	sip_log_set_sink(keep_line, NULL);
	CHECK_INT(module->load(), ==, 0);
}

void fake_end(const struct ast_sip_module_file *module)
{
	module->unload();
	sip_log_set_sink(NULL, NULL);
	CHECK(fake.service == NULL && fake.authenticator == NULL);
	for (size_t i = 0; i < FAKE_MAX; i++) {
		CHECK(fake.identifier[i] == NULL);
		if (fake.endpoint[i] != NULL)
			CHECK_INT(fake.endpoint[i]->refs, ==, 0);
	}
}

static const char *or_else(const char *text, const char *otherwise)
{
	return text != NULL ? text : otherwise;
}

/* Lines of `from` end with a line feed, those of a message with CRLF. */
static size_t append_lines(char *to, size_t len, const char *from)
{
	for (; *from != '\0'; from++) {
		if (*from == '\n')
			to[len++] = '\r';
		to[len++] = *from;
	}
	return len;
}

struct sip_rx_data *fake_request(const struct fake_message *message)
{
	const char *method = or_else(message->method, "REGISTER");
	const char *uri = or_else(message->uri, "sip:example.com");
	char lines[4096];

	snprintf(lines, sizeof(lines),
		"%s %s SIP/2.0\nVia: SIP/2.0/UDP 198.51.100.7:5062;branch=z9hG4bK1\n"
		"From: %s\nTo: %s\nCall-ID: call@phone\nCSeq: %u %s\nContent-Length: 0\n%s\n",
		method, uri, or_else(message->from, "<sip:6001@example.com>;tag=f"),
		or_else(message->to, "<sip:6001@example.com>"),
		message->cseq != 0 ? message->cseq : 1, method,
		or_else(message->headers, ""));
	request = (struct sip_rx_data){ 0 };
	request.msg.text = request.text;
	request.msg.len = (uint32_t)append_lines(request.text, 0, lines);
	for (uint32_t i = 0; message->nul != 0 && i < request.msg.len; i++)
		if (request.text[i] == message->nul)
			request.text[i] = '\0';
	request.msg.hdrs = request.hdrs;
	request.msg.hdr_room = 64;
	int parsed = sip_msg_parse(&request.msg, &SIP_MSG_LIMITS_DEFAULT);
	CHECK_INT(parsed, ==, 0);
	request.route = (struct ast_sip_route){
		.target = &request.msg.request_uri,
		.request_uri = &request.msg.request_uri,
		.target_is_ours = ast_sip_uri_is_ours(&request.msg.request_uri),
	};
	return &request;
}

bool fake_has_header(const char *line)
{
	char wanted[1024];

	snprintf(wanted, sizeof(wanted), "\n%s\n", line);
	char headers[sizeof(fake.response.headers) + 1] = "\n";
	strcat(headers, fake.response.headers);
	return strstr(headers, wanted) != NULL;
}

/* Messages. */

bool sip_rx_data_is_request(const struct sip_rx_data *rdata)
{
	return rdata->msg.is_request;
}

enum sip_method sip_rx_data_method(const struct sip_rx_data *rdata)
{
	return (enum sip_method)rdata->msg.method;
}

struct sip_str sip_rx_data_method_text(const struct sip_rx_data *rdata)
{
	return rdata->msg.method_text;
}

const struct sip_uri *sip_rx_data_request_uri(const struct sip_rx_data *rdata)
{
	return &rdata->msg.request_uri;
}

const struct sip_flow *sip_rx_data_flow(const struct sip_rx_data *rdata)
{
	(void)rdata;
	return &fake.flow;
}

struct sip_str sip_rx_data_call_id(const struct sip_rx_data *rdata)
{
	return rdata->msg.call_id;
}

uint32_t sip_rx_data_cseq(const struct sip_rx_data *rdata)
{
	return rdata->msg.cseq;
}

const struct sip_name_addr *sip_rx_data_from(const struct sip_rx_data *rdata)
{
	return &rdata->msg.from;
}

const struct sip_name_addr *sip_rx_data_to(const struct sip_rx_data *rdata)
{
	return &rdata->msg.to;
}

const struct sip_via *sip_rx_data_via(const struct sip_rx_data *rdata)
{
	return &rdata->msg.via;
}

bool sip_rx_data_has_further_via(const struct sip_rx_data *rdata)
{
	return sip_msg_has_further_via(&rdata->msg);
}

struct sip_str sip_rx_data_body(const struct sip_rx_data *rdata)
{
	return (struct sip_str){ rdata->msg.text + rdata->msg.body_off,
		rdata->msg.body_len };
}

struct sip_str sip_rx_data_header(const struct sip_rx_data *rdata, enum sip_hdr_id id)
{
	return sip_msg_header(&rdata->msg, id);
}

bool sip_rx_data_next_header(
	const struct sip_rx_data *rdata, enum sip_hdr_id id, struct sip_hdr_iter *iter)
{
	return sip_msg_next_header(&rdata->msg, id, iter);
}

bool sip_rx_data_next_element(
	const struct sip_rx_data *rdata, enum sip_hdr_id id, struct sip_hdr_iter *iter)
{
	return sip_msg_next_element(&rdata->msg, id, iter);
}

bool sip_rx_data_has_token(
	const struct sip_rx_data *rdata, enum sip_hdr_id id, struct sip_str token)
{
	fake.token_looks++;
	return sip_msg_has_token(&rdata->msg, id, token);
}

int sip_rx_data_number(
	const struct sip_rx_data *rdata, enum sip_hdr_id id, uint32_t *number)
{
	return sip_msg_number(&rdata->msg, id, number);
}

/* What is ours. */

bool ast_sip_uri_is_ours(const struct sip_uri *uri)
{
	if (uri->scheme != SIP_URI_SIP && uri->scheme != SIP_URI_SIPS)
		return false;
	return (uri->port == 0 || uri->port == 5060) &&
		(sip_str_equal_nocase(uri->host, SIP_STR("example.com")) ||
			sip_str_equal_nocase(uri->host, SIP_STR("alias.example.com")) ||
			sip_str_equal(uri->host, SIP_STR("192.0.2.1")));
}

/* 192.0.2.66 is on nobody's list. */
bool ast_sip_contact_allowed(const struct ast_sip_endpoint *endpoint,
	struct sip_str contact, const struct sip_addr *source)
{
	struct sip_addr denied;
	struct sip_uri uri;

	(void)endpoint;
	CHECK_INT(sip_addr_parse(SIP_STR("192.0.2.66"), 0, &denied), ==, 0);
	if (source != NULL && sip_addr_same_host(source, &denied))
		return false;
	return sip_uri_parse(contact, &uri) != 0 ||
		!sip_str_equal(uri.host, SIP_STR("192.0.2.66"));
}

/* alias.example.com is example.com. */
struct sip_str ast_sip_domain_of(struct sip_str host)
{
	return sip_str_equal_nocase(host, SIP_STR("alias.example.com"))
		? SIP_STR("example.com")
		: host;
}

const struct ast_sip_route *ast_sip_request_route(const struct sip_rx_data *rdata)
{
	return &rdata->route;
}

const struct sip_aor_config *ast_sip_aor_of_uri(const struct sip_uri *uri)
{
	for (size_t i = 0; i < FAKE_MAX; i++) {
		if (fake.aor[i].name != NULL &&
			sip_str_equal(sip_str_of(fake.aor[i].name), uri->user))
			return &fake.aor[i];
	}
	return NULL;
}

const struct sip_global_config *ast_sip_global_options(void)
{
	return &fake.global;
}

/* Endpoints. */

struct ast_sip_endpoint *ast_sip_endpoint_ref(struct ast_sip_endpoint *endpoint)
{
	endpoint->refs++;
	return endpoint;
}

void ast_sip_endpoint_unref(struct ast_sip_endpoint *endpoint)
{
	if (endpoint != NULL)
		endpoint->refs--;
}

struct ast_sip_endpoint *ast_sip_endpoint_find(const char *name)
{
	for (size_t i = 0; i < FAKE_MAX && fake.endpoint[i] != NULL; i++) {
		if (strcmp(fake.endpoint[i]->options.name, name) == 0)
			return ast_sip_endpoint_ref(fake.endpoint[i]);
	}
	return NULL;
}

bool ast_sip_endpoints_have_domains(void)
{
	for (size_t i = 0; i < FAKE_MAX && fake.endpoint[i] != NULL; i++) {
		if (strchr(fake.endpoint[i]->options.name, '@') != NULL)
			return true;
	}
	return false;
}

struct ast_sip_endpoint *ast_sip_endpoint_by_address(const struct sip_addr *addr)
{
	bool known = fake.by_address != NULL && sip_addr_same_host(addr, &fake.flow.peer);

	return known ? ast_sip_endpoint_ref(fake.by_address) : NULL;
}

struct ast_sip_endpoint *ast_sip_endpoint_by_certificate(const struct sip_rx_data *rdata)
{
	(void)rdata;
	return fake.by_certificate != NULL ? ast_sip_endpoint_ref(fake.by_certificate)
					   : NULL;
}

const char *ast_sip_endpoint_name(const struct ast_sip_endpoint *endpoint)
{
	return endpoint->options.name;
}

const struct sip_endpoint_config *ast_sip_endpoint_options(
	const struct ast_sip_endpoint *endpoint)
{
	return &endpoint->options;
}

bool ast_sip_endpoint_is_artificial(const struct ast_sip_endpoint *endpoint)
{
	return endpoint->artificial;
}

const struct sip_auth_config *ast_sip_endpoint_auth(
	const struct ast_sip_endpoint *endpoint, size_t index)
{
	return index < FAKE_MAX ? endpoint->auth[index] : NULL;
}

const char *ast_sip_endpoint_ha1(const struct ast_sip_endpoint *endpoint, size_t index)
{
	return index < FAKE_MAX ? endpoint->ha1[index] : NULL;
}

bool ast_sip_endpoint_has_aor(const struct ast_sip_endpoint *endpoint, const char *aor)
{
	for (size_t i = 0; i < endpoint->options.aors.count; i++) {
		if (strcmp(endpoint->options.aors.item[i], aor) == 0)
			return true;
	}
	return false;
}

struct ast_sip_endpoint *ast_sip_request_endpoint(const struct sip_rx_data *rdata)
{
	(void)rdata;
	return fake.request_endpoint;
}

/* Authentication. */

int ast_sip_request_credentials(const struct sip_rx_data *rdata, const char *realm,
	struct sip_digest *credentials)
{
	struct sip_str text = sip_rx_data_header(rdata, SIP_HDR_AUTHORIZATION);

	if (text.ptr == NULL || sip_digest_parse(text, credentials) != 0)
		return -1;
	return sip_str_equal(credentials->realm, sip_str_of(realm)) ? 0 : -1;
}

enum ast_sip_nonce_verdict ast_sip_nonce_use(
	struct sip_rx_data *rdata, const struct sip_digest *credentials)
{
	(void)rdata;
	(void)credentials;
	fake.nonce_uses++;
	return fake.nonce;
}

bool ast_sip_nonce_proves_source(
	const struct sip_rx_data *rdata, const struct sip_digest *credentials)
{
	(void)rdata;
	(void)credentials;
	return !fake.source_unproven;
}

enum ast_sip_check_auth_result ast_sip_check_authentication(
	struct ast_sip_endpoint *endpoint, struct sip_rx_data *rdata)
{
	(void)endpoint;
	(void)rdata;
	return fake.authenticated;
}

/* Registries. */

int ast_sip_register_service(struct sip_service *service)
{
	fake.service = service;
	return 0;
}

void ast_sip_unregister_service(struct sip_service *service)
{
	if (fake.service == service)
		fake.service = NULL;
}

int ast_sip_register_authenticator(struct ast_sip_authenticator *auth)
{
	fake.authenticator = auth;
	return 0;
}

void ast_sip_unregister_authenticator(struct ast_sip_authenticator *auth)
{
	if (fake.authenticator == auth)
		fake.authenticator = NULL;
}

int ast_sip_register_endpoint_identifier(struct ast_sip_endpoint_identifier *identifier)
{
	for (size_t i = 0; i < FAKE_MAX; i++) {
		if (fake.identifier[i] == NULL) {
			fake.identifier[i] = identifier;
			return 0;
		}
	}
	return -1;
}

void ast_sip_unregister_endpoint_identifier(
	struct ast_sip_endpoint_identifier *identifier)
{
	for (size_t i = 0; i < FAKE_MAX; i++) {
		if (fake.identifier[i] == identifier)
			fake.identifier[i] = NULL;
	}
}

/* Answers. */

int ast_sip_create_response(struct sip_rx_data *rdata, int code, const char *reason,
	struct sip_tx_data **tdata)
{
	(void)rdata;
	*tdata = calloc(1, sizeof(**tdata));
	if (*tdata == NULL)
		return -1;
	(*tdata)->response.status = code;
	snprintf((*tdata)->response.reason, sizeof((*tdata)->response.reason), "%s",
		or_else(reason, ""));
	return 0;
}

int ast_sip_add_header(struct sip_tx_data *tdata, const char *name, const char *value)
{
	char *headers = tdata->response.headers;
	size_t used = strlen(headers);

	if (fake.headers_fail)
		return -1;
	snprintf(headers + used, sizeof(tdata->response.headers) - used, "%s: %s\n", name,
		value);
	return 0;
}

int ast_sip_send_response(struct sip_rx_data *rdata, struct sip_tx_data *tdata)
{
	CHECK(!rdata->answered);
	rdata->answered = true;
	fake.response = tdata->response;
	fake.responses++;
	free(tdata);
	return 0;
}

void ast_sip_abandon_request(struct sip_rx_data *rdata)
{
	rdata->answered = true;
}

int ast_sip_respond_busy(struct sip_rx_data *rdata)
{
	return ast_sip_respond(rdata, 503, NULL);
}

int ast_sip_respond(struct sip_rx_data *rdata, int code, const char *reason)
{
	struct sip_tx_data *tdata;

	if (ast_sip_create_response(rdata, code, reason, &tdata) != 0)
		return -1;
	return ast_sip_send_response(rdata, tdata);
}

void ast_sip_destroy_tx_data(struct sip_tx_data *tdata)
{
	free(tdata);
}

/* The location. */

static struct sip_str keep_text(struct sip_str text, char **at)
{
	struct sip_str kept = { *at, text.len };

	if (text.len > 0)
		memcpy(*at, text.ptr, text.len);
	*at += text.len;
	return kept;
}

enum ast_sip_register_result ast_sip_location_register(
	const struct ast_sip_registration *change, struct ast_sip_contacts *now)
{
	struct fake_registration *kept = &fake.registration;
	char *at = kept->text;

	kept->calls++;
	kept->change = *change;
	kept->change.path = keep_text(change->path, &at);
	CHECK(change->count <= FAKE_BINDINGS);
	for (size_t i = 0; i < change->count; i++) {
		kept->binding[i] = change->bindings[i];
		kept->binding[i].uri = keep_text(change->bindings[i].uri, &at);
		kept->binding[i].params = keep_text(change->bindings[i].params, &at);
	}
	now->contact = calloc(FAKE_MAX, sizeof(const struct ast_sip_contact *));
	if (now->contact == NULL)
		return AST_SIP_REGISTER_MEMORY;
	for (now->count = 0; now->count < fake.contacts; now->count++)
		now->contact[now->count] = &fake.contact[now->count];
	return fake.register_result;
}

void ast_sip_contacts_release(struct ast_sip_contacts *found)
{
	free(found->contact);
	*found = (struct ast_sip_contacts){ 0 };
}

uint32_t ast_sip_contact_remaining_s(const struct ast_sip_contact *contact)
{
	return (uint32_t)((contact->expires_at_us - fake.now_us + 999999) / 1000000);
}

bool ast_sip_is_dry(const struct sip_rx_data *rdata)
{
	(void)rdata;
	return false;
}

void ast_sip_explain_line(const struct sip_rx_data *rdata,
	const struct sip_config_source *source, const char *format, ...)
{
	(void)rdata;
	(void)source;
	check_failed(__FILE__, __LINE__, "nothing is dry here: %s", format);
}

/* As the core's, with a text of its own. */
int ast_sip_gruu_write(const struct sip_uri *uri, const char *aor,
	const struct ast_sip_contact *contact, bool temporary, char *text)
{
	if (!sip_param_find(contact->params, SIP_STR("+sip.instance"), NULL))
		return -1;
	snprintf(text, AST_SIP_GRUU_LEN, "%s of %s at %.*s",
		temporary ? "temporary" : "public", aor, SIP_STR_ARG(uri->host));
	return 0;
}

void ast_sip_expect_keep_alive(const struct sip_rx_data *rdata, uint32_t seconds)
{
	(void)rdata;
	fake.expected_s = seconds;
}
