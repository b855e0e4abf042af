/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The key of our Record-Route.  Quotes: the rules of this server, `Inside a call`: "The
 * key is kept on disk (mode 0600): a restart does not cut calls off from their BYE; after
 * a change the old key holds for a day."
 */
#include "server/settings/key_file.h"

#include "support/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define K1 "00112233445566778899aabbccddeeff\n"
#define K2 "ffeeddccbbaa99887766554433221100\n"

static char folder[] = "/tmp/res_sip_key_XXXXXX";
static char path[64];
static char error[SIP_SERVER_ERROR_LEN];

static void in_new_folder(void)
{
	strcpy(folder, "/tmp/res_sip_key_XXXXXX");
	CHECK(mkdtemp(folder) != NULL);
	snprintf(path, sizeof(path), "%s/key", folder);
	error[0] = '\0';
}

static void remove_folder(void)
{
	unlink(path);
	CHECK_INT(rmdir(folder), ==, 0);
}

static void write_file(const char *text, mode_t mode)
{
	FILE *file = fopen(path, "w");

	CHECK(file != NULL && fputs(text, file) >= 0 && fclose(file) == 0);
	CHECK_INT(chmod(path, mode), ==, 0);
}

/* A server as far as the keys go. */
static struct sip_server *server(void)
{
	static struct sip_server it;

	memset(&it, 0, sizeof(it));
	sip_random_init(&it.random);
	return &it;
}

TEST(a_key_is_made_and_kept_for_nobody_else_and_read_again)
{
	struct sip_hash_key first;
	struct stat status;

	in_new_folder();
	CHECK_INT(sip_key_file_load(server(), path, error), ==, 0);
	CHECK_INT(stat(path, &status), ==, 0);
	CHECK_INT(status.st_mode & 0777, ==, 0600);
	CHECK_INT(status.st_size, ==, 33);
	{
		struct sip_server *s = server();

		CHECK_INT(sip_key_file_load(s, path, error), ==, 0);
		first = s->route_key[0].key;
		CHECK(s->route_key[0].until_s == UINT64_MAX);
		CHECK(s->route_key[1].until_s == 0);
		CHECK_INT(sip_key_file_load(s, path, error), ==, 0);
		CHECK(memcmp(&first, &s->route_key[0].key, sizeof(first)) == 0);
	}
	remove_folder();
}

TEST(without_a_file_the_key_is_of_this_run_only)
{
	struct sip_server *s = server();
	struct sip_hash_key first;

	CHECK_INT(sip_key_file_load(s, NULL, error), ==, 0);
	CHECK(s->route_key[0].until_s == UINT64_MAX);
	first = s->route_key[0].key;
	CHECK_INT(sip_key_file_load(s, NULL, error), ==, 0);
	CHECK(memcmp(&first, &s->route_key[0].key, sizeof(first)) != 0);
}

TEST(the_second_key_holds_for_a_day_after_the_change)
{
	struct sip_server *s = server();
	struct stat status;

	in_new_folder();
	write_file(K1 K2, 0600);
	CHECK_INT(stat(path, &status), ==, 0);
	CHECK_INT(sip_key_file_load(s, path, error), ==, 0);
	CHECK(s->route_key[0].key.k[0] == UINT64_C(0x0011223344556677));
	CHECK(s->route_key[1].key.k[0] == UINT64_C(0xffeeddccbbaa9988));
	CHECK_INT(s->route_key[1].until_s, ==, status.st_mtime + 24 * 3600);
	remove_folder();
}

TEST(a_file_that_others_may_read_or_that_is_broken_is_refused)
{
	static const struct {
		const char *text;
		mode_t mode;
		const char *why;
	} cases[] = {
		{ K1, 0640, "others may read it" },
		{ K1, 0604, "others may read it" },
		{ "", 0600, "it is empty" },
		{ "0011\n", 0600, "not 32 hex digits" },
		{ "00112233445566778899aabbccddeeff0\n", 0600, "not 32 hex digits" },
		{ "00112233445566778899aabbccddeeff and more\n", 0600,
			"not 32 hex digits" },
		{ K1 "xx\n", 0600, "not 32 hex digits" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		in_new_folder();
		write_file(cases[i].text, cases[i].mode);
		CHECK_INT(sip_key_file_load(server(), path, error), !=, 0);
		CHECK(strstr(error, cases[i].why) != NULL);
		remove_folder();
	}
	CHECK_INT(sip_key_file_load(server(), "/nowhere/key", error), !=, 0);
}
