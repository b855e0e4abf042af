/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lanes: see admission.h.
 *
 *     socket -> parse -> known Call-ID, To tag, ACK, CANCEL ----------> work
 *                     -> a place is free, nobody waits ---------------> work
 *                     -> lane, by class -- at the end of each round --> work
 *                     -> 503, or nothing
 *
 * Without overload a request takes and leaves a place: two additions.
 */
#include "server/admission.h"

#include "server/refuse.h"

#include "base/lock.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* New requests in the works of one reactor: about so much time, which is enough for some
 * rounds without running dry. */
#define PLACES_US    1000u
#define PLACES_LEAST 16u
#define PLACES_MOST  128u

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

struct waiting { /* requests linked by their tasks */
	struct sip_task *first;
	struct sip_task *last;
	uint32_t count;
};

struct lane {
	SIP_CACHE_ALIGNED _Atomic uint64_t pushed; /* into works, in all */
	SIP_CACHE_ALIGNED _Atomic uint64_t begun;  /* of these */
	SIP_CACHE_ALIGNED _Atomic uint32_t count;  /* in the queues below */
	_Atomic uint64_t refused_us; /* when somebody was last, for want of time */
	_Atomic uint32_t pace_ns;    /* between two that begin; 0: not known */
	_Atomic uint32_t places;     /* by the pace */
	struct sip_admission *admission;
	struct sip_reactor *reactor;
	uint16_t number;
	struct sip_task wake;   /* arms the flush on the reactor */
	struct sip_flush flush; /* the reactor's */

	/* The reactor's: measuring the pace. */
	uint64_t looked_us; /* 0: the lane was empty since */
	uint64_t looked_begun;
	uint64_t busy_us;
	uint64_t busy_begun;

	struct sip_leaf_lock lock; /* guards all below, and writing `count` */
	struct waiting queues[SIP_CLASSES];
	bool armed;       /* the flush, or the task that arms it, is on its way */
	unsigned turn;    /* of the order of classes */
	uint64_t answers; /* in thousandths, that may be given now */
	uint64_t answers_at_us;
};

struct sip_admission {
	struct sip_server *server;
	unsigned lane_count;
	struct lane *lanes;
};

/* What a request's fate depends on. */
struct judging {
	const struct sip_settings *settings;
	enum sip_admission_class class;
	uint64_t now_us;
};

static struct sip_rx_data *rdata_of(struct sip_task *task)
{
	return SIP_CONTAINER(task, struct sip_rx_data, task);
}

static struct lane *lane_of(struct sip_admission *admission, uint64_t call_hash)
{
	return &admission->lanes[sip_calls_home(admission->server->calls, call_hash)];
}

static uint64_t waited_us(const struct sip_rx_data *rdata, uint64_t now_us)
{
	return now_us > rdata->arrival_us ? now_us - rdata->arrival_us : 0;
}

/* New requests in works that have not begun.  Relaxed, as all of these counts: they order
 * nothing, and one more or less does not matter. */
static uint64_t in_works(const struct lane *lane)
{
	uint64_t begun = atomic_load_explicit(&lane->begun, memory_order_relaxed);
	uint64_t pushed = atomic_load_explicit(&lane->pushed, memory_order_relaxed);

	return pushed > begun ? pushed - begun : 0;
}

static bool has_place(const struct lane *lane)
{
	return in_works(lane) < atomic_load_explicit(&lane->places, memory_order_relaxed);
}

static void take_place(struct lane *lane, struct sip_rx_data *rdata)
{
	atomic_fetch_add_explicit(&lane->pushed, 1, memory_order_relaxed);
	rdata->lane = (uint16_t)(lane->number + 1);
}

void sip_admission_begin(struct sip_admission *admission, struct sip_rx_data *rdata)
{
	struct lane *lane = &admission->lanes[rdata->lane - 1];

	SIP_ASSERT(rdata->lane > 0 && rdata->lane <= admission->lane_count);
	rdata->lane = 0;
	rdata->placed = true;
	atomic_fetch_add_explicit(&lane->begun, 1, memory_order_relaxed);
}

void sip_admission_leave(struct sip_admission *admission, struct sip_rx_data *rdata)
{
	if (rdata->lane != 0)
		sip_admission_begin(admission, rdata);
}

/* ---- refusing ---- */

/* The answers' share of the time: so many a second, saved up for a tenth of one.  Locked.
 */
static bool may_answer(struct lane *lane, const struct judging *j)
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

