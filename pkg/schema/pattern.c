/* SPDX-License-Identifier: Apache-2.0 */
/* Patterns: the only file that knows PCRE2. Its interpreter, never its compiler to machine code; all is bounded. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdlib.h>
#include <string.h>

#include "schema/internal.h"

#define EXPANDED_MAX ((size_t)SC_SCHEMA_PATTERN_SIZE_MAX * 64) /* of what ecma.c makes of a pattern */
#define GROUPS_MAX 120                                         /* a little more than ecma.c lets through */
#define CHARS_MAX ((uint64_t)1 << 30)                          /* calls of match() times the length of the string */
#define LENGTH_A_STEP 16                                       /* bytes that are looked at in one step, about */

/* $ is the very end, [] is empty, a group that took no part is empty: as in ECMA-262. */
#define COMPILE_OPTIONS                                                                                  \
        (PCRE2_UTF | PCRE2_NO_UTF_CHECK | PCRE2_DOLLAR_ENDONLY | PCRE2_ALLOW_EMPTY_CLASS | PCRE2_MATCH_UNSET_BACKREF | \
         PCRE2_NEVER_BACKSLASH_C)

struct sc_schema_pattern {
        const pcre2_code *code;
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
        return 0;
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

/*
 * PCRE2 does not tell how much it has done, so a first try with a small limit is for next to nothing, and each further
 * one, with a larger limit, spends that limit. A single call of match() may look at the whole string.
 */
int sc_schema_pattern_find(const struct sc_schema_pattern *pattern, struct sc_schema_matcher *matcher, const char *text,
                           size_t len, struct sc_schema_meter *meter)
{
        static const uint32_t tries[] = { 256, 16384, SC_SCHEMA_MATCH_MAX };
        uint64_t most = CHARS_MAX / (len + 1), length = len / LENGTH_A_STEP + 1;
        int r = PCRE2_ERROR_MATCHLIMIT;

        if (len > SC_SCHEMA_SUBJECT_MAX)
                return limit(meter, "this string is too long to look for a pattern in it");
        for (size_t i = 0; i < SC_COUNT(tries) && r == PCRE2_ERROR_MATCHLIMIT; i++) {
                uint64_t calls = tries[i] < most ? tries[i] : most;

                if (!sc_schema_spend(meter, (i ? calls : 16) * length))
                        return -ERANGE;
                pcre2_set_match_limit(matcher->context, (uint32_t)calls);
                r = pcre2_match(pattern->code, (PCRE2_SPTR)text, len, 0, 0, matcher->data, matcher->context);
        }
        if (r == PCRE2_ERROR_NOMEMORY)
                return -ENOMEM;
        if (r < 0 && r != PCRE2_ERROR_NOMATCH)
                return limit(meter, "it takes too long to look for the pattern in this string");
        return r >= 0;
}
