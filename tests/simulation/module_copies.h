/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Module files, each loaded from as many copies as there are instances at a time: an
 * instance has static variables of its own.
 *
 * Copies are made once in the life of the process; one that was given back is as new, and
 * until then whoever runs its code dies.
 */
#pragma once

#include <res_sip/module.h>

#include <stdbool.h>

struct module_copy;

/** One that nobody has; ends the process where there is none. */
struct module_copy *module_copy_take(const char *name);

const struct ast_sip_module_file *module_copy_file(const struct module_copy *copy);

/** A struct module_copy: nothing calls it any more.  On any thread. */
void module_copy_released(void *copy);

/** The variable is of an instance that has not gone. */
bool module_copies_have(const void *variable);

/** Those that were released may be taken again. */
void module_copies_renew(void);
