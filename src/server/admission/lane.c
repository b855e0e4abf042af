/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A lane: see lane.h.
 *
 * The counts are relaxed: they order nothing, and one more or less does not matter.
 */
#include "server/admission/lane.h"

#include <stdatomic.h>
#include <string.h>

/* New requests in the works of one reactor: about so much time, which is enough for some
 * rounds without running dry. */
#define PLACES_US    1000u
#define PLACES_LEAST 16u
#define PLACES_MOST  128u

/* CANCELs that are kept: each is looked at in each round. */
#define CANCELS_MOST 256u

/* With so few in the lane the pace may be an old one, and all are let wait. */
#define FEW 8u

/* A standing queue is allowed this part of the limit. */
#define STANDING 8u

/* At most so many too late ones are looked at in one round. */
#define LATE_AT_ONCE 256u

/* A second without a refusal, and the queue may stand again. */
#define CALM_US UINT64_C(1000000)

/* The pace is taken of at least that much time. */
#define PACE_US 2000u

void sip_lane_init(struct sip_lane *lane)
{
	memset(lane, 0, sizeof(*lane));
	atomic_init(&lane->places, PLACES_MOST);
	sip_leaf_lock_init(&lane->lock);
}

void sip_lane_fini(struct sip_lane *lane)
{
	SIP_ASSERT(atomic_load(&lane->count) == 0);
	sip_leaf_lock_fini(&lane->lock);
}

/* ---- places ---- */

uint64_t sip_lane_in_works(const struct sip_lane *lane)
{
	uint64_t begun = atomic_load_explicit(&lane->begun, memory_order_relaxed);
	uint64_t pushed = atomic_load_explicit(&lane->pushed, memory_order_relaxed);

	return pushed > begun ? pushed - begun : 0;
}

bool sip_lane_holds_any(const struct sip_lane *lane)
{
	/* acquire: see sip_lane_left() */
	return atomic_load_explicit(&lane->count, memory_order_acquire) != 0;
}

bool sip_lane_is_open(const struct sip_lane *lane)
{
	return !sip_lane_holds_any(lane) &&
		sip_lane_in_works(lane) <
		atomic_load_explicit(&lane->places, memory_order_relaxed);
}

void sip_lane_take_place(struct sip_lane *lane, struct sip_rx_data *rdata)
{
	atomic_fetch_add_explicit(&lane->pushed, 1, memory_order_relaxed);
	rdata->lane = (uint16_t)lane->number;
	rdata->has_place = true;
}

void sip_lane_free_place(struct sip_lane *lane)
{
	atomic_fetch_add_explicit(&lane->begun, 1, memory_order_relaxed);
}

static void note_pace(struct sip_lane *lane, uint64_t now_us)
{
	uint64_t begun = atomic_load_explicit(&lane->begun, memory_order_relaxed);
	uint64_t pace_ns = atomic_load_explicit(&lane->pace_ns, memory_order_relaxed);
	uint64_t one_ns;
	uint64_t places;

	if (lane->looked_us != 0) {
		lane->busy_us += now_us - lane->looked_us;
		lane->busy_begun += begun - lane->looked_begun;
	}
	lane->looked_us = now_us;
	lane->looked_begun = begun;
	if (lane->busy_us < PACE_US)
		return;
	one_ns = lane->busy_us * 1000 / (lane->busy_begun > 0 ? lane->busy_begun : 1);
	if (one_ns > UINT32_MAX)
		one_ns = UINT32_MAX;
	pace_ns = pace_ns == 0 ? one_ns : (3 * pace_ns + one_ns) / 4;
	atomic_store_explicit(&lane->pace_ns, (uint32_t)pace_ns, memory_order_relaxed);
	places = PLACES_US * 1000 / (pace_ns + 1);
	if (places < PLACES_LEAST)
		places = PLACES_LEAST;
	if (places > PLACES_MOST)
		places = PLACES_MOST;
	atomic_store_explicit(&lane->places, (uint32_t)places, memory_order_relaxed);
	lane->busy_us = lane->busy_begun = 0;
}

/* ---- waiting ---- */

uint64_t sip_waited_us(const struct sip_rx_data *rdata, uint64_t now_us)
{
	return now_us > rdata->arrival_us ? now_us - rdata->arrival_us : 0;
}

