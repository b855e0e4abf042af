/* SPDX-License-Identifier: BSD-2-Clause */
/* Values back into text: what holds where nothing is said. */
#pragma once

#include "types.h"

/* What a section of `type` has where it says nothing, in memory of the settings' store:
 * the struct that its options' fields are offsets in. */
void *type_defaults(struct settings *settings, const struct section_type *type);

/* The option's value in `object`, as a file would say it; its `unset`, or `none`, where
 * it is empty; NULL: it has no value that this server looks at. */
const char *option_text(
	struct store *store, const struct option *option, const void *object);

/* The items with commas between; NULL: there are none. */
const char *list_text(struct store *store, const struct sip_config_list *list);

/* Can option_text() write what that function reads? */
bool option_text_knows(option_read_fn *read);
