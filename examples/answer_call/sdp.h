/* SPDX-License-Identifier: BSD-2-Clause */
/* What this service says about media: nothing, in the codecs of whoever asks. */
#pragma once

#include <res_sip.h>

/**
 * A description with the media and codecs of `other`, at a port where nobody listens.
 *
 * `version` is greater than that of the one before in the same call (RFC 3264 section 8);
 * `direction` is `inactive`, `sendonly` ...  Returns it, in `text`; {NULL, 0}: no room,
 * or `other` has no media.
 */
struct sip_str sdp_like(struct sip_str other, unsigned version, const char *direction,
	char *text, size_t size);
