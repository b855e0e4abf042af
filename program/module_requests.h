/* SPDX-License-Identifier: BSD-2-Clause */
/* `module load|reload|unload NAME`, in the server. */
#pragma once

#include "requests.h"

request_fn answer_module_load;
request_fn answer_module_reload;
request_fn answer_module_unload;
