/* SPDX-License-Identifier: BSD-2-Clause */
/* Random numbers from the system and from a seed. */
#include "support/check.h"

#include "base/random.h"

#include <sys/wait.h>
#include <unistd.h>

TEST(the_same_seed_gives_the_same_numbers)
{
	struct sip_random a;
	struct sip_random b;
	struct sip_random c;

	sip_random_init_seed(&a, 1);
	sip_random_init_seed(&b, 1);
	sip_random_init_seed(&c, 2);
	for (int i = 0; i < 100; i++) {
		uint64_t number = sip_random_u64(&a);

		CHECK(number == sip_random_u64(&b));
		CHECK(number != sip_random_u64(&c));
	}
}

/* Computed by the authors' splitmix64.c from the seed 1234567. */
TEST(a_seeded_source_is_splitmix64)
{
	static const uint64_t published[] = { UINT64_C(6457827717110365317),
		UINT64_C(3203168211198807973), UINT64_C(9817491932198370423),
		UINT64_C(4593380528125082431), UINT64_C(16408922859458223821) };
	struct sip_random random;

	sip_random_init_seed(&random, 1234567);
	for (size_t i = 0; i < sizeof(published) / sizeof(published[0]); i++)
		CHECK(sip_random_u64(&random) == published[i]);
}

TEST(bytes_fill_the_buffer_and_nothing_behind_it)
{
	struct sip_random sources[2];

	sip_random_init(&sources[0]);
	sip_random_init_seed(&sources[1], 7);
	for (size_t i = 0; i < 2; i++) {
		unsigned char seen[600] = { 0 };

		/* Until each byte was seen other than zero; the last one stays. */
		for (int round = 0; round < 40; round++) {
			unsigned char buf[600] = { 0 };

			sip_random_bytes(&sources[i], buf, sizeof(buf) - 1);
			for (size_t at = 0; at < sizeof(buf); at++)
				seen[at] |= buf[at];
		}
		for (size_t at = 0; at < sizeof(seen) - 1; at++)
			CHECK(seen[at] != 0);
		CHECK_INT(seen[sizeof(seen) - 1], ==, 0);
	}
}

TEST(the_systems_numbers_do_not_repeat)
{
	struct sip_random random;
	uint64_t numbers[500];

	sip_random_init(&random);
	for (size_t i = 0; i < 500; i++) {
		numbers[i] = sip_random_u64(&random);
		for (size_t j = 0; j < i; j++)
			CHECK(numbers[i] != numbers[j]);
	}
}

TEST(a_child_of_fork_does_not_get_its_parents_numbers)
{
	struct sip_random random;
	uint64_t of_child = 0;
	int ends[2];
	int status = 0;

	sip_random_init(&random);
	CHECK(sip_random_u64(&random) != 0);
	CHECK_INT(pipe(ends), ==, 0);
	pid_t child = fork();
	CHECK(child >= 0);
	if (child == 0) {
		of_child = sip_random_u64(&random);
		_exit(write(ends[1], &of_child, sizeof(of_child)) != sizeof(of_child));
	}
	CHECK_INT(read(ends[0], &of_child, sizeof(of_child)), ==, sizeof(of_child));
	CHECK_INT(waitpid(child, &status, 0), ==, child);
	CHECK_INT(status, ==, 0);

	CHECK(of_child != sip_random_u64(&random));
	close(ends[0]);
	close(ends[1]);
}

TEST(below_stays_below_and_reaches_every_number)
{
	struct sip_random random;
	unsigned counts[6] = { 0 };

	sip_random_init_seed(&random, 3);
	for (int i = 0; i < 6000; i++) {
		uint64_t number = sip_random_below(&random, 6);

		CHECK_INT(number, <, 6);
		counts[number]++;
	}
	for (size_t i = 0; i < 6; i++) {
		CHECK_INT(counts[i], >, 850);
		CHECK_INT(counts[i], <, 1150);
	}
	CHECK_INT(sip_random_below(&random, 0), ==, 0);
	CHECK_INT(sip_random_below(&random, 1), ==, 0);
}

/* Three quarters of 2^64 leave a quarter of the numbers, which must not land in the lower
 * third. */
TEST(below_is_even_where_the_bound_is_no_divisor)
{
	struct sip_random random;
	const uint64_t below = UINT64_C(3) << 62;
	unsigned low = 0;

	sip_random_init_seed(&random, 4);
	for (int i = 0; i < 3000; i++)
		low += sip_random_below(&random, below) < UINT64_C(1) << 62;
	CHECK_INT(low, >, 900);
	CHECK_INT(low, <, 1100);
}

TEST(hex_is_lower_case_digits_and_a_nul)
{
	struct sip_random random;

	sip_random_init(&random);
	for (size_t len = 0; len < 40; len++) {
		char text[42];

		memset(text, 'X', sizeof(text));
		sip_random_hex(&random, text, len);
		CHECK_INT(strlen(text), ==, len);
		CHECK_INT(strspn(text, "0123456789abcdef"), ==, len);
		CHECK_INT(text[len + 1], ==, 'X');
	}
}
