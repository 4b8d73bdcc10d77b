/* SPDX-License-Identifier: Apache-2.0 */
/* What the validator says, and where: rows of a schema, a value, and the findings in order. */
#include <errno.h>

#include "schema/schema.h"
#include "test.h"

/* Findings as text: "PATH@OFFSET+LENGTH RULE: MESSAGE (HINT)", one a line. */
struct row {
        const char *schema, *value, *findings;
};

static const struct row values[] = {
        { "{'type':'string'}", "12", "$@0+2 schema-type: expected a string, found 12\n" },
        { "{'type':['integer','null']}", "'12'",
          "$@0+4 schema-type: expected null or an integer, found \"12\" (write it without quotes)\n" },
        { "{'type':'boolean'}", "'true'",
          "$@0+6 schema-type: expected true or false, found \"true\" (write it without quotes)\n" },
        { "{'type':['number','integer']}", "{'a':1}", "$@0+1 schema-type: expected a number, found an object\n" },
        { "{'type':'integer'}", "1.5", "$@0+3 schema-type: expected an integer, found 1.5\n" },
        { "{'type':'integer'}", "1.0", "" },
        { "{'$schema':'http://json-schema.org/draft-04/schema#','type':'integer'}", "1.0",
          "$@0+3 schema-type: expected an integer, found 1.0\n" },
        { "{'enum':['SCMP_ACT_ALLOW','SCMP_ACT_KILL',5]}", "'SCMP_ACT_ALOW'",
          "$@0+15 schema-value: expected one of \"SCMP_ACT_ALLOW\", \"SCMP_ACT_KILL\" and 5, found \"SCMP_ACT_ALOW\" "
          "(did you mean \"SCMP_ACT_ALLOW\"?)\n" },
        { "{'enum':['SCMP_ARCH_X86','SCMP_ARCH_ARM']}", "'SCMP_ARCH_FOO'",
          "$@0+15 schema-value: expected one of \"SCMP_ARCH_X86\" and \"SCMP_ARCH_ARM\", found \"SCMP_ARCH_FOO\"\n" },
        { "{'enum':[1,2,3,4,5,6,7,8,9,10,11,12,13]}", "0",
          "$@0+1 schema-value: expected one of 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, …, found 0\n" },
        { "{'enum':[[1,{'a':2}]]}", "[1.0,{'a':20e-1}]", "" },
        { "{'const':{'a':1,'b':2}}", "{'b':2,'a':1}", "" },
        { "{'const':{'a':1}}", "{'a':1,'b':2}", "$@0+1 schema-value: expected an object with other elements\n" },
        { "{'const':[1,[]]}", "[1,[],1]", "$@0+1 schema-value: expected an array with other elements\n" },
        { "{'const':'a'}", "[]", "$@0+1 schema-value: expected \"a\", found an empty array\n" },
        { "{'const':1}", "true", "$@0+4 schema-value: expected 1, found true\n" },
        { "{'multipleOf':0.01}", "19.999", "$@0+6 schema-value: expected a multiple of 0.01, found 19.999\n" },
        { "{'multipleOf':0.01}", "123456789012345678901234567890.07", "" },
        { "{'maximum':4095}", "4096", "$@0+4 schema-value: expected 4095 at most, found 4096\n" },
        { "{'exclusiveMaximum':3}", "3", "$@0+1 schema-value: expected less than 3, found 3\n" },
        { "{'$schema':'http://json-schema.org/draft-04/schema#','minimum':3,'exclusiveMinimum':true}", "3",
          "$@0+1 schema-value: expected more than 3, found 3\n" },
        { "{'minimum':18446744073709551616}", "18446744073709551615",
          "$@0+20 schema-value: expected 18446744073709551616 at least, found 18446744073709551615\n" },
        { "{'exclusiveMinimum':-0.0}", "0", "$@0+1 schema-value: expected more than -0.0, found 0\n" },
        { "{'maxLength':2}", "'äöü'",
          "$@0+8 schema-string: expected a string of 2 characters at most, found \"äöü\"\n" },
        { "{'minLength':2}", "'\xf0\x9f\x98\x80'",
          "$@0+6 schema-string: expected a string of 2 characters at least, found \"\xf0\x9f\x98\x80\"\n" },
        { "{'pattern':'^SCMP_'}", "'x\\u0000\\n'",
          "$@0+11 schema-string: expected a string with the pattern '^SCMP_', found \"x\\u0000\\u000a\"\n" },
        { "{'format':'ipv4'}", "'1.2.3'", "$@0+7 schema-string: expected an IPv4 address, found \"1.2.3\"\n" },
        { "{'format':'no-such'}", "'1.2.3'", "" },
        { "{'format':'date-time'}", "'2016-12-31T23:59:60Z'", "" },
        { "{'format':'date-time'}", "'2017-01-01T00:59:60+01:00'", "" },
        { "{'format':'date-time'}", "'2016-12-31T22:59:60Z'",
          "$@0+22 schema-string: expected a date and time as in \"2024-02-29T12:00:00Z\", "
          "found \"2016-12-31T22:59:60Z\"\n" },
        { "{'format':'date'}", "'2000-02-29'", "" },
        { "{'format':'date'}", "'1900-02-29'",
          "$@0+12 schema-string: expected a date as in \"2024-02-29\", found \"1900-02-29\"\n" },
        { "{'items':{'format':'ipv6'}}",
          "['::','::1','1::','1:2:3:4:5:6:7:8','1::8','::ffff:1.2.3.4','1:2:3:4:5:6:1.2.3.4']",
          "" },
        { "{'items':{'not':{'format':'ipv6'}}}",
          "['',':','1','1:2:3:4:5:6:7','1:2:3:4:5:6:7:8:9','1::2::3',':::','1:','12345::','::1.2.3',"
          "'1:2:3:4:5:6:7:1.2.3.4',"
          "'::g','1:2:3:4:5:6:7:8::','::1%eth0']", "" },
        { "{'items':{'format':'uri'}}",
          "['a:','http://u:p@[v1.a]:80/a;b?c#d','urn:a:b','file:///x','http://[::1]']", "" },
        { "{'items':{'not':{'format':'uri'}}}",
          "['','a','//a','1a:b','http://a b','http://[1]','http://a:b','a:%4','a:\\u00e9','http://a[b]',"
          "'a:#b#c']", "" },
        { "{'items':{'format':'email'}}", "['a@b','a.b+c@d.e','\\\"a b\\\"@c','a@[1.2.3.4]']", "" },
        { "{'items':{'not':{'format':'email'}}}",
          "['','@','a@','@b','.a@b','a..b@c','a@b_c','a b@c','a@-b','a@b@c']", "" },
        { "{'items':{'format':'hostname'}}", "['a','a-b.c1','1.2']", "" },
        { "{'items':{'not':{'format':'hostname'}}}", "['','.','a.','-a','a-','a_b','a..b','é']", "" },
        { "{'not':{'enum':['a',1]}}", "1", "$@0+1 schema-value: expected anything but \"a\" and 1, found 1\n" },
        { "{'not':{}}", "1", "$@0+1 schema-value: this is what the schema does not allow here: 1\n" },
        { "{'minimum':1}", "1e1000001",
          "$@0+9 schema-limit: the exponent of this number is beyond what is compared\n" },
};

