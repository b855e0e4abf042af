/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * The names that the design uses for the four types of the stack underneath.
 *
 * For source written to the letter of the design.
 */
#pragma once

#include "res_sip.h"

typedef struct sip_service pjsip_module;

#define pjsip_rx_data sip_rx_data
#define pjsip_tx_data sip_tx_data
#define pjsip_dialog  sip_dialog
