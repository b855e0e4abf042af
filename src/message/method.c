/* SPDX-License-Identifier: BSD-2-Clause */
/* Names of methods (RFC 3261 section 7.1 and the RFCs that add to them). */
#include "base/compiler.h"
#include "message/message.h"
#include "message/scan.h"

static const struct sip_str names[] = {
	[SIP_METHOD_OTHER] = { "", 0 },
	[SIP_INVITE] = { "INVITE", 6 },
	[SIP_ACK] = { "ACK", 3 },
	[SIP_BYE] = { "BYE", 3 },
	[SIP_CANCEL] = { "CANCEL", 6 },
	[SIP_REGISTER] = { "REGISTER", 8 },
	[SIP_OPTIONS] = { "OPTIONS", 7 },
	[SIP_MESSAGE] = { "MESSAGE", 7 },
	[SIP_INFO] = { "INFO", 4 },
	[SIP_PRACK] = { "PRACK", 5 },
	[SIP_UPDATE] = { "UPDATE", 6 },
	[SIP_SUBSCRIBE] = { "SUBSCRIBE", 9 },
	[SIP_NOTIFY] = { "NOTIFY", 6 },
	[SIP_REFER] = { "REFER", 5 },
	[SIP_PUBLISH] = { "PUBLISH", 7 },
};

static enum sip_method method_if(struct sip_str name, enum sip_method method)
{
	return sip_scan_same(name, names[method]) ? method : SIP_METHOD_OTHER;
}

enum sip_method sip_method_of(struct sip_str name)
{
	if (name.len < 3)
		return SIP_METHOD_OTHER;
	/* No two methods of ours begin with the same letter and have the same third one.
	 */
	switch (name.ptr[0] << 8 | name.ptr[2]) {
	case 'I' << 8 | 'V': return method_if(name, SIP_INVITE);
	case 'A' << 8 | 'K': return method_if(name, SIP_ACK);
	case 'B' << 8 | 'E': return method_if(name, SIP_BYE);
	case 'C' << 8 | 'N': return method_if(name, SIP_CANCEL);
	case 'R' << 8 | 'G': return method_if(name, SIP_REGISTER);
	case 'O' << 8 | 'T': return method_if(name, SIP_OPTIONS);
	case 'M' << 8 | 'S': return method_if(name, SIP_MESSAGE);
	case 'I' << 8 | 'F': return method_if(name, SIP_INFO);
	case 'P' << 8 | 'A': return method_if(name, SIP_PRACK);
	case 'U' << 8 | 'D': return method_if(name, SIP_UPDATE);
	case 'S' << 8 | 'B': return method_if(name, SIP_SUBSCRIBE);
	case 'N' << 8 | 'T': return method_if(name, SIP_NOTIFY);
	case 'R' << 8 | 'F': return method_if(name, SIP_REFER);
	case 'P' << 8 | 'B': return method_if(name, SIP_PUBLISH);
	default: return SIP_METHOD_OTHER;
	}
}

struct sip_str sip_method_name(enum sip_method method)
{
	SIP_ASSERT(method > SIP_METHOD_OTHER && method <= SIP_PUBLISH);
	return names[method];
}
