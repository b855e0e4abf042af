/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * res_sip: a SIP server on the command line.
 *
 *     res_sip run      serve, in the foreground          (run.c)
 *     res_sip check    tell every mistake of the files   (check.c)
 *     res_sip show     ask a running server              (show.c)
 *     res_sip trace    watch its messages                (show.c)
 */
#include "check.h"
#include "nearest.h"
#include "run.h"
#include "show.h"

#include <res_sip/server.h>

#include <stdio.h>

#define EXIT_USAGE 2

struct arguments {
	const char *folder; /* -c */
	const char *user;   /* --user */
	const char *command;
	const char *what; /* behind the command; NULL: nothing */
};

static const char usage[] =
	"usage: res_sip COMMAND [-c DIR]\n"
	"\n"
	"  run [--user NAME]   serve in the foreground; give root up for NAME when bound\n"
	"  check               tell every mistake of the configuration; nothing is bound\n"
	"  show WHAT           ask the running server: endpoints, contacts, transports,\n"
	"                      modules, counters or pool\n"
	"  trace               print the messages that it sends and receives\n"
	"  help                this text\n"
	"  --version           the version\n"
	"\n"
	"DIR holds res_sip.conf and, if some modules or their order are wanted, modules.conf.\n"
	"It is /etc/res_sip unless -c names another.\n"
	"\n"
	"Exit status: 0 done, 1 something went wrong (standard error says what),\n"
	"2 not understood.\n";

static const char *const commands[] = { "run", "check", "show", "trace", "help" };

static int misused(const char *text, const char *word)
{
	fprintf(stderr, "res_sip: %s%s; `res_sip help` says how\n", text, word);
	return EXIT_USAGE;
}

/* The value of an option: `-c DIR`, `--user NAME` or `--user=NAME`. */
static bool take_value(char **argv, int *at, const char *name, const char **value)
{
	size_t len = strlen(name);

	if (strcmp(argv[*at], name) == 0 && argv[*at + 1] != NULL) {
		(*at)++;
		*value = argv[*at];
		return true;
	}
	if (strncmp(argv[*at], name, len) == 0 && argv[*at][len] == '=') {
		*value = argv[*at] + len + 1;
		return true;
	}
	return false;
}

static int read_arguments(int argc, char **argv, struct arguments *arguments)
{
	for (int i = 1; i < argc; i++) {
		if (take_value(argv, &i, "-c", &arguments->folder) ||
			take_value(argv, &i, "--user", &arguments->user))
			continue;
		if (strcmp(argv[i], "--version") == 0)
			arguments->command = "version";
		else if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
			arguments->command = "help";
		else if (strcmp(argv[i], "-c") == 0 || strcmp(argv[i], "--user") == 0)
			return misused("a value is missing behind ", argv[i]);
		else if (argv[i][0] == '-')
			return misused("unknown option ", argv[i]);
		else if (arguments->command == NULL)
			arguments->command = argv[i];
		else if (arguments->what == NULL)
			arguments->what = argv[i];
		else
			return misused("too many words: ", argv[i]);
	}
	return 0;
}

static int unknown_command(const char *command)
{
	struct nearest nearest;

	nearest_init(&nearest, sip_str_of(command));
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		nearest_try(&nearest, commands[i]);
	if (nearest.name == NULL)
		return misused("unknown command ", command);
	fprintf(stderr, "res_sip: unknown command %s; did you mean `%s`?\n", command,
		nearest.name);
	return EXIT_USAGE;
}

static int show(const struct arguments *arguments)
{
	char request[128];

	if (arguments->what == NULL)
		return misused(
			"`show` wants a word: endpoints, contacts, transports, ...", "");
	if (strlen(arguments->what) > 64 || strchr(arguments->what, '\n') != NULL)
		return misused("there is nothing of that name to show", "");
	snprintf(request, sizeof(request), "show %s", arguments->what);
	return command_ask(arguments->folder, request);
}

static int run_command(const struct arguments *arguments)
{
	const char *command = arguments->command;
	bool is_show = command != NULL && strcmp(command, "show") == 0;

	if (command == NULL)
		return misused("no command", "");
	if (arguments->what != NULL && !is_show)
		return misused("too many words: ", arguments->what);
	if (arguments->user != NULL && strcmp(command, "run") != 0)
		return misused("--user is for `run`", "");
	if (is_show)
		return show(arguments);
	if (strcmp(command, "run") == 0)
		return command_run(arguments->folder, arguments->user);
	if (strcmp(command, "check") == 0)
		return command_check(arguments->folder);
	if (strcmp(command, "trace") == 0)
		return command_ask(arguments->folder, "trace");
	if (strcmp(command, "help") == 0)
		return fputs(usage, stdout) < 0;
	if (strcmp(command, "version") == 0)
		return printf("res_sip %s\n", sip_version()) < 0;
	return unknown_command(command);
}

int main(int argc, char **argv)
{
	struct arguments arguments = { .folder = "/etc/res_sip" };
	int status = read_arguments(argc, argv, &arguments);

	return status != 0 ? status : run_command(&arguments);
}