/* Answer or drop; the reference stays the caller's. */
static void refuse(struct lane *lane, struct sip_rx_data *rdata, const struct judging *j)
{
	struct sip_counters *counters = lane->admission->server->counters;
	bool answers = waited_us(rdata, j->now_us) <=
		2 * sip_class_max_wait_us(j->settings, j->class);

	if (answers) {
		sip_leaf_lock(&lane->lock);
		answers = may_answer(lane, j);
		sip_leaf_unlock(&lane->lock);
	}
	if (!answers) {
		sip_count(counters, SIP_COUNT_DROPPED_EMERGENCY + j->class);
		return;
	}
	sip_count(counters, SIP_COUNT_REFUSED_EMERGENCY + j->class);
	sip_refuse(rdata);
}

/*
 * Refuse one that has no turn; takes the reference.  A copy of a request that is being
 * served is given to its transaction: it must not be told that there is no room.
 */
static void turn_away(
	struct lane *lane, struct sip_rx_data *rdata, const struct judging *j)
{
	struct sip_calls *calls = lane->admission->server->calls;

	rdata->overdue = true;
	if (sip_calls_push_live(
		    calls, rdata->msg.call_id, rdata->call_hash, &rdata->task) == 0)
		return;
	refuse(lane, rdata, j);
	sip_rx_data_unref(&rdata);
}

/* ---- waiting ---- */

static void append(struct waiting *queue, struct sip_task *task)
{
	task->next = NULL;
	if (queue->first == NULL)
		queue->first = task;
	else
		queue->last->next = task;
	queue->last = task;
	queue->count++;
}

static struct sip_task *take_first(struct waiting *queue)
{
	struct sip_task *task = queue->first;

	queue->first = task->next;
	task->next = NULL;
	queue->count--;
	return task;
}

static bool is_shedding(const struct lane *lane, uint64_t now_us)
{
	uint64_t refused_us = atomic_load_explicit(
		&lane->refused_us, memory_order_relaxed);

	return refused_us != 0 && now_us < refused_us + CALM_US;
}

static void note_refusal(struct lane *lane, uint64_t now_us)
{
	atomic_store_explicit(&lane->refused_us, now_us, memory_order_relaxed);
}

/* How many go first.  Locked. */
static uint64_t ahead_of(const struct lane *lane, enum sip_admission_class class)
{
	uint64_t ahead = in_works(lane);

	for (size_t i = 0; i <= class; i++)
		ahead += lane->queues[i].count;
	return ahead;
}

/*
 * Would it have its turn in time?  Of a queue that must not stand only the part is judged
 * that is in the lane: what waited in the socket may have waited for a server that had no
 * processor.  Locked.
 */
static bool is_in_time(
	const struct lane *lane, const struct sip_rx_data *rdata, const struct judging *j)
{
	uint64_t pace_ns = atomic_load_explicit(&lane->pace_ns, memory_order_relaxed);
	uint64_t limit_us = sip_class_max_wait_us(j->settings, j->class);
	uint64_t queue_us = 0;

	if (lane->queues[j->class].count >= FEW)
		queue_us = ahead_of(lane, j->class) * pace_ns / 1000;
	if (is_shedding(lane, j->now_us) && queue_us > limit_us / STANDING)
		return false;
	return waited_us(rdata, j->now_us) + queue_us <= limit_us;
}

static void arm(struct lane *lane)
{
	if (sip_reactor_current() == lane->reactor)
		sip_reactor_flush_later(lane->reactor, &lane->flush);
	else
		sip_reactor_post(lane->reactor, &lane->wake);
}

static enum sip_task_result on_wake(struct sip_task *task)
{
	struct lane *lane = SIP_CONTAINER(task, struct lane, wake);

	sip_reactor_flush_later(lane->reactor, &lane->flush);
	return SIP_TASK_DONE;
}

/* Takes the reference. */
static void wait_or_refuse(
	struct lane *lane, struct sip_rx_data *rdata, const struct judging *j)
{
	bool arms = false;
	bool waits;

	sip_leaf_lock(&lane->lock);
	waits = is_in_time(lane, rdata, j);
	if (waits) {
		append(&lane->queues[j->class], &rdata->task);
		atomic_fetch_add_explicit(&lane->count, 1, memory_order_relaxed);
		arms = !lane->armed;
		lane->armed = true;
	} else {
		note_refusal(lane, j->now_us);
	}
	sip_leaf_unlock(&lane->lock);
	if (!waits) {
		/* No call knows it: that was seen just now. */
		refuse(lane, rdata, j);
		sip_rx_data_unref(&rdata);
		return;
	}
	sip_count(lane->admission->server->counters, SIP_COUNT_ADMISSION_WAITED);
	if (arms)
		arm(lane);
}

