/* SPDX-License-Identifier: BSD-2-Clause */
/** What ast_sip_push_task() allocates, for the pool's slabs. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct ast_sip_work;

size_t sip_pushed_task_len(void);
size_t sip_loner_len(void);

/** It is one of ast_sip_create_work(): it lives until somebody destroys it. */
bool sip_work_is_created(const struct ast_sip_work *work);
