/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What strangers and replayers try: requests in others' names, along Routes, into calls,
 * to places outside, with credentials that were seen on the way.
 */
#pragma once

#include "phone.h"

/* In the branch of a request whose source is forged: who is answered never asked. */
#define HOSTILE_FORGED "z9hG4bK-forged"

void hostile_act(struct phone *phone);
