/* SPDX-License-Identifier: BSD-2-Clause */
/** Calls for help (RFC 5031), by service URN or by a configured number. */
#pragma once

#include "server/settings/snapshot.h"

/** See ast_sip_uri_is_emergency(). */
bool sip_uri_is_emergency(const struct sip_server *server,
	const struct sip_settings *settings, const struct sip_uri *uri);
