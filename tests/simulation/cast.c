/* SPDX-License-Identifier: BSD-2-Clause */
/* Who is there: see cast.h. */
#include "cast.h"

#include "draw.h"

#define IP(c, d) (UINT32_C(10) << 24 | (uint32_t)(c) << 8 | (uint32_t)(d))

static void draw_host(
	struct cast_host *host, struct draw *draw, const char *name, unsigned number)
{
	host->name = name;
	host->domain = number == 0 ? "a.example" : "b.example";
	host->place = (struct place){ IP(0, number + 1), 5060 };
	host->reactors = (unsigned)draw_between(draw, 1, 3);
	host->max_contacts = (unsigned)draw_between(draw, 1, 4);
	host->failed_logins = draw_chance(draw, 200) ? 5 : 0;
	host->nonce_lifetime_s = host->failed_logins == 0 && draw_chance(draw, 500)
		? (unsigned)draw_between(draw, 5, 60)
		: 300;
}

static void draw_user(struct cast *cast, struct memory *memory, unsigned host)
{
	struct cast_user *user = &cast->user[cast->user_count];
	unsigned number = (host == 0 ? 6001 : 7001) + cast->user_count;

	cast->user_count++;
	user->host = host;
	user->name = memory_format(memory, "%u", number);
	user->password = memory_format(memory, "secret of %u", number);
	user->aor = memory_format(memory, "sip:%u@%s", number, cast->host[host].domain);
}

static enum cast_kind draw_kind(struct draw *draw)
{
	if (draw_chance(draw, 850))
		return CAST_HONEST;
	return (enum cast_kind)draw_between(draw, CAST_WRONG_PASSWORD, CAST_STRANGER);
}

static void add_phone(struct cast *cast, struct memory *memory,
	const struct cast_user *user, enum cast_kind kind)
{
	static const char *const kinds[] = { "", "wrong", "replay", "strange" };
	struct cast_phone *phone = &cast->phone[cast->phone_count];

	cast->phone_count++;
	phone->user = user;
	phone->kind = kind;
	phone->place = (struct place){ IP(kind == CAST_HONEST ? 1 : 9, cast->phone_count),
		5060 };
	phone->name = memory_format(memory, "%s%c%s", user->name,
		'a' + (int)cast->phone_count - 1, kinds[kind]);
}

void cast_draw(struct cast *cast, struct memory *memory, uint64_t seed)
{
	struct draw draw;
	unsigned users;

	draw_init(&draw, seed, "cast");
	draw_host(&cast->host[0], &draw, "A", 0);
	draw_host(&cast->host[1], &draw, "B", 1);
	users = (unsigned)draw_between(&draw, 2, CAST_USERS_MAX);
	/* The first two are served by either. */
	for (unsigned i = 0; i < users; i++)
		draw_user(cast, memory, i < 2 ? i : (unsigned)draw_below(&draw, 2));
	for (unsigned i = 0; i < users; i++)
		add_phone(cast, memory, &cast->user[i], CAST_HONEST);
	while (cast->phone_count < CAST_PHONES_MAX && draw_chance(&draw, 700)) {
		enum cast_kind kind = draw_kind(&draw);

		add_phone(cast, memory, &cast->user[draw_below(&draw, users)], kind);
	}
}

const struct cast_user *cast_find(const struct cast *cast, struct slice name)
{
	for (unsigned i = 0; i < cast->user_count; i++) {
		if (slice_is(name, cast->user[i].name))
			return &cast->user[i];
	}
	return NULL;
}

unsigned cast_host_at(const struct cast *cast, struct place place)
{
	unsigned i = 0;

	while (i < CAST_HOSTS && !place_equal(cast->host[i].place, place))
		i++;
	return i;
}
