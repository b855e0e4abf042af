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

/* What the two rules of RFC 2543 and the one for CANCEL have in common. */
static bool same_2543(const struct sip_msg *a, const struct sip_msg *b)
{
	struct sip_txn_key key_a, key_b;

	sip_txn_key_of(&key_a, a);
	sip_txn_key_of(&key_b, b);
	return a->cseq == b->cseq && sip_txn_same_text(a->from_tag, b->from_tag) &&
		sip_txn_key_same_hop(&key_a, &key_b) &&
		sip_str_equal_nocase(a->via.transport, b->via.transport) &&
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
			sip_txn_same_text(sent_to_tag(txn), msg->to_tag);
	return sip_txn_same_text(request->to_tag, msg->to_tag) &&
		sip_str_equal(request->method_text, msg->method_text);
}

/* `key` is the message's. */
static bool matches_request(const struct sip_txn *txn, const struct sip_txn_key *key,
	const struct sip_msg *msg)
{
	if (!sip_txn_has_cookie(key->branch))
		return txn->uas.by_2543 && matches_2543(txn, msg);
	if (!sip_txn_key_same_hop(&txn->key, key))
		return false;
	if (msg->method == SIP_ACK)
		return txn->role == SIP_TXN_UAS_INVITE;
	return sip_str_equal(txn->key.method, key->method);
}

struct sip_txn *sip_txn_match_request(
	struct sip_call *call, const struct sip_rx_data *rdata)
{
	struct sip_list *at, *ahead;
	struct sip_txn_key key;

	sip_txn_key_of(&key, &rdata->msg);
	sip_list_each (&call->txns, at, ahead) {
		struct sip_txn *txn = SIP_CONTAINER(at, struct sip_txn, link);

		if (is_server(txn) && matches_request(txn, &key, &rdata->msg))
			return txn;
	}
	return NULL;
}

/* "assuming that the request method is anything but CANCEL or ACK" */
static bool is_meant(const struct sip_txn *txn, const struct sip_txn_key *key,
	const struct sip_msg *cancel)
{
	if (sip_str_equal(txn->key.method, SIP_STR("CANCEL")))
		return false;
	if (sip_txn_has_cookie(key->branch))
		return sip_txn_key_same_hop(&txn->key, key);
	return txn->uas.by_2543 && same_2543(&txn->uas.request->msg, cancel) &&
		sip_txn_same_text(txn->uas.request->msg.to_tag, cancel->to_tag);
}

struct sip_txn *sip_txn_match_cancel(
	struct sip_call *call, const struct sip_rx_data *cancel)
{
	struct sip_list *at, *ahead;
	struct sip_txn_key key;

	sip_txn_key_of(&key, &cancel->msg);
	sip_list_each (&call->txns, at, ahead) {
		struct sip_txn *txn = SIP_CONTAINER(at, struct sip_txn, link);

		if (is_server(txn) && is_meant(txn, &key, &cancel->msg))
			return txn;
	}
	return NULL;
}

static bool is_merged(const struct sip_txn *txn, const struct sip_txn_key *key,
	const struct sip_msg *msg)
{
	return txn->key.cseq == key->cseq &&
		sip_txn_same_text(txn->key.from_tag, key->from_tag) &&
		sip_str_equal(txn->key.method, key->method) &&
		!matches_request(txn, key, msg);
}

struct sip_txn *sip_txn_match_merged(
	struct sip_call *call, const struct sip_rx_data *rdata)
{
	struct sip_list *at, *ahead;
	struct sip_txn_key key;

	/* "If the request has no tag in the To header field" */
	if (rdata->msg.to_tag.ptr != NULL)
		return NULL;
	sip_txn_key_of(&key, &rdata->msg);
	sip_list_each (&call->txns, at, ahead) {
		struct sip_txn *txn = SIP_CONTAINER(at, struct sip_txn, link);

		if (is_server(txn) && is_merged(txn, &key, &rdata->msg))
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
		if (is_client(txn) &&
			sip_txn_same_text(txn->key.branch, response->msg.via.branch) &&
			sip_str_equal(txn->key.method, response->msg.cseq_method_text))
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

		if (!is_client(txn) || !sip_txn_same_text(txn->key.branch, branch))
			continue;
		if (txn->state == CALLING || txn->state == TRYING)
			return txn;
		if (found == NULL)
			found = txn;
	}
	return found;
}

struct sip_txn *sip_txn_find(struct sip_call *call, uint32_t serial)
{
	struct sip_list *at, *ahead;

	sip_list_each (&call->txns, at, ahead) {
		struct sip_txn *txn = SIP_CONTAINER(at, struct sip_txn, link);

		if (txn->serial == serial && txn->state != TERMINATED)
			return txn;
	}
	return NULL;
}
