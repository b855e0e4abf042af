/* SPDX-License-Identifier: BSD-2-Clause */
/** Where the code of a module file lies. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/** The shared object that `address` is in, from its first byte to behind its last.
 * False: it is none, or the program itself. */
bool sip_code_range(const void *address, uintptr_t *begin, uintptr_t *end);
