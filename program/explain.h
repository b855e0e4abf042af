/* SPDX-License-Identifier: BSD-2-Clause */
/* The request `explain`: what the server would do with a message. */
#pragma once

#include "requests.h"

request_fn answer_explain;
