/* SPDX-License-Identifier: BSD-2-Clause */
/* acl.conf, where Asterisk keeps the lists that acl= names. */
#pragma once

#include "settings.h"

/* Read it, where it stands beside res_sip.conf and some section names a list. */
void acl_file_read(struct settings *settings);
