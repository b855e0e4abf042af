/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Module files mapped, replaced and unmapped in a server that serves.
 *
 * The server's side, with modules that are no files: tests/unit/server/test_modules.c.
 */
#include "loader.h"
#include "support/ask.h"
#include "support/check.h"
#include "unit/proxy/phones.h"

#include "server/modules/registry.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static struct loader *loader; /* a new one for each: a test that fails leaves its own */
static char error[SIP_SERVER_ERROR_LEN];
static char folder[] = "/tmp/test_loader_XXXXXX";
static char file[64]; /* in it */

static void open_door(struct sip_config *config)
{
	config->global.authentication = false;
}

static void copy_to(const char *from, const char *to)
{
	static char bytes[1 << 20];
	int in = open(from, O_RDONLY);
	int out = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	ssize_t got;

	CHECK(in >= 0 && out >= 0);
	while ((got = read(in, bytes, sizeof(bytes))) > 0)
		CHECK_INT(write(out, bytes, (size_t)got), ==, got);
	CHECK_INT(got, ==, 0);
	close(in);
	close(out);
}

/* The folder's file is that test module now, written over the one before. */
static void install(const char *module)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/%s.so", SIP_TEST_OWN_MODULES, module);
	copy_to(path, file);
}

static void begin_loader(void)
{
	loader = malloc(sizeof(*loader));
	CHECK(loader != NULL);
	loader_init(loader);
}

static void end_loader(void)
{
	loader_fini(loader);
	free(loader);
}

static struct world *begin(void)
{
	static const char *const no_modules[] = { NULL };

	strcpy(folder + strlen(folder) - 6, "XXXXXX");
	CHECK(mkdtemp(folder) != NULL);
	snprintf(file, sizeof(file), "%s/answerer.so", folder);
	begin_loader();
	return world_create(
		&(struct world_options){ .configure = open_door, .modules = no_modules });
}

static void end(struct world **w)
{
	sip_server_stop((*w)->server);
	loader_unload(loader, (*w)->server);
	world_destroy(w);
	end_loader();
	unlink(file);
	CHECK_INT(rmdir(folder), ==, 0);
}

static struct loader_request request_for(struct world *w, const char *name)
{
	return (struct loader_request){
		.server = w->server, .name = name, .path = file, .rank = SIZE_MAX
	};
}

static bool add(struct world *w, const char *name)
{
	struct loader_request wanted = request_for(w, name);

	return loader_add(loader, &wanted, error);
}

static bool replace(struct world *w, const char *name)
{
	struct loader_request wanted = request_for(w, name);

	return loader_replace(loader, &wanted, error);
}

/* How many copies of a module are mapped. */
static unsigned mapped(const char *name)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	unsigned count = 0;
	char line[512];
	char text[64];

	CHECK(maps != NULL);
	snprintf(text, sizeof(text), "/memfd:%s (deleted)", name);
	while (fgets(line, sizeof(line), maps) != NULL)
		count += strstr(line, text) != NULL && strstr(line, " r-xp ") != NULL;
	fclose(maps);
	return count;
}

TEST(a_file_that_was_written_over_takes_the_place_of_the_mapping)
{
	struct world *w = begin();

	install("answerer_290");
	CHECK(add(w, "answerer"));
	CHECK_INT(ASK(w, .method = "FROB"), ==, 290);
	install("answerer_291");
	CHECK_INT(ASK(w, .method = "FROB", .cseq = 2), ==, 290);
	CHECK(replace(w, "answerer"));
	CHECK_INT(ASK(w, .method = "FROB", .cseq = 3), ==, 291);

	sip_registry_settle(w->server);
	CHECK(loader_wait(loader, "answerer", 0));
	CHECK_INT(mapped("answerer"), ==, 1);
	end(&w);
	CHECK_INT(mapped("answerer"), ==, 0);
}

/* dlopen() gives what has the same path already. */
TEST(a_file_that_can_not_be_unmapped_is_replaced_all_the_same)
{
	static const int answers[] = { 290, 291, 291, 290, 290 };
	struct world *w = begin();

	for (unsigned i = 0; i < 5; i++) {
		install(answers[i] == 290 ? "stayer_290" : "stayer_291");
		CHECK(i == 0 ? add(w, "stayer") : replace(w, "stayer"));
		CHECK_INT(ASK(w, .method = "FROB", .cseq = i + 1), ==, answers[i]);
		sip_registry_settle(w->server);
		CHECK(loader_wait(loader, "stayer", 0));
	}
	end(&w);
}

TEST(the_older_mapping_stays_until_its_request_has_ended)
{
	struct world *w = begin();

	install("answerer_290");
	CHECK(add(w, "answerer"));
	ASK(w, .method = "WAIT", .branch = "wait");
	for (unsigned i = 0; i < 3; i++)
		CHECK(replace(w, "answerer"));
	sip_registry_settle(w->server);
	CHECK(!loader_wait(loader, "answerer", 0));
	/* The first keeps it; the second and third had nothing to keep. */
	CHECK_INT(mapped("answerer"), ==, 2);

	keep_log();
	wire_forward_ms(&w->wire, 70 * 1000);
	sip_log_set_sink(NULL, NULL);
	sip_registry_settle(w->server);
	CHECK(loader_wait(loader, "answerer", 0));
	CHECK_INT(mapped("answerer"), ==, 1);
	CHECK(loader_remove(loader, w->server, "answerer", error));
	CHECK_INT(ASK(w, .method = "FROB", .cseq = 2), ==, 501);
	sip_registry_settle(w->server);
	CHECK_INT(mapped("answerer"), ==, 0);
	end(&w);
}

