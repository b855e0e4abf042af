/* SPDX-License-Identifier: BSD-2-Clause */
/** The key of our Record-Route, kept on disk so that a restart cuts no call off from its
 * BYE. */
#pragma once

#include "server/server.h"

/**
 * Read the keys, or make and write one (mode 0600).  `path` NULL: a key of this run only.
 * SIP_ESYSTEM, SIP_ESYNTAX with `error`.
 */
SIP_MUST_USE int sip_key_file_load(
	struct sip_server *server, const char *path, char *error);
