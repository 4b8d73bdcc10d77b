/* SPDX-License-Identifier: Apache-2.0 */
/* What a unit test needs: checks that print TAP, and say where they failed and with which values. */
#pragma once

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int test_count, test_failures;

static inline bool test_check(bool ok, const char *file, int line, const char *what)
{
        test_count++;
        printf("%sok %d - %s:%d: %s\n", ok ? "" : "not ", test_count, file, line, what);
        test_failures += !ok;
        return ok;
}

static inline bool test_check_int(int64_t a, int64_t b, const char *file, int line, const char *what)
{
        bool ok = test_check(a == b, file, line, what);

        if (!ok)
                printf("# %" PRId64 " (%#" PRIx64 ") is not %" PRId64 " (%#" PRIx64 ")\n", a, (uint64_t)a, b,
                       (uint64_t)b);
        return ok;
}

static inline bool test_check_str(const char *a, const char *b, const char *file, int line, const char *what)
{
        bool ok = test_check(a && b ? !strcmp(a, b) : a == b, file, line, what);

        if (!ok)
                printf("# got:\n#   %s\n# want:\n#   %s\n", a ? a : "(null)", b ? b : "(null)");
        return ok;
}

#define CHECK(cond) test_check(cond, __FILE__, __LINE__, #cond)
#define CHECK_INT(a, b) test_check_int((int64_t)(a), (int64_t)(b), __FILE__, __LINE__, #a " == " #b)
#define CHECK_STR(a, b) test_check_str(a, b, __FILE__, __LINE__, #a " is " #b)

static inline int test_end(void)
{
        printf("1..%d\n", test_count);
        return test_failures ? EXIT_FAILURE : EXIT_SUCCESS;
}
