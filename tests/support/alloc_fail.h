/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One allocation that fails, chosen by a test.
 *
 * For tests of what is left when memory runs out at a place; that nothing crashes at
 * any place is what tools/run_alloc_fail.py sees to (support/alloc_fail.c).
 */
#pragma once

/* The allocation of that number from now on fails, of all threads; 0: none does. */
void alloc_fail_at(unsigned long number);

/* How many allocations there were since then. */
unsigned long alloc_fail_seen(void);
