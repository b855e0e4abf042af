/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * res_sip: a SIP server on the command line.
 *
 *     res_sip run      serve, in the foreground          (run.c)
 *     res_sip check    tell every mistake of the files   (check.c)
 *     res_sip show     ask a running server              (ask.c; there: control.c)
 *
 * All commands: commands.c.
 */
#include "commands.h"

int main(int argc, char **argv)
{
	return commands_run(argc, argv);
}
