/* SPDX-License-Identifier: BSD-2-Clause */
/* Any datagrams from any address, to a whole server: nothing may be left of them. */
#include "sim.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(
	uint8_t *data, size_t size, size_t max_size, unsigned int seed);

/* A server takes longer to make than most scripts. */
#define SCRIPTS_PER_SERVER 100

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct world *world;
	static unsigned scripts;

	if (world == NULL)
		world = sim_create();
	if (size > SIM_SCRIPT_MAX)
		size = SIM_SCRIPT_MAX;
	sim_run(world, (struct sip_str){ (const char *)data, size });
	if (++scripts % SCRIPTS_PER_SERVER == 0)
		sim_destroy(&world);
	return 0;
}

/* The script in pieces, one for each datagram with its line before it. */
static size_t split(const uint8_t *data, size_t size, struct sip_str *piece, size_t room)
{
	struct sip_str rest = { (const char *)data, size };
	struct sim_datagram datagram;
	size_t count = 0;

	while (count < room && sim_next(&rest, &datagram)) {
		piece[count].ptr = datagram.text - 4;
		piece[count++].len = datagram.len + 4;
	}
	return count;
}

/* Half of the time as libFuzzer does it; else a datagram comes again, goes, or comes
 * from elsewhere or at another time. */
size_t LLVMFuzzerCustomMutator(
	uint8_t *data, size_t size, size_t max_size, unsigned int seed)
{
	struct sip_str piece[64];
	uint8_t copy[SIM_DATAGRAM_MAX];
	size_t count = split(data, size, piece, 64);
	size_t which = count > 0 ? seed / 8 % count : 0;
	uint8_t *at = (uint8_t *)(uintptr_t)piece[which].ptr;
	size_t len = count > 0 ? piece[which].len : 0;

	if (count == 0 || seed % 8 < 4 || len > sizeof(copy))
		return LLVMFuzzerMutate(data, size, max_size);
	switch (seed % 8) {
	case 4: at[1] = (uint8_t)('A' + seed / 512 % 8); return size;
	case 5: at[2] = (uint8_t)('0' + seed / 512 % 10); return size;
	case 6:
		memmove(at, at + len, size - (size_t)(at - data) - len);
		return size - len;
	default:
		if (size + len + 1 > max_size)
			return size;
		memcpy(copy, at, len);
		/* To the end, on a line of its own. */
		if (data[size - 1] != '\n')
			data[size++] = '\n';
		memcpy(data + size, copy, len);
		return size + len;
	}
}
