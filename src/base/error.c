/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The words for the error codes.
 */
#include "res_sip/error.h"

#include "base/compiler.h"

static const char *const texts[] = {
	[-SIP_OK] = "no error",
	[-SIP_EMEMORY] = "out of memory",
	[-SIP_ESYNTAX] = "syntax error",
	[-SIP_ELIMIT] = "above a limit",
	[-SIP_EMISSING] = "something is missing",
	[-SIP_ESPACE] = "buffer too small",
	[-SIP_EINVALID] = "value not allowed",
	[-SIP_EEXISTS] = "exists already",
	[-SIP_ENOTFOUND] = "not found",
	[-SIP_ESTATE] = "not possible in this state",
	[-SIP_ESYSTEM] = "refused by the system",
	[-SIP_EVERSION] = "made for another version",
	[-SIP_EUNSUPPORTED] = "not supported",
	[-SIP_ETIMEOUT] = "no answer in time",
	[-SIP_EREFUSED] = "refused by who was asked",
	[-SIP_EBUSY] = "too many under way",
	[-SIP_EDEPTH] = "leads on too many times",
};

const char *sip_error_text(int error)
{
	const int count = (int)(sizeof(texts) / sizeof(texts[0]));

	if (error > 0 || error <= -count)
		return "unknown error";
	return texts[-error];
}
