/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of extensions: extensions.h. */
#include "server/dialogs/extensions.h"

/* Ends with NULL. */
static const struct sip_leg_extension *const extensions[] = { &sip_session_extension,
	NULL };

bool sip_extensions_request(struct sip_leg *leg, struct sip_rx_data *request)
{
	for (size_t i = 0; extensions[i] != NULL; i++) {
		if (extensions[i]->on_request != NULL &&
			extensions[i]->on_request(leg, request))
			return true;
	}
	return false;
}

void sip_extensions_ack(struct sip_leg *leg, struct sip_rx_data *ack)
{
	for (size_t i = 0; extensions[i] != NULL; i++) {
		if (extensions[i]->on_ack != NULL)
			extensions[i]->on_ack(leg, ack);
	}
}

bool sip_extensions_response(
	struct sip_leg *leg, struct sip_outgoing *outgoing, struct sip_rx_data *response)
{
	for (size_t i = 0; extensions[i] != NULL; i++) {
		if (extensions[i]->on_response != NULL &&
			extensions[i]->on_response(leg, outgoing, response))
			return true;
	}
	return false;
}

int sip_extensions_send(
	struct sip_leg *leg, enum sip_method method, struct sip_tx_data *tdata)
{
	int result = 0;

	for (size_t i = 0; extensions[i] != NULL && result == 0; i++) {
		if (extensions[i]->on_send != NULL)
			result = extensions[i]->on_send(leg, method, tdata);
	}
	return result;
}

int sip_extensions_answer(
	struct sip_leg *leg, struct sip_rx_data *request, struct sip_tx_data *answer)
{
	int result = 0;

	for (size_t i = 0; extensions[i] != NULL && result == 0; i++) {
		if (extensions[i]->on_answer != NULL)
			result = extensions[i]->on_answer(leg, request, answer);
	}
	return result;
}

void sip_extensions_begin(struct sip_leg *leg, struct sip_rx_data *invite)
{
	for (size_t i = 0; extensions[i] != NULL; i++) {
		if (extensions[i]->on_begin != NULL)
			extensions[i]->on_begin(leg, invite);
	}
}

void sip_extensions_end(struct sip_leg *leg)
{
	for (size_t i = 0; extensions[i] != NULL; i++) {
		if (extensions[i]->on_end != NULL)
			extensions[i]->on_end(leg);
	}
}

void sip_extensions_fini(struct sip_leg *leg)
{
	for (size_t i = 0; extensions[i] != NULL; i++) {
		if (extensions[i]->fini != NULL)
			extensions[i]->fini(leg);
	}
}
