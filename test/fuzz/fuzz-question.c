/* SPDX-License-Identifier: Apache-2.0 */
/* The reader of questions under a fuzzer: what it lets pass can be written by number, and is read as the same. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/util.h"
#include "fuzz/fuzz.h"
#include "probe/questions.h"

static void check_same(const struct sc_question *q)
{
        struct sc_strbuf line = SC_STRBUF_INIT;
        struct sc_question_problem problem;
        struct sc_question again;

        sc_strbuf_printf(&line, "%s #%" PRIu32, q->abi->name, q->nr);
        for (size_t i = 0; i < SC_COUNT(q->args); i++)
                sc_strbuf_printf(&line, " 0x%" PRIx64, q->args[i]);
        require(sc_question_read(line.text, line.len, &again, &problem) == 1);
        require(again.abi == q->abi && again.nr == q->nr && !memcmp(again.args, q->args, sizeof(q->args)));
        sc_strbuf_done(&line);
}

/* The word that is wrong is one of the line, and the fault has a text. */
static void check_problem(const struct sc_question_problem *problem, const char *line, size_t len)
{
        require(problem->word >= line && problem->len <= len && (size_t)(problem->word - line) <= len - problem->len);
        require((problem->len == 0) == (problem->fault == SC_QUESTION_NO_CALL));
        require(!problem->abi == (problem->fault == SC_QUESTION_ABI));
        require(*sc_question_fault_text(problem->fault));
}

/* The lists of --args: without a list, nothing is written to `args`. */
static void check_arguments(const char *text, size_t len)
{
        uint64_t args[6] = { 1, 2, 3, 4, 5, 6 };

        if (!sc_question_arguments(text, len, args))
                for (size_t i = 0; i < SC_COUNT(args); i++)
                        require(args[i] == i + 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct sc_question q = { 0 };
        struct sc_question_problem problem = { 0 };
        int r = sc_question_read((const char *)data, size, &q, &problem);

        require(r == 1 || r == 0 || r == -EINVAL);
        require(r == 1 || !q.abi);
        if (r == 1)
                check_same(&q);
        if (r < 0)
                check_problem(&problem, (const char *)data, size);
        check_arguments((const char *)data, size);
        return 0;
}
