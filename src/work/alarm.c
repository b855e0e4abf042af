/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A work's alarm: see alarm.h.
 *
 *                 wish (in turn)             due (reactor's owner)
 *      SIP_NEVER ----------------> a time -------------------------> PUSHED
 *          ^                         |                                  |
 *          +------ silence ----------+         look (in turn) ----------+--> SIP_NEVER
 *
 * While it is PUSHED the work has a task, so it can't go away.  The state of the
 * message says whether one is on its way to the reactor, and whether the alarm
 * is to be freed when it gets there.
 */
#include "work/alarm.h"

#include "work/pool_state.h"
#include "work/timer_turn.h"

#define PUSHED 0u

#define MESSAGE_SENT 1u
#define RETIRED      2u

static bool owns_wheel(const struct sip_alarm *alarm)
{
	return sip_thread.reactor == alarm->reactor;
}

/* By the reactor's owner. */
static void place(struct sip_alarm *alarm)
{
	uint64_t wish = sip_atomic_load(&alarm->wish);

	if (wish != PUSHED && wish < alarm->place.at_us)
		sip_wheel_put(&alarm->reactor->wheel, &alarm->place, wish);
}

static void forget(struct sip_alarm *alarm)
{
	sip_wheel_remove(&alarm->reactor->wheel, &alarm->place);
	sip_slab_free(alarm->reactor->pool->alarms, alarm);
}

static enum sip_task_result message_arrived(struct sip_task *task)
{
	struct sip_alarm *alarm = SIP_CONTAINER(task, struct sip_alarm, message);

	if (sip_atomic_exchange(&alarm->message_state, 0) & RETIRED)
		forget(alarm);
	else
		place(alarm);
	return SIP_TASK_DONE;
}

static enum sip_task_result look(struct sip_task *task)
{
	struct sip_alarm *alarm = SIP_CONTAINER(task, struct sip_alarm, look);

	sip_atomic_store_release(
		&alarm->wish, SIP_NEVER); /* with the loads in place() and fire() */
	sip_timers_look(alarm->work);
	return SIP_TASK_DONE;
}

static struct sip_alarm *create_alarm(struct ast_sip_work *work)
{
	struct sip_alarm *alarm = sip_slab_alloc(work->pool->alarms);

	if (alarm == NULL)
		return NULL;
	*alarm = (struct sip_alarm){
		.place = { .at_us = SIP_NEVER },
		.work = work,
		.reactor = sip_thread.reactor != NULL ? sip_thread.reactor
						      : &work->pool->reactors[work->home],
		.look = { .run = look },
		.message = { .run = message_arrived },
	};
	sip_list_init(&alarm->place.link);
	sip_atomic_store_relaxed(&alarm->wish, SIP_NEVER); /* nobody else knows it yet */
	return alarm;
}

static void tell_reactor(struct sip_alarm *alarm)
{
	if (owns_wheel(alarm))
		place(alarm);
	else if ((sip_atomic_fetch_or(&alarm->message_state, MESSAGE_SENT) &
			 MESSAGE_SENT) == 0)
		sip_reactor_post(alarm->reactor, &alarm->message);
}

bool sip_alarm_wish(struct ast_sip_work *work, uint64_t due_us)
{
	if (work->alarm == NULL)
		work->alarm = create_alarm(work);
	if (work->alarm == NULL)
		return false;
	uint64_t wish = sip_atomic_load(&work->alarm->wish);
	/* When the look is pushed already, it wishes anew. */
	while (wish != PUSHED && due_us < wish) {
		if (sip_atomic_cas(&work->alarm->wish, &wish, due_us)) {
			tell_reactor(work->alarm);
			break;
		}
	}
	return true;
}

bool sip_alarm_silence(struct ast_sip_work *work)
{
	if (work->alarm == NULL)
		return true;
	uint64_t wish = sip_atomic_load(&work->alarm->wish);
	while (wish != PUSHED && wish != SIP_NEVER) {
		if (sip_atomic_cas(&work->alarm->wish, &wish, SIP_NEVER))
			return true;
	}
	return wish == SIP_NEVER;
}

void sip_alarm_retire(struct ast_sip_work *work)
{
	struct sip_alarm *alarm = work->alarm;

	if (alarm == NULL)
		return;
	SIP_ASSERT(sip_atomic_load(&alarm->wish) == SIP_NEVER);
	work->alarm = NULL;
	if (sip_atomic_fetch_or(&alarm->message_state, MESSAGE_SENT | RETIRED) &
		MESSAGE_SENT)
		return; /* the message on its way sees it */
	if (owns_wheel(alarm))
		forget(alarm);
	else
		sip_reactor_post(alarm->reactor, &alarm->message);
}

/* True: the look was pushed.  The alarm is the work's from then on. */
static bool fire(struct sip_alarm *alarm, uint64_t now_us)
{
	uint64_t wish = sip_atomic_load(&alarm->wish);

	while (wish <= now_us && wish != PUSHED) {
		if (sip_atomic_cas(&alarm->wish, &wish, PUSHED)) {
			alarm->look.pushed_us = wish;
			sip_work_push(alarm->work, &alarm->look);
			return true;
		}
	}
	place(alarm);
	return false;
}

bool sip_alarms_fire(struct sip_reactor *reactor, uint64_t now_us)
{
	struct sip_place *due;
	bool fired = false;

	if (sip_pool_phase(reactor->pool) != SIP_POOL_RUNNING)
		return false;
	while ((due = sip_wheel_take_due(&reactor->wheel, now_us)) != NULL)
		fired |= fire(SIP_CONTAINER(due, struct sip_alarm, place), now_us);
	return fired;
}

static void see_timer(void *arg, const struct sip_place *place)
{
	const struct sip_alarm *alarm = SIP_CONTAINER(place, struct sip_alarm, place);
	uint64_t *next_us = arg;

	if (sip_atomic_load(&alarm->wish) != SIP_NEVER && alarm->work->timers != NULL &&
		alarm->work->timers->due_us < *next_us)
		*next_us = alarm->work->timers->due_us;
}

uint64_t sip_alarms_next_timer_us(const struct sip_reactor *reactor)
{
	uint64_t next_us = SIP_NEVER;

	sip_wheel_visit(&reactor->wheel, see_timer, &next_us);
	return next_us;
}
