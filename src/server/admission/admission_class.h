/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * Classes of requests that begin something, kept longest first.
 *
 * What goes on in a call that was let in has no class: it is never refused.
 */
#pragma once

#include "server/serving.h"

enum sip_admission_class {
	SIP_CLASS_EMERGENCY, /* a call for help, from where an endpoint is known */
	SIP_CLASS_OPTIONS,
	SIP_CLASS_KNOWN, /* answers our challenge, or a REGISTER from where its AOR is */
	SIP_CLASS_INVITE,
	SIP_CLASS_REGISTER,
	SIP_CLASS_OTHER,
	SIP_CLASSES
};

/** Looks at addresses, names and MACs; no secret is asked for. */
enum sip_admission_class sip_admission_class_of(
	const struct sip_rx_data *rdata, const struct sip_settings *settings);

/** How long a request of that class may wait for its turn, in microseconds. */
uint64_t sip_class_max_wait_us(
	const struct sip_settings *settings, enum sip_admission_class class);

/** The least of them: who has waited for less is not late, whatever its class. */
uint64_t sip_class_least_wait_us(const struct sip_settings *settings);

/** `emergency`, `options`, `known`, `invite`, `register`, `other`. */
const char *sip_class_name(enum sip_admission_class class);

/** The AOR that the request names (To of a REGISTER, From of all else) has registered
 * from exactly where it comes from. */
bool sip_is_registered_there(
	const struct sip_rx_data *rdata, const struct sip_settings *settings);
