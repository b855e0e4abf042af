/* SPDX-License-Identifier: BSD-2-Clause */
/* The user file and its table: users.h. */
#include "users.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define LOOK_MS 1000

/* MD5("nobody"): no user has it, for a line that does not parse is refused. */
static const struct ha1 nobody = { "6e854442cd2a940c9e95941dce4ad598" };

struct user {
	char *name; /* `user:realm` */
	struct ha1 ha1;
};

/* Sorted by name; never changed once it is published. */
struct table {
	struct user *user;
	size_t count;
};

/* Guards `table`: held for a look-up in memory, or for a swap, and for nothing else. */
static pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
static struct table *table;

/* In the turn of `work` only, but for users_open(), which runs before. */
static struct ast_sip_work *work;
static struct ast_sip_timer *timer;
static char path[4096];
static struct stat seen;

static void destroy(struct table *old)
{
	if (old == NULL)
		return;
	for (size_t i = 0; i < old->count; i++)
		free(old->user[i].name);
	free(old->user);
	free(old);
}

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct user *)a)->name, ((const struct user *)b)->name);
}

/* `user:realm:HA1`; the line is changed.  False: it is none. */
static bool parse(char *line, struct user *user)
{
	char *hex = strrchr(line, ':');

	if (hex == NULL || strchr(line, ':') == hex ||
		strspn(hex + 1, "0123456789abcdef") != MD5_HEX_LEN ||
		hex[1 + MD5_HEX_LEN] != '\0')
		return false;
	*hex = '\0';
	memcpy(user->ha1.hex, hex + 1, MD5_HEX_LEN + 1);
	user->name = strdup(line);
	return user->name != NULL;
}

static bool add(struct table *new, char *line)
{
	struct user user;
	struct user *more;

	if (!parse(line, &user))
		return false;
	more = realloc(new->user, (new->count + 1) * sizeof(user));
	if (more == NULL) {
		free(user.name);
		return false;
	}
	new->user = more;
	new->user[new->count++] = user;
	return true;
}

/* The whole file, or NULL (logged): one wrong line and the table stays as it was. */
static struct table *read_file(FILE *file)
{
	struct table *new = calloc(1, sizeof(*new));
	char line[1024];
	unsigned number = 0;

	while (new != NULL && fgets(line, sizeof(line), file) != NULL) {
		number++;
		line[strcspn(line, "\r\n")] = '\0';
		if (line[0] == '\0' || line[0] == '#' || add(new, line))
			continue;
		sip_log(SIP_LOG_ERROR, "authenticator_file",
			"%s:%u: not `user:realm:HA1`; the users stay as they were", path,
			number);
		destroy(new);
		return NULL;
	}
	if (new != NULL && ferror(file)) {
		sip_log(SIP_LOG_ERROR, "authenticator_file", "%s: can't be read", path);
		destroy(new);
		return NULL;
	}
	if (new != NULL &&new->count > 0)
		qsort(new->user, new->count, sizeof(*new->user), compare);
	return new;
}

static void publish(struct table *new)
{
	struct table *old;

	pthread_rwlock_wrlock(&lock);
	old = table;
	table = new;
	pthread_rwlock_unlock(&lock);
	destroy(old);
}

/* 0, or -1 (logged). */
static int read_users(void)
{
	FILE *file = fopen(path, "re");
	struct table *new = NULL;

	if (file == NULL || fstat(fileno(file), &seen) != 0)
		sip_log(SIP_LOG_ERROR, "authenticator_file", "%s: %s", path,
			strerror(errno));
	else
		new = read_file(file);
	if (file != NULL)
		fclose(file);
	if (new == NULL)
		return -1;
	sip_log(SIP_LOG_NOTICE, "authenticator_file", "%s: users=%zu", path, new->count);
	publish(new);
	return 0;
}

/* A file that is written in place is read when its time or length has changed; one that
 * is moved into its place (better: it is whole) is another one. */
static bool has_changed(void)
{
	struct stat now;

	return stat(path, &now) == 0 &&
		(now.st_ino != seen.st_ino || now.st_size != seen.st_size ||
			now.st_mtim.tv_sec != seen.st_mtim.tv_sec ||
			now.st_mtim.tv_nsec != seen.st_mtim.tv_nsec);
}

static void look(void *arg)
{
	(void)arg;
	if (has_changed())
		SIP_IGNORE(read_users()); /* logged; tried again when it changes again */
	ast_sip_timer_start(timer, LOOK_MS);
}

static int begin_to_look(void *arg)
{
	(void)arg;
	timer = ast_sip_timer_create(look, NULL);
	if (timer == NULL)
		return -1;
	ast_sip_timer_start(timer, LOOK_MS);
	return 0;
}

/* The last task of the work. */
static void stop_looking(void *arg)
{
	(void)arg;
	ast_sip_timer_destroy(&timer);
}

int users_open(void)
{
	const char *named = getenv("AUTHENTICATOR_FILE");
	const char *folder = ast_sip_global_options()->config_folder;

	if (named != NULL)
		snprintf(path, sizeof(path), "%s", named);
	else
		snprintf(path, sizeof(path), "%s/users", folder != NULL ? folder : ".");
	if (read_users() != 0)
		return -1;
	work = ast_sip_create_work();
	if (work != NULL && ast_sip_push_task(work, begin_to_look, NULL) == 0)
		return 0;
	users_stop();
	users_free();
	return -1;
}

void users_stop(void)
{
	if (work != NULL)
		ast_sip_end_work(work, stop_looking, NULL);
	work = NULL;
}

void users_free(void)
{
	publish(NULL);
}

bool users_find(struct sip_str user, struct sip_str realm, struct ha1 *ha1)
{
	char name[512];
	const struct user key = { .name = name };
	const struct user *found = NULL;
	int len = snprintf(
		name, sizeof(name), "%.*s:%.*s", SIP_STR_ARG(user), SIP_STR_ARG(realm));

	pthread_rwlock_rdlock(&lock);
	if (len > 0 && (size_t)len < sizeof(name) && table != NULL && table->count > 0)
		found = bsearch(&key, table->user, table->count, sizeof(key), compare);
	*ha1 = found != NULL ? found->ha1 : nobody;
	pthread_rwlock_unlock(&lock);
	return found != NULL;
}
