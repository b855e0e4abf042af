/* SPDX-License-Identifier: BSD-2-Clause */
/* `res_sip show` and `res_sip trace`: questions to a running server. */
#pragma once

/* Ask the server of that folder, and print its answer; the exit status. */
int command_ask(const char *folder, const char *request);
