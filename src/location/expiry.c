/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Expiry, and asking contacts whether they are there: each group of shards has one work
 * and one timer, which is set to the first due time among its shards.
 *
 * Mostly a change only moves a due time away, and the timer finds nothing when
 * it fires.  A change that brings an earlier time than the timer's pushes a task
 * that looks at all shards of the group again.  Nothing depends on the timer
 * being in time: a contact that is due is never found.
 */
#include "location/store.h"

#include "res_sip/error.h"

/* At least this long between two looks, so that expiries are taken in batches. */
#define LOOK_US UINT64_C(100000)

/* After memory ran out. */
#define RETRY_US UINT64_C(1000000)

static size_t number_of(const struct expiry_group *group)
{
	return (size_t)(group - group->location->group);
}

/* The partner is expiry_notify(): it writes a shard's due time, then reads armed_us. Here
 * armed_us is written first, and the due times are read after it; both in the one order
 * of sequential consistency.  So either the due time is seen here, or the other side sees
 * SIP_NEVER, or what was found without it, and pushes the task. */
static void set_timer(struct expiry_group *group, uint64_t earliest_us)
{
	struct sip_location *location = group->location;
	uint64_t now_us = sip_clock_now_us(location->config.clock);
	uint64_t due_us = SIP_NEVER;

	atomic_store(&group->armed_us, SIP_NEVER);
	for (size_t i = number_of(group); i < LOCATION_SHARDS; i += LOCATION_GROUPS) {
		uint64_t shard_us = atomic_load(&location->shard[i].due_us);
		if (shard_us < due_us)
			due_us = shard_us;
	}
	if (due_us == SIP_NEVER) {
		sip_timer_stop(&group->timer);
		return;
	}
	if (due_us < earliest_us)
		due_us = earliest_us;
	sip_timer_start(&group->timer, due_us <= now_us ? 0 : due_us - now_us);
	atomic_store(&group->armed_us, due_us);
}

static enum sip_task_result on_arm(struct sip_task *task)
{
	struct expiry_group *group = SIP_CONTAINER(task, struct expiry_group, arm);

	/* From here on it may be pushed again: it is in no queue while it runs. */
	atomic_store(&group->arming, false);
	set_timer(group, 0);
	return SIP_TASK_DONE;
}

static int attend_shard(
	struct sip_location *location, struct shard *shard, uint64_t now_us)
{
	struct record *record;
	int err = 0;

	while (err == 0 && (record = shard_due(shard, now_us)) != NULL)
		err = location_attend(location, shard, record);
	return err;
}

static void on_timer(struct sip_timer *timer)
{
	struct expiry_group *group = SIP_CONTAINER(timer, struct expiry_group, timer);
	struct sip_location *location = group->location;
	uint64_t now_us = sip_clock_now_us(location->config.clock);
	uint64_t pause_us = LOOK_US;

	for (size_t i = number_of(group); i < LOCATION_SHARDS; i += LOCATION_GROUPS)
		if (attend_shard(location, &location->shard[i], now_us) != 0)
			pause_us = RETRY_US;
	set_timer(group, now_us + pause_us);
}

void expiry_notify(struct sip_location *location, const struct shard *shard)
{
	size_t number = (size_t)(shard - location->shard);
	struct expiry_group *group = &location->group[number % LOCATION_GROUPS];

	if (atomic_load(&shard->due_us) >= atomic_load(&group->armed_us))
		return;
	if (!atomic_exchange(&group->arming, true))
		sip_work_push(group->work, &group->arm);
}

int expiry_init(struct sip_location *location)
{
	for (unsigned i = 0; i < LOCATION_GROUPS; i++)
		location->group[i].work = NULL;
	for (unsigned i = 0; i < LOCATION_GROUPS; i++) {
		struct expiry_group *group = &location->group[i];

		group->location = location;
		sip_timer_init(&group->timer, on_timer);
		group->arm = (struct sip_task){ .run = on_arm };
		atomic_init(&group->arming, false);
		atomic_init(&group->armed_us, SIP_NEVER);
		group->work = sip_pool_create_work(location->config.pool);
		if (group->work == NULL) {
			expiry_fini(location);
			return SIP_EMEMORY;
		}
	}
	return 0;
}

void expiry_fini(struct sip_location *location)
{
	for (unsigned i = 0; i < LOCATION_GROUPS; i++) {
		struct ast_sip_work *work = location->group[i].work;

		location->group[i].work = NULL;
		if (work != NULL)
			ast_sip_destroy_work(work); /* stops the timer */
	}
}
