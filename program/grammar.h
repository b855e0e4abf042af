/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One file of a configuration, line by line, into the tree.
 *
 *     [name]               a section
 *     [name](!)            a template: for others to use, no object of its own
 *     [name](a,b)          begins with the options of the sections a and b above it
 *     [name](+)            goes on with the section of that name above it
 *     [name](+type=aor)    where several have the name: the one with that option
 *     option = value       also `=>`
 *     option += value      adds to what the option has
 *     #include "file"      the file's lines stand here; relative to this file, with * and
 * ? #tryinclude "file"   the same, and no mistake where there is none
 *
 * Elsewhere: comments and line ends (line.h), opening files (include.c).
 */
#pragma once

#include "line.h"
#include "tree.h"

#include <sys/types.h>

/* The files that are being read, from the innermost out: a file in there twice is a loop.
 */
struct file_chain {
	const struct file_chain *includer;
	dev_t device;
	ino_t inode;
	unsigned depth;
};

struct grammar {
	struct tree *tree;
	struct section *open; /* options go there; NULL: no section yet */
	size_t files;         /* how many were read */
	/* What stands in the parentheses of a section's header, while that is read. */
	struct section **bases;
	size_t base_room;
	/* Of the file that is being read. */
	struct line_reader reader;
	const struct file_chain *chain;
};

/* Read `text`, which is the file `name`; sections that it leaves open stay open. */
void grammar_read(struct grammar *grammar, const char *name, struct sip_str text,
	const struct file_chain *chain);

/* An `#include` of `pattern`, met at `at`; `must_exist` but for #tryinclude. */
void grammar_include(struct grammar *grammar, struct sip_str pattern, struct position at,
	bool must_exist);

/* Open and read one file; `at` is where it was asked for. */
bool grammar_read_path(
	struct grammar *grammar, const char *path, struct position at, bool must_exist);
