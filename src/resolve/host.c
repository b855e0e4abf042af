/* SPDX-License-Identifier: BSD-2-Clause */
/* Hosts: see host.h.  Names are of letters, digits, `-` and `_` (RFC 1123 2.1). */
#include "resolve/host.h"

#include "res_sip/error.h"
#include "resolve/dns.h"

#define LABEL_LEN 63

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_name_char(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		c == '-' || c == '_';
}

/* The last label has a letter, or it would be an address with a slip in it. */
static bool is_name(struct sip_str name)
{
	size_t label_len = 0;
	bool digits = true;

	if (name.len == 0 || name.len > SIP_DNS_NAME_LEN)
		return false;
	for (size_t i = 0; i < name.len; i++) {
		if (name.ptr[i] == '.') {
			if (label_len == 0)
				return false;
			label_len = 0;
			digits = true;
			continue;
		}
		if (!is_name_char(name.ptr[i]) || ++label_len > LABEL_LEN)
			return false;
		digits = digits && is_digit(name.ptr[i]);
	}
	return label_len > 0 && !digits;
}

static bool ends_in(struct sip_str name, struct sip_str last)
{
	struct sip_str end = { name.ptr + name.len - last.len, last.len };

	if (name.len < last.len || !sip_str_equal_nocase(end, last))
		return false;
	return name.len == last.len || end.ptr[-1] == '.';
}

/* No part of a host, but what parses addresses would take it. */
static bool has_port(struct sip_str host)
{
	size_t colon = sip_str_find(host, ':');

	if (colon == SIZE_MAX)
		return false;
	if (host.ptr[0] == '[')
		return host.ptr[host.len - 1] != ']';
	host.ptr += colon + 1;
	host.len -= colon + 1;
	return sip_str_find(host, ':') == SIZE_MAX;
}

enum host_kind host_read(struct sip_str host, struct sip_addr *addr, struct sip_str *name)
{
	if (has_port(host))
		return HOST_GARBLED;
	if (sip_addr_parse(host, 0, addr) == SIP_OK)
		return HOST_ADDRESS;
	if (host.len > 0 && host.ptr[host.len - 1] == '.')
		host.len--;
	if (!is_name(host))
		return HOST_GARBLED;
	*name = host;
	return ends_in(host, SIP_STR("invalid")) ? HOST_INVALID : HOST_NAME;
}
