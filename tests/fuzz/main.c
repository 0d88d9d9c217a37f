// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs a fuzz target:
 *
 *	fuzz_x			10000 inputs made up from a fixed seed, for make check
 *	fuzz_x --random N SEED	N inputs from another
 *	fuzz_x FILE...		these; what AFL calls, and what shows a crash again
 *
 * With clang -fsanitize=fuzzer this file's main() is left out (-DFUZZ_LIBFUZZER).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

#ifdef FUZZ_LIBFUZZER
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_one(data, size);
}
#else

#define MAX_INPUT (64 * 1024)

static uint8_t input[MAX_INPUT];

/* xorshift64*: the same numbers on every host */
static uint64_t next_random(uint64_t *seed)
{
	*seed ^= *seed >> 12;
	*seed ^= *seed << 25;
	*seed ^= *seed >> 27;
	return *seed * 0x2545f4914f6cdd1dULL;
}

static void run_random(unsigned long nr, uint64_t seed)
{
	for (unsigned long i = 0; i < nr; i++) {
		size_t size = next_random(&seed) >> 32 & 0xfff;

		for (size_t at = 0; at < size; at++)
			input[at] = (uint8_t)(next_random(&seed) >> 56);
		fuzz_one(input, size);
	}
}

static int run_file(const char *name)
{
	FILE *file = fopen(name, "r");
	size_t size;

	if (!file) {
		perror(name);
		return EXIT_FAILURE;
	}
	size = fread(input, 1, sizeof(input), file);
	fclose(file);
	fuzz_one(input, size);
	return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	int status = EXIT_SUCCESS;

	if (argc == 1)
		run_random(10000, 1);
	else if (argc == 4 && !strcmp(argv[1], "--random"))
		run_random(strtoul(argv[2], NULL, 0),
			   strtoull(argv[3], NULL, 0) | 1);
	else
		for (int i = 1; i < argc; i++)
			status |= run_file(argv[i]);
	return status;
}
#endif
