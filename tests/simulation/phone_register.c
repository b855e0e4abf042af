/* SPDX-License-Identifier: BSD-2-Clause */
/* Registration of a phone: RFC 3261 section 10.2. */
#include "phone.h"

#include <stdlib.h>

static void refresh(void *arg)
{
	struct phone *phone = arg;

	if (phone->sim->now_us < phone->sim->quiet_us)
		phone_register(phone);
}

/* Of our own Contact in a 200: what the registrar granted (10.2.4). */
static uint64_t granted_us(struct phone *phone, const struct sip_text *response)
{
	struct slice contact;
	struct place place;

	for (unsigned i = 0; (contact = sip_text_item(response, "Contact", i)).at != NULL;
		i++) {
		struct slice expires = slice_param(contact, "expires");

		if (place_of_uri(slice_uri(contact), &place) &&
			place_equal(place, phone->cast->place) && expires.at != NULL)
			return strtoul(expires.at, NULL, 10) * SECOND_US;
	}
	return 30 * SECOND_US;
}

static void on_answer(struct errand *errand, const struct sip_text *response)
{
	struct phone *phone = errand->arg;
	uint64_t in_us = draw_between(&phone->draw, 10, 40) * SECOND_US;

	if (response != NULL && response->code < 200)
		return;
	if (response != NULL && response->code == 200 && !phone->registration.removing) {
		uint64_t granted = granted_us(phone, response);

		/* In time; or too late, as phones do that were asleep. */
		in_us = granted / 100 *
			(draw_chance(&phone->draw, 850)
					? draw_between(&phone->draw, 50, 95)
					: draw_between(&phone->draw, 100, 150));
	}
	phone_later(phone, &phone->registration.next, in_us, refresh, phone);
}

void phone_register(struct phone *phone)
{
	struct registration *registration = &phone->registration;
	char place[PLACE_TEXT_LEN];

	if (registration->leg == NULL)
		registration->leg = leg_begin(phone,
			memory_format(&phone->sim->memory, "sip:%s", phone->domain),
			phone->user->aor);
	registration->removing = registration->leg->cseq > 0 &&
		draw_chance(&phone->draw, 100);
	registration->expires_s = (uint32_t)draw_between(&phone->draw, 15, 400);
	errand_start(phone, registration->leg, "REGISTER",
		memory_format(&phone->sim->memory,
			"Contact: <sip:%s@%s%s>\r\nExpires: %u\r\n", phone->user->name,
			place_text(phone->cast->place, place), phone_transport(phone),
			registration->removing ? 0 : registration->expires_s),
		"", on_answer, phone);
}
