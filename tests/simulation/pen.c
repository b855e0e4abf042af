/* SPDX-License-Identifier: BSD-2-Clause */
/* The simulation's own writing of SIP messages. */
#include "pen.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

void pen_put(struct pen *pen, const char *format, ...)
{
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(pen->text + pen->len, PEN_LEN - pen->len, format, args);
	va_end(args);
	if (len < 0 || (size_t)len >= PEN_LEN - pen->len)
		abort();
	pen->len += (size_t)len;
}

void pen_copy_fields(struct pen *pen, const struct sip_text *text, const char *name)
{
	for (unsigned i = 0; i < text->field_count; i++) {
		struct slice is = text->field[i].name;

		if (is.len == strlen(name) && strncasecmp(is.at, name, is.len) == 0)
			pen_put(pen, "%s: %.*s\r\n", name,
				SLICE_ARG(text->field[i].value));
	}
}

void pen_put_body(struct pen *pen, const char *body)
{
	if (body[0] != '\0')
		pen_put(pen, "Content-Type: %s\r\n",
			strncmp(body, "v=0", 3) == 0 ? "application/sdp" : "text/plain");
	pen_put(pen, "Content-Length: %zu\r\n\r\n%s", strlen(body), body);
}
