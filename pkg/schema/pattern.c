/* SPDX-License-Identifier: Apache-2.0 */
/* Patterns: the only file that knows PCRE2. Its interpreter, never its compiler to machine code; all is bounded. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdlib.h>
#include <string.h>

#include "schema/internal.h"

#define EXPANDED_MAX ((size_t)SC_SCHEMA_PATTERN_SIZE_MAX * 64) /* of what ecma.c makes of a pattern */
#define GROUPS_MAX 120                                         /* a little more than ecma.c lets through */
#define BITMAP_SIZE 32         /* PCRE2_INFO_FIRSTBITMAP: a bit for each byte */
#define FIRST_CHARS_A_STEP 16  /* bytes that the first try may look at in a step, for each of the few calls it has */
#define CHARS_A_STEP 256       /* that a single call of match() may look at in a step */

/* $ is the very end, [] is empty, a group that took no part is empty: as in ECMA-262. */
#define COMPILE_OPTIONS                                                                                  \
        (PCRE2_UTF | PCRE2_NO_UTF_CHECK | PCRE2_DOLLAR_ENDONLY | PCRE2_ALLOW_EMPTY_CLASS | PCRE2_MATCH_UNSET_BACKREF | \
         PCRE2_NEVER_BACKSLASH_C)

struct sc_schema_pattern {
        const pcre2_code *code;
        bool anchored;         /* it can only begin at the front */
        const uint8_t *begins; /* bits of the bytes with which it can begin; NULL: not known */
};

struct sc_schema_matcher {
        pcre2_general_context *general;
        pcre2_match_context *context;
        pcre2_match_data *data;
};

static void *arena_malloc(PCRE2_SIZE size, void *arena)
{
        return sc_arena_alloc(arena, size);
}

/* What is in an arena goes with it. */
static void arena_free(void *p, void *arena)
{
        (void)p;
        (void)arena;
}

static void *heap_malloc(PCRE2_SIZE size, void *data)
{
        (void)data;
        return malloc(size);
}

static void heap_free(void *p, void *data)
{
        (void)data;
        free(p);
}

/* PCRE2's own words for what is wrong. */
static int explain(struct sc_arena *arena, int error, const char **ret_why)
{
        unsigned char text[256];
        char *copy;

        if (error == PCRE2_ERROR_HEAP_FAILED)
                return -ENOMEM;
        if (pcre2_get_error_message(error, text, sizeof(text)) < 0)
                text[0] = '\0';
        copy = sc_arena_strdup(arena, (const char *)text);
        if (!copy)
                return -ENOMEM;
        *ret_why = copy;
        return -EBADMSG;
}

/* Notes what PCRE2 knows of where the pattern can begin. Returns 0; -ENOMEM. */
static int note_starts(struct sc_arena *arena, struct sc_schema_pattern *pattern)
{
        uint32_t options = 0, kind = 0, first = 0;
        uint8_t *begins;

        (void)pcre2_pattern_info(pattern->code, PCRE2_INFO_ALLOPTIONS, &options);
        (void)pcre2_pattern_info(pattern->code, PCRE2_INFO_FIRSTCODETYPE, &kind);
        (void)pcre2_pattern_info(pattern->code, PCRE2_INFO_FIRSTCODEUNIT, &first);
        (void)pcre2_pattern_info(pattern->code, PCRE2_INFO_FIRSTBITMAP, &pattern->begins);
        pattern->anchored = options & PCRE2_ANCHORED;
        if (kind != 1)
                return 0;
        begins = sc_arena_alloc(arena, BITMAP_SIZE);
        if (!begins)
                return -ENOMEM;
        begins[(first & 0xff) / 8] = (uint8_t)(1u << (first & 7));
        pattern->begins = begins;
        return 0;
}

