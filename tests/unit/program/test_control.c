/* SPDX-License-Identifier: BSD-2-Clause */
/* The control socket of a server that is not serving yet: both ends, over a real socket.
 */
#include "control.h"
#include "control_socket.h"
#include "reading.h"
#include "reload.h"
#include "run.h"

#include "server/settings/snapshot.h"

#include <errno.h>
#include <fcntl.h>
#include <semaphore.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define MOST_DESCRIPTORS 128

struct console {
	struct folder folder;
	char path[128];
	struct sip_server *server;
	struct control *control;
};

static void console_open_run(struct console *console, struct run *run)
{
	static struct sip_endpoint_config endpoint;
	char error[SIP_SERVER_ERROR_LEN];
	struct sip_config config;

	sip_config_init(&config);
	config.system.servants = 1;
	config.global.authentication = false;
	sip_endpoint_config_init(&endpoint);
	endpoint.name = "6001";
	config.endpoint = &endpoint;
	config.endpoint_count = 1;
	folder_create(&console->folder);
	snprintf(console->path, sizeof(console->path), "%s/sock", console->folder.path);
	CHECK_INT(sip_server_create(&config, &console->server, error), ==, SIP_OK);
	console->control = control_open(console->path, (uid_t)-1, error);
	CHECK(console->control != NULL);
	CHECK(control_start(console->control,
		&(struct request_context){ .server = console->server, .run = run }));
}

static void console_open(struct console *console)
{
	console_open_run(console, NULL);
}

static void console_close(struct console *console)
{
	control_close(&console->control);
	sip_server_destroy(&console->server);
	folder_remove(&console->folder);
}

static int ask(const struct console *console, const char *request)
{
	char error[SIP_SERVER_ERROR_LEN];
	int fd = control_socket_connect(console->path, error);

	CHECK(fd >= 0);
	CHECK_INT(send(fd, request, strlen(request), MSG_NOSIGNAL), ==, strlen(request));
	return fd;
}

/* Everything until the server closes. */
static size_t hear(int fd, char *text, size_t size)
{
	size_t len = 0;
	ssize_t got;

	while ((got = recv(fd, text + len, size - 1 - len, 0)) > 0)
		len += (size_t)got;
	text[len] = '\0';
	close(fd);
	return len;
}

TEST(a_question_is_answered_with_a_table)
{
	struct console console;
	char text[8192];

	console_open(&console);
	hear(ask(&console, "show pool\n"), text, sizeof(text));
	console_close(&console);

	CHECK(strncmp(text, "ok\nname ", 8) == 0);
	CHECK(strstr(text, "\nreactors ") != NULL);
}

TEST(a_question_is_answered_with_json)
{
	struct console console;
	char text[8192];

	console_open(&console);
	hear(ask(&console, "show --json transports\n"), text, sizeof(text));
	console_close(&console);

	CHECK_STR(sip_str_of(text), "ok\n{\"transports\":[]}\n");
}

/* A reload may replace what was read before at any time; here it is not there at all. */
TEST(who_looks_at_an_endpoint_leaves_the_configuration_to_who_changes_it)
{
	struct run run = { 0 };
	struct console console;
	char text[8192];

	console_open_run(&console, &run);
	run.folder = console.folder.path;
	folder_write(&console.folder, "res_sip.conf",
		SIP_STR("[6001]\ntype=endpoint\nforce_rport=yes\n"));
	hear(ask(&console, "show endpoint 6001\n"), text, sizeof(text));
	console_close(&console);

	CHECK(strncmp(text, "ok\noptions:\n", 12) == 0);
	CHECK(strstr(text, "/res_sip.conf:3") != NULL);
}

/* For the shell: what begins so, a line each. */
TEST(names_are_told_by_their_beginning)
{
	struct console console;
	char text[8192];

	console_open(&console);
	hear(ask(&console, "names counters received.stray.\n"), text, sizeof(text));
	CHECK_STR(
		sip_str_of(text), "ok\nreceived.stray.responses\nreceived.stray.acks\n");
	hear(ask(&console, "names nonsense \"\"\n"), text, sizeof(text));
	console_close(&console);

	CHECK_STR(sip_str_of(text), "error: there are no names of that kind\n");
}

