/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The answers to a REGISTER: RFC 3261 section 10.3, step 8.
 *
 * A copy of a REGISTER gets the same bytes while nothing else changed the AOR.
 * So there is no Date (step 8 says SHOULD), and the seconds that are left to
 * the bindings of others are counted from the moment of this REGISTER's
 * update, not of its copy.
 */
#include "answer.h"

#include "expiry.h"
#include "outbound.h"

#include <res_sip/gruu.h>
#include <res_sip/response.h>

#include <stdio.h>
#include <stdlib.h>

/* `<` `>` `;` `;q=0.123` `;expires=4294967295` and the NUL, with some to spare */
#define CONTACT_EXTRA 48

/* Both, with their names and quotes. */
#define GRUU_EXTRA (2 * (AST_SIP_GRUU_LEN + 16))

/* What GRUUs are made of. */
struct answer_gruu {
	struct sip_uri uri; /* of To: the address of record */
	const char *aor;
};

static bool is_of_request(
	const struct ast_sip_contact *contact, const struct sip_rx_data *rdata)
{
	return contact->cseq == sip_rx_data_cseq(rdata) &&
		sip_str_equal(contact->call_id, sip_rx_data_call_id(rdata));
}

/* When this REGISTER updated its bindings, monotonic; 0 where none of them is left. */
static uint64_t updated_at_us(
	const struct ast_sip_contacts *now, const struct sip_rx_data *rdata)
{
	for (size_t i = 0; i < now->count; i++) {
		const struct ast_sip_contact *contact = now->contact[i];
		uint64_t granted_us = (uint64_t)contact->expires_s * 1000000u;
		if (is_of_request(contact, rdata) && contact->expires_at_us > granted_us)
			return contact->expires_at_us - granted_us;
	}
	return 0;
}

static uint32_t shown_expires_s(const struct ast_sip_contact *contact,
	const struct sip_rx_data *rdata, uint64_t updated_us)
{
	if (is_of_request(contact, rdata))
		return contact->expires_s;
	if (updated_us == 0)
		return ast_sip_contact_remaining_s(contact);
	return expiry_remaining_s(contact->expires_at_us, updated_us);
}

static char *put(char *at, struct sip_str text)
{
	if (text.len > 0)
		memcpy(at, text.ptr, text.len);
	return at + text.len;
}

/* `;q=0.5`, without zeros at its end; 1 is what every contact has that says nothing. */
static char *put_q(char *at, uint32_t thousandths)
{
	if (thousandths >= 1000)
		return at;
	at = put(at, SIP_STR(";q=0"));
	for (uint32_t digit = 100; thousandths > 0; digit /= 10) {
		if (digit == 100)
			*at++ = '.';
		*at++ = (char)('0' + thousandths / digit);
		thousandths %= digit;
	}
	return at;
}

static char *put_number(char *at, uint32_t number)
{
	char digits[10];
	size_t count = 0;

	do {
		digits[count++] = (char)('0' + number % 10);
		number /= 10;
	} while (number > 0);
	while (count > 0)
		*at++ = digits[--count];
	return at;
}

/* RFC 5627 section 5.3.  Without room for a GRUU the contact has none. */
static char *put_gruu(char *at, const struct sip_uri *aor_uri, const char *aor,
	const struct ast_sip_contact *contact, bool temporary)
{
	char gruu[AST_SIP_GRUU_LEN];

	if (ast_sip_gruu_write(aor_uri, aor, contact, temporary, gruu) != 0)
		return at;
	at = put(at, temporary ? SIP_STR(";temp-gruu=\"") : SIP_STR(";pub-gruu=\""));
	return put(put(at, sip_str_of(gruu)), SIP_STR("\""));
}

/* Into `value`, which has CONTACT_EXTRA bytes more than the texts, and where `gruu` is
 * not NULL GRUU_EXTRA. */
static void write_contact(char *value, const struct ast_sip_contact *contact,
	uint32_t expires_s, const struct answer_gruu *gruu)
{
	char *at = put(value, SIP_STR("<"));

	at = put(at, contact->uri);
	at = put(at, SIP_STR(">"));
	if (contact->params.len > 0)
		at = put(put(at, SIP_STR(";")), contact->params);
	at = put_q(at, contact->q);
	at = put_number(put(at, SIP_STR(";expires=")), expires_s);
	if (gruu != NULL) {
		at = put_gruu(at, &gruu->uri, gruu->aor, contact, false);
		at = put_gruu(at, &gruu->uri, gruu->aor, contact, true);
	}
	*at = '\0';
}

