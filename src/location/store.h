/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * The whole location, for the files of this folder.
 *
 * Threads: any; expiry groups in the turn of their work.
 */
#pragma once

#include "location/location.h"
#include "location/shard.h"

#define LOCATION_SHARDS 4096
#define LOCATION_GROUPS 16

/* Every LOCATION_GROUPS-th shard, with the one timer that they share. */
struct expiry_group {
	struct ast_sip_work *work;
	struct sip_timer timer;
	struct sip_task arm; /* looks at the shards again, and starts the timer */
	struct sip_location *location;
	_Atomic bool arming;       /* `arm` is pushed, and has not begun */
	_Atomic uint64_t armed_us; /* no later than this the group looks by itself */
};

struct sip_location {
	struct sip_location_config config;
	struct sip_hash_key key;
	struct contact_kind kind;
	_Atomic uint64_t count; /* registered contacts that are shown */
	_Atomic uint64_t max;   /* of them; 0: no maximum */
	struct expiry_group group[LOCATION_GROUPS];
	struct shard shard[LOCATION_SHARDS];
};

/** Take what has expired out of the record, if it is still in its place; where nothing
 * has, ask the contacts that are to be asked.  SIP_EMEMORY. */
SIP_MUST_USE int location_attend(
	struct sip_location *location, struct shard *shard, struct record *record);

/** 0; SIP_EMEMORY. */
SIP_MUST_USE int expiry_init(struct sip_location *location);

/** After the pool stopped. */
void expiry_fini(struct sip_location *location);

/** After each change of a shard; no lock is held. */
void expiry_notify(struct sip_location *location, const struct shard *shard);
