/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of this room share: compiled schemas, the table of keywords, a running validation. */
#pragma once

#include "schema/decimal.h"
#include "schema/schema.h"

/* Work that is left; every loop over what others wrote spends some. */
struct sc_schema_meter {
        uint64_t left;
        const char *limit; /* the words for the limit that was met; NULL: none yet */
};

static inline bool sc_schema_spend(struct sc_schema_meter *meter, uint64_t steps)
{
        if (meter->limit)
                return false;
        if (meter->left < steps) {
                meter->limit = "this takes more steps than a validation may";
                return false;
        }
        meter->left -= steps;
        return true;
}

/* FNV-1a, 64 bits. */
#define SC_SCHEMA_HASH_BEGIN UINT64_C(0xcbf29ce484222325)

static inline uint64_t sc_schema_hash_byte(uint64_t hash, unsigned char byte)
{
        return (hash ^ byte) * UINT64_C(0x100000001b3);
}

uint64_t sc_schema_hash_word(uint64_t hash, uint64_t word);
uint64_t sc_schema_hash_bytes(uint64_t hash, const char *bytes, size_t len);

/* map.c: items by a hash, with open addressing; what is equal says the caller. Zeroed memory is an empty map. */
struct sc_schema_slot {
        uint64_t hash;
        void *item;
};

struct sc_schema_map {
        struct sc_schema_slot *slots;
        size_t cap;
        size_t n;
};

typedef bool (*sc_schema_same_fn)(const void *item, const void *key, struct sc_schema_meter *meter);

void *sc_schema_map_find(const struct sc_schema_map *map, uint64_t hash, sc_schema_same_fn same, const void *key,
                         struct sc_schema_meter *meter);

/* Puts an item in, even if there is an equal one. Returns 0; -ENOMEM. */
int sc_schema_map_add(struct sc_schema_map *map, struct sc_arena *arena, uint64_t hash, void *item,
                      struct sc_schema_meter *meter);

/* equal.c: equality of values as the drafts have it: numbers by value, members in any order. */
bool sc_schema_equal(const struct sc_json *a, const struct sc_json *b, struct sc_schema_meter *meter);
uint64_t sc_schema_hash(const struct sc_json *value, struct sc_schema_meter *meter);
bool sc_schema_same_text(const struct sc_json *a, const struct sc_json *b);

/* A number's value; false, and the limit is met, if it is beyond SC_SCHEMA_EXPONENT_MAX. */
bool sc_schema_number(const struct sc_json *value, struct sc_decimal *ret, struct sc_schema_meter *meter);

/* pattern.c: an ECMA-262 pattern, compiled by PCRE2. */
struct sc_schema_pattern;
struct sc_schema_matcher; /* what PCRE2 needs while it matches; of one validation */

/* Returns 0; -EBADMSG with *ret_why, in words, if it is no such pattern; -ENOMEM. */
int sc_schema_pattern_compile(struct sc_arena *arena, const char *text, size_t len,
                              const struct sc_schema_pattern **ret_pattern, const char **ret_why);

/* NULL when out of memory. Takes NULL for freeing. */
struct sc_schema_matcher *sc_schema_matcher_new(void);
void sc_schema_matcher_free(struct sc_schema_matcher *matcher);

/* Whether the pattern is found in a string. Returns 1 or 0; -ERANGE and the limit is met; -ENOMEM. */
int sc_schema_pattern_find(const struct sc_schema_pattern *pattern, struct sc_schema_matcher *matcher, const char *text,
                           size_t len, struct sc_schema_meter *meter);

/* ecma.c: a pattern as PCRE2 reads it. Returns 0; -EBADMSG with *ret_why; -ENOMEM. */
int sc_schema_ecma(struct sc_arena *arena, const char *text, size_t len, const char **ret_pattern, size_t *ret_len,
                   const char **ret_why);

/* format.c: the formats that are checked; others are no error. */
struct sc_schema_format {
        const char *name;
        int (*holds)(const char *text, size_t len); /* 1, 0 or -ENOMEM */
        const char *what; /* "a date and time as in 2024-02-29T12:00:00Z" */
};

const struct sc_schema_format *sc_schema_format_find(const struct sc_json *name);

/* meta.c: the text of a draft's own schema; NULL if `uri` is of none. */
const struct sc_source *sc_schema_meta(const char *uri);

/* A document, or the part of one that has an id of its own. */
struct sc_schema_base {
        const char *uri; /* absolute, if anybody has said so; without fragment */
        enum sc_schema_draft draft;
};

enum sc_schema_kind {
        SC_SCHEMA_RULES,
        SC_SCHEMA_ANYTHING, /* true */
        SC_SCHEMA_NOTHING,  /* false */
};

