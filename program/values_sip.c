/* SPDX-License-Identifier: BSD-2-Clause */
/* Values of SIP: addresses, networks, hosts, URIs, protocols. */
#include "values.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <strings.h>

#define SIP_PORT 5060
#define DNS_PORT 53

bool is_host(struct sip_str text)
{
	struct sip_addr addr;

	if (text.len == 0 || text.len > 255)
		return false;
	if (text.ptr[0] == '[')
		return sip_addr_parse(text, 0, &addr) == SIP_OK &&
			addr.sa.sa_family == AF_INET6 && text.ptr[text.len - 1] == ']';
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.ptr[i];

		if (c >= 0x80 || (!isalnum(c) && c != '-' && c != '.' && c != '_'))
			return false;
	}
	return true;
}

const char *lower_copy(struct store *store, struct sip_str text)
{
	char *copy = store_text(store, text);

	for (char *at = copy; *at != '\0'; at++)
		*at = (char)tolower((unsigned char)*at);
	return copy;
}

static bool has_item(const struct sip_config_list *list, const char *item)
{
	for (size_t i = 0; i < list->count; i++) {
		if (strcmp(list->item[i], item) == 0)
			return true;
	}
	return false;
}

void read_domains(const struct value *value, void *field)
{
	struct sip_config_list *list = field;
	struct sip_str rest = sip_str_of(value->entry->value);
	struct store *store = value->settings->store;
	struct sip_str item;

	while (next_item(&rest, &item)) {
		const char *domain = lower_copy(store, item);

		if (!is_host(item))
			value_wrong(value, "`%.*s` is not the name of a host or domain",
				SIP_STR_ARG(item));
		else if (!has_item(list, domain))
			list_add(store, list, domain);
	}
}

/* A port of its own, if any, is all that follows the host. */
static bool is_origin(struct sip_str text)
{
	size_t colon = sip_str_find(text, ':');
	struct sip_str host;
	struct sip_addr addr;

	if (sip_str_equal(text, SIP_STR("*")) || sip_str_equal(text, SIP_STR("null")))
		return true;
	if (colon == 0 || colon >= text.len)
		return false;
	host = (struct sip_str){ text.ptr + colon, text.len - colon };
	if (!sip_str_starts(host, SIP_STR("://")))
		return false;
	host.ptr += 3;
	host.len -= 3;
	if (sip_addr_parse(host, SIP_PORT, &addr) == SIP_OK)
		return true;
	colon = sip_str_find(host, ':');
	if (colon < host.len) {
		uint64_t port;

		if (sip_str_number((struct sip_str){ host.ptr + colon + 1,
					   host.len - colon - 1 },
			    65535, &port) != SIP_OK)
			return false;
		host.len = colon;
	}
	return is_host(host);
}

void read_origins(const struct value *value, void *field)
{
	struct sip_config_list *list = field;
	struct sip_str rest = sip_str_of(value->entry->value);
	struct sip_str item;

	while (next_item(&rest, &item)) {
		if (is_origin(item))
			list_add(value->settings->store, list,
				lower_copy(value->settings->store, item));
		else
			value_wrong(value,
				"`%.*s` is not an origin such as https://phone.example.com or "
				"http://localhost:8080: no path follows the host",
				SIP_STR_ARG(item));
	}
}

void read_domain(const struct value *value, void *field)
{
	struct sip_str text = sip_str_of(value->entry->value);

	if (!is_host(text))
		value_wrong(value, "`%s` is not the name of a host or domain",
			value->entry->value);
	else
		*(const char **)field = lower_copy(
			value->settings->store, sip_str_of(value->entry->value));
}

static void read_one_contact(
	const struct value *value, struct sip_config_list *list, struct sip_str text)
{
	struct sip_uri uri;

	if (sip_uri_parse(text, &uri) != SIP_OK) {
		value_wrong(value, "`%.*s` is not a URI such as sip:user@192.0.2.1:5060",
			SIP_STR_ARG(text));
		return;
	}
	if (uri.scheme != SIP_URI_SIP && uri.scheme != SIP_URI_SIPS) {
		value_wrong(value, "`%.*s`: only sip: and sips: URIs can be reached",
			SIP_STR_ARG(text));
		return;
	}
	list_add(value->settings->store, list, store_text(value->settings->store, text));
}

void read_contact(const struct value *value, void *field)
{
	struct sip_str rest = sip_str_of(value->entry->value);
	struct sip_str item;

	/* res_pjsip cuts at commas too: in a URI they would have to be escaped. */
	while (next_item(&rest, &item))
		read_one_contact(value, field, item);
}

