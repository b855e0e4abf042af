/* SPDX-License-Identifier: BSD-2-Clause */
/* Where a shared object lies, as the dynamic loader has it: see code_range.h. */
#include "server/modules/code_range.h"

#include "base/compiler.h"

#include <link.h>
#include <stddef.h>

struct search {
	uintptr_t address;
	uintptr_t begin;
	uintptr_t end;
	bool found;
};

static int look_at(struct dl_phdr_info *info, size_t size, void *arg)
{
	struct search *search = arg;
	uintptr_t begin = UINTPTR_MAX;
	uintptr_t end = 0;
	bool inside = false;

	(void)size;
	/* The program's own name is empty here. */
	if (info->dlpi_name == NULL || info->dlpi_name[0] == '\0')
		return 0;
	for (size_t i = 0; i < info->dlpi_phnum; i++) {
		uintptr_t from = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr;
		uintptr_t to = from + info->dlpi_phdr[i].p_memsz;

		if (info->dlpi_phdr[i].p_type != PT_LOAD)
			continue;
		inside = inside || (search->address >= from && search->address < to);
		begin = from < begin ? from : begin;
		end = to > end ? to : end;
	}
	if (!inside)
		return 0;
	search->found = true;
	search->begin = begin;
	search->end = end;
	return 1;
}

bool sip_code_range(const void *address, uintptr_t *begin, uintptr_t *end)
{
	struct search search = { .address = (uintptr_t)address };

	/* What it returns is what look_at() did, which is known. */
	SIP_IGNORE(dl_iterate_phdr(look_at, &search) == 0);
	*begin = search.begin;
	*end = search.end;
	return search.found;
}
