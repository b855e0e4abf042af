/* SPDX-License-Identifier: BSD-2-Clause */
/* What an operator sees of modules: which run, and what those that were unloaded still
 * wait for. */
#include "server/show/show.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#define CELL SIP_SHOW_CELL

static const char *state_text(const struct sip_module_instance *instance)
{
	static const char *const texts[] = { [SIP_MODULE_LOADING] = "loading",
		[SIP_MODULE_RUNNING] = "running",
		[SIP_MODULE_UNLOADING] = "unloading",
		[SIP_MODULE_DRAINING] = "draining" };

	return texts[instance->state];
}

static uint64_t pending(const struct sip_module_instance *instance, enum sip_pending kind)
{
	uint64_t sum = sip_owner_pending(&instance->owner, kind);

	for (const struct sip_list *at = instance->registered.next;
		at != &instance->registered; at = at->next)
		sum += sip_owner_pending(
			&SIP_CONTAINER(at, struct sip_registered, link)->owner, kind);
	return sum;
}

static void write_kinds(const struct sip_module_instance *instance, char cell[CELL])
{
	static const struct {
		enum sip_pending kind;
		const char *one;
		const char *many;
	} kinds[] = {
		{ SIP_PENDING_CALLBACKS, "callback", "callbacks" },
		{ SIP_PENDING_TRANSACTIONS, "transaction", "transactions" },
		{ SIP_PENDING_REQUESTS, "request", "requests" },
		{ SIP_PENDING_DIALOGS, "dialog", "dialogs" },
		{ SIP_PENDING_TASKS, "task", "tasks" },
		{ SIP_PENDING_TIMERS, "timer", "timers" },
	};
	size_t len = 0;

	cell[0] = '\0';
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		uint64_t count = pending(instance, kinds[i].kind);

		if (count > 0)
			len += (size_t)snprintf(cell + len, CELL - len,
				"%s%" PRIu64 " %s", len > 0 ? ", " : "", count,
				count == 1 ? kinds[i].one : kinds[i].many);
	}
}

/* What one that was unloaded waits for; of one that runs, what it is at.  NULL: nothing.
 */
static const char *write_waits(
	const struct sip_module_instance *instance, char cell[CELL])
{
	write_kinds(instance, cell);
	if (cell[0] != '\0')
		return cell;
	if (instance->state == SIP_MODULE_RUNNING)
		return NULL;
	return sip_list_empty(&instance->registered) ? "a grace period"
						     : "requests that came before";
}

static void write_time(uint64_t wall_us, char cell[CELL])
{
	time_t seconds = (time_t)(wall_us / 1000000);
	struct tm utc;

	gmtime_r(&seconds, &utc);
	strftime(cell, CELL, "%Y-%m-%dT%H:%M:%SZ", &utc);
}

static void show_one(void *arg, const struct sip_module_instance *instance)
{
	char number[24];
	char waits[CELL];
	char since[CELL];

	write_time(instance->changed_us, since);
	sip_show_row(arg,
		(const char *const[]){ instance->name,
			sip_show_number(number, instance->number), state_text(instance),
			write_waits(instance, waits), since,
			instance->flags & AST_SIP_MODULE_MAY_BLOCK ? "yes" : "no",
			instance->flags & AST_SIP_MODULE_DRY_SAFE ? "yes" : "no",
			instance->path });
}

int sip_show_modules(const struct sip_show *show)
{
	static const struct sip_show_column columns[] = { { "module", SIP_SHOW_TEXT },
		{ "instance", SIP_SHOW_NUMBER }, { "state", SIP_SHOW_TEXT },
		{ "pending", SIP_SHOW_TEXT }, { "since", SIP_SHOW_TEXT },
		{ "may block", SIP_SHOW_FLAG }, { "dry safe", SIP_SHOW_FLAG },
		{ "file", SIP_SHOW_TEXT } };

	sip_show_table(show, "modules", SIP_SHOW_ROWS, columns,
		sizeof(columns) / sizeof(columns[0]));
	sip_modules_each(show->server, show_one, (void *)(uintptr_t)show);
	return 0;
}
