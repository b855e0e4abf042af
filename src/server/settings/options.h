/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * Copying and comparing the options of res_sip/config.h.
 *
 * A struct of options is plain bytes but for its texts and lists, which a table
 * names: whoever adds one to the struct adds a line to its table (options.c).
 * A copy is one piece of memory, measured first, so that copying can't fail.
 *
 * Threads: any, on structs that nobody changes.
 */
#pragma once

#include "res_sip/config.h"

#include <stdbool.h>

/* One field that points to something. */
struct sip_option_field {
	enum {
		SIP_OPTION_TEXT, /* const char *; NULL: not given */
		SIP_OPTION_LIST, /* struct sip_config_list */
		SIP_OPTION_ARRAY /* a pointer, and a size_t behind it that counts */
	} kind;
	size_t at;   /* offset in the struct */
	size_t item; /* bytes of one; of an array only */
	/* It says where something was written: a text is that of a struct
	 * sip_config_source, an array is of struct sip_acl_rule, with a line in each. */
	bool place;
};

/* A struct's size and its fields, in the order in which they stand in it. */
struct sip_option_table {
	size_t size;
	const struct sip_option_field *field;
	size_t count;
};

const struct sip_option_table *sip_global_table(void);
const struct sip_option_table *sip_transport_table(void);
const struct sip_option_table *sip_endpoint_table(void);
const struct sip_option_table *sip_auth_table(void);
const struct sip_option_table *sip_aor_table(void);
const struct sip_option_table *sip_acl_table(void);
const struct sip_option_table *sip_domain_alias_table(void);

/** How many bytes everything needs that the fields point to; a multiple of a pointer's
 * alignment, which is that of the room. */
size_t sip_options_room(const struct sip_option_table *table, const void *options);

/** Copy `from` into `to`, and what it points to into *room, which is moved behind it. */
void sip_options_copy(
	const struct sip_option_table *table, void *to, const void *from, char **room);

/**
 * Is everything the same, where it was written included?
 *
 * Bytes between the fields are compared too; those that nobody set can only make
 * equal ones look different.
 */
bool sip_options_equal(
	const struct sip_option_table *table, const void *a, const void *b);

/** Likewise, wherever it was written. */
bool sip_options_mean_the_same(
	const struct sip_option_table *table, const void *a, const void *b);
