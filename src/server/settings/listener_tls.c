/* SPDX-License-Identifier: BSD-2-Clause */
/* Certificates of listeners: see listener_tls.h. */
#include "server/settings/listener_tls.h"

#include "res_sip/log.h"

#include <stdio.h>

#define DAY_S       86400
#define DAY_US      (DAY_S * UINT64_C(1000000))
#define NOTICE_DAYS 14

int sip_listener_tls_create(const struct sip_transport_section *section,
	struct sip_tls_context **context, char *error)
{
	struct sip_tls_problem problem;
	int result;

	*context = NULL;
	if (!sip_is_tls(section->protocol))
		return SIP_OK;
	result = sip_tls_context_create(&section->tls, context, &problem);
	if (result == SIP_EINVALID)
		snprintf(error, SIP_SERVER_ERROR_LEN, "transport %s: %s: %s",
			section->name, problem.option, problem.text);
	else if (result != SIP_OK)
		SIP_IGNORE(sip_listener_complain(error, section, result));
	return result;
}

static void tell_end(const struct sip_listener *listener, int64_t left_s)
{
	if (left_s <= 0)
		sip_log(SIP_LOG_ERROR, "transport",
			"the certificate has ended name=%s days_ago=%lld", listener->name,
			(long long)(-left_s / DAY_S));
	else if (left_s < NOTICE_DAYS * DAY_S)
		sip_log(SIP_LOG_WARNING, "transport",
			"the certificate ends soon name=%s days=%lld", listener->name,
			(long long)(left_s / DAY_S));
}

void sip_listeners_tell_ends(struct sip_listeners *listeners)
{
	const struct sip_server *server = listeners->server;
	int64_t now_s = (int64_t)(sip_clock_wall_us(server->clock_used) / 1000000);
	const struct sip_listener *listener = NULL;

	while ((listener = sip_transport_next_listener(server->transport, listener)) !=
		NULL) {
		int64_t ends_s = sip_listener_certificate_ends_s(listener);

		if (ends_s != INT64_MAX)
			tell_end(listener, ends_s - now_s);
	}
}

static void on_day(struct sip_timer *timer)
{
	sip_listeners_tell_ends(SIP_CONTAINER(timer, struct sip_listeners, day));
	sip_timer_start(timer, DAY_US);
}

static enum sip_task_result begin(struct sip_task *task)
{
	sip_timer_start(
		&SIP_CONTAINER(task, struct sip_listeners, begin_day)->day, DAY_US);
	return SIP_TASK_DONE;
}

void sip_listeners_tell_ends_daily(struct sip_listeners *listeners)
{
	if (atomic_exchange(&listeners->daily, true))
		return;
	sip_timer_init(&listeners->day, on_day);
	listeners->begin_day.run = begin;
	listeners->begin_day.pushed_us = sip_pool_now_us(listeners->server->pool);
	sip_work_push(listeners->work, &listeners->begin_day);
}
