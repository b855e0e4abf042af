/* SPDX-License-Identifier: BSD-2-Clause */
/* Answers: one block of memory each, its texts at the end.  See dns.h. */
#include "resolve/dns.h"

#include <stdlib.h>
#include <string.h>

/* Into the answer's own text. */
static struct sip_str keep(struct sip_dns_answer *answer, struct sip_str text)
{
	struct sip_str kept = { answer->text, text.len };

	SIP_ASSERT(text.len <= answer->text_left);
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];

		answer->text[i] = (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
	}
	answer->text += text.len;
	answer->text_left -= text.len;
	return kept;
}

struct sip_dns_answer *sip_dns_answer_create(
	struct sip_str name, enum sip_dns_type type, unsigned room, size_t text_len)
{
	size_t records_len = room * sizeof(struct sip_dns_record);
	struct sip_dns_answer *answer;

	SIP_ASSERT(room <= SIP_DNS_RECORDS_MAX && name.len <= SIP_DNS_NAME_LEN);
	answer = malloc(sizeof(*answer) + records_len + name.len + text_len);
	if (answer == NULL)
		return NULL;
	*answer = (struct sip_dns_answer){
		.type = type,
		.room = room,
		.text = (char *)answer + sizeof(*answer) + records_len,
		.text_left = name.len + text_len,
	};
	atomic_init(&answer->references, 1);
	answer->name = keep(answer, name);
	return answer;
}

void sip_dns_answer_add(
	struct sip_dns_answer *answer, const struct sip_dns_record *record)
{
	struct sip_dns_record *added = &answer->record[answer->count];
	struct sip_str name = record->name;

	if (name.len > 0 && name.ptr[name.len - 1] == '.')
		name.len--;
	SIP_ASSERT(answer->count < answer->room && name.len <= SIP_DNS_NAME_LEN);
	*added = *record;
	added->name = keep(answer, name);
	answer->count++;
}

struct sip_dns_answer *sip_dns_answer_ref(struct sip_dns_answer *answer)
{
	/* Whoever calls has one, so nothing is to be seen by it. */
	atomic_fetch_add_explicit(&answer->references, 1, memory_order_relaxed);
	return answer;
}

void sip_dns_answer_unref(struct sip_dns_answer **place)
{
	struct sip_dns_answer *answer = *place;

	*place = NULL;
	if (answer != NULL && atomic_fetch_sub(&answer->references, 1) == 1)
		free(answer);
}

bool sip_dns_service_of(struct sip_str text, enum sip_dns_service *service)
{
	static const struct sip_str names[] = {
		[SIP_DNS_D2U] = { "SIP+D2U", 7 },
		[SIP_DNS_D2T] = { "SIP+D2T", 7 },
		[SIP_DNS_SD2T] = { "SIPS+D2T", 8 },
		[SIP_DNS_D2W] = { "SIP+D2W", 7 },
		[SIP_DNS_SD2W] = { "SIPS+D2W", 8 },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (sip_str_equal_nocase(text, names[i])) {
			*service = (enum sip_dns_service)i;
			return true;
		}
	}
	return false;
}

void sip_dns_answered(
	struct sip_dns_query *query, int result, struct sip_dns_answer *answer)
{
	SIP_ASSERT((result == 0) == (answer != NULL));
	query->result = result;
	query->answer = answer;
	query->task.run = query->answered;
	query->task.pushed_us = sip_pool_now_us(query->pool);
	sip_work_push(query->work, &query->task);
}
