/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Text that is not NUL-terminated.
 */
#include "res_sip/str.h"

#include "base/compiler.h"
#include "res_sip/error.h"

#include <stdlib.h>

/* Not tolower(): the locale has no say in what a peer wrote. */
static unsigned char lower(char c)
{
	unsigned char byte = (unsigned char)c;

	return byte >= 'A' && byte <= 'Z' ? (unsigned char)(byte | 0x20) : byte;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* The functions themselves, for who wants their address. */
extern inline struct sip_str sip_str_of(const char *text);
extern inline bool sip_str_equal(struct sip_str a, struct sip_str b);

static bool same_eight(const char *a, const char *b)
{
	uint64_t x;
	uint64_t y;

	memcpy(&x, a, sizeof(x));
	memcpy(&y, b, sizeof(y));
	return x == y;
}

static bool same_four(const char *a, const char *b)
{
	uint32_t x;
	uint32_t y;

	memcpy(&x, a, sizeof(x));
	memcpy(&y, b, sizeof(y));
	return x == y;
}

/* How many bytes from the start on are the same for sure.  What is the same without case
 * mostly is with it too, and most texts have a few words of the machine. */
static size_t same_prefix(const char *a, const char *b, size_t len)
{
	size_t same = 0;

	while (len - same >= 8 && same_eight(a + same, b + same))
		same += 8;
	if (same != 0 && len - same < 8 && same_eight(a + len - 8, b + len - 8))
		return len;
	if (len - same >= 4 && same_four(a + same, b + same)) {
		same += 4;
		if (len - same < 4 && same_four(a + len - 4, b + len - 4))
			return len;
	}
	return same;
}

bool sip_str_equal_nocase(struct sip_str a, struct sip_str b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = same_prefix(a.ptr, b.ptr, a.len); i < a.len; i++) {
		if (a.ptr[i] != b.ptr[i] && lower(a.ptr[i]) != lower(b.ptr[i]))
			return false;
	}
	return true;
}

bool sip_str_starts(struct sip_str str, struct sip_str prefix)
{
	return str.len >= prefix.len &&
		(prefix.len == 0 || memcmp(str.ptr, prefix.ptr, prefix.len) == 0);
}

struct sip_str sip_str_trim(struct sip_str str)
{
	while (str.len > 0 && is_blank(str.ptr[str.len - 1]))
		str.len--;
	while (str.len > 0 && is_blank(*str.ptr)) {
		str.ptr++;
		str.len--;
	}
	return str;
}

size_t sip_str_find(struct sip_str str, char c)
{
	const char *at = str.len == 0 ? NULL : memchr(str.ptr, c, str.len);

	return at == NULL ? SIZE_MAX : (size_t)(at - str.ptr);
}

int sip_str_number(struct sip_str str, uint64_t max, uint64_t *number)
{
	/* So many digits are below 2^64. */
	bool brief = str.len < 20;
	uint64_t value = 0;
	bool above = false;

	if (str.len == 0)
		return SIP_ESYNTAX;
	for (size_t i = 0; i < str.len; i++) {
		unsigned digit = (unsigned)(unsigned char)str.ptr[i] - '0';

		if (digit > 9)
			return SIP_ESYNTAX;
		/* Go on to the end: that a letter follows matters more than the size. */
		above |= !brief &&
			(value > UINT64_MAX / 10 ||
				(value == UINT64_MAX / 10 && digit > UINT64_MAX % 10));
		value = value * 10 + digit;
	}
	if (above || value > max)
		return SIP_ELIMIT;
	*number = value;
	return SIP_OK;
}

char *sip_str_copy(struct sip_str str)
{
	char *copy = malloc(str.len + 1);

	if (copy == NULL)
		return NULL;
	if (str.len > 0)
		memcpy(copy, str.ptr, str.len);
	copy[str.len] = '\0';
	return copy;
}