static void append(struct sip_lane_queue *queue, struct sip_task *task)
{
	task->next = NULL;
	if (queue->first == NULL)
		queue->first = task;
	else
		queue->last->next = task;
	queue->last = task;
	queue->count++;
}

static struct sip_task *take_first(struct sip_lane_queue *queue)
{
	struct sip_task *task = queue->first;

	queue->first = task->next;
	task->next = NULL;
	queue->count--;
	return task;
}

struct sip_rx_data *sip_lane_queue_take(struct sip_lane_queue *queue)
{
	return SIP_CONTAINER(take_first(queue), struct sip_rx_data, task);
}

bool sip_lane_sheds(const struct sip_lane *lane, uint64_t now_us)
{
	uint64_t refused_us = atomic_load_explicit(
		&lane->refused_us, memory_order_relaxed);

	return refused_us != 0 && now_us < refused_us + CALM_US;
}

static void note_refusal(struct sip_lane *lane, uint64_t now_us)
{
	atomic_store_explicit(&lane->refused_us, now_us, memory_order_relaxed);
}

/* How many go first.  Locked. */
static uint64_t ahead_of(const struct sip_lane *lane, enum sip_admission_class class)
{
	uint64_t ahead = sip_lane_in_works(lane);

	for (size_t i = 0; i <= class; i++)
		ahead += lane->queues[i].count;
	return ahead;
}

/*
 * Would it have its turn in time?  Of a queue that must not stand only the part is judged
 * that is in the lane: what waited in the socket may have waited for a server that had no
 * processor.  Locked.
 */
static bool is_in_time(const struct sip_lane *lane, const struct sip_rx_data *rdata,
	const struct sip_judging *j)
{
	uint64_t pace_ns = atomic_load_explicit(&lane->pace_ns, memory_order_relaxed);
	uint64_t limit_us = sip_class_max_wait_us(j->settings, j->class);
	uint64_t queue_us = 0;

	if (lane->queues[j->class].count >= FEW)
		queue_us = ahead_of(lane, j->class) * pace_ns / 1000;
	if (sip_lane_sheds(lane, j->now_us) && queue_us > limit_us / STANDING)
		return false;
	return sip_waited_us(rdata, j->now_us) + queue_us <= limit_us;
}

bool sip_lane_is_in_time(struct sip_lane *lane, const struct sip_rx_data *rdata,
	const struct sip_judging *judging)
{
	bool in_time;

	sip_leaf_lock(&lane->lock);
	in_time = is_in_time(lane, rdata, judging);
	sip_leaf_unlock(&lane->lock);
	return in_time;
}

bool sip_lane_wait(struct sip_lane *lane, struct sip_rx_data *rdata,
	const struct sip_judging *j, bool *arms)
{
	bool waits;

	*arms = false;
	sip_leaf_lock(&lane->lock);
	waits = is_in_time(lane, rdata, j);
	if (waits) {
		append(&lane->queues[j->class], &rdata->task);
		atomic_fetch_add_explicit(&lane->count, 1, memory_order_relaxed);
		*arms = !lane->armed;
		lane->armed = true;
	} else {
		note_refusal(lane, j->now_us);
	}
	sip_leaf_unlock(&lane->lock);
	return waits;
}

/* The answers' share of the time: so many a second, saved up for a tenth of one.  Locked.
 */
static bool may_answer(struct sip_lane *lane, const struct sip_judging *j)
{
	uint64_t per_second = j->settings->system.max_refusals;
	uint64_t most = per_second * 100;
	uint64_t since_us = j->now_us - lane->answers_at_us;

	if (since_us > 100000)
		since_us = 100000;
	if (j->now_us > lane->answers_at_us) {
		lane->answers += since_us * per_second / 1000;
		lane->answers_at_us = j->now_us;
	}
	if (lane->answers > most)
		lane->answers = most;
	if (lane->answers < 1000)
		return false;
	lane->answers -= 1000;
	return true;
}

bool sip_lane_may_answer(struct sip_lane *lane, const struct sip_judging *judging)
{
	bool may;

	sip_leaf_lock(&lane->lock);
	may = may_answer(lane, judging);
	sip_leaf_unlock(&lane->lock);
	return may;
}

/* ---- the end of a round ---- */

