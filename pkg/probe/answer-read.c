/* SPDX-License-Identifier: Apache-2.0 */
/* The probe's output, line by line. Nothing is taken on trust: a file that was cut or edited shall be seen. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/util.h"
#include "base/visible.h"
#include "json/json.h"
#include "probe/answer.h"

#define LINES_PER_SCRATCH 256 /* after which the trees of the lines are freed */

struct reader {
        struct sc_arena *arena;
        struct sc_arena *scratch; /* of the trees of a few lines */
        struct sc_diags *diags;
        const struct sc_source *source;
        struct sc_source line; /* the line as a text of its own, which places of its tree are in */
        sc_answer_visit visit;
        void *data;
        struct sc_answers answers;
        size_t since_end; /* answers since the last output that was complete */
        size_t of_run;    /* of them, those of the run that goes on: since the last one that was killed */
        bool killed;      /* the last of them killed the process that asked */
        struct sc_answer_left *left;
        size_t cap_left;
};

/* A place in the line, as one in the file. */
static struct sc_place in_file(const struct reader *r, struct sc_place place)
{
        size_t start = (size_t)(r->line.text - r->source->text);

        return (struct sc_place){ r->source, start + place.offset, place.length };
}

static int refuse(struct reader *r, const struct sc_json *at, const char *what)
{
        struct sc_place place = at ? at->place : (struct sc_place){ NULL, 0, r->line.len };

        sc_diags_add(r->diags, SC_ERROR, "answer-form", in_file(r, place), "%s", what);
        return -EBADMSG;
}

/* The end of the file is missing. `place` is where it breaks off; `whole`: behind an answer. */
static int refuse_cut(struct reader *r, struct sc_place place, bool whole)
{
        struct sc_diag *diag = sc_diags_add(r->diags, SC_ERROR, "answers-cut", place,
                                            r->killed ? "the last question killed the probe, and others were not asked"
                                                      : "the output is cut off: no line {\"end\":…} is its last");

        if (r->source->len == 0)
                sc_diag_hint(diag, "it is empty: did the container start, and seccompose-probe in it?");
        if (whole && r->since_end)
                sc_diag_hint(diag, "to go on, ask with --skip %zu, and put that output behind this one", r->since_end);
        return -EBADMSG;
}

/* An object with these members and no others. `what` says what it is. */
static int take_members(struct reader *r, const struct sc_json *object, const char *what, const char *const *names,
                        size_t n, const struct sc_json **ret_members)
{
        char text[128];

        if (object->type != SC_JSON_OBJECT)
                return refuse(r, object, what);
        for (size_t i = 0; i < n; i++) {
                ret_members[i] = sc_json_get(object, names[i]);
                if (ret_members[i])
                        continue;
                snprintf(text, sizeof(text), "\"%s\" is missing", names[i]);
                return refuse(r, object, text);
        }
        for (const struct sc_json *m = object->first; m; m = m->next) {
                bool known = false;

                for (size_t i = 0; i < n; i++)
                        known |= m == ret_members[i];
                if (!known)
                        return refuse(r, m->key, "nobody knows this member");
        }
        return 0;
}

static int read_abi(struct reader *r, const struct sc_json *value, const struct sc_abi **ret_abi)
{
        const struct sc_abi *abi = value->type == SC_JSON_STRING ? sc_abi_find(value->text, value->len) : NULL;

        if (!abi)
                return refuse(r, value, "no architecture is named so");
        *ret_abi = abi;
        return 0;
}

/* Any number: a question may call the one entry by the name of the other. */
static int read_number(struct reader *r, const struct sc_json *value, uint32_t *ret_nr)
{
        uint64_t number;

        if (sc_json_u64(value, &number) < 0 || number > UINT32_MAX)
                return refuse(r, value, "a call's number has 32 bits");
        *ret_nr = (uint32_t)number;
        return 0;
}

static int read_args(struct reader *r, const struct sc_json *value, uint64_t args[6])
{
        size_t n = 0;

        if (value->type != SC_JSON_ARRAY || value->count != 6)
                return refuse(r, value, "the arguments are an array of six numbers");
        for (const struct sc_json *arg = value->first; arg; arg = arg->next)
                if (sc_json_u64(arg, &args[n++]) < 0)
                        return refuse(r, arg, "an argument is a whole number of 64 bits, not below 0");
        return 0;
}

/* An answer but for its action, if there is one. */
static int take_question(struct reader *r, const struct sc_json *const *members, struct sc_answer *answer)
{
        int e = read_abi(r, members[0], &answer->abi);

        if (e == 0)
                e = read_number(r, members[1], &answer->nr);
        return e ? e : read_args(r, members[2], answer->args);
}

static int pass_answer(struct reader *r, const struct sc_answer *answer)
{
        const struct sc_place all = { NULL, 0, r->line.len };

        r->answers.n++;
        r->since_end++;
        r->of_run++;
        return r->visit(answer, in_file(r, all), r->data);
}

