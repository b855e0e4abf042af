/* SPDX-License-Identifier: BSD-2-Clause */
/* A phone that loses power, and what it begins with when it has it again. */
#include "phone.h"

void phone_power_off(struct phone *phone)
{
	struct agenda *agenda = &phone->sim->agenda;

	net_attach(&phone->sim->net, phone->cast->place, NULL, NULL);
	phone_stream_off(phone);
	for (struct client *at = phone->clients; at != NULL; at = at->next)
		client_forget(at);
	for (struct answer *at = phone->answers; at != NULL; at = at->next) {
		agenda_drop(agenda, &at->retry);
		agenda_drop(agenda, &at->end);
	}
	for (struct call *at = phone->calls; at != NULL; at = at->next) {
		agenda_drop(agenda, &at->first);
		agenda_drop(agenda, &at->second);
		agenda_drop(agenda, &at->third);
		agenda_drop(agenda, &at->reliable);
		agenda_drop(agenda, &at->refresh);
	}
	agenda_drop(agenda, &phone->registration.next);
	agenda_drop(agenda, &phone->next);
	/* The clients stay, over: late responses are still those to what it sent. */
	phone->answers = NULL;
	phone->calls = NULL;
	phone->registration = (struct registration){ .leg = NULL };
	phone->challenge = (struct challenge){ .realm = NULL };
}

void phone_power_on(struct phone *phone)
{
	phone->alive_us = phone->sim->now_us;
	phone_attach(phone);
	phone_live(phone);
}
