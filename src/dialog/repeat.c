/* SPDX-License-Identifier: BSD-2-Clause */
/* Answers that are sent again: repeat.h. */
#include "dialog/repeat.h"

/* "a proxy ... MAY cancel a transaction ... after one minute" without an answer: before
 * it is over, with time for what gets lost. */
#define RINGING_MS 60000u

static void send_again(struct sip_timer *timer)
{
	struct sip_repeat *repeat = SIP_CONTAINER(timer, struct sip_repeat, again);
	uint32_t most_ms = repeat->t2_ms;

	if (repeat->accepted && repeat->interval_ms < most_ms)
		repeat->interval_ms = repeat->interval_ms > most_ms / 2
			? most_ms
			: repeat->interval_ms * 2;
	sip_timer_start(&repeat->again, repeat->interval_ms * UINT64_C(1000));
	repeat->user.send(repeat->user.arg, repeat->answer);
}

static void give_up(struct sip_timer *timer)
{
	struct sip_repeat *repeat = SIP_CONTAINER(timer, struct sip_repeat, give_up);

	sip_repeat_stop(repeat);
	repeat->user.no_ack(repeat->user.arg);
}

void sip_repeat_init(struct sip_repeat *repeat, const struct sip_repeat_user *user)
{
	*repeat = (struct sip_repeat){ .user = *user };
	sip_timer_init(&repeat->again, send_again);
	sip_timer_init(&repeat->give_up, give_up);
}

static void begin(
	struct sip_repeat *repeat, struct sip_tx_data *answer, uint32_t interval_ms)
{
	sip_tx_data_ref(answer);
	sip_repeat_stop(repeat);
	repeat->answer = answer;
	repeat->interval_ms = interval_ms;
	sip_timer_start(&repeat->again, interval_ms * UINT64_C(1000));
}

void sip_repeat_ringing(struct sip_repeat *repeat, struct sip_tx_data *answer)
{
	begin(repeat, answer, RINGING_MS);
}

void sip_repeat_accepted(struct sip_repeat *repeat, struct sip_tx_data *answer,
	const struct sip_txn_timing *timing)
{
	begin(repeat, answer, timing->t1_ms);
	repeat->accepted = true;
	repeat->t2_ms = timing->t2_ms;
	sip_timer_start(&repeat->give_up, timing->timer_b_ms * UINT64_C(1000));
}

void sip_repeat_stop(struct sip_repeat *repeat)
{
	sip_timer_stop(&repeat->again);
	sip_timer_stop(&repeat->give_up);
	sip_tx_data_unref(&repeat->answer);
	repeat->accepted = false;
}
