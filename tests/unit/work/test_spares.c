/* SPDX-License-Identifier: BSD-2-Clause */
/* The spares of a stepped pool: what blocks is left and gone back to, and nobody but its
 * own work waits. */
#include "pool_fixture.h"

#include "res_sip/timer.h"
#include "support/spare_threads.h"

struct scene {
	struct pool_fixture f;
	struct spares spares;
	struct record record;
};

/* A task that notes its number, blocks, and notes it again with 100 more. */
struct blocking {
	struct scene *scene;
	struct spare *spare; /* on which it blocks; NULL: it does not */
	int number;
};

static void note_number(struct scene *scene, int number)
{
	CHECK_INT(scene->record.count, <, 256);
	scene->record.numbers[scene->record.count++] = number;
}

static int block(void *arg)
{
	struct blocking *blocking = arg;

	note_number(blocking->scene, blocking->number);
	blocking->spare = spares_self();
	if (blocking->spare != NULL)
		spare_block(blocking->spare);
	blocking->spare = NULL;
	note_number(blocking->scene, 100 + blocking->number);
	return 0;
}

static int dont_block(void *arg)
{
	struct blocking *blocking = arg;

	note_number(blocking->scene, blocking->number);
	return 0;
}

static void scene_open(struct scene *scene, unsigned reactors, unsigned spares)
{
	scene->record.count = 0;
	spares_init(&scene->spares);
	pool_prepare_stepped(&scene->f, reactors, 1);
	scene->f.config.servants_max = spares;
	scene->f.config.spare_threads = &scene->spares.threads;
	pool_open(&scene->f);
	sip_callback_site_of(scene->f.pool, (uintptr_t)block, "task")->may_block = true;
}

static void scene_close(struct scene *scene)
{
	pool_close(&scene->f);
	spares_fini(&scene->spares);
}

static void step(struct scene *scene)
{
	bool any;

	do
		any = sip_pool_step(scene->f.pool);
	while (spares_run(&scene->spares, 0) || any);
}

/* What one failing allocation refuses is asked for again (tools/run_alloc_fail.py): a
 * check that fails would leave threads behind. */

static struct ast_sip_work *new_work(void)
{
	struct ast_sip_work *work;

	while ((work = ast_sip_create_work()) == NULL)
		;
	return work;
}

/* Pushes `task` with that number. */
static void push(struct scene *scene, struct ast_sip_work *work, int (*task)(void *),
	struct blocking *blocking, int number)
{
	*blocking = (struct blocking){ .scene = scene, .number = number };
	while (ast_sip_push_task(work, task, blocking) != 0)
		;
}

static void check_record(const struct scene *scene, const int *numbers, unsigned count)
{
	CHECK_INT(scene->record.count, ==, count);
	for (unsigned i = 0; i < count; i++)
		CHECK_INT(scene->record.numbers[i], ==, numbers[i]);
}

#define CHECK_RECORD(scene, ...)                                                         \
	check_record(scene, (const int[]){ __VA_ARGS__ },                                \
		sizeof((const int[]){ __VA_ARGS__ }) / sizeof(int))

TEST(other_works_go_on_while_a_task_blocks)
{
	struct scene s;
	struct blocking task[3];
	scene_open(&s, 1, 4);
	struct ast_sip_work *blocked = new_work();
	struct ast_sip_work *other = new_work();

	push(&s, blocked, block, &task[0], 1);
	push(&s, other, dont_block, &task[1], 2);
	step(&s);
	push(&s, other, dont_block, &task[2], 3);
	step(&s);
	CHECK_RECORD(&s, 2, 1, 3);
	spare_go_on(task[0].spare);
	step(&s);

	CHECK_RECORD(&s, 2, 1, 3, 101);
	ast_sip_destroy_work(blocked);
	ast_sip_destroy_work(other);
	scene_close(&s);
}

/* Two timers, which note 50 and 51. */
static struct late {
	struct scene *scene;
	struct sip_timer timer[2];
} late;

static void late_fired(struct sip_timer *timer)
{
	note_number(late.scene, 50 + (int)(timer - late.timer));
}

static int start_late(void *arg)
{
	late.scene = ((struct blocking *)arg)->scene;
	for (int i = 0; i < 2; i++) {
		sip_timer_init(&late.timer[i], late_fired);
		sip_timer_start(&late.timer[i], i == 0 ? 1000 : 3000);
	}
	return 0;
}

static int stop_second(void *arg)
{
	sip_timer_stop(&late.timer[1]);
	return dont_block(arg);
}

