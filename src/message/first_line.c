/* SPDX-License-Identifier: BSD-2-Clause */
/* Request-Line and Status-Line (RFC 3261 sections 7.1 and 7.2): see first_line_scan.h. */
#include "message/first_line_scan.h"

#include "message/fields.h"

int sip_first_line_parse(struct sip_str line, struct sip_msg *msg)
{
	msg->request_uri = (struct sip_uri){ 0 };
	return scan_first_line(line, msg);
}
