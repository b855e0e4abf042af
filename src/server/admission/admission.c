/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Admission: see admission.h; a lane itself is lane.c.
 *
 *     socket -> parse -> known Call-ID, To tag, ACK, CANCEL ----------> work
 *                     -> a place is free, nobody waits ---------------> work
 *                     -> lane, by class -- at the end of each round --> work
 *                     -> 503, or nothing
 *
 * Without overload a request takes and leaves a place: two additions.
 */
#include "server/admission/admission.h"

#include "server/admission/lane.h"
#include "server/admission/overload.h"
#include "server/admission/refuse.h"
#include "server/admission/refused.h"

#include <stdlib.h>
#include <string.h>

struct sip_admission {
	struct sip_server *server;
	unsigned lane_count;
	struct sip_lane *lanes;
	struct sip_refused refused;
	struct sip_overload *overload;
};

static struct sip_lane *lane_of(
	struct sip_admission *admission, const struct sip_rx_data *rdata)
{
	return &admission->lanes[rdata->lane];
}

void sip_admission_begin(struct sip_admission *admission, struct sip_rx_data *rdata)
{
	SIP_ASSERT(rdata->has_place && rdata->lane < admission->lane_count);
	sip_lane_free_place(&admission->lanes[rdata->lane]);
	rdata->has_place = false;
	rdata->placed = true;
}

void sip_admission_leave(struct sip_admission *admission, struct sip_rx_data *rdata)
{
	if (rdata->has_place)
		sip_admission_begin(admission, rdata);
}

/* 503, or nothing where it is `hopeless` or there is no time for answers; but who has
 * sent it by a connection does not send it again, and would wait for 32 seconds.  True:
 * it was answered.  The reference stays the caller's. */
static bool answer(struct sip_lane *lane, struct sip_rx_data *rdata,
	const struct sip_judging *j, bool hopeless)
{
	struct sip_counters *counters = lane->admission->server->counters;

	if (rdata->flow.kind == SIP_UDP && (hopeless || !sip_lane_may_answer(lane, j))) {
		sip_count(counters, SIP_COUNT_DROPPED_EMERGENCY + j->class);
		return false;
	}
	sip_count(counters, SIP_COUNT_REFUSED_EMERGENCY + j->class);
	sip_refuse(rdata);
	return true;
}

static void refuse(
	struct sip_lane *lane, struct sip_rx_data *rdata, const struct sip_judging *j)
{
	uint64_t waited_us = sip_waited_us(rdata, j->now_us);
	uint64_t max_us = sip_class_max_wait_us(j->settings, j->class);

	sip_overload_note(lane->admission->overload, j->class, waited_us);
	if (answer(lane, rdata, j, waited_us > 2 * max_us))
		sip_refused_note(&lane->admission->refused, rdata, j->now_us);
}

/*
 * Refuse one that has no turn; takes the reference.  A copy of a request that is being
 * served is given to its transaction: it must not be told that there is no room.
 */
static void turn_away(
	struct sip_lane *lane, struct sip_rx_data *rdata, const struct sip_judging *j)
{
	struct sip_calls *calls = lane->admission->server->calls;
	int result = sip_calls_push_live(
		calls, rdata->msg.call_id, rdata->call_hash, &rdata->task);

	/* It was answered, and what has the answer is found in a turn. */
	if (result == SIP_ESTATE)
		result = sip_calls_push_new(
			calls, rdata->msg.call_id, rdata->call_hash, &rdata->task);
	if (result == 0)
		return;
	refuse(lane, rdata, j);
	sip_rx_data_unref(&rdata);
}

static void arm(struct sip_lane *lane)
{
	if (sip_reactor_current() == lane->reactor)
		sip_reactor_flush_later(lane->reactor, &lane->flush);
	else
		sip_reactor_post(lane->reactor, &lane->wake);
}

static enum sip_task_result on_wake(struct sip_task *task)
{
	struct sip_lane *lane = SIP_CONTAINER(task, struct sip_lane, wake);

