/* SPDX-License-Identifier: BSD-2-Clause */
/* What a phone does when: drawn, until the simulation's quiet time. */
#include "phone.h"

#include "hostile.h"

static void ignore(struct errand *errand, const struct sip_text *response)
{
	(void)errand;
	(void)response;
}

static const struct cast_user *anybody(struct phone *phone)
{
	struct cast *cast = &phone->sim->cast;

	return &cast->user[draw_below(&phone->draw, cast->user_count)];
}

/* What ends at a desk, of either server. */
static const char *somebody_at_a_desk(struct phone *phone, const struct cast_user *user)
{
	struct memory *memory = &phone->sim->memory;
	const char *domain = phone->domain;
	char place[PLACE_TEXT_LEN];

	if (draw_chance(&phone->draw, 250))
		domain = place_text(
			phone->sim->cast.host[draw_below(&phone->draw, 2)].place, place);
	if (draw_chance(&phone->draw, 350))
		return memory_format(memory, "sip:via-%s@%s", user->name, domain);
	return memory_format(memory, "sip:desk@%s", domain);
}

/* Somebody, at his server or by way of the phone's own. */
static const char *somebody(struct phone *phone)
{
	struct cast *cast = &phone->sim->cast;
	const struct cast_user *user = anybody(phone);
	char place[PLACE_TEXT_LEN];

	if (draw_chance(&phone->draw, 100))
		return memory_format(&phone->sim->memory, "sip:%s@%s", user->name,
			place_text(cast->host[user->host].place, place));
	return memory_format(&phone->sim->memory, "sip:%s@%s", user->name, phone->domain);
}

static void ask(
	struct phone *phone, const char *method, const char *target, const char *body)
{
	errand_start(
		phone, leg_begin(phone, target, target), method, "", body, ignore, phone);
}

/* With the own password for another's AOR: 10.3 step 4. */
static void register_another(struct phone *phone)
{
	struct cast *cast = &phone->sim->cast;
	const struct cast_user
		*user = &cast->user[draw_below(&phone->draw, cast->user_count)];
	struct memory *memory = &phone->sim->memory;
	char place[PLACE_TEXT_LEN];
	struct leg *leg;

	if (user == phone->user)
		return;
	leg = leg_begin(phone, memory_format(memory, "sip:%s", phone->domain), user->aor);
	errand_start(phone, leg, "REGISTER",
		memory_format(memory, "Contact: <sip:%s@%s%s>\r\nExpires: 60\r\n",
			phone->user->name, place_text(phone->cast->place, place),
			phone_transport(phone)),
		"", ignore, phone);
}

void phone_act(struct phone *phone)
{
	uint64_t kind = draw_below(&phone->draw, 1000);

	if (kind < 550)
		call_make(phone,
			draw_chance(&phone->draw, 300)
				? somebody_at_a_desk(phone, anybody(phone))
				: somebody(phone));
	else if (kind < 750)
		ask(phone, "MESSAGE", somebody(phone), "hello");
	else if (kind < 850)
		ask(phone, "OPTIONS", somebody(phone), "");
	else if (kind < 900)
		ask(phone, "OPTIONS",
			memory_format(&phone->sim->memory, "sip:%s", phone->domain), "");
	else if (kind < 920)
		register_another(phone);
	/* Else it does nothing. */
}

static void live(void *arg)
{
	struct phone *phone = arg;

	if (phone->sim->now_us >= phone->sim->quiet_us)
		return;
	if (phone->cast->kind == CAST_STRANGER || phone->cast->kind == CAST_REPLAYER)
		hostile_act(phone);
	else
		phone_act(phone);
	phone_later(phone, &phone->next, draw_between(&phone->draw, 1, 40) * SECOND_US,
		live, phone);
}

static void begin(void *arg)
{
	phone_register(arg);
}

void phone_live(struct phone *phone)
{
	phone->password = phone->user->password;
	if (phone->cast->kind == CAST_WRONG_PASSWORD)
		phone->password = "wrong";
	else if (phone->cast->kind != CAST_HONEST)
		phone->password = NULL;
	if (phone->password != NULL)
		phone_later(phone, &phone->registration.next,
			draw_below(&phone->draw, 5 * SECOND_US), begin, phone);
	phone_later(phone, &phone->next, draw_below(&phone->draw, 20 * SECOND_US), live,
		phone);
}
