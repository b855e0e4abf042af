/* SPDX-License-Identifier: BSD-2-Clause */
/** The allocator of the process, as far as the C library lets it be spoken to. */
#pragma once

/**
 * Have it give back to the system what is free in it: glibc's keeps pages that lie
 * between some in use.  Nothing where it has no such call.
 *
 * Threads: any; locks one of its heaps after the other for the time that its free pages
 * take.
 */
void sip_heap_trim(void);