	sip_reactor_flush_later(lane->reactor, &lane->flush);
	return SIP_TASK_DONE;
}

/* Takes the reference. */
static void wait_or_refuse(
	struct sip_lane *lane, struct sip_rx_data *rdata, const struct sip_judging *j)
{
	struct sip_counters *counters = lane->admission->server->counters;
	bool arms;

	if (sip_lane_wait(lane, rdata, j, &arms)) {
		sip_count(counters, SIP_COUNT_ADMISSION_WAITED);
		if (arms)
			arm(lane);
		return;
	}
	/* No call knows it: that was seen just now. */
	refuse(lane, rdata, j);
	sip_rx_data_unref(&rdata);
}

bool sip_admission_holds(struct sip_admission *admission, struct sip_rx_data *rdata)
{
	struct sip_lane *lane = lane_of(admission, rdata);
	struct sip_snapshot *snapshot;
	struct sip_judging j;

	if (SIP_LIKELY(sip_lane_is_open(lane))) {
		sip_lane_take_place(lane, rdata);
		return false;
	}
	snapshot = sip_snapshot_take(admission->server);
	j = (struct sip_judging){
		.settings = snapshot->settings,
		.class = sip_admission_class_of(rdata, snapshot->settings),
		.now_us = sip_pool_now_us(admission->server->pool),
	};
	wait_or_refuse(lane, rdata, &j);
	sip_snapshot_unref(&snapshot);
	return true;
}

/* Until the end of the round; false: there are too many. */
static bool keep_cancel(struct sip_lane *lane, struct sip_rx_data *rdata)
{
	bool arms;
	bool kept = sip_lane_keep_cancel(lane, rdata, &arms);

	if (arms)
		arm(lane);
	return kept;
}

/* A CANCEL may have come to another reactor than its INVITE, or when another was to be
 * its home. */
static bool any_waits(const struct sip_admission *admission)
{
	for (unsigned i = 0; i < admission->lane_count; i++) {
		if (sip_lane_holds_any(&admission->lanes[i]))
			return true;
	}
	return false;
}

bool sip_admission_holds_cancel(
	struct sip_admission *admission, struct sip_rx_data *rdata)
{
	struct sip_lane *lane = lane_of(admission, rdata);

	if (SIP_LIKELY(!any_waits(admission)))
		return false;
	if (rdata->flow.kind != SIP_UDP && keep_cancel(lane, rdata))
		return true;
	sip_count(admission->server->counters,
		SIP_COUNT_DROPPED_EMERGENCY + SIP_CLASS_OTHER);
	sip_rx_data_unref(&rdata);
	return true;
}

static void push(struct sip_lane *lane, struct sip_rx_data *rdata)
{
	struct sip_server *server = lane->admission->server;

	sip_lane_take_place(lane, rdata);
	if (sip_calls_push(server->calls, rdata->msg.call_id, rdata->call_hash,
		    &rdata->task) == 0)
		return;
	sip_admission_leave(lane->admission, rdata);
	sip_count(server->counters, SIP_COUNT_RX_NO_MEMORY);
	sip_rx_data_unref(&rdata);
}

/* Nobody waits for longer. */
static uint64_t most_wait_us(const struct sip_settings *settings)
{
	uint64_t most_us = 0;

	for (size_t i = 0; i < SIP_CLASSES; i++) {
		uint64_t us = sip_class_max_wait_us(
			settings, (enum sip_admission_class)i);

		most_us = us > most_us ? us : most_us;
	}
	return most_us;
}

/* Those whose INVITE is served by now, and those whose INVITE was not there. */
static void let_cancels_go(struct sip_lane *lane, const struct sip_judging *j,
	struct sip_lane_queue *cancels)
{
	struct sip_server *server = lane->admission->server;

