/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A fuzzed server: tests/support/world.h with the modules compiled in, fed by a script.
 *
 * A script is a series of datagrams, each behind a line `=PD`: P is the letter of a peer
 * (sim.c has the table), D a digit that says how long to wait after it.  In a datagram
 * `$X` stands for something of the latest request that the server sent to this peer (to
 * anybody, where it sent him none), `$x` for the same of its latest response:
 *
 *     $V all Via lines   $F From   $T To   $I Call-ID   $C CSeq   $N number of the CSeq
 *     $R all Record-Route lines    $O these as a Route field, without its line end
 *     $B branch of the top Via     $U Request-URI       $M Contact
 *     $A credentials of 6001 for the datagram's first line, $a those of 6002
 *
 *     $J a line feed alone: each other one becomes CRLF
 *
 * so that answers, ACKs and calls can go on although the server's branches are random.
 * What the server sends to its own address comes back to it, as on a real network.
 */
#pragma once

#include "support/world.h"

#include <stddef.h>
#include <stdint.h>

/* Longest script, and longest datagram. */
#define SIM_SCRIPT_MAX   16384
#define SIM_DATAGRAM_MAX 9000

struct sim_datagram {
	char peer;
	char delay;
	const char *text; /* inside of the script */
	size_t len;
};

/** The next datagram of `script`, which moves behind it; false: no more. */
bool sim_next(struct sip_str *script, struct sim_datagram *datagram);

struct world *sim_create(void);

/** Let a script happen, and all that it began come to its end; aborts where something is
 * left then, or a datagram makes the server send without end. */
void sim_run(struct world *world, struct sip_str script);

/** From now on have each datagram explained before it comes: that must change nothing. */
void sim_explain_all(void);

void sim_destroy(struct world **world);
