/* SPDX-License-Identifier: BSD-2-Clause */
/* Owners of code: see owner.h. */
#include "work/owner.h"

#include "res_sip/error.h"
#include "work/pool_state.h"
#include "work/thread.h"

int sip_owner_init(struct sip_owner *owner, const char *name)
{
	*owner = (struct sip_owner){ .name = name, .tally = sip_tally_create() };
	sip_list_init(&owner->code);
	owner->others = (struct sip_call_site){
		.module = name, .what = "task", .owner = owner
	};
	return owner->tally != NULL ? 0 : SIP_EMEMORY;
}

void sip_owner_fini(struct sip_owner *owner)
{
	sip_tally_destroy(&owner->tally);
}

void sip_owner_set_code(
	struct sip_pool *pool, struct sip_owner *owner, uintptr_t begin, uintptr_t end)
{
	owner->code_begin = begin;
	owner->code_end = end;
	sip_leaf_lock(&pool->code_lock);
	sip_list_append(&pool->code, &owner->code);
	SIP_IGNORE(sip_atomic_fetch_add(&pool->code_count, 1) == 0);
	sip_leaf_unlock(&pool->code_lock);
}

struct sip_owner *sip_owner_of_code(struct sip_pool *pool, uintptr_t function)
{
	struct sip_owner *found = NULL;
	struct sip_list *at;
	struct sip_list *ahead;

	if (sip_atomic_load(&pool->code_count) == 0)
		return NULL;
	sip_leaf_lock(&pool->code_lock);
	sip_list_each (&pool->code, at, ahead) {
		struct sip_owner *owner = SIP_CONTAINER(at, struct sip_owner, code);

		if (function >= owner->code_begin && function < owner->code_end)
			found = owner;
	}
	sip_leaf_unlock(&pool->code_lock);
	return found;
}

void sip_owner_forget(struct sip_pool *pool, struct sip_owner *owner)
{
	sip_leaf_lock(&pool->code_lock);
	sip_list_remove(&owner->code);
	sip_leaf_unlock(&pool->code_lock);
	sip_site_table_forget(pool->sites, owner);
}

void sip_owner_count_begin(struct sip_owner *owner, enum sip_pending kind)
{
	sip_tally_begin(owner->tally, sip_thread.line, kind);
}

void sip_owner_count_end(struct sip_owner *owner, enum sip_pending kind)
{
	sip_tally_end(owner->tally, sip_thread.line, kind);
}

uint64_t sip_owner_pending(const struct sip_owner *owner, enum sip_pending kind)
{
	return sip_tally_pending(owner->tally, kind);
}

struct sip_owner *sip_owner_current(void)
{
	struct sip_call_site *site = sip_callback_current();

	return site != NULL ? site->owner : NULL;
}
