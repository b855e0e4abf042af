/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * Methods and status codes.
 *
 * Threads: pure functions.
 */
#pragma once

#include "res_sip/compiler.h"
#include "res_sip/str.h"

SIP_API_BEGIN

/** Methods that are known by number. */
enum sip_method {
	SIP_METHOD_OTHER, /* any other: see the text */
	SIP_INVITE,
	SIP_ACK,
	SIP_BYE,
	SIP_CANCEL,
	SIP_REGISTER,
	SIP_OPTIONS,
	SIP_MESSAGE,
	SIP_INFO,
	SIP_PRACK,
	SIP_UPDATE,
	SIP_SUBSCRIBE,
	SIP_NOTIFY,
	SIP_REFER,
	SIP_PUBLISH,
};

/** SIP_METHOD_OTHER where it is none of these; method names have case (RFC 3261
 * section 7.1). */
enum sip_method sip_method_of(struct sip_str name);

/** The name of a method that is known by number: not SIP_METHOD_OTHER. */
struct sip_str sip_method_name(enum sip_method method);

/** The reason phrase of a status code; of its class where the code is unknown. */
struct sip_str sip_status_reason(int code);

SIP_API_END
