/* SPDX-License-Identifier: BSD-2-Clause */
/* Received messages as modules read them (res_sip/message.h): the parser's view of
 * rdata->msg. */
#include "transport/peer_names.h"
#include "transport/rx_data.h"

bool sip_rx_data_is_request(const struct sip_rx_data *rdata)
{
	return rdata->msg.is_request;
}

enum sip_method sip_rx_data_method(const struct sip_rx_data *rdata)
{
	return (enum sip_method)rdata->msg.method;
}

struct sip_str sip_rx_data_method_text(const struct sip_rx_data *rdata)
{
	return rdata->msg.is_request ? rdata->msg.method_text
				     : rdata->msg.cseq_method_text;
}

const struct sip_uri *sip_rx_data_request_uri(const struct sip_rx_data *rdata)
{
	return rdata->msg.is_request ? &rdata->msg.request_uri : NULL;
}

int sip_rx_data_status(const struct sip_rx_data *rdata)
{
	return rdata->msg.status;
}

struct sip_str sip_rx_data_reason(const struct sip_rx_data *rdata)
{
	return rdata->msg.reason;
}

struct sip_str sip_rx_data_body(const struct sip_rx_data *rdata)
{
	return (struct sip_str){ rdata->msg.text + rdata->msg.body_off,
		rdata->msg.body_len };
}

struct sip_str sip_rx_data_text(const struct sip_rx_data *rdata)
{
	return (struct sip_str){ rdata->msg.text, rdata->msg.len };
}

const struct sip_flow *sip_rx_data_flow(const struct sip_rx_data *rdata)
{
	return &rdata->flow;
}

uint64_t sip_rx_data_arrival_us(const struct sip_rx_data *rdata)
{
	return rdata->arrival_us;
}

bool sip_rx_data_next_peer_name(
	const struct sip_rx_data *rdata, size_t *index, struct sip_str *name)
{
	const struct sip_peer_names *names = rdata->peer_names;

	if (names == NULL || *index >= names->count)
		return false;
	*name = names->name[(*index)++];
	return true;
}

struct sip_str sip_rx_data_call_id(const struct sip_rx_data *rdata)
{
	return rdata->msg.call_id;
}

uint32_t sip_rx_data_cseq(const struct sip_rx_data *rdata)
{
	return rdata->msg.cseq;
}

const struct sip_name_addr *sip_rx_data_from(const struct sip_rx_data *rdata)
{
	return &rdata->msg.from;
}

const struct sip_name_addr *sip_rx_data_to(const struct sip_rx_data *rdata)
{
	return &rdata->msg.to;
}

struct sip_str sip_rx_data_from_tag(const struct sip_rx_data *rdata)
{
	return rdata->msg.from_tag;
}

struct sip_str sip_rx_data_to_tag(const struct sip_rx_data *rdata)
{
	return rdata->msg.to_tag;
}

const struct sip_via *sip_rx_data_via(const struct sip_rx_data *rdata)
{
	return &rdata->msg.via;
}

bool sip_rx_data_has_further_via(const struct sip_rx_data *rdata)
{
	return sip_msg_has_further_via(&rdata->msg);
}

struct sip_str sip_rx_data_header(const struct sip_rx_data *rdata, enum sip_hdr_id id)
{
	return sip_msg_header(&rdata->msg, id);
}

struct sip_str sip_rx_data_header_named(
	const struct sip_rx_data *rdata, struct sip_str name)
{
	return sip_msg_header_named(&rdata->msg, name);
}

bool sip_rx_data_next_header(
	const struct sip_rx_data *rdata, enum sip_hdr_id id, struct sip_hdr_iter *iter)
{
	return sip_msg_next_header(&rdata->msg, id, iter);
}

bool sip_rx_data_next_element(
	const struct sip_rx_data *rdata, enum sip_hdr_id id, struct sip_hdr_iter *iter)
{
	return sip_msg_next_element(&rdata->msg, id, iter);
}

bool sip_rx_data_has_token(
	const struct sip_rx_data *rdata, enum sip_hdr_id id, struct sip_str token)
{
	return sip_msg_has_token(&rdata->msg, id, token);
}

int sip_rx_data_number(
	const struct sip_rx_data *rdata, enum sip_hdr_id id, uint32_t *number)
{
	return sip_msg_number(&rdata->msg, id, number);
}
