/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A target for a fuzzer: takes any bytes, and must not crash on them.
 *
 * clang's libFuzzer can drive one (-fsanitize=fuzzer), with its coverage as a
 * guide. "make check" has driver.c do it, with random bytes and the sanitizers,
 * for as many rounds as a second is good for.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* How many rounds that is */
extern const unsigned long fuzz_rounds;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
