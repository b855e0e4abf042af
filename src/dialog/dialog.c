/* SPDX-License-Identifier: BSD-2-Clause */
/* What a dialog is and which requests are its own: dialog.h. */
#include "dialog/texts.h"
#include "transaction/key.h"

#include <stdlib.h>
#include <string.h>

void sip_dialog_drop_text(struct sip_str *text)
{
	free((char *)(uintptr_t)text->ptr);
	*text = (struct sip_str){ NULL, 0 };
}

int sip_dialog_set_text(struct sip_str *text, struct sip_str from)
{
	char *copy = NULL;

	if (from.ptr != NULL) {
		copy = malloc(from.len > 0 ? from.len : 1);
		if (copy == NULL)
			return SIP_EMEMORY;
		memcpy(copy, from.ptr, from.len);
	}
	sip_dialog_drop_text(text);
	*text = (struct sip_str){ copy, copy != NULL ? from.len : 0 };
	return 0;
}

void sip_dialog_fini(struct sip_dialog *dlg)
{
	struct sip_str *texts[] = { &dlg->call_id, &dlg->local_tag, &dlg->remote_tag,
		&dlg->local, &dlg->remote, &dlg->target, &dlg->routes };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		sip_dialog_drop_text(texts[i]);
	dlg->magic = 0;
}

bool sip_dialog_has_request(const struct sip_dialog *dlg, const struct sip_msg *request)
{
	return sip_txn_same_text(dlg->local_tag, request->to_tag) &&
		sip_txn_same_text(dlg->remote_tag, request->from_tag) &&
		sip_str_equal(dlg->call_id, request->call_id);
}

bool sip_dialog_refreshes(enum sip_method method)
{
	switch (method) {
	case SIP_INVITE:
	case SIP_UPDATE:
	case SIP_SUBSCRIBE:
	case SIP_NOTIFY:
	case SIP_REFER: return true;
	default: return false;
	}
}
