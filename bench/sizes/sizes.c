/* SPDX-License-Identifier: BSD-2-Clause */
/* How large the things are that a server has many of, in bytes. */
#include "location/location.h"
#include "transaction/call.h"
#include "transaction/txn_private.h"
#include "transport/rx_data.h"
#include "transport/tx_data.h"

#include <stdio.h>

int main(void)
{
	static const struct {
		const char *name;
		size_t len;
	} sizes[] = {
		{ "a work", sizeof(struct ast_sip_work) },
		{ "a call (a work with its Call-ID)", sizeof(struct sip_call) },
		{ "a transaction", sizeof(struct sip_txn) },
		{ "a contact, without its text", sizeof(struct ast_sip_contact) },
		{ "a received message's slab, with text and index", SIP_RX_SLAB_LEN },
		{ "of it the struct", sizeof(struct sip_rx_data) },
		{ "a message to send, with its text", SIP_TX_SLAB_LEN },
		{ "of it the struct", sizeof(struct sip_tx_data) },
	};

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		printf("%-48s %5zu bytes\n", sizes[i].name, sizes[i].len);
	return 0;
}
