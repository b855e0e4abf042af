/* SPDX-License-Identifier: BSD-2-Clause */
/* `show admission`: the classes, who waits in them, and who was refused. */
#include "server/admission/admission.h"
#include "server/show/show.h"

static void show_class(const struct sip_show *show, enum sip_admission_class class,
	const struct sip_settings *settings, uint32_t waiting)
{
	const struct sip_counters *counters = show->server->counters;
	char limit[24];
	char now[24];
	char refused[24];
	char dropped[24];

	sip_show_row(show,
		(const char *const[]){ sip_class_name(class),
			sip_show_number(
				limit, sip_class_max_wait_us(settings, class) / 1000),
			sip_show_number(now, waiting),
			sip_show_number(refused,
				sip_counter_value(
					counters, SIP_COUNT_REFUSED_EMERGENCY + class)),
			sip_show_number(dropped,
				sip_counter_value(counters,
					SIP_COUNT_DROPPED_EMERGENCY + class)) });
}

int sip_show_admission(const struct sip_show *show)
{
	static const struct sip_show_column columns[] = { { "class", SIP_SHOW_TEXT },
		{ "may wait ms", SIP_SHOW_NUMBER }, { "waiting", SIP_SHOW_NUMBER },
		{ "answered 503", SIP_SHOW_NUMBER }, { "dropped", SIP_SHOW_NUMBER } };
	struct sip_snapshot *snapshot = sip_snapshot_take(show->server);
	struct sip_admission_figures figures;

	sip_admission_look(show->server->admission, &figures);
	sip_show_table(show, "admission", SIP_SHOW_ROWS, columns, 5);
	for (size_t i = 0; i < SIP_CLASSES; i++)
		show_class(show, (enum sip_admission_class)i, snapshot->settings,
			figures.waiting[i]);
	sip_snapshot_unref(&snapshot);
	return 0;
}
