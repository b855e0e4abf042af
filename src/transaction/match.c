/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which transaction a message belongs to: RFC 3261 sections 17.1.3 (responses),
 * 17.2.3 (requests), 9.2 (CANCEL) and 8.2.2.2 (merged requests).
 *
 * A call has few transactions, so its list is walked.  The Call-ID need not be
 * compared: it is the call's.  Branches are compared byte by byte: a peer that
 * counts in base64 makes two that differ by case only, and none changes one.
 * A transaction that is being taken down matches nothing.
 */
#include "transaction/own_text.h"
#include "transaction/txn_private.h"

static bool has_magic_cookie(struct sip_str branch)
{
	struct sip_str cookie = SIP_STR("z9hG4bK");

	return branch.len > cookie.len &&
		sip_str_equal_nocase((struct sip_str){ branch.ptr, cookie.len }, cookie);
}

/* {NULL, 0}, "not there", equals itself only. */
static bool same(struct sip_str a, struct sip_str b)
{
	return (a.ptr == NULL) == (b.ptr == NULL) && sip_str_equal(a, b);
}

static uint16_t port_of(const struct sip_via *via)
{
	if (via->port != 0)
		return via->port;
	return sip_str_equal_nocase(via->transport, SIP_STR("TLS")) ? 5061 : 5060;
}

static bool same_sent_by(const struct sip_via *a, const struct sip_via *b)
{
	return sip_str_equal_nocase(a->host, b->host) && port_of(a) == port_of(b);
}

static bool same_top_via(const struct sip_via *a, const struct sip_via *b)
{
	return same_sent_by(a, b) && sip_str_equal_nocase(a->transport, b->transport) &&
		same(a->branch, b->branch);
}

/* What the two rules of RFC 2543 and the one for CANCEL have in common. */
static bool same_2543(const struct sip_msg *a, const struct sip_msg *b)
{
	return a->cseq == b->cseq && same(a->from_tag, b->from_tag) &&
		same_top_via(&a->via, &b->via) &&
		sip_uri_equal(&a->request_uri, &b->request_uri);
}

/* The To tag of the response that the transaction sent last: there is one. */
static struct sip_str sent_to_tag(const struct sip_txn *txn)
{
	struct sip_str tag = { NULL, 0 };
	struct sip_name_addr to;

	if (sip_name_addr_parse(
		    sip_own_text_header(txn->uas.last_response, SIP_HDR_TO), &to) != 0 ||
		!sip_param_find(to.params, SIP_STR("tag"), &tag))
		return (struct sip_str){ NULL, 0 };
	return tag;
}

static bool is_server(const struct sip_txn *txn)
{
	return txn->state != TERMINATED &&
		(txn->role == SIP_TXN_UAS_INVITE || txn->role == SIP_TXN_UAS);
}

/* Without the magic cookie. */
static bool matches_2543(const struct sip_txn *txn, const struct sip_msg *msg)
{
	const struct sip_msg *request = &txn->uas.request->msg;

	if (!same_2543(request, msg))
		return false;
	/* "the To tag of the ACK matches the To tag of the response sent by the server"
	 */
	if (msg->method == SIP_ACK)
		return txn->role == SIP_TXN_UAS_INVITE && txn->last_status >= 200 &&
			same(sent_to_tag(txn), msg->to_tag);
	return same(request->to_tag, msg->to_tag) &&
		sip_str_equal(request->method_text, msg->method_text);
}

static bool matches_request(const struct sip_txn *txn, const struct sip_msg *msg)
{
	const struct sip_msg *request = &txn->uas.request->msg;

	if (!has_magic_cookie(msg->via.branch))
		return matches_2543(txn, msg);
	if (!same(request->via.branch, msg->via.branch) ||
		!same_sent_by(&request->via, &msg->via))
		return false;
	if (msg->method == SIP_ACK)
		return txn->role == SIP_TXN_UAS_INVITE;
	return sip_str_equal(request->method_text, msg->method_text);
}