static const struct row elements[] = {
        { "{'required':['a','b','c']}", "{'b':1}", "$@0+1 schema-missing: missing 'a' and 'c'\n" },
        { "{'items':{'required':['a']}}", "[{},{'a':1},{ }]",
          "$[0]@1+1 schema-missing: missing 'a'\n$[2]@12+1 schema-missing: missing 'a'\n" },
        { "{'properties':{'name':{},'names':{},'args':{}},'additionalProperties':false}", "{'name':1,'nmaes':[]}",
          "$.nmaes@10+7 schema-unknown: 'nmaes' is not allowed here (did you mean 'names'?)\n" },
        { "{'additionalProperties':false,'patternProperties':{'^x-':{}}}", "{'x-a':1,'a b':1}",
          "$['a b']@9+5 schema-unknown: 'a b' is not allowed here\n" },
        { "{'additionalProperties':{'type':'string'}}", "{'a':'','b':{'c':1}}",
          "$.b@12+1 schema-type: expected a string, found an object\n" },
        { "{'properties':{'a':false}}", "{'a':1}", "$.a@1+3 schema-unknown: 'a' is not allowed here\n" },
        { "false", "1", "$@0+1 schema-unknown: nothing is allowed here, found 1\n" },
        { "{'items':[{},{}],'additionalItems':false}", "[1,2,3]",
          "$[2]@5+1 schema-unknown: one element too many: this array has 2 at most\n" },
        { "{'maxItems':1}", "[1,2]", "$@0+1 schema-count: expected 1 element at most, found 2\n" },
        { "{'minProperties':2}", "{'a':1}", "$@0+1 schema-count: expected 2 members at least, found 1\n" },
        { "{'uniqueItems':true}", "['a','b','a',1,1.0]",
          "$[2]@9+3 schema-count: the same element is in this array already: \"a\"\n" },
        { "{'contains':{'type':'null'}}", "[1]",
          "$@0+1 schema-count: no element is of the kind that this array needs one of\n" },
        { "{'propertyNames':{'maxLength':1}}", "{'ab':1}",
          "$.ab@1+4 schema-string: expected a string of 1 characters at most, found \"ab\"\n" },
        { "{'dependencies':{'a':['b','c']}}", "{'a':1,'b':1}",
          "$@0+1 schema-missing: missing 'c', which 'a' needs beside it\n" },
        { "{'properties':{'a':{'items':{'properties':{\"it's\":{'type':'null'}}}}}}", "{'a':[0,{\"it's\":0}]}",
          "$.a[1]['it\\'s']@16+1 schema-type: expected null, found 0\n" },
};

