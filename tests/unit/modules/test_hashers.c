/* SPDX-License-Identifier: BSD-2-Clause */
/* Hashers to borrow. */
#include "support/check.h"

#include "hashers.h"

#include <pthread.h>

TEST(a_hasher_given_back_is_borrowed_again)
{
	static struct digest_hashers hashers;

	CHECK_INT(digest_hashers_init(&hashers), ==, 0);
	struct digest_hasher *first = digest_hasher_borrow(&hashers);
	CHECK(first != NULL);
	digest_hasher_give_back(&hashers, first);
	CHECK(digest_hasher_borrow(&hashers) == first);
	digest_hasher_give_back(&hashers, first);
	digest_hashers_fini(&hashers);
}

TEST(two_borrowed_at_once_are_two)
{
	static struct digest_hashers hashers;

	CHECK_INT(digest_hashers_init(&hashers), ==, 0);
	struct digest_hasher *first = digest_hasher_borrow(&hashers);
	struct digest_hasher *second = digest_hasher_borrow(&hashers);
	CHECK(first != NULL && second != NULL && first != second);
	digest_hasher_give_back(&hashers, first);
	digest_hasher_give_back(&hashers, second);
	CHECK(digest_hasher_borrow(&hashers) == first);
	digest_hasher_give_back(&hashers, first);
	digest_hashers_fini(&hashers);
}

/* The leak checker is the other half of this test. */
TEST(one_given_back_after_the_end_is_freed)
{
	static struct digest_hashers hashers;

	CHECK_INT(digest_hashers_init(&hashers), ==, 0);
	struct digest_hasher *late = digest_hasher_borrow(&hashers);
	digest_hashers_fini(&hashers);
	digest_hasher_give_back(&hashers, late);
	late = digest_hasher_borrow(&hashers);
	CHECK(late != NULL);
	digest_hasher_give_back(&hashers, late);
}

struct worker {
	struct digest_hashers *hashers;
	int wrong;
};

static void *hash_often(void *arg)
{
	struct worker *worker = arg;
	const struct sip_digest credentials = { .nonce = SIP_STR("n"),
		.uri = SIP_STR("sip:a") };

	for (int i = 0; i < 500; i++) {
		struct digest_hasher *hasher = digest_hasher_borrow(worker->hashers);
		struct digest_ha1 ha1;
		unsigned char sum[DIGEST_MAX_LEN];
		bool same = hasher != NULL &&
			digest_ha1_of_password(hasher, DIGEST_MD5, SIP_STR("a"),
				SIP_STR("b"), SIP_STR("c"), &ha1) == 0 &&
			sip_str_equal((struct sip_str){ ha1.hex, ha1.len },
				SIP_STR("02cc8f08398a4f3113b554e8105ebe4c")) &&
			digest_response(hasher, DIGEST_SHA256, &ha1, SIP_STR("REGISTER"),
				&credentials, sum) == 0;
		worker->wrong += !same;
		if (hasher != NULL)
			digest_hasher_give_back(worker->hashers, hasher);
	}
	return NULL;
}

TEST(threads_do_not_disturb_each_other)
{
	static struct digest_hashers hashers;
	struct worker workers[4] = { 0 };
	pthread_t threads[4];

	CHECK_INT(digest_hashers_init(&hashers), ==, 0);
	for (size_t i = 0; i < 4; i++) {
		workers[i].hashers = &hashers;
		CHECK_INT(pthread_create(&threads[i], NULL, hash_often, &workers[i]), ==,
			0);
	}
	for (size_t i = 0; i < 4; i++) {
		CHECK_INT(pthread_join(threads[i], NULL), ==, 0);
		CHECK_INT(workers[i].wrong, ==, 0);
	}
	digest_hashers_fini(&hashers);
}