	while (cancels->count > 0) {
		struct sip_rx_data *rdata = sip_lane_queue_take(cancels);

		int result = sip_calls_push_live(server->calls, rdata->msg.call_id,
			rdata->call_hash, &rdata->task);

		if (result == 0)
			continue;
		if (result == SIP_ESTATE || !any_waits(lane->admission) ||
			sip_waited_us(rdata, j->now_us) > most_wait_us(j->settings) ||
			!keep_cancel(lane, rdata))
			push(lane, rdata);
	}
}

/* The server stops: what was not let in is not its business any more. */
static void drop_all(struct sip_lane *lane)
{
	struct sip_lane_leaving leaving = { 0 };

	sip_lane_clear(lane, &leaving);
	while (leaving.served.count > 0) {
		struct sip_rx_data *rdata = sip_lane_queue_take(&leaving.served);

		sip_rx_data_unref(&rdata);
	}
}

static void on_round_end(struct sip_flush *flush, struct sip_reactor *reactor)
{
	struct sip_lane *lane = SIP_CONTAINER(flush, struct sip_lane, flush);
	struct sip_server *server = lane->admission->server;
	struct sip_lane_leaving leaving = { 0 };
	struct sip_snapshot *snapshot;
	struct sip_judging j;

	/* Relaxed: seen in one of the next rounds. */
	if (atomic_load_explicit(&server->stopping, memory_order_relaxed)) {
		drop_all(lane);
		return;
	}
	snapshot = sip_snapshot_take(server);
	j = (struct sip_judging){ .settings = snapshot->settings,
		.now_us = sip_pool_now_us(server->pool) };
	if (sip_lane_let_go(lane, &j, &leaving))
		sip_reactor_flush_later(reactor, &lane->flush);
	while (leaving.served.count > 0)
		push(lane, sip_lane_queue_take(&leaving.served));
	for (size_t i = 0; i < SIP_CLASSES; i++) {
		j.class = (enum sip_admission_class)i;
		while (leaving.late[i].count > 0)
			turn_away(lane, sip_lane_queue_take(&leaving.late[i]), &j);
	}
	sip_lane_left(lane, leaving.count);
	let_cancels_go(lane, &j, &leaving.cancels);
	sip_snapshot_unref(&snapshot);
}

/* ---- in turn ---- */

/* For the server.  Behind a callback of its own call that blocks nobody waits for that.
 */
static uint64_t waited_for_turn_us(const struct sip_rx_data *rdata, uint64_t now_us)
{
	uint64_t waited_us = sip_waited_us(rdata, now_us);
	uint64_t blocked_until_us = sip_turn_blocked_until_us();

	return blocked_until_us + waited_us > now_us ? now_us - blocked_until_us
						     : waited_us;
}

/* It waited for longer than its class may; or no lane has seen it, for its Call-ID was
 * known or it has a To tag, and with the others it would have no turn in time. */
static bool is_late(struct sip_lane *lane, const struct sip_rx_data *rdata,
	const struct sip_judging *j)
{
	if (waited_for_turn_us(rdata, j->now_us) >
		sip_class_max_wait_us(j->settings, j->class))
		return true;
	return !rdata->placed && sip_lane_sheds(lane, j->now_us) &&
		!sip_lane_is_in_time(lane, rdata, j);
}

/* A copy of one that was refused: its sender has heard so, or will. */
static bool is_known_refused(const struct sip_admission *admission,
	const struct sip_rx_data *rdata, uint64_t now_us)
{
	return SIP_UNLIKELY(!sip_refused_none(&admission->refused, now_us)) &&
		sip_refused_knows(&admission->refused, rdata, now_us);
}

void sip_admission_note_refused(
	struct sip_admission *admission, const struct sip_rx_data *rdata)
{
	sip_refused_note(
		&admission->refused, rdata, sip_pool_now_us(admission->server->pool));
}

bool sip_admission_refused_before(
	struct sip_admission *admission, struct sip_rx_data *rdata, uint64_t now_us)
{
	if (SIP_LIKELY(!is_known_refused(admission, rdata, now_us)))
		return false;
	sip_refuse(rdata);
	return true;
}

