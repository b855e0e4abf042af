/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * An answer that wants none of what was offered: RFC 3264 section 6.
 *
 * For an offer that nobody will ever answer: that of a phone which has accepted a call
 * after another had.  It is all that is read of a description here, and written.
 *
 * Threads: pure functions on the caller's storage.
 */
#pragma once

#include "message/builder.h"

/** For an answer that much room is enough, whatever the offer is: a line that ended with
 * a line feed alone gets its carriage return, and the shortest that is answered, "t=0",
 * has three characters before it. */
#define SIP_DECLINE_ROOM(offer_len) ((offer_len) + (offer_len) / 4 + 128)

/** Each stream of the offer with port zero, and its times.  False: it has none, or one
 * that can't be read, or there is no room. */
SIP_MUST_USE bool sip_decline(struct sip_builder *b, struct sip_str offer);