static int read_answer(struct reader *r, const struct sc_json *root)
{
        static const char *const names[] = { "abi", "nr", "args", "action" };
        const struct sc_json *members[SC_COUNT(names)] = { NULL }, *action;
        struct sc_answer answer = { 0 };
        int e = take_members(r, root, "no answer: {\"abi\":…,\"nr\":…,\"args\":[…],\"action\":…}", names,
                             SC_COUNT(names), members);

        if (e == 0)
                e = take_question(r, members, &answer);
        if (e)
                return e;
        action = members[3];
        if (action->type != SC_JSON_STRING || !sc_answer_read_action(action->text, action->len, &answer))
                return refuse(r, action, "no action, such as \"errno 1\", or \"allow or log\"");
        return pass_answer(r, &answer);
}

/* The question that killed a process which asked alone: whatever kills does that, and a signal without a handler. */
static int read_killed(struct reader *r, const struct sc_json *root)
{
        static const char *const names[] = { "abi", "nr", "args" };
        const struct sc_json *members[SC_COUNT(names)] = { NULL };
        struct sc_answer answer = { .may = SC_MAY_TRAP | SC_MAY_KILL_THREAD | SC_MAY_KILL_PROCESS };
        int e = take_members(r, root, "", names, SC_COUNT(names), members);

        if (e == 0)
                e = take_question(r, members, &answer);
        if (e)
                return e;
        r->killed = true;
        e = pass_answer(r, &answer);
        r->of_run = 0;
        return e;
}

static int add_left(struct reader *r, const struct sc_answer_left *left)
{
        struct sc_answer_left *items;

        for (size_t i = 0; i < r->answers.n_left; i++)
                if (r->left[i].abi == left->abi && r->left[i].all == left->all && r->left[i].nr == left->nr)
                        return 0;
        if (r->answers.n_left == r->cap_left) {
                items = sc_arena_array(r->arena, r->cap_left * 2 + 8, sizeof(*items));
                if (!items)
                        return -ENOMEM;
                for (size_t i = 0; i < r->answers.n_left; i++)
                        items[i] = r->left[i];
                r->cap_left = r->cap_left * 2 + 8;
                r->left = items;
        }
        r->left[r->answers.n_left++] = *left;
        return 0;
}

/* ["x86_64",335], or ["x32"]: all of it. */
static int read_left(struct reader *r, const struct sc_json *item)
{
        struct sc_answer_left left = { .all = item->count == 1 };
        int e;

        if (item->type != SC_JSON_ARRAY || item->count < 1 || item->count > 2)
                return refuse(r, item, "no architecture, with a number or without, in an array");
        e = read_abi(r, item->first, &left.abi);
        if (e == 0 && !left.all)
                e = read_number(r, item->first->next, &left.nr);
        return e ? e : add_left(r, &left);
}

static int read_all_left(struct reader *r, const struct sc_json *list)
{
        int e = 0;

        if (list->type != SC_JSON_ARRAY)
                return refuse(r, list, "what was left out is an array: [[\"x86_64\",335],[\"x32\"]]");
        for (const struct sc_json *item = list->first; item && e == 0; item = item->next)
                e = read_left(r, item);
        return e;
}

static int read_end(struct reader *r, const struct sc_json *root)
{
        static const char *const outer[] = { "end" }, *const inner[] = { "questions", "left-out" };
        const struct sc_json *end = NULL, *members[SC_COUNT(inner)] = { NULL };
        uint64_t questions;
        int e = take_members(r, root, "", outer, SC_COUNT(outer), &end);

        if (e == 0)
                e = take_members(r, end, "the end is an object: {\"questions\":…,\"left-out\":[…]}", inner,
                                 SC_COUNT(inner), members);
        if (e)
                return e;
        if (sc_json_u64(members[0], &questions) < 0)
                return refuse(r, members[0], "how many questions there were is a whole number");
        if (questions != r->of_run) {
                sc_diags_add(r->diags, SC_ERROR, "answers-count", in_file(r, members[0]->place),
                             "%" PRIu64 " answers should stand before this line, but %s%zu do: %s", questions,
                             questions > r->of_run ? "only " : "", r->of_run,
                             questions > r->of_run ? "lines are missing" : "an output before it was cut off");
                return -EBADMSG;
        }
        r->answers.outputs++;
        r->since_end = r->of_run = 0;
        r->killed = false;
        return read_all_left(r, members[1]);
}

/* What the reader of JSON found wrong in a line, as a mistake of the file. */
static int pass_on(struct reader *r, const struct sc_diags *found)
{
        size_t n;
        const struct sc_diag *const *all = sc_diags_all(found, &n);

        if (sc_diags_failed(found))
                return -ENOMEM; /* there may be none to tell of the mistake */
        for (size_t i = 0; i < n; i++) {
                struct sc_diag *diag = sc_diags_add(r->diags, all[i]->severity, all[i]->rule,
                                                    in_file(r, all[i]->places[0]), "%s", all[i]->message);

                if (r->line.text[0] != '{')
                        sc_diag_hint(diag, "an answer is an object: seccompose-probe writes them with --format json");
                else if (all[i]->hint)
                        sc_diag_hint(diag, "%s", all[i]->hint);
        }
        return -EBADMSG;
}

