/* SPDX-License-Identifier: BSD-2-Clause */
/* A whole server in one thread: world.h. */
#include "support/world.h"

#include "support/check.h"

#include "res_sip/module.h"
#include "res_sip/server.h"
#include "transaction/txn.h"

#include <dlfcn.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const all_modules[] = { "res_sip_endpoint_identifier_certificate",
	"res_sip_endpoint_identifier_ip", "res_sip_endpoint_identifier_user",
	"res_sip_endpoint_identifier_anonymous", "res_sip_authenticator_digest",
	"res_sip_options", "res_sip_registrar", "res_sip_proxy", NULL };

/* The usual configuration; static, so that `configure` may change copies of pointers
 * only. */
static void usual(struct sip_config *config)
{
	static const char *const domains[] = { "example.org" };
	static const char *const names[] = { "6001", "6002", "open" };
	static struct sip_endpoint_config endpoints[3];
	static struct sip_aor_config aors[3];
	static struct sip_auth_config auths[2];
	static struct sip_identify_match match;
	static struct sip_identify_config identify;

	sip_config_init(config);
	for (size_t i = 0; i < 3; i++) {
		sip_endpoint_config_init(&endpoints[i]);
		endpoints[i].name = names[i];
		endpoints[i].aors = (struct sip_config_list){ &names[i], 1 };
		sip_aor_config_init(&aors[i]);
		aors[i].name = names[i];
		aors[i].max_contacts = 3;
	}
	for (size_t i = 0; i < 2; i++) {
		sip_auth_config_init(&auths[i]);
		auths[i].name = auths[i].username = names[i];
		auths[i].password = i == 0 ? "secret1" : "secret2";
		endpoints[i].auth = (struct sip_config_list){ &names[i], 1 };
	}
	match = (struct sip_identify_match){ .network = wire_addr("192.0.2.99:0"),
		.prefix_len = 32 };
	identify = (struct sip_identify_config){
		.name = "open", .endpoint = "open", .match = &match, .match_count = 1
	};
	config->global.domain = (struct sip_config_list){ domains, 1 };
	config->endpoint = endpoints;
	config->endpoint_count = 3;
	config->aor = aors;
	config->aor_count = 3;
	config->auth = auths;
	config->auth_count = 2;
	config->identify = &identify;
	config->identify_count = 1;
}

static void load_module(struct world *world, const char *name)
{
	char path[512];
	char error[SIP_SERVER_ERROR_LEN] = "";
	const struct ast_sip_module_file *file;
	void *handle;

	snprintf(path, sizeof(path), "%s/%s/%s.so", SIP_TEST_MODULE_DIR, name, name);
	handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (handle == NULL)
		check_failed(__FILE__, __LINE__, "%s", dlerror());
	file = dlsym(handle, "ast_sip_module_file");
	CHECK(file != NULL);
	if (sip_server_load_module(world->server, file, error) != 0)
		check_failed(__FILE__, __LINE__, "%s: %s", name, error);
	CHECK(world->module_count < WORLD_MODULES_MAX);
	world->module[world->module_count++] = file;
}

struct world *world_create(const struct world_options *options)
{
	static const struct world_options none;
	struct world *world = calloc(1, sizeof(*world));
	char error[SIP_SERVER_ERROR_LEN] = "";
	const char *const *modules;
	struct sip_config config;