TEST(what_is_not_known_is_refused)
{
	static const char *const rows[][2] = {
		{ "show nonsense\n", "error: there is nothing of that name" },
		{ "show\n", "error: `show` wants WHAT" },
		{ "show a b c\n", "error: too many words: c" },
		{ "show pool x\n", "error: `show pool` takes no name" },
		{ "show endpoint\n", "error: `show endpoint` wants a name" },
		{ "show endpoint \"a\\nb\"\n", "error: there is no endpoint a\\nb\n" },
		{ "show --nonsense\n", "error: unknown option --nonsense" },
		{ "shutdown\n", "error: unknown command shutdown" },
		{ "\"\\n\"\n", "error: unknown command \\n\n" },
		{ "\n", "error: no command" },
		{ "\"\n", "error: the request's quotes are wrong" },
	};
	struct console console;
	char text[8192];

	console_open(&console);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		hear(ask(&console, rows[i][0]), text, sizeof(text));
		CHECK(strncmp(text, rows[i][1], strlen(rows[i][1])) == 0);
	}
	console_close(&console);
}

static void post(void *arg)
{
	sem_post(arg);
}

static void wait_for_leave(void *arg)
{
	sem_wait(arg);
}

TEST(who_looks_does_not_wait_for_what_changes)
{
	struct console console;
	char text[8192];
	sem_t leave;

	sem_init(&leave, 0, 0);
	console_open(&console);
	CHECK(control_change(console.control, wait_for_leave, &leave));
	hear(ask(&console, "show pool\n"), text, sizeof(text));
	sem_post(&leave);
	console_close(&console);

	CHECK(strncmp(text, "ok\nname ", 8) == 0);
	sem_destroy(&leave);
}

static void set_true(void *arg)
{
	*(bool *)arg = true;
}

/* Or the server would not end before it has reloaded for each of them. */
TEST(signals_that_come_while_one_waits_are_one_reload)
{
	struct run run = { 0 };
	struct console console;
	sem_t leave;
	bool fits;

	sem_init(&leave, 0, 0);
	console_open_run(&console, &run);
	run.folder = console.folder.path;
	run.server = console.server;
	run.control = console.control;
	CHECK(control_change(console.control, wait_for_leave, &leave));
	for (int i = 0; i < 100; i++)
		CHECK(reload_soon(&run));
	fits = control_change(console.control, post, &leave);
	sem_post(&leave);
	console_close(&console);

	CHECK(fits);
	CHECK(!atomic_load(&run.reload_waits));
	sem_destroy(&leave);
}

TEST(what_changes_is_done_before_the_end)
{
	struct console console;
	bool done = false;

	console_open(&console);
	CHECK(control_change(console.control, set_true, &done));
	console_close(&console);

	CHECK(done);
}

static void look_at_options(void *arg)
{
	SIP_IGNORE(ast_sip_global_options() == NULL);
	(void)arg;
}

/* A module's load() asks for options on that thread, which may have nothing to do until
 * the end: old settings are not to stay for that. */
TEST(who_changes_holds_no_options_behind_a_task)
{
	struct console console;
	const struct sip_settings *settings;
	sem_t done;

	sem_init(&done, 0, 0);
	console_open(&console);
	settings = sip_rcu_read(&console.server->snapshot)->settings;
	CHECK(control_change(console.control, look_at_options, NULL));
	CHECK(control_change(console.control, post, &done));
	sem_wait(&done);

	CHECK_INT(atomic_load(&settings->refs), ==, 1);
	console_close(&console);
	sem_destroy(&done);
}

/* As `printf 'show pool' | nc -N -U res_sip.sock` does. */
TEST(who_closes_his_side_is_answered)
{
	struct console console;
	char text[8192];
	int fd;

	console_open(&console);
	fd = ask(&console, "show pool");
	shutdown(fd, SHUT_WR);
	hear(fd, text, sizeof(text));
	console_close(&console);

	CHECK(strncmp(text, "ok\nname ", 8) == 0);
}

/* Every descriptor that this process may have, used up. */
struct full {
	int fds[MOST_DESCRIPTORS];
	size_t count;
	struct rlimit before;
};

