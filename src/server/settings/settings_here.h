/* SPDX-License-Identifier: BSD-2-Clause */
/** The settings that the running code may look at, for the folder. */
#pragma once

#include "server/settings/snapshot.h"

/** Those that the running request sees; in a turn without a request, the same until the
 * turn ends; on another thread the current ones, until the thread's next call. */
const struct sip_settings *sip_settings_here(struct sip_server *server);