/* What came in time to stop a timer is in time, however long its work was held. */
TEST(what_came_before_a_timer_was_due_goes_before_it)
{
	struct scene s;
	struct blocking task[3];
	scene_open(&s, 1, 4);
	struct ast_sip_work *work = new_work();

	push(&s, work, start_late, &task[0], 0);
	push(&s, work, block, &task[1], 1);
	step(&s);
	sip_clock_forward_us(&s.f.clock, 1000);
	step(&s);
	sip_clock_forward_us(&s.f.clock, 1000);
	push(&s, work, stop_second, &task[2], 2);
	sip_clock_forward_us(&s.f.clock, 2000);
	step(&s);
	CHECK_RECORD(&s, 1);
	spare_go_on(task[1].spare);
	step(&s);

	CHECK_RECORD(&s, 1, 101, 50, 2);
	ast_sip_destroy_work(work);
	scene_close(&s);
}

TEST(what_is_pushed_meanwhile_runs_behind_it_in_order)
{
	struct scene s;
	struct blocking task[5];
	scene_open(&s, 2, 4);
	struct ast_sip_work *work = new_work();

	push(&s, work, dont_block, &task[0], 1);
	push(&s, work, block, &task[1], 2);
	push(&s, work, dont_block, &task[2], 3);
	step(&s);
	push(&s, work, block, &task[3], 4);
	push(&s, work, dont_block, &task[4], 5);
	step(&s);
	CHECK_RECORD(&s, 1, 2);
	spare_go_on(task[1].spare);
	step(&s);
	CHECK_RECORD(&s, 1, 2, 102, 3, 4);
	spare_go_on(task[3].spare);
	step(&s);

	CHECK_RECORD(&s, 1, 2, 102, 3, 4, 104, 5);
	ast_sip_destroy_work(work);
	scene_close(&s);
}

TEST(as_many_block_at_once_as_there_are_spares_but_one)
{
	struct scene s;
	struct blocking task[4];
	struct ast_sip_work *work[4];
	scene_open(&s, 1, 3);

	/* The last spare is kept for a reactor. */
	for (int i = 0; i < 4; i++) {
		work[i] = new_work();
		push(&s, work[i], block, &task[i], i);
	}
	step(&s);
	CHECK_RECORD(&s, 0, 1);
	CHECK_INT(sip_pool_waiting_works(s.f.pool), ==, 2);
	spare_go_on(task[1].spare);
	step(&s);
	CHECK_RECORD(&s, 0, 1, 101, 2);
	CHECK_INT(sip_pool_waiting_works(s.f.pool), ==, 1);
	spare_go_on(task[0].spare);
	spare_go_on(task[2].spare);
	step(&s);
	spare_go_on(task[3].spare);
	step(&s);

	CHECK_INT(s.record.count, ==, 8);
	for (int i = 0; i < 4; i++)
		ast_sip_destroy_work(work[i]);
	scene_close(&s);
}

TEST(one_spare_is_lent_where_there_is_no_other)
{
	struct scene s;
	struct blocking task[2];
	scene_open(&s, 1, 1);
	struct ast_sip_work *first = new_work();
	struct ast_sip_work *second = new_work();

	push(&s, first, block, &task[0], 1);
	push(&s, second, block, &task[1], 2);
	step(&s);
	CHECK_RECORD(&s, 1);
	spare_go_on(task[0].spare);
	step(&s);
	CHECK_RECORD(&s, 1, 101, 2);
	spare_go_on(task[1].spare);
	step(&s);

	CHECK_RECORD(&s, 1, 101, 2, 102);
	ast_sip_destroy_work(first);
	ast_sip_destroy_work(second);
	scene_close(&s);
}

static struct ast_sip_timer *timer;

static void fire(void *arg)
{
	note_number(arg, 7);
}

static int start_timer(void *arg)
{
	while ((timer = ast_sip_timer_create(fire, arg)) == NULL)
		;
	ast_sip_timer_start(timer, 500);
	return 0;
}

static int destroy_timer(void *arg)
{
	(void)arg;
	ast_sip_timer_destroy(&timer);
	return 0;
}

TEST(a_timer_waits_for_the_task_of_its_work)
{
	struct scene s;
	struct blocking task;
	scene_open(&s, 1, 2);
	struct ast_sip_work *work = new_work();

	while (ast_sip_push_task(work, start_timer, &s) != 0)
		;
	push(&s, work, block, &task, 1);
	step(&s);
	sip_clock_forward_us(&s.f.clock, 800000);
	step(&s);
	CHECK_RECORD(&s, 1);
	CHECK(sip_pool_next_deadline_us(s.f.pool) == SIP_NEVER);
	spare_go_on(task.spare);
	step(&s);

	CHECK_RECORD(&s, 1, 101, 7);
	while (ast_sip_push_task(work, destroy_timer, NULL) != 0)
		;
	ast_sip_destroy_work(work);
	scene_close(&s);
}

/* A core task that has something to do on a spare, or does without. */
struct moving {
	struct sip_task task;
	struct scene *scene;
	int number;
	bool does_without;
};

