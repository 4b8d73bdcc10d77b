/* SPDX-License-Identifier: Apache-2.0 */
/* Groups of system calls by purpose, with systemd's names. */
#pragma once

#include <stddef.h>

/* Groups are known by their index, sorted by name; -1 is no group. Names begin with '@'. Source: data/groups.txt. */
size_t sc_group_count(void);
const char *sc_group_name(int group);
const char *sc_group_description(int group);
int sc_group_find(const char *name, size_t len);

/* The calls of a group, groups inside it opened, sorted by index, each once. *ret_n is their number. */
const unsigned short *sc_group_calls(int group, size_t *ret_n);