static int add_contact(struct sip_tx_data *tdata, const struct ast_sip_contact *contact,
	uint32_t expires_s, const struct answer_gruu *gruu)
{
	size_t size = contact->uri.len + contact->params.len + CONTACT_EXTRA +
		(gruu != NULL ? GRUU_EXTRA : 0);
	char usual[512];
	char *value = size <= sizeof(usual) ? usual : malloc(size);

	if (value == NULL)
		return -1;
	write_contact(value, contact, expires_s, gruu);
	int added = ast_sip_add_header(tdata, "Contact", value);
	if (value != usual)
		free(value);
	return added;
}

static int add_contacts(struct sip_tx_data *tdata, const struct sip_rx_data *rdata,
	const struct ast_sip_contacts *now, const char *aor)
{
	struct answer_gruu gruu = { .aor = aor };
	bool wanted = sip_rx_data_has_token(rdata, SIP_HDR_SUPPORTED, SIP_STR("gruu")) &&
		sip_uri_parse(sip_rx_data_to(rdata)->uri, &gruu.uri) == 0;
	uint64_t updated_us = updated_at_us(now, rdata);

	for (size_t i = 0; i < now->count; i++) {
		const struct ast_sip_contact *contact = now->contact[i];
		if (add_contact(tdata, contact,
			    shown_expires_s(contact, rdata, updated_us),
			    wanted ? &gruu : NULL) != 0)
			return -1;
	}
	return 0;
}

static int add_path(struct sip_tx_data *tdata, struct sip_str path)
{
	if (path.len == 0)
		return 0;
	char *value = sip_str_copy(path);
	int added = value == NULL ? -1 : ast_sip_add_header(tdata, "Path", value);
	free(value);
	return added;
}

/* RFC 5626 section 6: so a phone knows that its flow counts; and how often it has to keep
 * it open. */
static int add_outbound(struct sip_tx_data *tdata, const struct sip_rx_data *rdata)
{
	char seconds[16];

	snprintf(seconds, sizeof(seconds), "%u", FLOW_TIMER_S);
	if (outbound_has_timer(rdata) &&
		ast_sip_add_header(tdata, "Flow-Timer", seconds) != 0)
		return -1;
	return ast_sip_add_header(tdata, "Require", "outbound");
}

struct sip_tx_data *answer_create(
	struct sip_rx_data *rdata, struct sip_str path, bool flow)
{
	struct sip_tx_data *tdata;

	if (ast_sip_create_response(rdata, 200, NULL, &tdata) != 0)
		return NULL;
	if (add_path(tdata, path) != 0 || (flow && add_outbound(tdata, rdata) != 0)) {
		ast_sip_destroy_tx_data(tdata);
		return NULL;
	}
	return tdata;
}

/* A list that is not whole would make a phone believe that it lost a binding, and what is
 * done is not to be refused: who hears nothing asks again, and is told then. */
void answer_bindings(struct sip_rx_data *rdata, struct sip_tx_data *tdata,
	const struct ast_sip_contacts *now, const char *aor)
{
	if (add_contacts(tdata, rdata, now, aor) == 0) {
		if (ast_sip_send_response(rdata, tdata) == 0)
			return;
	} else {
		ast_sip_destroy_tx_data(tdata);
	}
	ast_sip_abandon_request(rdata);
}

void answer_refusal(struct sip_rx_data *rdata, const struct refusal *refusal)
{
	struct sip_tx_data *tdata;
	char number[16];

	if (refusal->busy) {
		SIP_IGNORE(ast_sip_respond_busy(rdata)); /* lost, it comes again */
		return;
	}
	if (ast_sip_create_response(rdata, refusal->status, refusal->reason, &tdata) != 0)
		return;
	/* A field that found no room makes the sending fail. */
	if (refusal->min_expires > 0) {
		snprintf(number, sizeof(number), "%u", (unsigned)refusal->min_expires);
		SIP_IGNORE(ast_sip_add_header(tdata, "Min-Expires", number));
	}
	if (refusal->unsupported != NULL)
		SIP_IGNORE(
			ast_sip_add_header(tdata, "Unsupported", refusal->unsupported));
	SIP_IGNORE(ast_sip_send_response(rdata, tdata)); /* lost, it comes again */
}
