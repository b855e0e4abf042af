/* SPDX-License-Identifier: BSD-2-Clause */
/* What a connection's peer has proved: see peer_names.h. */
#include "transport/peer_names.h"

#include "base/compiler.h"

#include <stdatomic.h>
#include <stdlib.h>

static void put_lower(char *to, struct sip_str text)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];

		to[i] = (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
	}
}

struct sip_peer_names *sip_peer_names_create(size_t room, size_t len)
{
	struct sip_peer_names *names = malloc(
		sizeof(*names) + room * sizeof(names->name[0]) + len);

	if (names == NULL)
		return NULL;
	atomic_init(&names->refs, 1);
	names->address = false;
	names->count = 0;
	names->room = room;
	names->text = (char *)&names->name[room];
	names->text_room = len;
	return names;
}

void sip_peer_names_add(struct sip_peer_names *names, struct sip_str name)
{
	SIP_ASSERT(names->count < names->room && name.len <= names->text_room);
	put_lower(names->text, name);
	names->name[names->count++] = (struct sip_str){ names->text, name.len };
	names->text += name.len;
	names->text_room -= name.len;
}

struct sip_peer_names *sip_peer_names_ref(struct sip_peer_names *names)
{
	/* relaxed: who refers to it keeps it alive; partner: sip_peer_names_unref() */
	atomic_fetch_add_explicit(&names->refs, 1, memory_order_relaxed);
	return names;
}

void sip_peer_names_unref(struct sip_peer_names **place)
{
	struct sip_peer_names *names = *place;

	*place = NULL;
	/* acq_rel: the last one frees what nobody reads any more; partner: this line */
	if (names != NULL &&
		atomic_fetch_sub_explicit(&names->refs, 1, memory_order_acq_rel) == 1)
		free(names);
}

bool sip_peer_names_have(const struct sip_peer_names *names, struct sip_str name)
{
	for (size_t i = 0; names != NULL && i < names->count; i++) {
		if (sip_str_equal_nocase(names->name[i], name))
			return true;
	}
	return false;
}
