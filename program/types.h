/* SPDX-License-Identifier: BSD-2-Clause */
/* The types of sections: ours, and those of res_pjsip that are not there. */
#pragma once

#include "options.h"

struct section_type {
	const char *name;
	enum verdict verdict;
	const char *help; /* what a section of this type is */
	const char *note; /* of others than honoured: why, or what to do instead */
	bool any_option;  /* names that `options` does not have are no mistake */
	const struct option_table *options; /* NULL: options are not looked at */
	/* Of those that are honoured. */
	enum object_kind kind;
	/* The struct of a new section, with its defaults. */
	void *(*add)(struct settings *settings, const struct section *section);
};

/* By its name (without case); NULL: unknown. */
const struct section_type *type_find(const char *name);

/* The types, for those who look through all; NULL behind the last. */
const struct section_type *type_at(size_t index);

/* What each section of acl.conf is. */
const struct section_type *type_of_acl_file(void);
