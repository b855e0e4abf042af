/* SPDX-License-Identifier: BSD-2-Clause */
/** The part of the settings that access lists are. */
#pragma once

#include "server/settings/snapshot.h"

/**
 * Copy the lists; the transports and endpoints are there already.
 *
 * `before` are the settings that these replace (NULL: none): a transport that they have
 * and `config` has not drains, and its list goes with it.
 *
 * SIP_EMEMORY; SIP_EINVALID with `error`: a list exists twice, or acl= names one that is
 * not there.
 */
SIP_MUST_USE int sip_acl_settings_fill(struct sip_settings *settings,
	const struct sip_settings *before, const struct sip_config *config, char *error);
