/* SPDX-License-Identifier: BSD-2-Clause */
/* Doubly linked list. */
#include "support/check.h"

#include "base/list.h"

struct member {
	char name;
	struct sip_list link;
};

static struct sip_str names_of(struct sip_list *list, char *text)
{
	struct sip_list *at;
	struct sip_list *ahead;
	size_t len = 0;

	sip_list_each (list, at, ahead)
		text[len++] = SIP_CONTAINER(at, struct member, link)->name;
	return (struct sip_str){ text, len };
}

TEST(members_stand_in_the_order_of_appending)
{
	struct sip_list list;
	struct member members[] = { { .name = 'a' }, { .name = 'b' }, { .name = 'c' } };
	char text[8];

	sip_list_init(&list);
	CHECK(sip_list_empty(&list));
	CHECK(sip_list_first(&list, struct member, link) == NULL);
	for (size_t i = 0; i < 3; i++)
		sip_list_append(&list, &members[i].link);

	CHECK(!sip_list_empty(&list));
	CHECK_STR(names_of(&list, text), "abc");
	CHECK(sip_list_first(&list, struct member, link) == &members[0]);
}

TEST(insert_puts_before_a_member)
{
	struct sip_list list;
	struct member members[] = { { .name = 'a' }, { .name = 'b' }, { .name = 'c' } };
	char text[8];

	sip_list_init(&list);
	sip_list_append(&list, &members[2].link);
	sip_list_insert(&members[2].link, &members[1].link);
	sip_list_insert(list.next, &members[0].link);

	CHECK_STR(names_of(&list, text), "abc");
}

TEST(removing_twice_is_harmless)
{
	struct sip_list list;
	struct member members[] = { { .name = 'a' }, { .name = 'b' }, { .name = 'c' } };
	char text[8];

	sip_list_init(&list);
	for (size_t i = 0; i < 3; i++)
		sip_list_append(&list, &members[i].link);
	sip_list_remove(&members[1].link);
	sip_list_remove(&members[1].link);

	CHECK(sip_list_empty(&members[1].link));
	CHECK_STR(names_of(&list, text), "ac");
}

TEST(the_current_member_may_leave_during_the_loop)
{
	struct sip_list list;
	struct member members[] = { { .name = 'a' }, { .name = 'b' }, { .name = 'c' } };
	struct sip_list *at;
	struct sip_list *ahead;
	int seen = 0;

	sip_list_init(&list);
	for (size_t i = 0; i < 3; i++)
		sip_list_append(&list, &members[i].link);
	sip_list_each (&list, at, ahead) {
		sip_list_remove(at);
		seen++;
	}

	CHECK_INT(seen, ==, 3);
	CHECK(sip_list_empty(&list));
}
