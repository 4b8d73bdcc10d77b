/* SPDX-License-Identifier: Apache-2.0 */
/* What a fuzzer offers: libFuzzer calls it with inputs of its own, replay.c with the files of a corpus. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Runs one input; aborts if something does not hold. Returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
