/* SPDX-License-Identifier: BSD-2-Clause */
/* A message that was sent, as long as it is: see kept.h. */
#include "transaction/kept.h"

#include "base/compiler.h"
#include "base/slab.h"
#include "res_sip/error.h"

#include <stdlib.h>
#include <string.h>

struct sip_kept {
	struct sip_keeper *keeper;
	uint32_t len;
	char text[];
};

int sip_keeper_init(struct sip_keeper *keeper, struct sip_slab *tx_slab)
{
	*keeper = (struct sip_keeper){ .tx_slab = tx_slab };
	for (size_t i = 0; i < SIP_KEEPER_KINDS; i++) {
		keeper->kinds[i] = sip_slab_create(
			"kept messages", (i + 1) * SIP_CACHE_LINE, 0);
		if (keeper->kinds[i] == NULL) {
			sip_keeper_fini(keeper);
			return SIP_EMEMORY;
		}
	}
	return SIP_OK;
}

void sip_keeper_fini(struct sip_keeper *keeper)
{
	for (size_t i = 0; i < SIP_KEEPER_KINDS; i++)
		sip_slab_destroy(&keeper->kinds[i]);
}

/* NULL: longer than any kind. */
static struct sip_slab *kind_for(struct sip_keeper *keeper, size_t len)
{
	size_t kind = (len - 1) / SIP_CACHE_LINE;

	return kind < SIP_KEEPER_KINDS ? keeper->kinds[kind] : NULL;
}

void *sip_keeper_alloc(struct sip_keeper *keeper, size_t len)
{
	struct sip_slab *kind = kind_for(keeper, len);

	return kind != NULL ? sip_slab_alloc(kind) : malloc(len);
}

void sip_keeper_free(struct sip_keeper *keeper, void *memory, size_t len)
{
	struct sip_slab *kind = kind_for(keeper, len);

	if (kind != NULL)
		sip_slab_free(kind, memory);
	else
		free(memory);
}

struct sip_kept *sip_kept_create(
	struct sip_keeper *keeper, const struct sip_tx_data *tdata)
{
	struct sip_kept *kept = sip_keeper_alloc(
		keeper, offsetof(struct sip_kept, text) + tdata->len);

	SIP_ASSERT(tdata->sealed);
	if (kept == NULL)
		return NULL;
	kept->keeper = keeper;
	kept->len = tdata->len;
	memcpy(kept->text, tdata->text, tdata->len);
	return kept;
}

void sip_kept_destroy(struct sip_kept **place)
{
	struct sip_kept *kept = *place;

	*place = NULL;
	if (kept != NULL)
		sip_keeper_free(
			kept->keeper, kept, offsetof(struct sip_kept, text) + kept->len);
}

struct sip_tx_data *sip_kept_message(const struct sip_kept *kept)
{
	struct sip_tx_data *tdata = sip_tx_data_create(kept->keeper->tx_slab, kept->len);

	if (tdata == NULL)
		return NULL;
	memcpy(tdata->text, kept->text, kept->len);
	tdata->len = kept->len;
	tdata->sealed = true;
	return tdata;
}
