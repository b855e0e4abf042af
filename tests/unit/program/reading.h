/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A configuration read from text, for tests.
 *
 *     READING(r);
 *     read_text_of(&r, "[global]\n...");
 *     CHECK_PROBLEM(&r, PROBLEM_ERROR, 2, 1, "no option");
 *     reading_fini(&r);
 */
#pragma once

#include "problems.h"
#include "settings.h"
#include "store.h"

#include "support/check.h"

struct reading {
	struct store store;
	struct problems problems;
	struct settings settings;
};

#define READING(name)                                                                    \
	struct reading name;                                                             \
	reading_init(&name)

/* A test that gets no memory fails; it does not end the others. */
void reading_init(struct reading *reading);

/* Sections alone, nothing understood. */
void read_tree_of(struct reading *reading, const char *text);

/* All that `res_sip check` does with the text of res_sip.conf. */
void read_text_of(struct reading *reading, const char *text);

void reading_fini(struct reading *reading);

/* The problem with `part` in its text; NULL: none. */
const struct problem *find_problem(const struct reading *reading, const char *part);

void check_problem(const char *file, int line, struct reading *reading,
	enum severity severity, uint32_t at_line, uint32_t at_column, const char *part);

#define CHECK_PROBLEM(reading, severity, at_line, at_column, part)                       \
	check_problem(__FILE__, __LINE__, reading, severity, at_line, at_column, part)

/* No errors and warnings; what there is is printed. */
void check_clean(const char *file, int line, struct reading *reading);
#define CHECK_CLEAN(reading) check_clean(__FILE__, __LINE__, reading)

/* The section number `index`, and the value that holds for one of its options; NULL:
 * none. */
const char *value_of(const struct reading *reading, size_t index, const char *option);

/* A folder for the files of one test, removed with all that is in it. */
struct folder {
	char path[64];
};

void folder_create(struct folder *folder);
void folder_write(const struct folder *folder, const char *name, struct sip_str text);
void folder_remove(struct folder *folder);