/* One schema. */
struct sc_schema_node {
        const struct sc_json *json;
        const struct sc_schema_base *base;
        enum sc_schema_kind kind;
        struct sc_schema_node *ref; /* "$ref": then there are no rules */
        struct sc_schema_rule *rules;
        size_t n_rules;
        struct sc_schema_node *next; /* in the order in which they were met */
        uint8_t mark;                /* in the search for circles */
};

struct sc_schema_nodes {
        struct sc_schema_node **items;
        size_t n;
};

/* A member of "properties", "patternProperties" or "dependencies". */
struct sc_schema_member {
        const struct sc_json *key;
        const struct sc_schema_pattern *pattern;
        struct sc_schema_node *node;   /* NULL for names that are needed */
        const struct sc_json *needed;  /* an array of strings */
};

struct sc_schema_members {
        struct sc_schema_member *items;
        size_t n;
        struct sc_schema_map map; /* by key */
};

/* A keyword in a schema. */
struct sc_schema_rule {
        const struct sc_schema_keyword *keyword;
        const struct sc_json *json;   /* its value */
        const struct sc_json *schema; /* where it stands */
        union {
                unsigned types; /* bits: enum sc_json_type, SC_SCHEMA_INTEGER */
                struct sc_decimal number;
                uint64_t count;
                const struct sc_schema_pattern *pattern;
                const struct sc_schema_format *format;
                struct sc_schema_map values; /* of "enum" */
                struct sc_schema_node *node;
                struct sc_schema_nodes nodes;
                struct sc_schema_members members;
        };
        bool exclusive;   /* of a bound */
        bool literal;     /* of "type" in draft 4: an integer is written without fraction and exponent */
        size_t n_before;  /* "additionalItems": those that "items" has schemas for */
        const struct sc_schema_rule *properties, *patterns; /* beside "additionalProperties" */
        struct sc_schema_node *then_node, *else_node;       /* beside "if" */
};

#define SC_SCHEMA_INTEGER ((unsigned)SC_JSON_OBJECT + 1)
#define SC_SCHEMA_BIT(type) (1u << (type))

/* What a keyword's value must be, and what is made of it. */
enum sc_schema_shape {
        SC_SCHEMA_ANY,
        SC_SCHEMA_STRING,
        SC_SCHEMA_BOOL,
        SC_SCHEMA_NUMBER,
        SC_SCHEMA_DIVISOR,
        SC_SCHEMA_COUNT,
        SC_SCHEMA_TYPES,
        SC_SCHEMA_VALUES,
        SC_SCHEMA_NAMES,
        SC_SCHEMA_PATTERN,
        SC_SCHEMA_FORMAT,
        SC_SCHEMA_ONE,          /* a schema */
        SC_SCHEMA_ONE_OR_BOOL,  /* a schema; in draft 4 also true or false */
        SC_SCHEMA_LIST,         /* of schemas */
        SC_SCHEMA_ONE_OR_LIST,
        SC_SCHEMA_MEMBERS,      /* schemas by name */
        SC_SCHEMA_BY_PATTERN,   /* schemas by pattern */
        SC_SCHEMA_DEPENDENCIES, /* schemas or names, by name */
};

/* Which values a schema that stands in a keyword is for. */
enum sc_schema_where {
        SC_SCHEMA_INSIDE, /* those inside of the value */
        SC_SCHEMA_HERE,   /* the same value */
};

struct sc_schema_run;
struct sc_schema_fault;
struct sc_schema_words;

/* A row of the table. */
struct sc_schema_keyword {
        const char *name;
        unsigned drafts; /* bits: enum sc_schema_draft */
        enum sc_schema_shape shape;
        enum sc_schema_where where;
        unsigned types; /* SC_SCHEMA_BIT() of the values that it says something about; 0: it only helps another one */
        const char *rule;
        bool (*holds)(struct sc_schema_run *run, const struct sc_schema_rule *rule, const struct sc_json *value);
        void (*explain)(struct sc_schema_words *words, const struct sc_schema_fault *fault);
};

/* In the order in which they are checked. */
extern const struct sc_schema_keyword sc_schema_keywords[];
extern const size_t sc_schema_keyword_count;

/* The row of a name in a draft; NULL if there is none. */
const struct sc_schema_keyword *sc_schema_keyword_find(const struct sc_json *name, enum sc_schema_draft draft);

struct sc_schema {
        struct sc_schema_node *root;
};

/* compile.c: the node for a schema, which is compiled later. NULL, with ctx->error, if there can be none. */
struct sc_schema_compiler {
        struct sc_arena *arena;
        const struct sc_schema_options *options;
        struct sc_diags *diags;
        struct sc_schema_meter meter;
        struct sc_schema_map nodes;    /* by their JSON */
        struct sc_schema_map places;   /* struct sc_schema_place, by URI and anchor */
        struct sc_schema_map bases;    /* the same, by their JSON */
        struct sc_schema_map patterns; /* struct sc_schema_text, by text */
        struct sc_schema_node *first, **last;
        size_t n_unknown; /* names that are no keywords */
        bool failed;      /* a diagnostic says why */
        int error;        /* -errno; 0: none */
};

