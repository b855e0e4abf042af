/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of commands, the help made of it, and what every command line may have. */
#include "commands.h"

#include "ask.h"
#include "check.h"
#include "complete.h"
#include "defaults.h"
#include "explain_file.h"
#include "run.h"
#include "syntaxes.h"

#include <res_sip/server.h>

#include <stdio.h>

#define HELP_COLUMN 22

static command_fn run, check, complete, help, version;

static const struct syntax syntax_run = {
	.name = "run",
	.options = { { "--user", "NAME" } },
};
static const struct syntax syntax_check = {
	.name = "check",
	.options = { { "--strict", NULL } },
};
static const struct syntax syntax_show_defaults = {
	.name = "show defaults",
	.takes = "[TYPE]",
	.max_words = 1,
	.options = { { "--markdown", NULL } },
};
static const struct syntax syntax_complete = {
	.name = "complete",
	.takes = "-- WORD...",
	.min_words = 1,
	.max_words = MOST_WORDS,
};
static const struct syntax syntax_help = { .name = "help" };
static const struct syntax syntax_version = { .name = "version" };

static const struct command commands[] = {
	{ &syntax_run, run, "serve in the foreground; give root up for NAME when bound" },
	{ &syntax_check, check,
		"tell every mistake of the configuration; nothing is bound.\n"
		"With --strict, warnings are errors" },
	{ &syntax_show_defaults, command_show_defaults,
		"what holds where the configuration says nothing" },
	{ &syntax_show, ask_server,
		"ask the running server: endpoints, contacts, transports,\n"
		"connections, modules, counters, pool, works, transactions,\n"
		"dialogs, admission, sources, targets, endpoint NAME or contact URI|AOR" },
	{ &syntax_explain, command_explain,
		"say what the server would do with the message in FILE (`-`:\n"
		"standard input) if it came from ADDRESS, and which line of\n"
		"the configuration decides; nothing is sent or changed.\n"
		"With --messages, print what would be sent" },
	{ &syntax_module_load, ask_server, "load a module into the running server" },
	{ &syntax_module_reload, ask_server,
		"put a module's new file in the place of the old, calls go on" },
	{ &syntax_module_unload, ask_server,
		"unload a module when its calls have ended" },
	{ &syntax_reload, ask_server,
		"read the files again, whole or not at all; calls and\n"
		"registrations go on. SIGHUP does the same" },
	{ &syntax_trace, ask_server,
		"print the messages that it sends and receives, those that\n"
		"fit all filters; with --pcap, write them to FILE (`-`: standard\n"
		"output) for Wireshark" },
	{ &syntax_complete, complete, "what may stand in the place of the last word" },
	{ &syntax_help, help, "this text" },
	{ &syntax_version, version, "the version" },
};

#define COMMAND_COUNT (sizeof(commands) / sizeof(commands[0]))

static int run(const struct command_line *line)
{
	return command_run(line->folder, arguments_option(&line->arguments, "--user"));
}

static int check(const struct command_line *line)
{
	return command_check(
		line->folder, arguments_option(&line->arguments, "--strict") != NULL);
}

static int complete(const struct command_line *line)
{
	const struct arguments *arguments = &line->arguments;
	const struct syntax *syntaxes[COMMAND_COUNT];
	struct text out = { 0 };
	struct completion completion = { .out = &out };
	int status;

	for (size_t i = 0; i < COMMAND_COUNT; i++)
		syntaxes[i] = commands[i].syntax;
	complete_words(
		syntaxes, COMMAND_COUNT, arguments->words, arguments->count, &completion);
	if (completion.folder == NULL)
		completion.folder = line->folder;
	if (completion.names != NULL)
		ask_names(completion.folder, completion.names, completion.word);
	status = fwrite(out.ptr, 1, out.len, stdout) != out.len || out.failed;
	text_fini(&out);
	return status;
}

static int version(const struct command_line *line)
{
	(void)line;
	return printf("res_sip %s\n", sip_version()) < 0;
}

/* `trace [--ip ADDRESS]`; how many columns it took. */
static int print_synopsis(const struct syntax *syntax)
{
	int columns = printf("  %s", syntax->name);

	if (syntax->takes != NULL)
		columns += printf(" %s", syntax->takes);
	for (int i = 0; i < MOST_OPTIONS && syntax->options[i].name != NULL; i++) {
		const struct syntax_option *option = &syntax->options[i];

		columns += option->value != NULL
			? printf(" [%s %s]", option->name, option->value)
			: printf(" [%s]", option->name);
	}
	return columns;
}

static void print_help(const struct command *command)
{
	int columns = print_synopsis(command->syntax);
	const char *rest = command->help;

	/* A synopsis that leaves no room has its own line. */
	if (columns + 2 > HELP_COLUMN) {
		putchar('\n');
		columns = 0;
	}
	while (*rest != '\0') {
		int len = (int)strcspn(rest, "\n");

		printf("%*s%.*s\n", HELP_COLUMN - columns, "", len, rest);
		rest += len + (rest[len] == '\n');
		columns = 0;
	}
}

static int help(const struct command_line *line)
{
	(void)line;
	printf("usage: res_sip COMMAND [-c DIR]\n\n");
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		print_help(&commands[i]);
	printf("\n"
	       "DIR holds res_sip.conf and, if some modules or their order are wanted, "
	       "modules.conf.\n"
	       "It is /etc/res_sip unless -c names another.\n"
	       "\n"
	       "Exit status: 0 done, 1 something went wrong (standard error says what),\n"
	       "2 not understood.\n");
	return ferror(stdout) != 0;
}

static int misused(const char *error)
{
	size_t len = strlen(error);
	bool asks = len > 0 && error[len - 1] == '?'; /* did you mean ...? */

	fprintf(stderr, "res_sip: %s%s `res_sip help` says how\n", error,
		asks ? "" : ";");
	return EXIT_USAGE;
}

/* Is this word, or it and the next, `-c DIR`? */
static bool take_folder(char **argv, int *at, const char **folder)
{
	if (strcmp(argv[*at], "-c") == 0 && argv[*at + 1] != NULL) {
		*folder = argv[++*at];
		return true;
	}
	if (strncmp(argv[*at], "-c=", 3) != 0)
		return false;
	*folder = argv[*at] + 3;
	return true;
}

static const char *word_of(const char *word)
{
	if (strcmp(word, "--version") == 0)
		return "version";
	if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)
		return "help";
	return word;
}

static command_fn *function_of(const struct syntax *syntax)
{
	size_t i = 0;

	while (commands[i].syntax != syntax)
		i++;
	return commands[i].run;
}

int commands_run(int argc, char **argv)
{
	struct command_line line = { .folder = "/etc/res_sip" };
	const struct syntax *syntaxes[COMMAND_COUNT];
	const char *words[MOST_WORDS];
	char error[SYNTAX_ERROR_LEN];
	bool others = false; /* behind `--`: no options, of ours neither */
	int count = 0;

	for (size_t i = 0; i < COMMAND_COUNT; i++)
		syntaxes[i] = commands[i].syntax;
	for (int i = 1; i < argc; i++) {
		others = others || strcmp(argv[i], "--") == 0;
		if (!others && take_folder(argv, &i, &line.folder))
			continue;
		if (!others && strcmp(argv[i], "-c") == 0)
			return misused("a value is missing behind -c");
		if (count == MOST_WORDS)
			return misused("too many words");
		words[count++] = others ? argv[i] : word_of(argv[i]);
	}
	if (!syntax_read(syntaxes, COMMAND_COUNT, words, count, &line.arguments, error))
		return misused(error);
	return function_of(line.arguments.syntax)(&line);
}