struct sip_txn *sip_txn_match_request(
	struct sip_call *call, const struct sip_rx_data *rdata)
{
	struct sip_list *at, *ahead;

	sip_list_each (&call->txns, at, ahead) {
		struct sip_txn *txn = SIP_CONTAINER(at, struct sip_txn, link);

		if (is_server(txn) && matches_request(txn, &rdata->msg))
			return txn;
	}
	return NULL;
}

/* "assuming that the request method is anything but CANCEL or ACK" */
static bool is_meant(const struct sip_txn *txn, const struct sip_msg *cancel)
{
	const struct sip_msg *request = &txn->uas.request->msg;

	if (request->method == SIP_CANCEL)
		return false;
	if (has_magic_cookie(cancel->via.branch))
		return same(request->via.branch, cancel->via.branch) &&
			same_sent_by(&request->via, &cancel->via);
	return same_2543(request, cancel) && same(request->to_tag, cancel->to_tag);
}

struct sip_txn *sip_txn_match_cancel(
	struct sip_call *call, const struct sip_rx_data *cancel)
{
	struct sip_list *at, *ahead;

	sip_list_each (&call->txns, at, ahead) {
		struct sip_txn *txn = SIP_CONTAINER(at, struct sip_txn, link);

		if (is_server(txn) && is_meant(txn, &cancel->msg))
			return txn;
	}
	return NULL;
}

static bool is_merged(const struct sip_txn *txn, const struct sip_msg *msg)
{
	const struct sip_msg *request = &txn->uas.request->msg;

	return request->cseq == msg->cseq && same(request->from_tag, msg->from_tag) &&
		sip_str_equal(request->cseq_method_text, msg->cseq_method_text) &&
		!matches_request(txn, msg);
}

struct sip_txn *sip_txn_match_merged(
	struct sip_call *call, const struct sip_rx_data *rdata)
{
	struct sip_list *at, *ahead;

	/* "If the request has no tag in the To header field" */
	if (rdata->msg.to_tag.ptr != NULL)
		return NULL;
	sip_list_each (&call->txns, at, ahead) {
		struct sip_txn *txn = SIP_CONTAINER(at, struct sip_txn, link);

		if (is_server(txn) && is_merged(txn, &rdata->msg))
			return txn;
	}
	return NULL;
}

static bool is_client(const struct sip_txn *txn)
{
	/* A CANCEL that waits has sent nothing that could be answered. */
	return txn->state != TERMINATED &&
		(txn->role == SIP_TXN_UAC_INVITE || txn->role == SIP_TXN_UAC) &&
		txn->uac.started;
}

struct sip_txn *sip_txn_match_response(
	struct sip_call *call, const struct sip_rx_data *response)
{
	struct sip_list *at, *ahead;

	sip_list_each (&call->txns, at, ahead) {
		struct sip_txn *txn = SIP_CONTAINER(at, struct sip_txn, link);

		/* "The method is needed since a CANCEL request constitutes a different
		 * transaction, but shares the same value of the branch parameter." */
		if (is_client(txn) && same(txn->branch, response->msg.via.branch) &&
			sip_str_equal(
				sip_uac_method(txn), response->msg.cseq_method_text))
			return txn;
	}
	return NULL;
}

struct sip_txn *sip_txn_match_branch(struct sip_call *call, struct sip_str branch)
{
	struct sip_txn *found = NULL;
	struct sip_list *at, *ahead;

	sip_list_each (&call->txns, at, ahead) {
		struct sip_txn *txn = SIP_CONTAINER(at, struct sip_txn, link);

		if (!is_client(txn) || !same(txn->branch, branch))
			continue;
		if (txn->state == CALLING || txn->state == TRYING)
			return txn;
		if (found == NULL)
			found = txn;
	}
	return found;
}