int sc_schema_pattern_compile(struct sc_arena *arena, const char *text, size_t len,
                              const struct sc_schema_pattern **ret_pattern, const char **ret_why)
{
        struct sc_schema_pattern *pattern = sc_arena_alloc(arena, sizeof(*pattern));
        pcre2_general_context *general = pcre2_general_context_create(arena_malloc, arena_free, arena);
        pcre2_compile_context *context = general ? pcre2_compile_context_create(general) : NULL;
        const char *expanded;
        size_t expanded_len, offset;
        int r, error;

        if (!pattern || !context)
                return -ENOMEM;
        if (len > SC_SCHEMA_PATTERN_SIZE_MAX) {
                *ret_why = "it is too long";
                return -EBADMSG;
        }
        r = sc_schema_ecma(arena, text, len, &expanded, &expanded_len, ret_why);
        if (r < 0)
                return r;
        pcre2_set_max_pattern_length(context, EXPANDED_MAX);
        pcre2_set_parens_nest_limit(context, GROUPS_MAX);
        pattern->code = pcre2_compile((PCRE2_SPTR)expanded, expanded_len, COMPILE_OPTIONS, &error, &offset, context);
        if (!pattern->code)
                return explain(arena, error, ret_why);
        *ret_pattern = pattern;
        return note_starts(arena, pattern);
}

struct sc_schema_matcher *sc_schema_matcher_new(void)
{
        struct sc_schema_matcher *matcher = calloc(1, sizeof(*matcher));

        if (!matcher)
                return NULL;
        matcher->general = pcre2_general_context_create(heap_malloc, heap_free, NULL);
        if (matcher->general) {
                matcher->context = pcre2_match_context_create(matcher->general);
                matcher->data = pcre2_match_data_create(1, matcher->general);
        }
        if (!matcher->context || !matcher->data) {
                sc_schema_matcher_free(matcher);
                return NULL;
        }
        pcre2_set_depth_limit(matcher->context, SC_SCHEMA_MATCH_DEPTH_MAX);
        pcre2_set_heap_limit(matcher->context, SC_SCHEMA_MATCH_HEAP_MAX);
        return matcher;
}

void sc_schema_matcher_free(struct sc_schema_matcher *matcher)
{
        if (!matcher)
                return;
        pcre2_match_data_free(matcher->data);
        pcre2_match_context_free(matcher->context);
        pcre2_general_context_free(matcher->general);
        free(matcher);
}

static int limit(struct sc_schema_meter *meter, const char *what)
{
        if (!meter->limit)
                meter->limit = what;
        return -ERANGE;
}

/* In how many places of a string the pattern may begin: PCRE2 tries no others. */
static uint64_t count_starts(const struct sc_schema_pattern *pattern, const char *text, size_t len)
{
        uint64_t n = 1;

        if (pattern->anchored)
                return n;
        for (size_t i = 0; i < len; i++) {
                unsigned char c = (unsigned char)text[i];

                n += !pattern->begins || pattern->begins[c / 8] & 1u << c % 8;
        }
        return n;
}

/*
 * PCRE2's limit is on the calls of match() from one start, of which each may look at the whole string, and PCRE2 does
 * not tell how much it has done. So a first try with a small limit is nearly for nothing, and each further one, with a
 * larger limit, spends as much as that may take.
 */
int sc_schema_pattern_find(const struct sc_schema_pattern *pattern, struct sc_schema_matcher *matcher, const char *text,
                           size_t len, struct sc_schema_meter *meter)
{
        static const uint32_t tries[] = { 16, 256, 4096, 65536, SC_SCHEMA_MATCH_MAX };
        int r = PCRE2_ERROR_MATCHLIMIT;
        uint64_t starts;

        if (len > SC_SCHEMA_SUBJECT_MAX)
                return limit(meter, "this string is too long to look for a pattern in it");
        starts = count_starts(pattern, text, len);
        for (size_t i = 0; i < SC_COUNT(tries) && r == PCRE2_ERROR_MATCHLIMIT; i++) {
                uint64_t steps = i ? tries[i] * (len / CHARS_A_STEP + 1) : len / FIRST_CHARS_A_STEP + 1;

                if (!sc_schema_spend(meter, starts * steps))
                        return -ERANGE;
                pcre2_set_match_limit(matcher->context, tries[i]);
                r = pcre2_match(pattern->code, (PCRE2_SPTR)text, len, 0, 0, matcher->data, matcher->context);
        }
        if (r == PCRE2_ERROR_NOMEMORY)
                return -ENOMEM;
        if (r < 0 && r != PCRE2_ERROR_NOMATCH)
                return limit(meter, "it takes too long to look for the pattern in this string");
        return r >= 0;
}
