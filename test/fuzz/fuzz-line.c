/* SPDX-License-Identifier: Apache-2.0 */
/* The reader of lines of logs under a fuzzer: what it lets pass is a call that the ABI can have. */
#include "fuzz/fuzz.h"
#include "record/line.h"
#include "syscall/syscall.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct sc_record record;
        const char *why = NULL;
        int r = sc_record_line((const char *)data, size, sc_abi_find("x86", 3), &record, &why);

        require(r == 0 || (r == -EINVAL && why));
        if (r < 0)
                return 0;
        require(record.abi && record.known < 64);
        require(record.call < (int)sc_syscall_count());
        require(record.call == sc_syscall_by_number(record.abi, record.nr));
        for (unsigned i = 0; i < 6; i++)
                require(record.known >> i & 1 || record.args[i] == 0);
        return 0;
}