static const struct row choices[] = {
        { "{'anyOf':[{'type':'string'},{'type':'null'}]}", "1",
          "$@0+1 schema-choice: expected a string or null, found 1\n" },
        { "{'anyOf':[{'type':'string'},{'enum':[1,2]}]}", "3",
          "$@0+1 schema-choice: expected a string, 1 or 2, found 3\n" },
        { "{'oneOf':[{'const':'kill'},{'enum':['allow','log']}]}", "'alow'",
          "$@0+6 schema-choice: expected one of \"kill\", \"allow\" and \"log\", found \"alow\" "
          "(did you mean \"allow\"?)\n" },
        { "{'oneOf':[{'required':['name']},{'required':['names']}]}", "{}",
          "$@0+1 schema-missing: missing 'name' or 'names'\n" },
        { "{'oneOf':[{'required':['name']},{'required':['names']}]}", "{'name':1,'names':1}",
          "$@0+1 schema-choice: 'name' and 'names' exclude each other\n" },
        { "{'oneOf':[{'minimum':1},{},{'maximum':5}]}", "0",
          "$@0+1 schema-choice: this fits alternatives 2 and 3 of the schema, and may fit one only\n" },
        { "{'not':{'required':['a','b']}}", "{'a':1,'b':1}",
          "$@0+1 schema-value: these exclude each other: 'a' and 'b'\n" },
        /* the branch with the fitting type, however many other faults it has */
        { "{'anyOf':[{'type':'string'},{'required':['a'],'properties':{'b':{'type':'null'}}}]}", "{'b':1}",
          "$@0+1 schema-missing: missing 'a'\n$.b@5+1 schema-type: expected null, found 1\n" },
        /* a member that tells kinds apart */
        { "{'anyOf':[{'properties':{'k':{'const':'a'},'v':{'type':'string'}}},"
          "{'properties':{'k':{'const':'b'},'v':{'type':'number'}}}]}",
          "{'k':'b','v':'x'}", "$.v@13+3 schema-type: expected a number, found \"x\"\n" },
        /* the least faults; inside of alternatives, too */
        { "{'anyOf':[{'required':['a','b','c']},{'required':['d']},{'anyOf':[{'required':['e','f']}]}]}", "{}",
          "$@0+1 schema-missing: missing 'd'\n" },
        { "{'if':{'required':['a']},'then':{'required':['b']},'else':{'required':['c']}}", "{'a':1}",
          "$@0+1 schema-missing: missing 'b'\n" },
        /* two ways to one keyword */
        { "{'allOf':[{'$ref':'#/definitions/s'},{'$ref':'#/definitions/s'}],'definitions':{'s':{'type':'string'}}}",
          "1", "$@0+1 schema-type: expected a string, found 1\n" },
};

