/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * The names that the design uses for the four types of the stack underneath.
 *
 * For source written to the letter of the design.
 */
#pragma once

#include "res_sip.h"

typedef struct sip_service pjsip_module; /**< a service */

#define pjsip_rx_data sip_rx_data /**< a received message */
#define pjsip_tx_data sip_tx_data /**< a message that is sent */
#define pjsip_dialog  sip_dialog  /**< a dialog */
