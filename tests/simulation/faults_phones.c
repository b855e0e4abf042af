/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Phones that restart: they have forgotten all calls and transactions, and register anew
 * with another Call-ID.
 */
#include "faults_peers.h"

#include "phone.h"

static void power_on(void *arg)
{
	phone_power_on(arg);
}

static void power_off(void *arg)
{
	struct phone *phone = arg;

	phone_power_off(phone);
	phone_later(phone, &phone->restart, draw_below(&phone->draw, 20 * SECOND_US),
		power_on, phone);
}

void faults_restart_phones(struct sim *sim, struct draw *draw)
{
	unsigned permille = (unsigned)draw_between(draw, 200, 1000);

	for (unsigned i = 0; i < sim->phone_count; i++) {
		struct phone *phone = sim->phone[i];

		if (phone->cast->kind == CAST_HONEST && draw_chance(draw, permille))
			phone_later(phone, &phone->restart,
				draw_below(draw, sim->quiet_us), power_off, phone);
	}
}
