/* SPDX-License-Identifier: Apache-2.0 */
/* Look-ups in the table of notes. */
#include "syscall/note.h"

#include "syscall/tables.h"

const struct sc_note *sc_syscall_note(int call)
{
        return &sc_table_notes[sc_table_note_of[call]];
}
