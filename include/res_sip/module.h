/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * Module files: shared objects that the program loads.
 *
 *     static int load(void) { return ast_sip_register_service(&service); }
 *     static void unload(void) { ast_sip_unregister_service(&service); }
 *     AST_SIP_MODULE(.name = "hello", .load = load, .unload = unload);
 */
#pragma once

#include "res_sip/compiler.h"

#include <stdint.h>

SIP_API_BEGIN

/** Changes when a module built before must not be loaded any more. */
#define AST_SIP_MODULE_ABI 1

#define AST_SIP_MODULE_MAY_BLOCK                                                         \
	1u /**< its callbacks block: they run on spare threads                           \
	    */
#define AST_SIP_MODULE_DRY_SAFE                                                          \
	2u /**< its callbacks change nothing but through the API */

/** What a module file exports under the name ast_sip_module_file. */
struct ast_sip_module_file {
	uint32_t abi;
	const char *name;
	uint32_t flags;
	/** Register services, identifiers, an authenticator.  0, or not: the server does
	 * not start. */
	int (*load)(void);
	/** Unregister them. */
	void (*unload)(void);
};

#define AST_SIP_MODULE(...)                                                              \
	__attribute__((visibility("default"))) extern const struct ast_sip_module_file   \
		ast_sip_module_file;                                                     \
	const struct ast_sip_module_file ast_sip_module_file = {                         \
		.abi = AST_SIP_MODULE_ABI, __VA_ARGS__                                   \
	}

SIP_API_END