bool sip_admission_holds(struct sip_admission *admission, struct sip_rx_data *rdata)
{
	struct lane *lane = lane_of(admission, rdata->call_hash);
	struct sip_snapshot *snapshot;
	struct judging j;

	if (SIP_LIKELY(atomic_load_explicit(&lane->count, memory_order_relaxed) == 0 &&
		    has_place(lane))) {
		take_place(lane, rdata);
		return false;
	}
	snapshot = sip_snapshot_take(admission->server);
	j = (struct judging){
		.settings = snapshot->settings,
		.class = sip_admission_class_of(rdata, snapshot->settings),
		.now_us = sip_pool_now_us(admission->server->pool),
	};
	wait_or_refuse(lane, rdata, &j);
	sip_snapshot_unref(&snapshot);
	return true;
}

/* ---- the end of a round ---- */

/* What left the lane in one round. */
struct leaving {
	struct waiting served;
	struct waiting late[SIP_CLASSES];
};

static void note_pace(struct lane *lane, uint64_t now_us)
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

/*
 * The class whose turn it is.  Emergency calls and OPTIONS go first in one turn of four
 * each, and behind the others in the rest, so that a flood of either is not a flood of
 * all.  Somebody waits.  Locked.
 */
static enum sip_admission_class next_class(struct lane *lane)
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

/* Those whose time is over stand at the head of their class.  Locked. */
static uint32_t take_late(struct lane *lane, struct judging *j, struct leaving *leaving)
{
	uint32_t taken = 0;

	for (size_t i = 0; i < SIP_CLASSES; i++) {
		struct waiting *queue = &lane->queues[i];

		j->class = (enum sip_admission_class)i;
		while (queue->count > 0 && taken < LATE_AT_ONCE &&
			waited_us(rdata_of(queue->first), j->now_us) >
				sip_class_max_wait_us(j->settings, j->class)) {
			append(&leaving->late[i], take_first(queue));
			taken++;
		}
	}
	return taken;
}

/* True: somebody still waits. */
static bool let_go(struct lane *lane, struct judging *j, struct leaving *leaving)
{
	uint64_t used = in_works(lane);
	uint32_t places = atomic_load_explicit(&lane->places, memory_order_relaxed);
	uint32_t taken;
	uint32_t left;

	sip_leaf_lock(&lane->lock);
	taken = take_late(lane, j, leaving);
	if (taken > 0)
		note_refusal(lane, j->now_us);
	left = atomic_load_explicit(&lane->count, memory_order_relaxed) - taken;
	for (; left > 0 && used < places; used++, left--)
		append(&leaving->served, take_first(&lane->queues[next_class(lane)]));
	atomic_store_explicit(&lane->count, left, memory_order_relaxed);
	lane->armed = left > 0;
	sip_leaf_unlock(&lane->lock);
	return left > 0;
}

static void push(struct lane *lane, struct sip_rx_data *rdata)
{
	struct sip_server *server = lane->admission->server;

	take_place(lane, rdata);
	if (sip_calls_push(server->calls, rdata->msg.call_id, rdata->call_hash,
		    &rdata->task) == 0)
		return;
	sip_admission_leave(lane->admission, rdata);
	sip_count(server->counters, SIP_COUNT_RX_NO_MEMORY);
	sip_rx_data_unref(&rdata);
}

static void drop_all(struct waiting *queue)
{
	while (queue->count > 0) {
		struct sip_rx_data *rdata = rdata_of(take_first(queue));

		sip_rx_data_unref(&rdata);
	}
}

/* The server stops: what was not let in is not its business any more. */
static void clear(struct lane *lane)
{
	struct waiting queues[SIP_CLASSES];

	sip_leaf_lock(&lane->lock);
	memcpy(queues, lane->queues, sizeof(queues));
	memset(lane->queues, 0, sizeof(lane->queues));
	atomic_store_explicit(&lane->count, 0, memory_order_relaxed);
	lane->armed = false;
	sip_leaf_unlock(&lane->lock);
	for (size_t i = 0; i < SIP_CLASSES; i++)
		drop_all(&queues[i]);
}

