/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The rules of connections: what a server is given by them, what it says by them, and
 * what it is told of them.
 */
#pragma once

#include "stream_net.h"

struct watch;

/** The server has accepted it. */
void watch_stream_begins(struct stream *end);
/** The server has read that. */
void watch_stream_read(struct stream *end, struct slice bytes);
/** It has ended, and the server can know that. */
void watch_stream_over(struct stream *end);
/** The server was told that it has ended, or closes it. */
void watch_stream_ends(struct stream *end);
/** The system took that. */
void watch_stream_written(struct stream *end, struct slice bytes);
/** The system has no room. */
void watch_stream_stalls(struct stream *end);

/** Server `host` wants that sent to `via`, by the connection that it has there or, where
 * it `may_call`, by a new one. */
void watch_stream_send(struct watch *watch, unsigned host, struct place via,
	bool may_call, struct slice text);
/** It has given up what it wanted to send there, `may_call` as it was then; `full`: too
 * much waits there. */
void watch_stream_failed(struct watch *watch, unsigned host, struct place via,
	bool may_call, bool full, struct slice text);
/** It has no connection there any more. */
void watch_stream_lost(struct watch *watch, unsigned host, struct place via);

/** Of what was lost before this instant all is given up. */
void watch_streams_tick(struct watch *watch);
void watch_streams_end(struct watch *watch);
void watch_streams_forget(struct watch *watch, unsigned host);