/* Schemas that are wrong themselves: "OFFSET RULE: MESSAGE (HINT)", warnings too. */
static const struct row schemas[] = {
        { "[]", NULL, "0 schema-keyword: a schema is an object, and this is an array (true is a schema for everything, "
                      "false one for nothing)\n" },
        { "{'type':'sting'}", NULL, "8 schema-keyword: there is no such type (did you mean 'string'?)\n" },
        { "{'type':[]}", NULL, "8 schema-keyword: \"type\" must be the name of a type, or an array of them\n" },
        { "{'enum':[]}", NULL, "8 schema-keyword: \"enum\" must be an array with the values that are allowed\n" },
        { "{'minLength':-1}", NULL, "13 schema-keyword: \"minLength\" must be an integer that is not below 0\n" },
        { "{'minLength':1.5}", NULL, "13 schema-keyword: \"minLength\" must be an integer that is not below 0\n" },
        { "{'minLength':2.0}", NULL, "" },
        { "{'multipleOf':0}", NULL, "14 schema-keyword: \"multipleOf\" must be a number above 0\n" },
        { "{'multipleOf':1234567890123456789}", NULL,
          "14 schema-keyword: \"multipleOf\" must be a number of 18 digits at most\n" },
        { "{'required':'a'}", NULL, "12 schema-keyword: \"required\" must be an array of names\n" },
        { "{'allOf':[]}", NULL, "9 schema-keyword: \"allOf\" must be an array of at least one schema\n" },
        { "{'pattern':'a('}", NULL, "11 schema-keyword: this is no pattern: a '(' has no ')'\n" },
        { "{'patternProperties':{'(?i)a':{}}}", NULL,
          "22 schema-keyword: this is no pattern: ECMA-262 has no such group\n" },
        { "{'properties':{'a':{'items':{'not':1}}}}", NULL,
          "35 schema-keyword: a schema is an object, and this is a number\n" },
        { "{'propertes':{}}", NULL, "1 schema-keyword: 'propertes' is no keyword and has no effect "
                                    "(did you mean 'properties'?)\n" },
        { "{'x-more':1,'$more':1}", NULL, "" },
        { "{'$schema':'http://json-schema.org/draft-04/schema#','const':1}", NULL,
          "53 schema-keyword: 'const' is no keyword of draft 4 and has no effect\n" },
        { "{'$schema':'http://json-schema.org/draft-04/schema','not':true}", NULL,
          "58 schema-keyword: a schema is an object, and this is true or false (true and false are schemas since draft "
          "6)\n" },
        { "{'$schema':'https://json-schema.org/draft/2020-12/schema'}", NULL,
          "11 schema-draft: this draft is not known (known are \"http://json-schema.org/draft-04/schema#\", "
          "draft-06 and draft-07)\n" },
        { "{'$ref':'#/definitions/a','type':'null','definitions':{'a':{}}}", NULL,
          "26 schema-keyword: 'type' beside \"$ref\" has no effect\n" },
        { "{'$ref':'#/nope'}", NULL, "8 schema-ref: this leads to no schema\n" },
        { "{'$ref':'http://example.com/a.json'}", NULL,
          "8 schema-ref: the schema that this refers to is not at hand\n" },
        { "{'$ref':'#'}", NULL, "0 schema-ref: this schema refers to itself without an end\n" },
        { "{'properties':{'a':{'$ref':'#'}}}", NULL, "" },
        { "{'allOf':[{'if':{},'then':{'dependencies':{'a':{'$ref':'#'}}}}]}", NULL,
          "0 schema-ref: this schema refers to itself without an end\n" },
};