static void full_begin(struct full *full)
{
	struct rlimit few;
	int fd;

	CHECK_INT(getrlimit(RLIMIT_NOFILE, &full->before), ==, 0);
	few = full->before;
	few.rlim_cur = MOST_DESCRIPTORS;
	CHECK_INT(setrlimit(RLIMIT_NOFILE, &few), ==, 0);
	full->count = 0;
	while ((fd = open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0)
		full->fds[full->count++] = fd;
	CHECK_INT(errno, ==, EMFILE);
}

static void full_end(struct full *full)
{
	while (full->count != 0)
		close(full->fds[--full->count]);
	setrlimit(RLIMIT_NOFILE, &full->before);
}

static uint64_t cpu_ms(void)
{
	struct timespec used;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
	return (uint64_t)used.tv_sec * 1000 + (uint64_t)used.tv_nsec / 1000000;
}

static int unconnected(int wait_ms)
{
	struct timeval patience = { .tv_sec = wait_ms / 1000,
		.tv_usec = wait_ms % 1000 * 1000 };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	CHECK(fd >= 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	return fd;
}

static void connect_and_ask(const struct console *console, int fd, const char *request)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	strcpy(address.sun_path, console->path);
	CHECK_INT(connect(fd, (struct sockaddr *)&address, sizeof(address)), ==, 0);
	CHECK_INT(send(fd, request, strlen(request), MSG_NOSIGNAL), ==, strlen(request));
}

TEST(one_is_answered_when_no_descriptor_is_left_and_others_wait_at_no_cost)
{
	struct console console;
	struct full full;
	char text[8192];
	uint64_t before_ms;
	int first;
	int second;

	console_open(&console);
	first = unconnected(20000);
	second = unconnected(500);
	full_begin(&full);
	connect_and_ask(&console, first, "trace\n");
	CHECK_INT(recv(first, text, 3, MSG_WAITALL), ==, 3);
	connect_and_ask(&console, second, "show pool\n");
	before_ms = cpu_ms();
	CHECK_INT(recv(second, text, 3, MSG_WAITALL), ==, -1);

	CHECK_INT(cpu_ms() - before_ms, <, 50);
	close(first);
	full_end(&full);
	while (recv(second, text, 3, MSG_WAITALL) < 0 && errno == EAGAIN)
		;
	CHECK(memcmp(text, "ok\n", 3) == 0);
	close(second);
	console_close(&console);
}

TEST(a_trace_begins_and_ends_with_the_server)
{
	struct console console;
	char text[64];
	int fd;

	console_open(&console);
	fd = ask(&console, "trace\n");
	CHECK_INT(recv(fd, text, 3, MSG_WAITALL), ==, 3);
	console_close(&console);

	CHECK(memcmp(text, "ok\n", 3) == 0);
	CHECK_INT(hear(fd, text, sizeof(text)), ==, 0);
}

TEST(the_socket_is_its_owner_s_and_goes_with_the_server)
{
	struct console console;
	struct stat status;
	char path[128];

	console_open(&console);
	CHECK_INT(lstat(console.path, &status), ==, 0);
	CHECK_INT(status.st_mode & 07777, ==, 0600);
	strcpy(path, console.path);
	control_close(&console.control);
	CHECK(lstat(path, &status) != 0);
	console_close(&console);
}

TEST(a_second_server_does_not_take_the_socket_of_a_running_one)
{
	char error[SIP_SERVER_ERROR_LEN];
	struct console console;

	console_open(&console);
	CHECK(control_open(console.path, (uid_t)-1, error) == NULL);
	console_close(&console);

	CHECK(strstr(error, "a server is running") != NULL);
}

TEST(the_socket_of_a_dead_server_is_replaced_and_another_file_is_not)
{
	char error[SIP_SERVER_ERROR_LEN];
	struct folder folder;
	char path[128];
	int dead;
	int fd;

	folder_create(&folder);
	snprintf(path, sizeof(path), "%s/sock", folder.path);
	dead = control_socket_bind(path, (uid_t)-1, error);
	CHECK(dead >= 0);
	close(dead);
	CHECK_INT(control_socket_connect(path, error), ==, -1);
	CHECK(strstr(error, "no server is running") != NULL);
	fd = control_socket_bind(path, (uid_t)-1, error);
	CHECK(fd >= 0);
	close(fd);
	folder_write(&folder, "file", SIP_STR("precious"));
	snprintf(path, sizeof(path), "%s/file", folder.path);
	CHECK_INT(control_socket_bind(path, (uid_t)-1, error), ==, -1);
	CHECK(strstr(error, "in the way") != NULL);
	CHECK(access(path, F_OK) == 0);
	folder_remove(&folder);
}

TEST(a_path_too_long_for_a_socket_is_told)
{
	char error[SIP_SERVER_ERROR_LEN];
	char path[256];

	memset(path, 'x', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';

	CHECK_INT(control_socket_bind(path, (uid_t)-1, error), ==, -1);
	CHECK(strstr(error, "control_socket=") != NULL);
}