static void on_round_end(struct sip_flush *flush, struct sip_reactor *reactor)
{
	struct lane *lane = SIP_CONTAINER(flush, struct lane, flush);
	struct sip_server *server = lane->admission->server;
	struct leaving leaving = { 0 };
	struct sip_snapshot *snapshot;
	struct judging j;

	/* Relaxed: seen in one of the next rounds. */
	if (atomic_load_explicit(&server->stopping, memory_order_relaxed)) {
		clear(lane);
		return;
	}
	snapshot = sip_snapshot_take(server);
	j = (struct judging){ .settings = snapshot->settings,
		.now_us = sip_pool_now_us(server->pool) };
	note_pace(lane, j.now_us);
	if (let_go(lane, &j, &leaving))
		sip_reactor_flush_later(reactor, &lane->flush);
	else
		lane->looked_us = 0;
	while (leaving.served.count > 0)
		push(lane, rdata_of(take_first(&leaving.served)));
	for (size_t i = 0; i < SIP_CLASSES; i++) {
		j.class = (enum sip_admission_class)i;
		while (leaving.late[i].count > 0)
			turn_away(lane, rdata_of(take_first(&leaving.late[i])), &j);
	}
	sip_snapshot_unref(&snapshot);
}

/* ---- in turn ---- */

static bool would_be_in_time(
	struct lane *lane, const struct sip_rx_data *rdata, const struct judging *j)
{
	bool in_time;

	sip_leaf_lock(&lane->lock);
	in_time = is_in_time(lane, rdata, j);
	sip_leaf_unlock(&lane->lock);
	return in_time;
}

/* It waited for longer than its class may; or no lane has seen it, for its Call-ID was
 * known or it has a To tag, and with the others it would have no turn in time. */
static bool is_late(
	struct lane *lane, const struct sip_rx_data *rdata, const struct judging *j)
{
	if (rdata->overdue ||
		waited_us(rdata, j->now_us) >
			sip_class_max_wait_us(j->settings, j->class))
		return true;
	return !rdata->placed && is_shedding(lane, j->now_us) &&
		!would_be_in_time(lane, rdata, j);
}

bool sip_admission_refused(
	struct sip_admission *admission, struct sip_rx_data *rdata, uint64_t now_us)
{
	struct judging j = {
		.settings = rdata->serving->snapshot->settings,
		.now_us = now_us,
	};
	struct lane *lane;

	/* Nobody is late who would not be in the last class. */
	if (SIP_LIKELY(rdata->placed && !rdata->overdue &&
		    waited_us(rdata, now_us) <=
			    sip_class_max_wait_us(j.settings, SIP_CLASS_OTHER)))
		return false;
	if (rdata->msg.method == SIP_ACK)
		return false;
	lane = lane_of(admission, rdata->call_hash);
	j.class = sip_admission_class_of(rdata, j.settings);
	if (!is_late(lane, rdata, &j))
		return false;
	refuse(lane, rdata, &j);
	return true;
}

/* ---- a lane's life ---- */

int sip_admission_create(struct sip_server *server, struct sip_admission **out)
{
	unsigned count = sip_pool_reactor_count(server->pool);
	struct sip_admission *admission = calloc(1, sizeof(*admission));

	if (admission == NULL)
		return SIP_EMEMORY;
	admission->lanes = aligned_alloc(SIP_CACHE_LINE, count * sizeof(struct lane));
	if (admission->lanes == NULL) {
		free(admission);
		return SIP_EMEMORY;
	}
	memset(admission->lanes, 0, count * sizeof(struct lane));
	admission->server = server;
	admission->lane_count = count;
	for (unsigned i = 0; i < count; i++) {
		struct lane *lane = &admission->lanes[i];

		lane->admission = admission;
		lane->reactor = sip_pool_reactor(server->pool, i);
		lane->number = (uint16_t)i;
		atomic_init(&lane->places, PLACES_MOST);
		lane->wake.run = on_wake;
		lane->flush.flush = on_round_end;
		sip_list_init(&lane->flush.link);
		sip_leaf_lock_init(&lane->lock);
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
	for (unsigned i = 0; i < admission->lane_count; i++) {
		SIP_ASSERT(atomic_load(&admission->lanes[i].count) == 0);
		sip_leaf_lock_fini(&admission->lanes[i].lock);
	}
	free(admission->lanes);
	free(admission);
}

void sip_admission_look(
	struct sip_admission *admission, struct sip_admission_figures *figures)
{
	uint64_t now_us = sip_pool_now_us(admission->server->pool);

	*figures = (struct sip_admission_figures){ 0 };
	for (unsigned i = 0; i < admission->lane_count; i++) {
		struct lane *lane = &admission->lanes[i];
		uint32_t pace_ns = atomic_load_explicit(
			&lane->pace_ns, memory_order_relaxed);

		sip_leaf_lock(&lane->lock);
		for (size_t k = 0; k < SIP_CLASSES; k++)
			figures->waiting[k] += lane->queues[k].count;
		sip_leaf_unlock(&lane->lock);
		figures->in_works += (uint32_t)in_works(lane);
		figures->shedding += is_shedding(lane, now_us);
		if (pace_ns > figures->pace_ns)
			figures->pace_ns = pace_ns;
	}
}
