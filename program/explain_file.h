/* SPDX-License-Identifier: BSD-2-Clause */
/* The command `explain`: the message is read here, and explained by the running server.
 */
#pragma once

#include "commands.h"

command_fn command_explain;