static enum sip_task_result move(struct sip_task *task)
{
	struct moving *moving = SIP_CONTAINER(task, struct moving, task);
	bool missed = sip_turn_missed_spare(task);

	if (sip_reactor_current() == NULL)
		note_number(moving->scene, moving->number);
	else if (missed && moving->does_without)
		note_number(moving->scene, 300 + moving->number);
	else
		return SIP_TASK_ELSEWHERE;
	return SIP_TASK_DONE;
}

static void push_moving(struct scene *scene, struct ast_sip_work *work,
	struct moving *moving, int number, bool does_without)
{
	*moving = (struct moving){
		.task = { .run = move, .pushed_us = sip_clock_now_us(&scene->f.clock) },
		.scene = scene,
		.number = number,
		.does_without = does_without
	};
	sip_work_push(work, &moving->task);
	step(scene);
}

TEST(a_work_that_waits_for_too_long_does_without_or_goes_before_all_others)
{
	struct scene s;
	struct blocking held;
	struct moving moving[3];
	struct ast_sip_work *work[4];
	scene_open(&s, 1, 1);
	for (int i = 0; i < 4; i++)
		work[i] = new_work();

	push(&s, work[3], block, &held, 9);
	step(&s);
	uint64_t began_us = sip_clock_now_us(&s.f.clock);
	push_moving(&s, work[0], &moving[0], 1, true);
	sip_clock_forward_us(&s.f.clock, 1000);
	push_moving(&s, work[1], &moving[1], 2, false);
	CHECK_INT(sip_pool_next_deadline_us(s.f.pool), ==, began_us + 4000000);
	sip_clock_forward_us(&s.f.clock, 3999000);
	step(&s);
	push_moving(&s, work[2], &moving[2], 3, false);
	CHECK_INT(sip_pool_waiting_works(s.f.pool), ==, 2);
	/* Half a second from then on, and none for who was told: no look comes of him. */
	CHECK_INT(sip_pool_next_deadline_us(s.f.pool), ==, began_us + 4500000);
	CHECK_RECORD(&s, 9, 301);
	spare_go_on(held.spare);
	step(&s);

	CHECK_RECORD(&s, 9, 301, 109, 2, 3);
	for (int i = 0; i < 4; i++)
		ast_sip_destroy_work(work[i]);
	scene_close(&s);
}

TEST(what_comes_behind_who_was_told_waits_as_long_as_anybody)
{
	struct scene s;
	struct blocking held;
	struct moving moving[2];
	scene_open(&s, 1, 1);
	struct ast_sip_work *blocked = new_work();
	struct ast_sip_work *work = new_work();

	push(&s, blocked, block, &held, 9);
	step(&s);
	push_moving(&s, work, &moving[0], 1, true);
	sip_clock_forward_us(&s.f.clock, 3000000);
	push_moving(&s, work, &moving[1], 2, true);
	sip_clock_forward_us(&s.f.clock, 1000000);
	step(&s);
	CHECK_RECORD(&s, 9, 301);
	sip_clock_forward_us(&s.f.clock, 499999);
	step(&s);
	CHECK_RECORD(&s, 9, 301);
	sip_clock_forward_us(&s.f.clock, 1);
	step(&s);

	CHECK_RECORD(&s, 9, 301, 302);
	spare_go_on(held.spare);
	step(&s);
	ast_sip_destroy_work(blocked);
	ast_sip_destroy_work(work);
	scene_close(&s);
}

TEST(a_stop_waits_for_what_blocks_and_for_what_is_behind_it)
{
	struct scene s;
	struct blocking task[4];
	scene_open(&s, 1, 2);
	struct ast_sip_work *first = new_work();
	struct ast_sip_work *second = new_work();

	push(&s, first, block, &task[0], 1);
	push(&s, first, dont_block, &task[1], 2);
	push(&s, second, block, &task[2], 3);
	push(&s, second, dont_block, &task[3], 4);
	step(&s);
	CHECK_RECORD(&s, 1);
	sip_pool_stop(s.f.pool);

	CHECK_RECORD(&s, 1, 101, 2, 3, 103, 4);
	ast_sip_destroy_work(first);
	ast_sip_destroy_work(second);
	scene_close(&s);
}

TEST(a_work_is_destroyed_behind_what_blocks)
{
	struct scene s;
	struct blocking task;
	scene_open(&s, 1, 2);
	struct ast_sip_work *work = new_work();

	push(&s, work, block, &task, 1);
	step(&s);
	ast_sip_destroy_work(work);
	step(&s);
	CHECK_RECORD(&s, 1);
	spare_go_on(task.spare);
	step(&s);

	CHECK_RECORD(&s, 1, 101);
	scene_close(&s);
}
