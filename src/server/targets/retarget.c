/* SPDX-License-Identifier: BSD-2-Clause */
/* A request of ours for another target: see tries.h. */
#include "server/message/build.h"
#include "server/targets/tries.h"

/* The text up to behind the line end, taken off the front of *rest. */
static struct sip_str take_line(struct sip_str *rest)
{
	size_t end = sip_str_find(*rest, '\n');
	size_t len = end == SIZE_MAX ? rest->len : end + 1;
	struct sip_str line = { rest->ptr, len };

	rest->ptr += len;
	rest->len -= len;
	return line;
}

static void put_contact(struct sip_builder *b, const struct sip_server *server,
	const struct sip_flow *flow, bool secure)
{
	sip_put(b, secure ? SIP_STR("Contact: <sips:") : SIP_STR("Contact: <sip:"));
	sip_put_our_host(b, server, flow);
	sip_put(b, SIP_STR(">\r\n"));
}

static bool is_our_contact(const struct sip_server *server, const struct sip_flow *flow,
	bool secure, struct sip_str line)
{
	char text[2 * SIP_ADDR_TEXT_LEN];
	struct sip_builder b;

	sip_builder_init(&b, text, sizeof(text));
	put_contact(&b, server, flow, secure);
	return b.error == 0 && sip_str_equal(line, (struct sip_str){ text, b.len });
}

struct sip_tx_data *sip_retarget(struct sip_server *server,
	const struct sip_tx_data *request, const struct sip_flow *from,
	const struct sip_flow *to, struct sip_str branch)
{
	struct sip_str rest = { request->text, request->len };
	struct sip_tx_data *tdata = sip_build_begin(server, request->len + 256);
	struct sip_str line;

	SIP_ASSERT(request->sealed);
	if (tdata == NULL)
		return NULL;
	tdata->method = request->method;
	tdata->flow = *to;
	sip_put(&tdata->head, take_line(&rest));
	line = take_line(&rest);
	SIP_ASSERT(sip_str_starts(line, SIP_STR("Via: ")));
	sip_put_our_via(&tdata->head, server, to, branch);
	while (rest.len > 0) {
		line = take_line(&rest);
		if (is_our_contact(server, from, false, line))
			put_contact(&tdata->head, server, to, false);
		else if (is_our_contact(server, from, true, line))
			put_contact(&tdata->head, server, to, true);
		else
			sip_put(&tdata->head, line);
		if (line.len <= 2)
			break;
	}
	sip_put(&tdata->head, rest);
	if (tdata->head.error != 0) {
		sip_tx_data_unref(&tdata);
		return NULL;
	}
	tdata->len = (uint32_t)tdata->head.len;
	tdata->sealed = true;
	return tdata;
}
