/* SPDX-License-Identifier: BSD-2-Clause */
/* The configuration of a server, as the cast wants it. */
#pragma once

#include "cast.h"

#include "res_sip/config.h"

/** `without`: one who has an AOR, and is no endpoint; NULL: nobody.  Everything that it
 * points to lives in `memory`. */
void host_configure(struct sip_config *config, const struct cast *cast, unsigned number,
	const struct cast_user *without, struct memory *memory);

/** A place as the server has it. */
struct sip_addr host_addr(struct place place);
struct place host_place(const struct sip_addr *addr);