	CHECK(world != NULL);
	if (options == NULL)
		options = &none;
	sip_clock_init_virtual(&world->clock);
	usual(&config);
	if (options->configure != NULL)
		options->configure(&config);
	if (sip_server_create_simulated(&config,
		    &(struct sip_server_simulation){ .clock = &world->clock,
			    .seed = 1,
			    .reactors = options->reactors ? options->reactors : 1,
			    .spare_threads = options->spare_threads,
			    .dns = options->dns },
		    &world->server, error) != 0)
		check_failed(__FILE__, __LINE__, "%s", error);
	if (options->listener != NULL)
		wire_open_as(&world->wire, world->server->pool, &world->clock,
			world->server->transport, options->listener);
	else
		wire_open(&world->wire, world->server->pool, &world->clock,
			world->server->transport, SIP_UDP,
			options->address != NULL ? options->address : "127.0.0.1:5060");
	world->bound = options->bound;
	if (options->bound && sip_server_bind(world->server, error) != 0)
		check_failed(__FILE__, __LINE__, "%s", error);
	ast_sip_set_server(world->server);
	modules = options->modules != NULL ? options->modules : all_modules;
	if (options->prepare != NULL)
		options->prepare();
	else
		while (*modules != NULL)
			load_module(world, *modules++);
	if (sip_server_start(world->server, error) != 0)
		check_failed(__FILE__, __LINE__, "%s", error);
	return world;
}

static void keep_line(void *arg, enum sip_log_level level, const char *text)
{
	struct world *world = arg;
	size_t len = strlen(world->told);

	(void)level;
	snprintf(world->told + len, sizeof(world->told) - len, "%s\n", text);
}

int world_reload(struct world *world, void (*configure)(struct sip_config *config))
{
	const struct sip_reload_sink sink = { world, keep_line };
	struct sip_config config;

	usual(&config);
	if (configure != NULL)
		configure(&config);
	world->error[0] = world->told[0] = '\0';
	return sip_server_reload(world->server, &config, &sink, world->error);
}

void world_stop(struct world **place)
{
	struct world *world = *place;

	*place = NULL;
	sip_server_stop(world->server);
	CHECK_INT(sip_txns_count(world->server->txns), ==, 0);
	CHECK_INT(sip_calls_count(world->server->calls), ==, 0);
	CHECK_INT(sip_slab_live(world->server->branch_slab), ==, 0);
	CHECK_INT(sip_slab_live(world->server->dialog_slab), ==, 0);
	CHECK_INT(sip_slab_live(world->server->tx_slab), ==, 0);
	/* A reactor with a socket keeps a batch of 32 ready. */
	CHECK_INT(sip_slab_live(world->server->rx_slab), <=, world->bound ? 32 : 0);
	while (world->module_count > 0)
		sip_server_unload_module(
			world->server, world->module[--world->module_count]);
	wire_close(&world->wire);
	sip_server_destroy(&world->server);
	free(world);
}

void world_destroy(struct world **place)
{
	struct world *world = *place;

	/* Longer than any timer of a transaction. */
	wire_forward_ms(&world->wire, 400 * 1000);
	CHECK_INT(sip_txns_count(world->server->txns), ==, 0);
	CHECK_INT(sip_calls_count(world->server->calls), ==, 0);
	CHECK_INT(sip_slab_live(world->server->dialog_slab), ==, 0);
	CHECK_INT(sip_slab_live(world->server->branch_slab), ==, 0);
	CHECK_INT(sip_slab_live(world->server->tx_slab), ==, 0);
	world_stop(place);
}

const char *world_request(const char *method, const char *uri, const char *from_user,
	const char *call_id, unsigned cseq, const char *branch, const char *extra)
{
	static char text[8192];
	char to[512];

	/* The To field of a REGISTER names the AOR (RFC 3261 section 10.2). */
	snprintf(to, sizeof(to), "%s", uri);
	if (strcmp(method, "REGISTER") == 0)
		snprintf(to, sizeof(to), "sip:%s@example.org", from_user);
	snprintf(text, sizeof(text),
		"%s %s SIP/2.0\n"
		"Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK%s\n"
		"From: <sip:%s@example.org>;tag=from-%s\n"
		"To: <%s>\n"
		"Call-ID: %s\n"
		"CSeq: %u %s\n"
		"Max-Forwards: 70\n"
		"%s"
		"Content-Length: 0\n\n",
		method, uri, branch, from_user, call_id, to, call_id, cseq, method,
		extra);
	return text;
}