struct sc_schema_node *sc_schema_node_get(struct sc_schema_compiler *c, const struct sc_json *json,
                                          const struct sc_schema_base *base);
struct sc_diag *sc_schema_complain(struct sc_schema_compiler *c, const char *rule, struct sc_place place,
                                   const char *format, ...) SC_PRINTF(4, 5);
void sc_schema_no_memory(struct sc_schema_compiler *c);

/* shape.c: reads a keyword's value into a rule. */
bool sc_schema_shape_read(struct sc_schema_compiler *c, const struct sc_schema_node *node, struct sc_schema_rule *rule);

/* refer.c: documents, ids and references. */
/* Takes up a document; its own ids become known. Returns its base; NULL: see c->error and c->failed. */
const struct sc_schema_base *sc_schema_document_add(struct sc_schema_compiler *c, const char *uri,
                                                    const struct sc_json *root, enum sc_schema_draft draft);
/* The base of a schema inside of `base`: its own, if it has an id. */
const struct sc_schema_base *sc_schema_base_of(struct sc_schema_compiler *c, const struct sc_json *json,
                                               const struct sc_schema_base *base);
/* What a "$ref" leads to. NULL: nothing, a diagnostic says so. */
struct sc_schema_node *sc_schema_refer(struct sc_schema_compiler *c, const struct sc_json *ref,
                                       const struct sc_schema_base *base);

/* circle.c: finds schemas that need themselves for the same value. False, with a diagnostic, if there are some. */
bool sc_schema_circles_check(struct sc_schema_compiler *c);

/* What a fault says beyond its keyword. */
enum sc_schema_aspect {
        SC_SCHEMA_PLAIN,
        SC_SCHEMA_NO_BRANCH, /* each alternative wants another type or value */
        SC_SCHEMA_NO_MEMBER, /* each alternative wants another member */
        SC_SCHEMA_TOO_MANY,  /* two alternatives fit: `index` and `other` */
};

/* A finding before it has words. */
struct sc_schema_fault {
        const struct sc_schema_rule *rule; /* NULL: a schema `false` */
        const struct sc_json *value;
        const struct sc_json *extra; /* a name or an element that it is about */
        const struct sc_schema_member *member; /* of "dependencies" */
        enum sc_schema_aspect aspect;
        size_t index, other; /* of alternatives; of "required", how many are missing */
};

/* A validation. */
struct sc_schema_run {
        struct sc_schema_meter meter;
        const struct sc_json *limit_value; /* where the limit was met */
        struct sc_schema_matcher *matcher;
        struct sc_schema_fault *faults; /* a stack: alternatives put theirs on it, and take them off again */
        size_t n_faults, cap_faults;
        size_t base; /* faults below this belong to those around the alternative that is looked at */
        unsigned quiet; /* not 0: only yes or no is asked */
        unsigned depth;
        int error;
};

/* Whether the run goes on: no limit met, no error. */
static inline bool sc_schema_goes_on(const struct sc_schema_run *run)
{
        return !run->meter.limit && run->error == 0;
}

/* After a fault, whether there is more to look for: one more than is told, to know that there are more. */
static inline bool sc_schema_wants_more(const struct sc_schema_run *run)
{
        return !run->quiet && sc_schema_goes_on(run) && run->n_faults - run->base <= SC_SCHEMA_FINDINGS_MAX;
}

/* validate.c */
bool sc_schema_apply(struct sc_schema_run *run, const struct sc_schema_node *node, const struct sc_json *value);
/* The same, without faults. */
bool sc_schema_test(struct sc_schema_run *run, const struct sc_schema_node *node, const struct sc_json *value);
/* Remembers a fault, unless nobody asks; false. */
bool sc_schema_fault_add(struct sc_schema_run *run, struct sc_schema_fault fault);
/* Spends steps on a value; false if there are none left. */
bool sc_schema_work(struct sc_schema_run *run, uint64_t steps, const struct sc_json *value);
/* Whether a pattern is found in a string; false also when the run does not go on. */
bool sc_schema_matches(struct sc_schema_run *run, const struct sc_schema_pattern *pattern,
                       const struct sc_json *string);

/* Past the "$ref"s. */
static inline const struct sc_schema_node *sc_schema_target(const struct sc_schema_node *node)
{
        while (node->ref)
                node = node->ref;
        return node;
}

void sc_schema_run_done(struct sc_schema_run *run);
/* Runs a schema over a value. Returns 0; SC_SCHEMA_INVALID; -ENOMEM. */
int sc_schema_run(struct sc_schema_run *run, const struct sc_schema *schema, const struct sc_json *value);

/* Words for a fault. */
struct sc_schema_words {
        struct sc_strbuf message;
        struct sc_strbuf hint;
        struct sc_place place; /* the value's, unless a row knows better */
};
