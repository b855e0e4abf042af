/* SPDX-License-Identifier: BSD-2-Clause */
/* An answer that declines an offer has room, as many streams as that, and is declined
 * alike. */
#include "require.h"

#include "session/decline.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t streams(struct sip_str text)
{
	size_t count = 0;

	for (size_t i = 0; i + 2 < text.len; i++)
		count += (i == 0 || text.ptr[i - 1] == '\n') && text.ptr[i] == 'm' &&
			text.ptr[i + 1] == '=' && text.ptr[i + 2] != '\n' &&
			!(text.ptr[i + 2] == '\r' &&
				(i + 3 == text.len || text.ptr[i + 3] == '\n'));
	return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t room = SIP_DECLINE_ROOM(size);
	char *text = malloc(room);
	char *again = malloc(SIP_DECLINE_ROOM(room));
	struct sip_str offer = { (const char *)data, size };
	struct sip_builder b;
	struct sip_builder c;

	REQUIRE(text != NULL && again != NULL);
	sip_builder_init(&b, text, room);
	if (sip_decline(&b, offer)) {
		struct sip_str answer = { b.buf, b.len };

		REQUIRE(streams(answer) == streams(offer));
		sip_builder_init(&c, again, SIP_DECLINE_ROOM(room));
		REQUIRE(sip_decline(&c, answer));
		REQUIRE(sip_str_equal(answer, (struct sip_str){ c.buf, c.len }));
	} else
		REQUIRE(b.error != SIP_ESPACE);
	free(text);
	free(again);
	return 0;
}
