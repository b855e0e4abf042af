/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * Error codes of the functions whose name starts with sip_.
 *
 * They return 0 or one of these.  The design's own methods (ast_sip_...) return
 * 0 and -1 and write the reason to the log.
 */
#pragma once

#include "res_sip/compiler.h"

SIP_API_BEGIN

/** All below 0 but SIP_OK. */
enum sip_error {
	SIP_OK = 0,
	SIP_EMEMORY = -1,       /**< Out of memory, or a configured maximum is reached. */
	SIP_ESYNTAX = -2,       /**< The text is not what the grammar asks for. */
	SIP_ELIMIT = -3,        /**< Larger than a configured limit. */
	SIP_EMISSING = -4,      /**< Something that must be there is not. */
	SIP_ESPACE = -5,        /**< The buffer is too small. */
	SIP_EINVALID = -6,      /**< A value that is not allowed here. */
	SIP_EEXISTS = -7,       /**< There is one already. */
	SIP_ENOTFOUND = -8,     /**< There is none. */
	SIP_ESTATE = -9,        /**< Not possible in this state. */
	SIP_ESYSTEM = -10,      /**< The system refused; errno says why. */
	SIP_EVERSION = -11,     /**< Made for another version. */
	SIP_EUNSUPPORTED = -12, /**< Understood, and not built. */
	SIP_ETIMEOUT = -13,     /**< No answer came in time. */
	SIP_EREFUSED = -14,     /**< Who was asked has failed, or will not answer. */
	SIP_EBUSY = -15,        /**< Too many of this kind are under way. */
	SIP_EDEPTH = -16,       /**< One leads to another too many times. */
};

/** A few words for `error`; never NULL. */
const char *sip_error_text(int error);

SIP_API_END
