/* SPDX-License-Identifier: BSD-2-Clause */
/** What ast_sip_push_task() allocates, for the pool's slabs. */
#pragma once

#include <stddef.h>

size_t sip_pushed_task_len(void);
size_t sip_loner_len(void);