static struct sc_arena *arena;

/* JSON with ' for ", as it stands in a row. */
static const struct sc_json *parse(const char *text, bool quotes)
{
        struct sc_source *source = sc_arena_alloc(arena, sizeof(*source));
        char *copy = sc_arena_strdup(arena, text);
        struct sc_diags *diags = sc_diags_new();
        const struct sc_json *root = NULL;
        bool plain = false;

        for (char *p = copy; quotes && *p; p++) {
                plain ^= *p == '"';
                if (*p == '\'' && !plain)
                        *p = '"';
        }
        *source = (struct sc_source){ "row", copy, strlen(copy) };
        if (!CHECK_INT(sc_json_parse(arena, source, 0, diags, &root), 0))
                printf("# %s\n", copy);
        sc_diags_free(diags);
        return root;
}

static char *told(const struct sc_diags *diags, bool warnings)
{
        struct sc_strbuf out = SC_STRBUF_INIT;
        const struct sc_diag *const *all;
        char *copy;
        size_t n;

        all = sc_diags_all(diags, &n);
        for (size_t i = 0; i < n; i++) {
                if (all[i]->severity != SC_ERROR && !warnings)
                        continue;
                sc_strbuf_printf(&out, "%zu %s: %s", all[i]->places[0].offset, all[i]->rule, all[i]->message);
                sc_strbuf_printf(&out, all[i]->hint ? " (%s)\n" : "\n", all[i]->hint);
        }
        copy = sc_arena_strdup(arena, out.text ? out.text : "");
        sc_strbuf_done(&out);
        return copy;
}

static void check_row(const struct row *row)
{
        struct sc_diags *diags = sc_diags_new();
        const struct sc_json *value = parse(row->value, true);
        const struct sc_schema_finding *findings;
        struct sc_strbuf out = SC_STRBUF_INIT;
        struct sc_schema *schema;
        size_t n = 0, n_diags;
        int wanted = *row->findings ? SC_SCHEMA_INVALID : 0;

        if (CHECK_INT(sc_schema_compile(arena, parse(row->schema, true), NULL, diags, &schema), 0)) {
                CHECK_INT(sc_schema_check(schema, value, arena, &findings, &n), wanted);
                CHECK_INT(sc_schema_is_valid(schema, value), wanted);
                CHECK_INT(sc_schema_validate(schema, value, diags), wanted ? -EBADMSG : 0);
        }
        for (size_t i = 0; i < n; i++) {
                sc_strbuf_printf(&out, "%s@%zu+%zu %s: %s", findings[i].path, findings[i].place.offset,
                                 findings[i].place.length, findings[i].rule, findings[i].message);
                sc_strbuf_printf(&out, findings[i].hint ? " (%s)\n" : "\n", findings[i].hint);
        }
        CHECK_STR(out.text ? out.text : "", row->findings);
        sc_diags_all(diags, &n_diags);
        CHECK_INT(n_diags, n);
        sc_strbuf_done(&out);
        sc_diags_free(diags);
}

