/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * A client transaction that waits for an answer by a connection: where that ends, no
 * answer comes, and to wait for timer B or F would keep a caller waiting for nothing.
 *
 * Threads: the turn of the transaction's call.
 */
#pragma once

struct sip_txn;

/** Before its request is sent.  Without memory the timers say it. */
void sip_waiting_begin(struct sip_txn *txn);

/** A final answer has come, or it ends.  Again: nothing. */
void sip_waiting_end(struct sip_txn *txn);
