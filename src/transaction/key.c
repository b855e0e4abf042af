/* SPDX-License-Identifier: BSD-2-Clause */
/* What a transaction is found by: see key.h. */
#include "transaction/key.h"

#include <stdlib.h>
#include <string.h>

static uint16_t port_of(const struct sip_via *via)
{
	if (via->port != 0)
		return via->port;
	return sip_str_equal_nocase(via->transport, SIP_STR("TLS")) ? 5061 : 5060;
}

void sip_txn_key_of(struct sip_txn_key *key, const struct sip_msg *request)
{
	key->branch = request->via.branch;
	key->method = request->method_text;
	key->sent_by = request->via.host;
	key->from_tag = request->from_tag;
	key->cseq = request->cseq;
	key->port = port_of(&request->via);
	key->large = NULL;
}

/* What is not there stays that way. */
static struct sip_str put(char **at, struct sip_str text)
{
	struct sip_str copy = { text.ptr != NULL ? *at : NULL, text.len };

	if (text.len > 0)
		*at = (char *)memcpy(*at, text.ptr, text.len) + text.len;
	return copy;
}

int sip_txn_key_copy(struct sip_txn_key *key, const struct sip_txn_key *borrowed)
{
	size_t len = borrowed->branch.len + borrowed->method.len + borrowed->sent_by.len +
		borrowed->from_tag.len;
	char *at = key->room;

	key->large = NULL;
	if (len > sizeof(key->room) && (at = key->large = malloc(len)) == NULL)
		return SIP_EMEMORY;
	key->branch = put(&at, borrowed->branch);
	key->method = put(&at, borrowed->method);
	key->sent_by = put(&at, borrowed->sent_by);
	key->from_tag = put(&at, borrowed->from_tag);
	key->cseq = borrowed->cseq;
	key->port = borrowed->port;
	return 0;
}

void sip_txn_key_fini(struct sip_txn_key *key)
{
	free(key->large);
	key->large = NULL;
}

bool sip_txn_same_text(struct sip_str a, struct sip_str b)
{
	return (a.ptr == NULL) == (b.ptr == NULL) && sip_str_equal(a, b);
}

bool sip_txn_has_cookie(struct sip_str branch)
{
	struct sip_str cookie = SIP_STR("z9hG4bK");

	return branch.len > cookie.len &&
		sip_str_equal_nocase((struct sip_str){ branch.ptr, cookie.len }, cookie);
}

bool sip_txn_key_same_hop(const struct sip_txn_key *a, const struct sip_txn_key *b)
{
	return sip_txn_same_text(a->branch, b->branch) && a->port == b->port &&
		sip_str_equal_nocase(a->sent_by, b->sent_by);
}
