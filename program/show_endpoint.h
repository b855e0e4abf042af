/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files have to say about an endpoint that is shown. */
#pragma once

#include <res_sip.h>
#include <res_sip/show.h>

/*
 * Two tables: its options, with the values that hold in the server and where the files in
 * `folder` set them, and the identify sections that lead to it.
 *
 * The files are read as they are now: where one says something else than what holds,
 * since it was not loaded yet, that is shown too.  Without memory there is less to see.
 */
void show_endpoint_options(const char *folder, const struct ast_sip_endpoint *endpoint,
	const struct sip_show_sink *sink);
