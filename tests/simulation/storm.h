/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who calls the servers by TCP and is none of the cast: many at once, who say nothing, a
 * byte, what is no SIP, a message that does not end or comes byte by byte, who read
 * nothing, and who go as soon as they are there.
 */
#pragma once

struct sim;

void storm_begin(struct sim *sim);