/*
 * The class whose turn it is.  Emergency calls and OPTIONS go first in one turn of four
 * each, and behind the others in the rest, so that a flood of either is not a flood of
 * all.  Somebody waits.  Locked.
 */
static enum sip_admission_class next_class(struct sip_lane *lane)
{
	static const enum sip_admission_class others[] = { SIP_CLASS_KNOWN,
		SIP_CLASS_INVITE, SIP_CLASS_REGISTER, SIP_CLASS_OTHER,
		SIP_CLASS_EMERGENCY, SIP_CLASS_OPTIONS };
	unsigned turn = lane->turn++ % 4;

	if (turn == 0 && lane->queues[SIP_CLASS_EMERGENCY].count > 0)
		return SIP_CLASS_EMERGENCY;
	if (turn == 2 && lane->queues[SIP_CLASS_OPTIONS].count > 0)
		return SIP_CLASS_OPTIONS;
	for (size_t i = 0; i < SIP_CLASSES; i++) {
		if (lane->queues[others[i]].count > 0)
			return others[i];
	}
	return SIP_CLASS_OTHER;
}

static const struct sip_rx_data *first_of(const struct sip_lane_queue *queue)
{
	return SIP_CONTAINER(queue->first, struct sip_rx_data, task);
}

/* Those whose time is over stand at the head of their class.  Locked. */
static uint32_t take_late(struct sip_lane *lane, const struct sip_judging *j,
	struct sip_lane_leaving *leaving)
{
	uint32_t taken = 0;

	for (size_t i = 0; i < SIP_CLASSES; i++) {
		struct sip_lane_queue *queue = &lane->queues[i];

		uint64_t limit_us = sip_class_max_wait_us(
			j->settings, (enum sip_admission_class)i);

		while (queue->count > 0 && taken < LATE_AT_ONCE &&
			sip_waited_us(first_of(queue), j->now_us) > limit_us) {
			append(&leaving->late[i], take_first(queue));
			taken++;
		}
	}
	return taken;
}

bool sip_lane_let_go(struct sip_lane *lane, const struct sip_judging *judging,
	struct sip_lane_leaving *leaving)
{
	uint64_t used = sip_lane_in_works(lane);
	uint32_t taken;
	uint32_t places;
	uint32_t left;

	note_pace(lane, judging->now_us);
	places = atomic_load_explicit(&lane->places, memory_order_relaxed);
	sip_leaf_lock(&lane->lock);
	taken = take_late(lane, judging, leaving);
	if (taken > 0)
		note_refusal(lane, judging->now_us);
	left = atomic_load_explicit(&lane->count, memory_order_relaxed) - taken;
	for (; left > 0 && used < places; used++, left--)
		append(&leaving->served, take_first(&lane->queues[next_class(lane)]));
	leaving->count = leaving->served.count + taken;
	leaving->cancels = lane->cancels;
	lane->cancels = (struct sip_lane_queue){ 0 };
	lane->armed = left > 0;
	sip_leaf_unlock(&lane->lock);
	if (left == 0)
		lane->looked_us = 0;
	return left > 0;
}

void sip_lane_left(struct sip_lane *lane, uint32_t count)
{
	/* release: whoever sees that nobody waits any more finds their works (a CANCEL
	 * its INVITE) */
	atomic_fetch_sub_explicit(&lane->count, count, memory_order_release);
}

bool sip_lane_keep_cancel(struct sip_lane *lane, struct sip_rx_data *rdata, bool *arms)
{
	bool kept;

	*arms = false;
	sip_leaf_lock(&lane->lock);
	kept = lane->cancels.count < CANCELS_MOST;
	if (kept) {
		append(&lane->cancels, &rdata->task);
		*arms = !lane->armed;
		lane->armed = true;
	}
	sip_leaf_unlock(&lane->lock);
	return kept;
}

void sip_lane_clear(struct sip_lane *lane, struct sip_lane_leaving *leaving)
{
	sip_leaf_lock(&lane->lock);
	for (size_t i = 0; i < SIP_CLASSES; i++) {
		while (lane->queues[i].count > 0)
			append(&leaving->served, take_first(&lane->queues[i]));
	}
	while (lane->cancels.count > 0)
		append(&leaving->served, take_first(&lane->cancels));
	atomic_store_explicit(&lane->count, 0, memory_order_relaxed);
	lane->armed = false;
	sip_leaf_unlock(&lane->lock);
}
