// SPDX-License-Identifier: GPL-2.0-only
/*
 * Feeds a target with random bytes: FUZZ_ROUNDS times, from FUZZ_SEED on. The
 * seed of a round that crashes is printed, for it to be run alone.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "fuzz.h"

#define MAX_SIZE 1024

static volatile unsigned long seed;

/* xorshift64*: the same everywhere */
static uint64_t next(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * 0x2545f4914f6cdd1dULL;
}

/* Small numbers and bounds are where mistakes are. */
static uint8_t interesting(uint64_t random)
{
	static const uint8_t bytes[] = { 0, 0, 0, 0, 1, 2, 4, 0x7f, 0x80, 0xff };

	return random & 0x300 ? bytes[random % sizeof(bytes)] :
				(uint8_t)(random >> 16);
}

static void run_round(unsigned long number)
{
	uint64_t state = number * 0x9e3779b97f4a7c15ULL + 1;
	uint8_t data[MAX_SIZE];
	size_t size = next(&state) % (sizeof(data) + 1);

	for (size_t i = 0; i < size; i++)
		data[i] = interesting(next(&state));
	LLVMFuzzerTestOneInput(data, size);
}

static unsigned long number_from(const char *name, unsigned long fallback)
{
	const char *text = getenv(name);

	return text ? strtoul(text, NULL, 0) : fallback;
}

static void crashed(int sig)
{
	char text[64];
	int size = snprintf(text, sizeof(text), "crash: FUZZ_SEED=%lu\n", seed);

	if (write(STDERR_FILENO, text, (size_t)size) < 0)
		_exit(2);
	signal(sig, SIG_DFL);
	raise(sig);
}

int main(void)
{
	unsigned long first = number_from("FUZZ_SEED", 1);
	unsigned long rounds = number_from("FUZZ_ROUNDS", fuzz_rounds);

	signal(SIGABRT, crashed);
	signal(SIGSEGV, crashed);
	for (seed = first; seed < first + rounds; seed++)
		run_round(seed);
	printf("%lu rounds\n", rounds);
	return EXIT_SUCCESS;
}
