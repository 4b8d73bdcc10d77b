/* SPDX-License-Identifier: Apache-2.0 */
/* The reader of a probe's output under a fuzzer: what it lets pass is written again, and is read as the same. */
#include <errno.h>
#include <string.h>

#include "base/util.h"
#include "fuzz/fuzz.h"
#include "probe/answer.h"

static int write_again(const struct sc_answer *answer, struct sc_place line, void *data)
{
        require(answer->abi);
        require(answer->may && (answer->may & SC_MAY_ERRNO || answer->error == 0) && answer->error <= 4095);
        require(line.offset + line.length <= line.source->len);
        sc_answer_write(answer, data);
        return 0;
}

static int read_text(struct sc_arena *arena, struct sc_source source, struct sc_strbuf *out, struct sc_answers *ret)
{
        SC_CLEANUP(sc_diags_freep) struct sc_diags *diags = sc_diags_new();
        int r = sc_answers_read(arena, &source, write_again, out, diags, ret);

        require(r == 0 || (r == -EBADMSG && sc_diags_count(diags, SC_ERROR)));
        return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        SC_CLEANUP(sc_arena_freep) struct sc_arena *arena = sc_arena_new();
        struct sc_strbuf first = SC_STRBUF_INIT, second = SC_STRBUF_INIT;
        struct sc_answers answers, again;
        size_t written;

        if (read_text(arena, (struct sc_source){ "fuzz", (const char *)data, size }, &first, &answers) == 0) {
                written = first.len;
                sc_strbuf_printf(&first, "{\"end\":{\"questions\":%zu,\"left-out\":[]}}\n", answers.n);
                require(read_text(arena, (struct sc_source){ "again", first.text, first.len }, &second, &again) == 0);
                require(again.n == answers.n && second.len == written);
                require(written == 0 || !memcmp(first.text, second.text, written));
        }
        sc_strbuf_done(&first);
        sc_strbuf_done(&second);
        return 0;
}
