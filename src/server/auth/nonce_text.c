/* SPDX-License-Identifier: BSD-2-Clause */
#include "server/auth/nonce_text.h"

#include <string.h>

/* In 42 bits milliseconds last for 139 years: with 32 it would be young again after seven
 * weeks. */
#define TIME_DIGITS   7u
#define SERIAL_DIGITS 4u
#define MAC_DIGITS    11u
#define HEAD_DIGITS   (TIME_DIGITS + SERIAL_DIGITS)
#define TIME_MASK     ((UINT64_C(1) << 6 * TIME_DIGITS) - 1)

_Static_assert(HEAD_DIGITS + MAC_DIGITS == SIP_NONCE_LEN, "as the header says");

static const char digits[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* The most significant comes first. */
static void put_digits(char *text, uint64_t value, unsigned count)
{
	while (count > 0) {
		text[--count] = digits[value & 63];
		value >>= 6;
	}
}

/* An address's bytes; of IPv4 with four more, for what is hashed by words of eight. */
static size_t copy_host(const struct sip_addr *addr, char host[16])
{
	if (addr->sa.sa_family == AF_INET6) {
		memcpy(host, &addr->v6.sin6_addr, 16);
		return 16;
	}
	memset(host, 0, 8);
	memcpy(host, &addr->v4.sin_addr, 4);
	return 8;
}

static uint64_t mac_of(const struct sip_nonce_origin *origin, const char *head)
{
	char host[16];
	size_t host_len = copy_host(origin->source, host);

	return sip_mac_short(origin->key,
		(const struct sip_str[]){
			{ head, HEAD_DIGITS }, { host, host_len }, origin->realm },
		3);
}

void sip_nonce_compose(const struct sip_nonce_origin *origin, uint64_t wall_ms,
	uint64_t serial, char *text)
{
	put_digits(text, wall_ms, TIME_DIGITS);
	put_digits(text + TIME_DIGITS, serial, SERIAL_DIGITS);
	put_digits(text + HEAD_DIGITS, mac_of(origin, text), MAC_DIGITS);
}

bool sip_nonce_prove(
	const struct sip_nonce_origin *origin, struct sip_str nonce, uint64_t *mac)
{
	char proof[MAC_DIGITS];

	if (nonce.len != SIP_NONCE_LEN)
		return false;
	*mac = mac_of(origin, nonce.ptr);
	put_digits(proof, *mac, MAC_DIGITS);
	return sip_mac_equal(proof, nonce.ptr + HEAD_DIGITS, MAC_DIGITS);
}

bool sip_nonce_time(struct sip_str nonce, uint64_t *made_ms)
{
	*made_ms = 0;
	if (nonce.len != SIP_NONCE_LEN)
		return false;
	for (unsigned i = 0; i < TIME_DIGITS; i++) {
		const char *digit = memchr(digits, nonce.ptr[i], 64);

		if (digit == NULL)
			return false;
		*made_ms = *made_ms << 6 | (uint64_t)(digit - digits);
	}
	return true;
}

uint64_t sip_nonce_age(uint64_t made_ms, uint64_t wall_ms)
{
	return (wall_ms - made_ms) & TIME_MASK;
}
