/* SPDX-License-Identifier: BSD-2-Clause */
/* See server_here.h. */
#include "server_here.h"

#include "server/server.h"

#include "res_sip.h"
#include "res_sip/module.h"
#include "res_sip/server.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const modules[] = { "res_sip_endpoint_identifier_certificate",
	"res_sip_endpoint_identifier_ip", "res_sip_endpoint_identifier_user",
	"res_sip_endpoint_identifier_anonymous", "res_sip_authenticator_digest",
	"res_sip_options", "res_sip_registrar", "res_sip_proxy" };

static struct sip_clock clock_here;
static struct sip_server *server;
static const struct sip_listener *listener;
static server_here_sent_fn *on_sent;
static void *sent_arg;

/* All that the configuration refers to, for so many. */
struct people {
	char (*name)[16];
	const char **names;
	struct sip_endpoint_config *endpoint;
	struct sip_aor_config *aor;
	struct sip_auth_config *auth;
};

static bool people_create(struct people *people, size_t count)
{
	people->name = calloc(count, sizeof(*people->name));
	people->names = calloc(count, sizeof(*people->names));
	people->endpoint = calloc(count, sizeof(*people->endpoint));
	people->aor = calloc(count, sizeof(*people->aor));
	people->auth = calloc(count, sizeof(*people->auth));
	return people->name != NULL && people->names != NULL &&
		people->endpoint != NULL && people->aor != NULL && people->auth != NULL;
}

static void people_destroy(struct people *people)
{
	free(people->name);
	free(people->names);
	free(people->endpoint);
	free(people->aor);
	free(people->auth);
}

/* user0000, ...; then the caller, who is asked for no password. */
static void configure(struct sip_config *config, struct people *people, unsigned users)
{
	static const char *const domains[] = { "bench.example" };

	sip_config_init(config);
	config->global.domain = (struct sip_config_list){ domains, 1 };
	config->system.servants = 1;
	config->system.max_contacts = users > 100000 ? 2 * users : 200000;
	for (unsigned i = 0; i <= users; i++) {
		struct sip_endpoint_config *endpoint = &people->endpoint[i];
		struct sip_aor_config *aor = &people->aor[i];
		struct sip_auth_config *auth = &people->auth[i];

		snprintf(people->name[i], sizeof(people->name[i]),
			i == users ? "caller" : "user%04u", i);
		people->names[i] = people->name[i];
		sip_endpoint_config_init(endpoint);
		endpoint->name = people->name[i];
		if (i == users)
			break;
		sip_aor_config_init(aor);
		sip_auth_config_init(auth);
		endpoint->auth = endpoint->aors = (struct sip_config_list){
			&people->names[i], 1
		};
		aor->name = auth->name = auth->username = people->name[i];
		auth->password = "secret";
		aor->max_contacts = 1;
		aor->remove_existing = true;
	}
	config->endpoint = people->endpoint;
	config->endpoint_count = users + 1;
	config->aor = people->aor;
	config->aor_count = users;
	config->auth = people->auth;
	config->auth_count = users;
}

/* The server keeps what it needs of the configuration. */
static bool create(unsigned users, char *error)
{
	struct sip_server_simulation simulation = {
		.clock = &clock_here, .seed = 1, .reactors = 1
	};
	struct people people;
	struct sip_config config;
	bool created = false;

	sip_clock_init_virtual(&clock_here);
	if (people_create(&people, users + 1)) {
		configure(&config, &people, users);
		created = sip_server_create_simulated(
				  &config, &simulation, &server, error) == 0;
	}
	people_destroy(&people);
	return created;
}

static bool load_module(const char *path, char *error)
{
	const struct ast_sip_module_file *file;
	void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);

	if (handle == NULL) {
		snprintf(error, SIP_SERVER_ERROR_LEN, "%s", dlerror());
		return false;
	}
	file = dlsym(handle, "ast_sip_module_file");
	return file != NULL && sip_server_load_module(server, file, error) == 0;
}

static bool load_modules(char *error)
{
	const char *first = getenv("GATE_MODULE");

	if (first != NULL && !load_module(first, error))
		return false;
	for (size_t i = 0; i < sizeof(modules) / sizeof(modules[0]); i++) {
		char path[512];

		snprintf(path, sizeof(path), "%s/%s/%s.so", GATE_MODULE_DIR, modules[i],
			modules[i]);
		if (!load_module(path, error))
			return false;
	}
	return true;
}

static void pass_on(void *arg, const struct sip_flow *flow, struct sip_str text)
{
	(void)arg;
	on_sent(sent_arg, text.ptr, text.len, sip_addr_port(&flow->peer));
}

bool server_here_open(unsigned users, server_here_sent_fn *sent, void *arg)
{
	struct sip_listener_config where = { .name = "memory", .kind = SIP_UDP };
	char error[SIP_SERVER_ERROR_LEN] = "out of memory";
	bool done = sip_addr_parse(SIP_STR("127.0.0.1:5060"), 5060, &where.bind) == 0 &&
		create(users, error);

	on_sent = sent;
	sent_arg = arg;
	if (done) {
		ast_sip_set_server(server);
		done = sip_transport_listen_memory(server->transport, &where, pass_on,
			       NULL, &listener) == 0 &&
			load_modules(error) && sip_server_start(server, error) == 0;
	}
	if (!done)
		fprintf(stderr, "gate: %s\n", error);
	return done;
}

void server_here_close(void)
{
	if (server == NULL)
		return;
	sip_server_stop(server);
	sip_server_destroy(&server);
}

void server_here_receive(const struct datagram *datagrams, unsigned count, uint16_t port)
{
	struct sip_str texts[AT_ONCE_MAX];
	struct sip_addr from;

	for (unsigned i = 0; i < count; i++)
		texts[i] = (struct sip_str){ datagrams[i].text, datagrams[i].len };
	if (sip_addr_parse(SIP_STR("127.0.0.1"), port, &from) != 0 ||
		sip_transport_inject_batch(
			server->transport, listener, &from, texts, count, 0) != 0)
		fprintf(stderr, "gate: datagrams find no memory\n");
}

SIP_NOINLINE void serve(void)
{
	while (server != NULL && sip_pool_step(server->pool))
		;
}

void server_here_pass(uint64_t us)
{
	sip_clock_forward_us(&clock_here, us);
}