bool sip_admission_refused(
	struct sip_admission *admission, struct sip_rx_data *rdata, uint64_t now_us)
{
	struct sip_judging j = {
		.settings = rdata->serving->snapshot->settings,
		.now_us = now_us,
	};
	bool again = is_known_refused(admission, rdata, now_us);
	struct sip_lane *lane;

	/* Nobody is late who would not be in any class. */
	if (SIP_LIKELY(!again && rdata->placed &&
		    sip_waited_us(rdata, now_us) <= j.settings->least_wait_us))
		return false;
	if (rdata->msg.method == SIP_ACK)
		return false;
	lane = lane_of(admission, rdata);
	j.class = sip_admission_class_of(rdata, j.settings);
	if (again)
		SIP_IGNORE(answer(lane, rdata, &j, false));
	else if (is_late(lane, rdata, &j))
		refuse(lane, rdata, &j);
	else
		return false;
	return true;
}

void sip_admission_give_up(struct sip_admission *admission, struct sip_rx_data *rdata)
{
	struct sip_judging j = {
		.settings = rdata->serving->snapshot->settings,
		.class = sip_admission_class_of(
			rdata, rdata->serving->snapshot->settings),
		.now_us = sip_pool_now_us(admission->server->pool),
	};

	/* It is no flood that took all threads: who has waited so long is told. */
	if (answer(lane_of(admission, rdata), rdata, &j, false))
		sip_refused_note(&admission->refused, rdata, j.now_us);
}

/* ---- life ---- */

int sip_admission_create(struct sip_server *server, struct sip_admission **out)
{
	unsigned count = sip_pool_reactor_count(server->pool);
	struct sip_admission *admission = calloc(1, sizeof(*admission));

	if (admission == NULL)
		return SIP_EMEMORY;
	admission->server = server;
	admission->lanes = aligned_alloc(SIP_CACHE_LINE, count * sizeof(struct sip_lane));
	if (admission->lanes == NULL ||
		sip_overload_create(server, &admission->overload) != 0 ||
		sip_refused_init(&admission->refused, count) != 0) {
		sip_admission_destroy(&admission);
		return SIP_EMEMORY;
	}
	admission->lane_count = count;
	for (unsigned i = 0; i < count; i++) {
		struct sip_lane *lane = &admission->lanes[i];

		sip_lane_init(lane);
		lane->admission = admission;
		lane->reactor = sip_pool_reactor(server->pool, i);
		lane->number = (uint16_t)i;
		lane->wake.run = on_wake;
		lane->flush.flush = on_round_end;
		sip_list_init(&lane->flush.link);
	}
	*out = admission;
	return 0;
}

void sip_admission_destroy(struct sip_admission **place)
{
	struct sip_admission *admission = *place;

	*place = NULL;
	if (admission == NULL)
		return;
	for (unsigned i = 0; i < admission->lane_count; i++)
		sip_lane_fini(&admission->lanes[i]);
	sip_refused_fini(&admission->refused);
	sip_overload_destroy(&admission->overload);
	free(admission->lanes);
	free(admission);
}

void sip_admission_look(
	struct sip_admission *admission, struct sip_admission_figures *figures)
{
	uint64_t now_us = sip_pool_now_us(admission->server->pool);

	*figures = (struct sip_admission_figures){ 0 };
	for (unsigned i = 0; i < admission->lane_count; i++) {
		struct sip_lane *lane = &admission->lanes[i];
		uint32_t pace_ns = atomic_load_explicit(
			&lane->pace_ns, memory_order_relaxed);

		sip_leaf_lock(&lane->lock);
		for (size_t k = 0; k < SIP_CLASSES; k++)
			figures->waiting[k] += lane->queues[k].count;
		sip_leaf_unlock(&lane->lock);
		figures->in_works += (uint32_t)sip_lane_in_works(lane);
		figures->shedding += sip_lane_sheds(lane, now_us);
		if (pace_ns > figures->pace_ns)
			figures->pace_ns = pace_ns;
	}
}