static int parse_line(struct reader *r, const struct sc_source *line, const struct sc_json **ret_root)
{
        SC_CLEANUP(sc_diags_freep) struct sc_diags *found = sc_diags_new();
        int e = found ? sc_json_parse(r->scratch, line, 0, found, ret_root) : -ENOMEM;

        return e == -EBADMSG ? pass_on(r, found) : e;
}

static bool is_blank(const char *text, size_t len)
{
        size_t i = 0;

        while (i < len && (text[i] == ' ' || text[i] == '\t' || text[i] == '\r'))
                i++;
        return i == len;
}

/* The length of a question without an answer, behind which the line ends or another output begins; 0: it is none. */
static size_t unanswered(struct sc_source line)
{
        const char *end = memchr(line.text, ']', line.len);
        size_t len = end ? (size_t)(end - line.text) + 1 : 0;

        if (len == 0 || !memmem(line.text, len, "\"args\"", strlen("\"args\"")))
                return 0;
        return is_blank(line.text + len, line.len - len) || line.text[len] == '{' ? len : 0;
}

static int read_unanswered(struct reader *r)
{
        char *text = sc_arena_alloc(r->scratch, r->line.len + 1);
        const struct sc_source *line = &(struct sc_source){ r->line.name, text, r->line.len + 1 };
        const struct sc_json *root;
        int e;

        if (!text)
                return -ENOMEM;
        memcpy(text, r->line.text, r->line.len); /* with the zeros that may be in it */
        text[r->line.len] = '}';
        e = parse_line(r, line, &root);
        return e ? e : read_killed(r, root);
}

/* A line without its line feed. `whole`: it has one. */
static int read_line(struct reader *r, bool whole)
{
        const struct sc_json *root;
        int e;

        if (!whole && r->line.text[r->line.len - 1] != '}') /* the middle of a line */
                return refuse_cut(r, in_file(r, (struct sc_place){ NULL, r->line.len, 0 }), false);
        e = parse_line(r, &r->line, &root);
        if (e)
                return e;
        r->killed = false;
        return sc_json_get(root, "end") ? read_end(r, root) : read_answer(r, root);
}

static int check_length(struct reader *r)
{
        if (r->line.len <= SC_ANSWER_LINE_MAX)
                return 0;
        sc_diags_add(r->diags, SC_ERROR, "answers-size", in_file(r, (struct sc_place){ NULL, 0, 1 }),
                     "a line of %zu bytes; %d are the most", r->line.len, SC_ANSWER_LINE_MAX);
        return -EBADMSG;
}

/* The next line, or the part of it that belongs to one output. */
static int read_next(struct reader *r, size_t *at)
{
        const char *start = r->source->text + *at, *nl = memchr(start, '\n', r->source->len - *at);
        size_t len = nl ? (size_t)(nl - start) : r->source->len - *at, part;
        int e;

        r->line = (struct sc_source){ r->source->name, start, len };
        e = check_length(r);
        part = e ? 0 : unanswered(r->line);
        *at += part ? part : len + 1;
        if (e || is_blank(start, len))
                return e;
        if (!part)
                return read_line(r, nl);
        r->line.len = part;
        return read_unanswered(r);
}

/* The next few lines, from *at on. */
static int read_lines(struct reader *r, size_t *at)
{
        int e = 0;

        for (size_t n = 0; n < LINES_PER_SCRATCH && *at < r->source->len && e == 0; n++)
                e = read_next(r, at);
        return e;
}

int sc_answers_read(struct sc_arena *arena, const struct sc_source *source, sc_answer_visit visit, void *data,
                    struct sc_diags *diags, struct sc_answers *ret_answers)
{
        struct reader r = { .arena = arena, .diags = diags, .source = source, .visit = visit, .data = data };
        int e = 0;

        if (source->len > SC_ANSWERS_SIZE_MAX) {
                sc_diags_add(diags, SC_ERROR, "answers-size", (struct sc_place){ 0 },
                             "%s is too large: %zu bytes; %zu are the most", source->name, source->len,
                             SC_ANSWERS_SIZE_MAX);
                return -EBADMSG;
        }
        for (size_t at = 0; at < source->len && e == 0;) {
                SC_CLEANUP(sc_arena_freep) struct sc_arena *scratch = sc_arena_new();

                r.scratch = scratch;
                e = scratch ? read_lines(&r, &at) : -ENOMEM;
        }
        if (e)
                return e;
        if (r.since_end || r.answers.outputs == 0)
                return refuse_cut(&r, (struct sc_place){ source, source->len, 0 }, true);
        r.answers.left = r.left;
        *ret_answers = r.answers;
        return 0;
}
