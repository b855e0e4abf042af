/* SPDX-License-Identifier: BSD-2-Clause */
/* Giving files to the user that a server becomes: by who may be root, in a folder that
 * may be that user's. */
#include "user.h"

#include "reading.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

struct place {
	struct folder folder;
	char file[96];
	char other[96];
	struct user self;
};

static void place_create(struct place *place)
{
	folder_create(&place->folder);
	folder_write(&place->folder, "file", SIP_STR("a key"));
	snprintf(place->file, sizeof(place->file), "%s/file", place->folder.path);
	snprintf(place->other, sizeof(place->other), "%s/other", place->folder.path);
	place->self = (struct user){ "self", getuid(), getgid() };
}

TEST(a_file_that_is_his_is_given)
{
	struct place place;

	place_create(&place);

	CHECK(user_give(&place.self, place.file, S_IFREG));
	folder_remove(&place.folder);
}

/* Another name may be anybody's file: that of a passwd, by a hard link. */
TEST(what_has_another_name_is_not_given)
{
	const struct user other = { "other", getuid() + 1, getgid() };
	struct place place;

	place_create(&place);
	CHECK_INT(link(place.file, place.other), ==, 0);

	CHECK(!user_give(&other, place.other, S_IFREG));
	CHECK_INT(errno, ==, EMLINK);
	CHECK(user_give(&place.self, place.other, S_IFREG));
	folder_remove(&place.folder);
}

TEST(a_link_is_not_followed_and_nothing_of_another_kind_is_given)
{
	struct place place;

	place_create(&place);
	CHECK_INT(symlink(place.file, place.other), ==, 0);

	CHECK(!user_give(&place.self, place.other, S_IFREG));
	CHECK_INT(errno, ==, ELOOP);
	CHECK(!user_give(&place.self, place.file, S_IFSOCK));
	CHECK_INT(errno, ==, EINVAL);
	folder_remove(&place.folder);
	CHECK(!user_give(&place.self, place.file, S_IFREG));
	CHECK_INT(errno, ==, ENOENT);
}