const char *world_header(const struct wire_message *message, const char *name)
{
	static char values[8][2048];
	static unsigned turn;
	char *value = values[turn++ % 8];
	const char *line = message->text;
	size_t len = strlen(name);

	value[0] = '\0';
	while ((line = strstr(line, "\r\n")) != NULL) {
		line += 2;
		if (strncmp(line, name, len) != 0 || line[len] != ':')
			continue;
		line += len + 1;
		line += strspn(line, " ");
		snprintf(
			value, sizeof(values[0]), "%.*s", (int)strcspn(line, "\r"), line);
		break;
	}
	return value;
}

/* Lower-case hex of MD5(text). */
static void md5_hex(const char *text, char hex[33])
{
	unsigned char sum[16];
	unsigned int len;

	CHECK(EVP_Digest(text, strlen(text), sum, &len, EVP_md5(), NULL) == 1);
	for (size_t i = 0; i < 16; i++)
		snprintf(hex + 2 * i, 3, "%02x", sum[i]);
}

/* The quoted value behind `name="` in a challenge. */
static void quoted(const char *challenge, const char *name, char *value, size_t size)
{
	const char *at = strstr(challenge, name);

	CHECK(at != NULL);
	at = strchr(at, '"') + 1;
	snprintf(value, size, "%.*s", (int)strcspn(at, "\""), at);
}

const char *world_credentials(struct world *world, const char *user, const char *password,
	const char *method, const char *uri)
{
	static char line[2048];
	bool proxy = wire_count(&world->wire, "SIP/2.0 407") > 0;
	const struct wire_message *message = wire_last(
		&world->wire, proxy ? "SIP/2.0 407" : "SIP/2.0 401");
	const char *challenge = world_header(
		message, proxy ? "Proxy-Authenticate" : "WWW-Authenticate");
	char nonce[256];
	char realm[256];
	char text[1024];
	char ha1[33];
	char ha2[33];
	char response[33];

	quoted(challenge, " nonce=", nonce, sizeof(nonce));
	quoted(challenge, "realm=", realm, sizeof(realm));
	snprintf(text, sizeof(text), "%s:%s:%s", user, realm, password);
	md5_hex(text, ha1);
	snprintf(text, sizeof(text), "%s:%s", method, uri);
	md5_hex(text, ha2);
	snprintf(text, sizeof(text), "%s:%s:00000001:abcdef:auth:%s", ha1, nonce, ha2);
	md5_hex(text, response);
	snprintf(line, sizeof(line),
		"%s: Digest username=\"%s\", realm=\"%s\", nonce=\"%s\", uri=\"%s\", "
		"response=\"%s\", algorithm=MD5, qop=auth, nc=00000001, cnonce=\"abcdef\"\n",
		proxy ? "Proxy-Authorization" : "Authorization", user, realm, nonce, uri,
		response);
	return line;
}

void world_register(
	struct world *world, const char *user, const char *password, const char *peer)
{
	char extra[4096];
	char contact[256];
	char call_id[128];
	char branch[160];

	snprintf(contact, sizeof(contact), "Contact: <sip:%s@%s>\n", user, peer);
	snprintf(call_id, sizeof(call_id), "register-%s-%s", user, peer);
	snprintf(branch, sizeof(branch), "%s-1", call_id);
	wire_clear(&world->wire);
	wire_receive(&world->wire, peer,
		world_request("REGISTER", "sip:example.org", user, call_id, 1, branch,
			contact));
	snprintf(extra, sizeof(extra), "%s%s", contact,
		world_credentials(world, user, password, "REGISTER", "sip:example.org"));
	snprintf(branch, sizeof(branch), "%s-2", call_id);
	wire_receive(&world->wire, peer,
		world_request(
			"REGISTER", "sip:example.org", user, call_id, 2, branch, extra));
	CHECK_INT(wire_count(&world->wire, "SIP/2.0 200"), ==, 1);
	wire_clear(&world->wire);
}
