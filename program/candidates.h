/* SPDX-License-Identifier: BSD-2-Clause */
/* `names KIND PREFIX`, in the server: names for whoever types a command. */
#pragma once

#include "requests.h"

/* At most so many are told. */
#define CANDIDATES_MOST 1000

/* A line for each name; KIND is one of sip_show_what() whose first column has them. */
request_fn answer_names;
