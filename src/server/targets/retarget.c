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

/* It is the Contact that we have at `flow`; *user borrows it. */
static bool is_our_contact(const struct sip_server *server, const struct sip_flow *flow,
	struct sip_str line, bool *secure, struct sip_str *user)
{
	char text[3 * SIP_ADDR_TEXT_LEN];
	struct sip_builder b;
	size_t begin;
	size_t end;

	*secure = sip_str_starts(line, SIP_STR("Contact: <sips:"));
	if (!*secure && !sip_str_starts(line, SIP_STR("Contact: <sip:")))
		return false;
	begin = SIP_STR("Contact: <sip:").len + *secure;
	end = sip_str_find(line, '@');
	if (end == SIZE_MAX || end < begin)
		return false;
	*user = (struct sip_str){ line.ptr + begin, end - begin };
	sip_builder_init(&b, text, sizeof(text));
	sip_put_our_contact(&b, server, flow, *secure, *user);
	return b.error == 0 && sip_str_equal(line, (struct sip_str){ text, b.len });
}

struct sip_tx_data *sip_retarget(struct sip_server *server,
	const struct sip_tx_data *request, const struct sip_flow *from,
	const struct sip_flow *to, struct sip_str branch)
{
	struct sip_str rest = { request->text, request->len };
	struct sip_tx_data *tdata = sip_build_begin(server, request->len + 256);
	struct sip_str line;
	struct sip_str user;
	bool secure;

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
		if (is_our_contact(server, from, line, &secure, &user))
			sip_put_our_contact(&tdata->head, server, to, secure, user);
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
