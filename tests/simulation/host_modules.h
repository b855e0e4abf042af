/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The modules of a server in a simulation: loaded when it starts, and as an administrator
 * does it with `res_sip module load|reload|unload`.
 */
#pragma once

#include "host.h"

/** All, in order. */
void host_load_modules(struct host *host);

/** All that are there, of a server that was stopped. */
void host_unload_modules(struct host *host);

/** Another instance takes its place; nothing where it is not there. */
void host_replace_module(struct host *host, enum host_module which);

/** It is not there from now on; it goes when what it began has ended.  That of the
 * authenticator is refused (rule authenticator-stays). */
void host_remove_module(struct host *host, enum host_module which);

/** The same for the authenticator, too, as a program can that has a server. */
void host_drop_module(struct host *host, enum host_module which);

/** It is there again; nothing where it is.  False: there was no memory for it. */
bool host_add_module(struct host *host, enum host_module which);

/** Every instance that was unloaded has gone (rule nothing-left). */
void host_check_modules(struct host *host);