TEST(what_is_no_module_does_not_replace_one)
{
	struct world *w = begin();
	FILE *garbage;

	install("answerer_290");
	CHECK(!replace(w, "answerer"));
	CHECK_STR(sip_str_of(error),
		"module answerer is not loaded: `module load` loads it");
	CHECK(add(w, "answerer"));
	CHECK(!add(w, "answerer"));
	CHECK_STR(sip_str_of(error),
		"module answerer is loaded already: `module reload` replaces it");
	garbage = fopen(file, "w");
	CHECK(garbage != NULL);
	fputs("no module", garbage);
	fclose(garbage);
	CHECK(!replace(w, "answerer"));
	CHECK(strstr(error, "module answerer: ") == error);
	CHECK_INT(ASK(w, .method = "FROB"), ==, 290);
	CHECK(!loader_remove(loader, w->server, "threaded", error));
	CHECK_STR(sip_str_of(error), "module threaded is not loaded");
	end(&w);
}

/* As the program after it gave root up. */
TEST(a_file_that_root_alone_can_read_is_told_with_what_to_do)
{
	struct world *w = begin();
	struct loader_request wanted = request_for(w, "answerer");
	uid_t user = geteuid();

	install("answerer_290");
	CHECK_INT(chmod(file, user == 0 ? 0600 : 0), ==, 0);
	CHECK_INT(chmod(folder, 0755), ==, 0);
	if (user == 0)
		CHECK_INT(seteuid(65534), ==, 0);
	wanted.user = "sip";
	CHECK(!loader_add(loader, &wanted, error));
	if (user == 0)
		CHECK_INT(seteuid(0), ==, 0);
	CHECK(strstr(error, "user sip can't read /tmp/test_loader_") != NULL);
	CHECK(strstr(error, "root was given up: allow it, or restart") != NULL);
	end(&w);
}

/* The pool finds whose a task is by where its function lies. */
TEST(a_task_that_a_thread_of_the_module_pushes_holds_it)
{
	struct world *w = begin();

	install("threaded");
	CHECK(add(w, "threaded"));
	CHECK(loader_remove(loader, w->server, "threaded", error));
	sip_registry_settle(w->server);
	CHECK_INT(mapped("threaded"), ==, 1);
	wire_settle(&w->wire);
	sip_registry_settle(w->server);
	CHECK_INT(mapped("threaded"), ==, 0);
	end(&w);
}

/* Likewise by where the functions of its usage lie. */
TEST(a_dialog_that_a_thread_of_the_module_makes_holds_it)
{
	struct world *w = begin();

	install("dialing");
	CHECK(add(w, "dialing"));
	CHECK(loader_remove(loader, w->server, "dialing", error));
	sip_registry_settle(w->server);
	CHECK_INT(mapped("dialing"), ==, 1);
	wire_settle(&w->wire);
	sip_registry_settle(w->server);
	CHECK_INT(mapped("dialing"), ==, 0);
	end(&w);
}

/* ---- the proxy, which has calls to end ---- */

static bool replace_proxy(struct world *w)
{
	const struct loader_request wanted = { .server = w->server,
		.name = "res_sip_proxy",
		.path = SIP_TEST_MODULE_DIR "/res_sip_proxy/res_sip_proxy.so",
		.rank = SIZE_MAX };

	return loader_replace(loader, &wanted, error);
}

static void add_proxy(struct world *w)
{
	const struct loader_request wanted = { .server = w->server,
		.name = "res_sip_proxy",
		.path = SIP_TEST_MODULE_DIR "/res_sip_proxy/res_sip_proxy.so",
		.rank = SIZE_MAX };

	sip_server_unload_module(w->server, w->module[--w->module_count]);
	CHECK(loader_add(loader, &wanted, error));
}

TEST(a_call_that_rings_ends_in_the_older_proxy_and_the_next_is_the_newer_ones)
{
	struct world *w = phones_world(1);

	begin_loader();
	add_proxy(w);
	wire_receive(&w->wire, CALLER, invite(""));
	answer(w, 1, "INVITE", 180, "");
	CHECK(replace_proxy(w));
	sip_registry_settle(w->server);
	CHECK_INT(mapped("res_sip_proxy"), ==, 2);

	/* A new request is the newer one's, while the call rings. */
	wire_receive(&w->wire, CALLER, request("MESSAGE", 2, "next", NULL, ""));
	CHECK_INT(count_to(w, phone(1), "MESSAGE "), ==, 1);
	answer(w, 1, "MESSAGE", 200, "");
	CHECK_INT(count_to(w, CALLER, "SIP/2.0 200"), ==, 1);

	answer(w, 1, "INVITE", 200, "");
	CHECK_INT(count_to(w, CALLER, "SIP/2.0 180"), ==, 1);
	CHECK_INT(count_to(w, CALLER, "SIP/2.0 200"), ==, 2);
	sip_registry_settle(w->server);
	CHECK(loader_wait(loader, "res_sip_proxy", 0));
	CHECK_INT(mapped("res_sip_proxy"), ==, 1);
	sip_server_stop(w->server);
	loader_unload(loader, w->server);
	world_stop(&w);
	end_loader();
}
