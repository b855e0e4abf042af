/* SPDX-License-Identifier: BSD-2-Clause */
/* Dry runs: what runs on this thread is to have no effect.  See pool.h. */
#include "work/pool_state.h"

struct sip_dry *sip_dry_current(void)
{
	return sip_thread.dry;
}

void sip_dry_set(struct sip_dry *dry)
{
	sip_thread.dry = dry;
}
