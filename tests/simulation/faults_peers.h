/* SPDX-License-Identifier: BSD-2-Clause */
/* Faults of servers and phones, for the table in faults.c. */
#pragma once

#include "draw.h"

struct sim;

/** Each phone at most once, for up to 20 s. */
void faults_restart_phones(struct sim *sim, struct draw *draw);

/** Servers end and come back, up to four times in all, within a minute each time. */
void faults_restart_servers(struct sim *sim, struct draw *draw);

/** Up to ten times a module of a server is replaced, or unloaded and loaded again. */
void faults_change_modules(struct sim *sim, struct draw *draw);

/** Servers don't get all of their memory, up to twelve times in all. */
void faults_starve_servers(struct sim *sim, struct draw *draw);

/** Each server up to four times reads its configuration again: the same, or without one
 * of its users, whom it has again after a minute at the latest. */
void faults_reload(struct sim *sim, struct draw *draw);

/** The wall clock of a server jumps up to four times, by up to an hour either way; the
 * monotonic one goes on. */
void faults_step_clocks(struct sim *sim, struct draw *draw);

/** The work of each server takes time; some are away for a while, up to six times; on
 * some comes more than they can do, for a while. */
void faults_load(struct sim *sim, struct draw *draw);

/** Modules of the servers block: callbacks of them take their time, on spares of which
 * there are some. */
void faults_block(struct sim *sim, struct draw *draw);