static void check_schema(const struct row *row)
{
        struct sc_diags *diags = sc_diags_new();
        struct sc_schema *schema = NULL;
        int r = sc_schema_compile(arena, parse(row->schema, true), NULL, diags, &schema);

        CHECK_INT(r, sc_diags_count(diags, SC_ERROR) ? -EBADMSG : 0);
        CHECK((r == 0) == (schema != NULL));
        CHECK_STR(told(diags, true), row->findings);
        sc_diags_free(diags);
}

/* The keyword's place is in the schema. */
static void check_schema_place(void)
{
        struct sc_diags *diags = sc_diags_new();
        const struct sc_schema_finding *findings;
        struct sc_schema *schema;
        size_t n;

        CHECK_INT(sc_schema_compile(arena, parse("{'items':{'type':'null'}}", true), NULL, diags, &schema), 0);
        CHECK_INT(sc_schema_check(schema, parse("[null,1]", true), arena, &findings, &n), SC_SCHEMA_INVALID);
        CHECK_INT(n, 1);
        CHECK_STR(findings[0].keyword, "type");
        CHECK_INT(findings[0].schema_place.offset, 17);
        CHECK_INT(findings[0].schema_place.length, 6);
        sc_diags_free(diags);
}

static int find_document(void *data, const char *uri, const struct sc_json **ret_root)
{
        *(int *)data += 1;
        if (!strcmp(uri, "file:///s/broken.json"))
                return -EIO;
        if (strcmp(uri, "file:///s/other.json") != 0)
                return -ENOENT;
        *ret_root = parse("{'definitions':{'a/b':{'$id':'sub/','items':{'$ref':'../main.json#/definitions/n'}}}}",
                          true);
        return 0;
}

/* References to documents of the caller, and to the drafts' own schemas. */
static void check_documents(void)
{
        static const char text[] = "{'$ref':'other.json#/definitions/a~1b','definitions':{'n':{'type':'null'}}}";
        struct sc_diags *diags = sc_diags_new();
        int asked = 0;
        struct sc_schema_options options = {
                .draft = SC_SCHEMA_DRAFT_7, .uri = "file:///s/main.json", .find = find_document, .data = &asked };
        struct sc_schema *schema;

        CHECK_INT(sc_schema_compile(arena, parse(text, true), &options, diags, &schema), 0);
        CHECK_INT(asked, 1);
        CHECK_INT(sc_schema_is_valid(schema, parse("[null]", true)), 0);
        CHECK_INT(sc_schema_is_valid(schema, parse("[1]", true)), SC_SCHEMA_INVALID);
        CHECK_INT(sc_schema_compile(arena, parse("{'$ref':'broken.json'}", true), &options, diags, &schema), -EIO);
        CHECK_INT(sc_schema_compile(arena, parse("{'$ref':'http://json-schema.org/draft-04/schema#'}", true), NULL,
                                    diags, &schema), 0);
        CHECK_INT(sc_schema_is_valid(schema, parse("{'items':{'type':'null'}}", true)), 0);
        CHECK_INT(sc_schema_is_valid(schema, parse("{'items':{'type':'nil'}}", true)), SC_SCHEMA_INVALID);
        options.no_formats = true;
        CHECK_INT(sc_schema_compile(arena, parse("{'format':'ipv4'}", true), &options, diags, &schema), 0);
        CHECK_INT(sc_schema_is_valid(schema, parse("'x'", true)), 0);
        sc_diags_free(diags);
}

int main(void)
{
        arena = sc_arena_new();
        for (size_t i = 0; i < SC_COUNT(values); i++)
                check_row(&values[i]);
        for (size_t i = 0; i < SC_COUNT(elements); i++)
                check_row(&elements[i]);
        for (size_t i = 0; i < SC_COUNT(choices); i++)
                check_row(&choices[i]);
        for (size_t i = 0; i < SC_COUNT(schemas); i++)
                check_schema(&schemas[i]);
        check_schema_place();
        check_documents();
        sc_arena_free(arena);
        return test_end();
}