void read_bind(const struct value *value, void *field)
{
	struct sip_addr *addr = field;
	const char *text = value->entry->value;

	if (sip_addr_parse(sip_str_of(text), SIP_PORT, addr) != SIP_OK)
		value_wrong(value,
			"`%s` is not an address such as 0.0.0.0, 192.0.2.1:5060 or "
			"[2001:db8::1]:5060",
			text);
}

void read_protocol(const struct value *value, void *field)
{
	static const char *const words[] = { "udp", "tcp", "tls", "ws", "wss", "flow",
		NULL };
	enum sip_transport_kind *kind = field;
	const char *text = value->entry->value;

	for (int i = SIP_UDP; i <= SIP_WSS; i++) {
		if (strcasecmp(text, words[i]) == 0) {
			*kind = (enum sip_transport_kind)i;
			return;
		}
	}
	value_wrong(value, "`%s` is none of udp, tcp, tls, ws and wss%s", text,
		suggest(value, sip_str_of(text), words));
}

/* RFC 2474 section 4.2.2, RFC 2597 section 6, RFC 3246 section 2.7; the octet has two
 * more bits below. */
static int code_point(const char *name)
{
	unsigned first = (unsigned char)name[2];
	unsigned second = first != '\0' ? (unsigned char)name[3] : 0;

	if (strcasecmp(name, "ef") == 0)
		return 46;
	if (strncasecmp(name, "cs", 2) == 0 && first >= '0' && first <= '7' &&
		second == '\0')
		return (int)(first - '0') * 8;
	if (strncasecmp(name, "af", 2) == 0 && first >= '1' && first <= '4' &&
		second >= '1' && second <= '3' && name[4] == '\0')
		return (int)(first - '0') * 8 + (int)(second - '0') * 2;
	return -1;
}

void read_tos(const struct value *value, void *field)
{
	uint32_t *tos = field;
	const char *text = value->entry->value;
	int point = strlen(text) >= 2 ? code_point(text) : -1;
	uint64_t number;

	if (point >= 0)
		*tos = (uint32_t)point << 2;
	else if (sip_str_number(sip_str_of(text), 255, &number) == SIP_OK)
		*tos = (uint32_t)number;
	else
		value_wrong(value,
			"`%s` is none of cs0 to cs7, af11 to af43, ef, nor a number up to 255",
			text);
}

void read_tls_method(const struct value *value, void *field)
{
	static const char *const words[] = { "default", "tlsv1_2", "tlsv1_3", NULL };
	static const char *const old[] = { "tlsv1", "tlsv1_1", "sslv2", "sslv3",
		"sslv23" };
	enum sip_tls_method *method = field;
	const char *text = value->entry->value;

	if (strcasecmp(text, "unspecified") == 0)
		text = words[SIP_TLS_ANY];
	for (int i = SIP_TLS_ANY; i <= SIP_TLS_1_3; i++) {
		if (strcasecmp(text, words[i]) == 0) {
			*method = (enum sip_tls_method)i;
			return;
		}
	}
	for (size_t i = 0; i < sizeof(old) / sizeof(old[0]); i++) {
		if (strcasecmp(text, old[i]) == 0) {
			value_wrong(value,
				"`%s` asks for versions of TLS that are broken and are not "
				"spoken here: `default` is 1.2 and 1.3",
				text);
			return;
		}
	}
	value_wrong(value, "`%s` is none of default, tlsv1_2 and tlsv1_3%s", text,
		suggest(value, sip_str_of(text), words));
}

/* The prefix of 255.255.240.0; -1: the bits have a hole. */
static int prefix_of_mask(struct in_addr mask)
{
	uint32_t bits = ntohl(mask.s_addr);
	int prefix = 0;

	while (prefix < 32 && (bits & (UINT32_C(0x80000000) >> prefix)) != 0)
		prefix++;
	return prefix < 32 && (uint32_t)(bits << prefix) != 0 ? -1 : prefix;
}

static bool parse_prefix(struct sip_str text, int family, uint8_t *prefix)
{
	char dotted[INET_ADDRSTRLEN];
	struct in_addr mask;
	uint64_t number;
	int found;

	if (sip_str_number(text, family == AF_INET ? 32 : 128, &number) == SIP_OK) {
		*prefix = (uint8_t)number;
		return true;
	}
	if (family != AF_INET || text.len >= sizeof(dotted))
		return false;
	memcpy(dotted, text.ptr, text.len);
	dotted[text.len] = '\0';
	if (inet_pton(AF_INET, dotted, &mask) != 1)
		return false;
	found = prefix_of_mask(mask);
	*prefix = (uint8_t)found;
	return found >= 0;
}

