/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The Path of a REGISTER: RFC 3327 section 5.3.
 *
 * A Path that we may not keep is refused, with 420, and never ignored: calls
 * would go round the proxy that wrote it, and not arrive.
 */
#include "path.h"

#include <res_sip/uri.h>

#include <stdlib.h>

static int check_values(
	struct path *path, const struct sip_rx_data *rdata, struct refusal *refusal)
{
	struct sip_hdr_iter iter = { 0 };

	while (sip_rx_data_next_element(rdata, SIP_HDR_PATH, &iter)) {
		struct sip_name_addr addr;
		struct sip_uri uri;
		if (sip_name_addr_parse(iter.value, &addr) != 0 ||
			sip_uri_parse(addr.uri, &uri) != 0 ||
			(uri.scheme != SIP_URI_SIP && uri.scheme != SIP_URI_SIPS))
			return refuse(refusal, 400, "Malformed Path");
		/* A quoted-pair may be one (25.1), but calls could not be sent by it. */
		if (sip_str_find(iter.value, '\0') != SIZE_MAX)
			return refuse(refusal, 400, "NUL in Path");
		path->insecure |= uri.scheme != SIP_URI_SIPS;
	}
	return 0;
}

static int join(
	struct path *path, const struct sip_rx_data *rdata, struct refusal *refusal)
{
	struct sip_hdr_iter iter = { 0 };
	size_t len = 0;
	size_t fields = 0;

	while (sip_rx_data_next_header(rdata, SIP_HDR_PATH, &iter)) {
		len += iter.value.len + 2;
		path->text = iter.value;
		fields++;
	}
	if (fields == 1)
		return 0;
	path->joined = malloc(len);
	if (path->joined == NULL)
		return refuse(refusal, 500, NULL);
	len = 0;
	iter = (struct sip_hdr_iter){ 0 };
	while (sip_rx_data_next_header(rdata, SIP_HDR_PATH, &iter)) {
		if (len > 0) {
			memcpy(path->joined + len, ", ", 2);
			len += 2;
		}
		memcpy(path->joined + len, iter.value.ptr, iter.value.len);
		len += iter.value.len;
	}
	path->text = (struct sip_str){ path->joined, len };
	return 0;
}

int path_init(struct path *path, const struct sip_rx_data *rdata,
	const struct sip_aor_config *aor, struct refusal *refusal)
{
	*path = (struct path){ .text = SIP_STR("") };
	if (sip_rx_data_header(rdata, SIP_HDR_PATH).ptr == NULL)
		return 0;
	if (!aor->support_path ||
		!sip_rx_data_has_token(rdata, SIP_HDR_SUPPORTED, SIP_STR("path"))) {
		refuse(refusal, 420, NULL);
		refusal->unsupported = "path";
		return -1;
	}
	if (check_values(path, rdata, refusal) != 0)
		return -1;
	return join(path, rdata, refusal);
}

void path_fini(struct path *path)
{
	free(path->joined);
	*path = (struct path){ 0 };
}
