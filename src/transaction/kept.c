/* SPDX-License-Identifier: BSD-2-Clause */
/* A message that was sent, as long as it is: see kept.h. */
#include "transaction/kept.h"

#include "base/compiler.h"

#include <stdlib.h>
#include <string.h>

struct sip_kept {
	struct sip_slab *slab; /* of the buffers it came from, and goes to */
	uint32_t len;
	char text[];
};

struct sip_kept *sip_kept_create(const struct sip_tx_data *tdata)
{
	struct sip_kept *kept = malloc(sizeof(*kept) + tdata->len);

	SIP_ASSERT(tdata->sealed);
	if (kept == NULL)
		return NULL;
	kept->slab = tdata->slab;
	kept->len = tdata->len;
	memcpy(kept->text, tdata->text, tdata->len);
	return kept;
}

void sip_kept_destroy(struct sip_kept **place)
{
	free(*place);
	*place = NULL;
}

struct sip_tx_data *sip_kept_message(const struct sip_kept *kept)
{
	struct sip_tx_data *tdata = sip_tx_data_create(kept->slab, kept->len);

	if (tdata == NULL)
		return NULL;
	memcpy(tdata->text, kept->text, kept->len);
	tdata->len = kept->len;
	tdata->sealed = true;
	return tdata;
}
