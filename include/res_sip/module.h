/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * Module files: shared objects that the program loads, replaces and unloads while it
 * serves.
 *
 *     static int load(void) { return ast_sip_register_service(&service); }
 *     static void unload(void) { ast_sip_unregister_service(&service); }
 *     AST_SIP_MODULE(.name = "hello", .load = load, .unload = unload);
 *
 * The file is unmapped when nothing of it is registered, runs or is still to come: the
 * server counts its callbacks, the requests it keeps or has sent, and the dialogs,
 * tasks and timers it has made.  What the server does not see is the module's own affair:
 * threads it has started end in unload(), and so do thread-specific keys with a
 * destructor (pthread_key_delete()).
 *
 * Two instances of a module may be in memory at a time, each with its own static
 * variables: the newer takes what is new, the older ends what it has begun.
 */
#pragma once

#include "res_sip/compiler.h"

#include <stdint.h>

SIP_API_BEGIN

/** Changes when a module built before must not be loaded any more. */
#define AST_SIP_MODULE_ABI 3

/** A flag: its callbacks block, so they run on spare threads from the first call on. */
#define AST_SIP_MODULE_MAY_BLOCK 1u

/** A flag: its callbacks change nothing but through the API, so that `res_sip explain`
 * may call them for a message that is not real. */
#define AST_SIP_MODULE_DRY_SAFE 2u

/** What a module file exports under the name ast_sip_module_file. */
struct ast_sip_module_file {
	uint32_t abi;     /**< AST_SIP_MODULE_ABI */
	const char *name; /**< of the file, without `.so` */
	uint32_t flags;   /**< AST_SIP_MODULE_..., 0: none */
	/** Register services, identifiers, an authenticator.  They are asked when it has
	 * returned 0, all from the same request on, and where the module is loaded anew
	 * in the place of the older instance's of the same name.  Not 0: nothing has
	 * changed; a server that is about to start does not. */
	int (*load)(void);
	/** Nothing new comes, everything is unregistered (to do it again is allowed):
	 * bring to an end what goes on by itself, threads, timers, works.  Requests that
	 * are under way still call the module.  NULL: nothing to do. */
	void (*unload)(void);
	/** The last call, when nothing of it runs or is to come any more: free what
	 * callbacks have used.  NULL: nothing to do. */
	void (*finish)(void);
};

/** Define it: once in each module file, with the fields but `abi` as arguments. */
#define AST_SIP_MODULE(...)                                                              \
	__attribute__((visibility("default"))) extern const struct ast_sip_module_file   \
		ast_sip_module_file;                                                     \
	const struct ast_sip_module_file ast_sip_module_file = {                         \
		.abi = AST_SIP_MODULE_ABI, __VA_ARGS__                                   \
	}

SIP_API_END
