/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A fuzz target: one function, which any fuzzer can call. main.c is a simple one.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* Fails by an assertion or a sanitizer; returns 0. */
int fuzz_one(const uint8_t *data, size_t size);

#endif
