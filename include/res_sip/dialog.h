/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * Dialogs (RFC 3261 section 12).
 *
 * Methods that take one return -1: this version has none.
 */
#pragma once

#include "res_sip/compiler.h"

struct sip_dialog;
