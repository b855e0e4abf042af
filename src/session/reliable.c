/* SPDX-License-Identifier: BSD-2-Clause */
/* Reliable provisional responses: RFC 3262 sections 3 and 4. */
#include "session/reliable.h"

#include "res_sip/error.h"
#include "res_sip/method.h"

#define FIRST_RSEQ_END (UINT64_C(1) << 31) /* section 3: 1 to 2^31 - 1 */

int sip_reliable_send(struct sip_reliable_out *out, struct sip_random *random,
	uint32_t t1_ms, bool body)
{
	if (out->outstanding)
		return SIP_ESTATE;
	if (out->rseq == UINT32_MAX)
		return SIP_ELIMIT;
	if (out->rseq == 0)
		out->rseq = 1 + (uint32_t)sip_random_below(random, FIRST_RSEQ_END - 1);
	else
		out->rseq++;
	out->outstanding = true;
	out->body = body;
	out->waits_ms = t1_ms;
	out->elapsed_ms = t1_ms;
	return 0;
}

bool sip_reliable_again(struct sip_reliable_out *out, uint32_t t1_ms)
{
	uint32_t limit_ms = 64 * t1_ms;

	if (!out->outstanding || out->elapsed_ms >= limit_ms)
		return false;
	/* "This retransmission ... doubles for each", unlike a final answer's without an
	 * upper bound but the last. */
	out->waits_ms *= 2;
	if (out->waits_ms > limit_ms - out->elapsed_ms)
		out->waits_ms = limit_ms - out->elapsed_ms;
	out->elapsed_ms += out->waits_ms;
	return true;
}

bool sip_reliable_acknowledge(
	struct sip_reliable_out *out, const struct sip_rack *rack, uint32_t cseq)
{
	if (!out->outstanding || rack->rseq != out->rseq || rack->cseq != cseq ||
		!sip_str_equal(rack->method, SIP_STR("INVITE")))
		return false;
	out->outstanding = false;
	return true;
}

int sip_reliable_receive(struct sip_reliable_in *in, uint32_t rseq)
{
	if (rseq == 0)
		return SIP_EINVALID;
	if (in->rseq != 0 && rseq <= in->rseq)
		return SIP_EEXISTS;
	/* The first may have any number; each further one the next. */
	if (in->rseq != 0 && rseq - in->rseq != 1)
		return SIP_ESTATE;
	in->rseq = rseq;
	return 0;
}
