/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/heap.h"

#include "base/compiler.h"

#include <stdlib.h> /* which says whether it is glibc's */

#ifdef __GLIBC__
#include <malloc.h>
#endif

void sip_heap_trim(void)
{
#ifdef __GLIBC__
	SIP_IGNORE(malloc_trim(0));
#endif
}
