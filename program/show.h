/* SPDX-License-Identifier: BSD-2-Clause */
/* `show WHAT`, in the server. */
#pragma once

#include "requests.h"

request_fn answer_show;
