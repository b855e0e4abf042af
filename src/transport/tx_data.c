/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The memory of a message to send: a slab with the struct first and the text
 * behind it, or a buffer of its own for a text that is longer than that.
 */
#include "transport/tx_data.h"

#include "base/compiler.h"
#include "res_sip/error.h"

#include <stdlib.h>
#include <string.h>

#define TEXT_OFFSET ((sizeof(struct sip_tx_data) + 63) & ~(size_t)63)
#define TEXT_ROOM   (SIP_TX_SLAB_LEN - TEXT_OFFSET)

_Static_assert(
	TEXT_OFFSET + 2048 < SIP_TX_SLAB_LEN, "an ordinary message fits into the slab");

/* What a text moves to, whole: the builder writes on where it was. */
static int enlarge(struct sip_tx_data *tdata, size_t size)
{
	char *large;

	if (size > UINT32_MAX)
		return SIP_EMEMORY;
	large = malloc(size);
	if (large == NULL)
		return SIP_EMEMORY;
	if (tdata->head.len > 0)
		memcpy(large, tdata->text, tdata->head.len);
	free(tdata->large);
	tdata->large = large;
	tdata->text = large;
	tdata->size = (uint32_t)size;
	tdata->head.buf = large;
	tdata->head.size = size;
	return SIP_OK;
}

struct sip_tx_data *sip_tx_data_create(struct sip_slab *slab, size_t size)
{
	struct sip_tx_data *tdata = sip_slab_alloc(slab);

	if (tdata == NULL)
		return NULL;
	memset(tdata, 0, sizeof(*tdata));
	tdata->magic = sip_tx_data_MAGIC;
	atomic_init(&tdata->refs, 1);
	tdata->slab = slab;
	tdata->text = (char *)tdata + TEXT_OFFSET;
	tdata->size = TEXT_ROOM;
	sip_builder_init(&tdata->head, tdata->text, tdata->size);
	if (size > TEXT_ROOM && enlarge(tdata, size) != SIP_OK)
		sip_tx_data_unref(&tdata);
	return tdata;
}

struct sip_tx_data *sip_tx_data_ref(struct sip_tx_data *tdata)
{
	/* relaxed: who refers to it already keeps it alive; partner: sip_tx_data_unref()
	 */
	atomic_fetch_add_explicit(&tdata->refs, 1, memory_order_relaxed);
	return tdata;
}

void sip_tx_data_unref(struct sip_tx_data **place)
{
	struct sip_tx_data *tdata = *place;

	*place = NULL;
	if (tdata == NULL)
		return;
	SIP_ASSERT(tdata->magic == sip_tx_data_MAGIC);
	/* acq_rel: the last one sees what the others (this same line) did before they let
	 * go */
	if (atomic_fetch_sub_explicit(&tdata->refs, 1, memory_order_acq_rel) != 1)
		return;
	free(tdata->large);
	free(tdata->body);
	if (tdata->plan != NULL && tdata->plan_fini != NULL)
		tdata->plan_fini(tdata->plan);
	free(tdata->plan);
	tdata->large = tdata->body = NULL;
	tdata->magic = 0;
	sip_slab_free(tdata->slab, tdata);
}

int sip_tx_data_grow(struct sip_tx_data *tdata, size_t size)
{
	SIP_ASSERT(!tdata->sealed);
	return size > tdata->size ? enlarge(tdata, size) : SIP_OK;
}
