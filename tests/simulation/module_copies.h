/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Module files, each server with copies of its own: the loader maps a file only once, and
 * what stands in its static variables is one server's.
 */
#pragma once

#include "res_sip/module.h"

/** The module of that name for host number `host`; stays until the process ends. */
const struct ast_sip_module_file *module_copy(unsigned host, const char *name);
