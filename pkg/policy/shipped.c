/* SPDX-License-Identifier: Apache-2.0 */
/* The policies that are compiled into the library. The table is written by embed.py from profiles/. */
#include <string.h>

#include "policy/embedded.h"
#include "policy/policy.h"

size_t sc_shipped_count(void)
{
        return policy_embedded_count;
}

const struct sc_shipped *sc_shipped_at(size_t index)
{
        return &policy_embedded[index];
}

const struct sc_shipped *sc_shipped_find(const char *name, size_t len)
{
        for (size_t i = 0; i < policy_embedded_count; i++)
                if (strlen(policy_embedded[i].name) == len && !memcmp(policy_embedded[i].name, name, len))
                        return &policy_embedded[i];
        return NULL;
}
