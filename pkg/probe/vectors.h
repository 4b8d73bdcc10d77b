/* SPDX-License-Identifier: Apache-2.0 */
/* Arguments that calls are asked with: values on which filters of the field decide, and values at the edges. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* How many there are, and one of them: six arguments as the filter sees them. */
size_t sc_vector_count(void);
const uint64_t *sc_vector_at(size_t index);