/* Clear the bits behind the prefix: two ways to write a network are one network. */
static void clear_host_bits(struct sip_identify_match *match)
{
	bool is_v4 = match->network.sa.sa_family == AF_INET;
	unsigned char *bytes = is_v4 ? (unsigned char *)&match->network.v4.sin_addr
				     : (unsigned char *)&match->network.v6.sin6_addr;
	unsigned bits = is_v4 ? 32 : 128;

	for (unsigned bit = match->prefix_len; bit < bits; bit++)
		bytes[bit / 8] &= (unsigned char)~(0x80u >> (bit % 8));
}

static void add_network(const struct value *value,
	const struct sip_identify_match **networks, size_t *count,
	const struct sip_identify_match *network)
{
	struct sip_identify_match *all = store_grow(value->settings->store,
		(void *)(uintptr_t)*networks, *count, sizeof(*network));

	all[(*count)++] = *network;
	*networks = all;
}

/* Has the text the form of a name?  An address has a colon or digits and dots only. */
static bool is_name(struct sip_str text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (isalpha((unsigned char)text.ptr[i]) && text.ptr[0] != '[')
			return sip_str_find(text, ':') == SIZE_MAX ||
				sip_str_find(text, '.') != SIZE_MAX;
	}
	return false;
}

/* False, and told: it is none. */
static bool parse_address(
	const struct value *value, struct sip_str host, struct sip_addr *addr)
{
	if (sip_addr_parse(host, 0, addr) == SIP_OK)
		return true;
	if (is_name(host))
		value_wrong(value,
			"`%.*s` is a host's name, and names are not resolved yet: write "
			"its addresses",
			SIP_STR_ARG(host));
	else
		value_wrong(value, "`%.*s` is not an address", SIP_STR_ARG(host));
	return false;
}

bool read_network(const struct value *value, struct sip_str text,
	struct sip_identify_match *network)
{
	size_t slash = sip_str_find(text, '/');
	struct sip_str host = { text.ptr, slash == SIZE_MAX ? text.len : slash };

	memset(network, 0, sizeof(*network));
	if (!parse_address(value, host, &network->network))
		return false;
	network->prefix_len = network->network.sa.sa_family == AF_INET ? 32 : 128;
	if (slash != SIZE_MAX) {
		struct sip_str mask = { text.ptr + slash + 1, text.len - slash - 1 };

		if (!parse_prefix(
			    mask, network->network.sa.sa_family, &network->prefix_len)) {
			value_wrong(value, "`%.*s` is not the mask of a network",
				SIP_STR_ARG(mask));
			return false;
		}
	}
	clear_host_bits(network);
	return true;
}

static void read_one_network(const struct value *value,
	const struct sip_identify_match **networks, size_t *count, struct sip_str text)
{
	struct sip_identify_match match;

	if (read_network(value, text, &match))
		add_network(value, networks, count, &match);
}

static void read_networks(const struct value *value,
	const struct sip_identify_match **networks, size_t *count)
{
	struct sip_str rest = sip_str_of(value->entry->value);
	struct sip_str item;

	while (next_item(&rest, &item))
		read_one_network(value, networks, count, item);
}

void read_match(const struct value *value, void *field)
{
	struct sip_identify_config *identify = field;

	read_networks(value, &identify->match, &identify->match_count);
}

void read_local_net(const struct value *value, void *field)
{
	struct sip_transport_section *transport = field;

	read_networks(value, &transport->local_net, &transport->local_net_count);
}

void read_proxy_protocol_from(const struct value *value, void *field)
{
	struct sip_transport_section *transport = field;

	read_networks(value, &transport->proxy_protocol_from,
		&transport->proxy_protocol_from_count);
}

void read_address(const struct value *value, void *field)
{
	struct sip_str text = sip_str_of(value->entry->value);
	struct sip_addr addr;

	if (!parse_address(value, text, &addr))
		return;
	if (sip_addr_port(&addr) != 0)
		value_wrong(value, "`%.*s` has a port, which is an option of its own",
			SIP_STR_ARG(text));
	else
		*(struct sip_addr *)field = addr;
}

/* As c-ares takes them, each with its port. */
void read_nameservers(const struct value *value, void *field)
{
	struct sip_str rest = sip_str_of(value->entry->value);
	struct store *store = value->settings->store;
	const char **servers = field;
	char text[SIP_ADDR_TEXT_LEN];
	const char *list = value->entry->adds ? *servers : NULL;
	struct sip_str item;
	struct sip_addr addr;

	while (next_item(&rest, &item)) {
		if (sip_addr_parse(item, DNS_PORT, &addr) != SIP_OK ||
			sip_addr_port(&addr) == 0) {
			value_wrong(value, "`%.*s` is not the address of a name server",
				SIP_STR_ARG(item));
			return;
		}
		sip_addr_text(&addr, text);
		list = list == NULL ? store_format(store, "%s", text)
				    : store_format(store, "%s,%s", list, text);
	}
	*servers = list;
}
