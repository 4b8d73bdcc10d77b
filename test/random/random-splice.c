/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random config.json files of every shape, each written together with what the splice must make of it: whoever writes
 * a file knows which bytes are kept, cut out and put in, and needs no parser for it. The results are read by cJSON, by
 * yajl's tree and by Python's json, which must find our profile.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cjson/cJSON.h>
#include <yajl/yajl_tree.h>

#include "base/file.h"
#include "bundle/bundle.h"
#include "rng.h"
#include "unit/test.h"

#define CONFIGS 3000
#define LARGE_EVERY 150
#define LARGE_BYTES ((size_t)4 * 1024 * 1024)
#define MEMBERS_MAX 24
#define OURS "{\"defaultAction\":\"SCMP_ACT_ERRNO\", \"marker\": [\"ours\"]}"

/* A text, and what the splice makes of it. */
struct text {
        const char *in;
        const char *want;
};

struct member {
        const char *gap;   /* white space before the key */
        const char *head;  /* key, colon, white space around it */
        struct text value;
        const char *after; /* white space behind the value */
        bool cut;
};

struct object {
        struct member members[MEMBERS_MAX];
        size_t n;
        const char *append; /* a member that the splice adds; NULL if none */
};

struct maker {
        struct sc_arena *arena;
        struct rng rng;
        bool conflict; /* something is cut out */
        bool large;
};

static const char *format(struct maker *m, const char *fmt, const char *a, const char *b, const char *c)
{
        struct sc_strbuf out = SC_STRBUF_INIT;
        const char *args[] = { a, b, c }, *kept;
        size_t n = 0;

        for (const char *p = fmt; *p; p++)
                if (*p == '@')
                        sc_strbuf_puts(&out, args[n++]);
                else
                        sc_strbuf_append(&out, p, 1);
        kept = sc_arena_strndup(m->arena, out.text ? out.text : "", out.len);
        if (out.failed || !kept)
                abort();
        sc_strbuf_done(&out);
        return kept;
}

#define PICK(m, list) ((list)[rng_below(&(m)->rng, SC_COUNT(list))])

static const char *space(struct maker *m)
{
        static const char *const spaces[] = { "", "", "", " ", "\n", "\r\n\t", "\n    ", "\t", "  \r", "\n\n" };

        return PICK(m, spaces);
}

static struct text same(const char *text)
{
        return (struct text){ text, text };
}

/* A key as it may be written: some letters as escapes. */
static const char *spell(struct maker *m, const char *key)
{
        struct sc_strbuf out = SC_STRBUF_INIT;
        const char *kept;

        sc_strbuf_puts(&out, "\"");
        for (const char *p = key; *p; p++)
                if ((unsigned char)*p < 0x80 && rng_percent(&m->rng, 4))
                        sc_strbuf_printf(&out, rng_percent(&m->rng, 50) ? "\\u%04x" : "\\u%04X", (unsigned)*p);
                else
                        sc_strbuf_append(&out, p, 1);
        sc_strbuf_puts(&out, "\"");
        kept = sc_arena_strdup(m->arena, out.text);
        if (out.failed || !kept)
                abort();
        sc_strbuf_done(&out);
        return kept;
}

static const char *large_string(struct maker *m)
{
        static const char look_alike[] = "\\\"linux\\\": {\\\"seccomp\\\": \\u007b}";
        char *text = sc_arena_alloc(m->arena, LARGE_BYTES + 3);

        if (!text)
                abort();
        memset(text, 'x', LARGE_BYTES + 2);
        for (size_t i = 1; i + sizeof(look_alike) < LARGE_BYTES; i += 40 + rng_below(&m->rng, 4000))
                memcpy(text + i, look_alike, sizeof(look_alike) - 1);
        text[0] = text[LARGE_BYTES + 1] = '"';
        return text;
}

static const char *scalar(struct maker *m)
{
        static const char *const scalars[] = {
                "null", "true", "false", "0", "-0", "9007199254740993", "18446744073709551616", "1e400", "-1E+07",
                "0.1000000000000000055511151231257827", "\"\"", "\"\\u0000\"", "\"\\ud83d\\ude00\\n\\/\"",
                "\"\xc3\xa9\"",
                "\"\\\\\"", "\"}],:{[\"", "\"\\\"linux\\\":{\\\"seccomp\\\":\"", "\"linux\"", "\"seccomp\"",
                "\"CAP_CHOWN\"",
        };

        return PICK(m, scalars);
}

/* Any value, with look-alikes of what is spliced in it. */
static const char *value(struct maker *m, unsigned depth)
{
        static const char *const keys[] = { "linux", "seccomp", "annotations", "a", "a", "A", "", "Seccomp", "process",
                                            SC_BUNDLE_CRUN_BPF, SC_BUNDLE_POLICY, "\u017feccomp" };
        const char *text = "";
        size_t n = rng_below(&m->rng, 4);
        bool array = rng_percent(&m->rng, 40);

        if (!depth || rng_percent(&m->rng, 40))
                return scalar(m);
        for (size_t i = 0; i < n; i++) {
                const char *element = value(m, depth - 1);

                if (!array)
                        element = format(m, "@:@@", spell(m, PICK(m, keys)), space(m), element);
                text = format(m, i ? "@,@" : "@@", text, format(m, "@@@", space(m), element, space(m)), "");
        }
        return format(m, array ? "[@]" : "{@}", n ? text : space(m), "", "");
}

static void add(struct maker *m, struct object *o, const char *key, struct text text, bool cut)
{
        if (o->n == MEMBERS_MAX)
                abort();
        m->conflict |= cut;
        o->members[o->n++] = (struct member){
                .gap = space(m),
                .head = format(m, "@@:@", spell(m, key), space(m), space(m)),
                .value = text,
                .after = space(m),
                .cut = cut,
        };
}

/* Puts the last member in a place of its own; not before `first`. */
static void move_last(struct maker *m, struct object *o, size_t first)
{
        size_t at = first + rng_below(&m->rng, o->n - first);
        struct member last = o->members[o->n - 1];

        memmove(&o->members[at + 1], &o->members[at], (o->n - 1 - at) * sizeof(last));
        o->members[at] = last;
}

/*
 * The object as it stands, and as the splice leaves it: a member that goes takes the comma before it along, or, if
 * none stays before it, all up to the next key.
 */
static struct text write_object(struct maker *m, const struct object *o)
{
        struct sc_strbuf in = SC_STRBUF_INIT, want = SC_STRBUF_INIT;
        const struct member *last = NULL; /* that stays */
        struct text text;

        for (size_t i = 0; i < o->n; i++)
                if (!o->members[i].cut)
                        last = &o->members[i];
        sc_strbuf_puts(&in, "{");
        sc_strbuf_puts(&want, "{");
        if (o->append && !last)
                sc_strbuf_puts(&want, o->append);
        for (size_t i = 0, kept = 0; i < o->n; i++) {
                const struct member *e = &o->members[i];

                sc_strbuf_printf(&in, "%s%s%s%s%s", i ? "," : "", e->gap, e->head, e->value.in, e->after);
                if (!e->cut)
                        sc_strbuf_printf(&want, "%s%s%s%s", kept ? "," : "", kept || !i ? e->gap : "", e->head,
                                         e->value.want);
                else if (!kept && !i)
                        sc_strbuf_puts(&want, e->gap);
                kept += !e->cut;
                if (o->append && e == last)
                        sc_strbuf_printf(&want, ",%s%s", e->gap, o->append);
                if (kept || i == o->n - 1)
                        sc_strbuf_puts(&want, e->after);
        }
        sc_strbuf_puts(&in, o->n ? "}" : " }");
        sc_strbuf_puts(&want, o->n ? "}" : " }");
        text = (struct text){ sc_arena_strdup(m->arena, in.text), sc_arena_strdup(m->arena, want.text) };
        if (in.failed || want.failed || !text.in || !text.want)
                abort();
        sc_strbuf_done(&in);
        sc_strbuf_done(&want);
        return text;
}

/* Up to three members that are the engine's. */
static void add_fillers(struct maker *m, struct object *o, const char *const *keys, size_t n_keys)
{
        size_t n = 1 + rng_below(&m->rng, 3);

        for (size_t i = 0; i < n; i++) {
                add(m, o, keys[rng_below(&m->rng, n_keys)], same(value(m, 3)), false);
                move_last(m, o, 0);
        }
}

static const char *const section_twins[] = { "Linux", "LINUX", "linuX" };
static const char *const seccomp_twins[] = { "Seccomp", "SECCOMP", "\u017feccomp", "seccomP" };
static const char *const annotation_twins[] = { "Annotations", "annotation\u017f", "ANNOTATIONS" };

/* The member that is replaced. */
static size_t find_kept(const struct object *section)
{
        size_t i = 0;

        while (strcmp(section->members[i].value.want, OURS) != 0)
                i++;
        return i;
}

/* The members at which some reader finds a profile: the one that is replaced, and those that go. */
static void add_seccomp(struct maker *m, struct object *section, bool conflicts)
{
        size_t first = 0;

        section->append = "\"seccomp\": " OURS;
        if (rng_percent(&m->rng, 70)) {
                add(m, section, "seccomp", (struct text){ value(m, 4), OURS }, false);
                move_last(m, section, 0);
                section->append = NULL;
                first = find_kept(section);
        }
        for (size_t i = conflicts ? rng_below(&m->rng, 3) : 0; i > 0; i--) {
                bool twin = section->append || rng_percent(&m->rng, 50);

                add(m, section, twin ? PICK(m, seccomp_twins) : "seccomp", same(value(m, 3)), true);
                move_last(m, section, twin ? 0 : first + 1);
                if (!section->append)
                        first = find_kept(section);
        }
}

/* A section of the root without settings. */
static const char *bare_section(struct maker *m)
{
        switch (rng_below(&m->rng, 3)) {
        case 0:
                return format(m, "{@}", space(m), "", "");
        case 1:
                return format(m, "{@\"seccomp\":@}", space(m), value(m, 3), "");
        default:
                return format(m, "{\"SECCOMP\":@,@\"seccomp\" :@ }", value(m, 2), space(m), value(m, 2));
        }
}

static void add_section(struct maker *m, struct object *root, bool conflicts)
{
        static const char *const keys[] = { "namespaces", "maskedPaths", "resources", "x", "x", "X", "seccomp2" };
        struct object section = { .n = 0 };
        size_t kind = rng_below(&m->rng, 6);
        bool full = kind > 1;

        if (full) {
                add_fillers(m, &section, keys, SC_COUNT(keys));
                add_seccomp(m, &section, conflicts);
                add(m, root, "linux", write_object(m, &section), false);
        } else if (kind == 1) {
                add(m, root, "linux", (struct text){ "null", "{\"seccomp\": " OURS "}" }, false);
        } else {
                root->append = "\"linux\": {\"seccomp\": " OURS "}";
        }
        if (kind)
                move_last(m, root, 0);
        for (size_t i = conflicts ? rng_below(&m->rng, 3) : 0; i > 0; i--) {
                bool twin = !full || rng_percent(&m->rng, 50);
                const char *text = !full && rng_percent(&m->rng, 30) ? "null" : bare_section(m);

                add(m, root, twin ? PICK(m, section_twins) : "linux", same(text), true);
                move_last(m, root, 0);
        }
}

static void add_annotations(struct maker *m, struct object *root, bool conflicts)
{
        static const char *const keys[] = { "org.example", "org.example", "Org.example", "linux", "seccomp" };
        struct object annotations = { .n = 0 };
        bool full = rng_percent(&m->rng, 60);

        if (full) {
                add_fillers(m, &annotations, keys, SC_COUNT(keys));
                for (size_t i = conflicts ? rng_below(&m->rng, 3) : 0; i > 0; i--) {
                        add(m, &annotations, SC_BUNDLE_CRUN_BPF, same(value(m, 1)), true);
                        move_last(m, &annotations, 0);
                }
                if (rng_percent(&m->rng, 30))
                        add(m, &annotations, SC_BUNDLE_POLICY, same("\"web\""), false);
                add(m, root, "annotations", write_object(m, &annotations), false);
                move_last(m, root, 0);
        }
        for (size_t i = conflicts ? rng_below(&m->rng, 2) : 0; i > 0; i--) {
                bool twin = !full || rng_percent(&m->rng, 50);
                const char *raw = format(m, "{@:@}", spell(m, SC_BUNDLE_CRUN_BPF), scalar(m), "");

                add(m, root, twin ? PICK(m, annotation_twins) : "annotations",
                    same(rng_percent(&m->rng, 50) ? "{ }" : raw), true);
                move_last(m, root, 0);
        }
}

static struct text make_config(struct maker *m)
{
        static const char *const keys[] = { "ociVersion", "mounts", "hooks", "a", "a", "A", "seccomp", "Seccomp",
                                            "root", "linux2", "linu", "hostname" };
        static const char *const processes[] = {
                "{\"args\":[\"a\"],\"capabilities\":{\"bounding\":[\"CAP_CHOWN\"], \"x\":1,\"x\":2}}", "null",
                "{\"noNewPrivileges\" : true, \"Args\":1, \"args\":2, \"env\":[\"linux\"]}",
        };
        bool conflicts = rng_percent(&m->rng, 50);
        struct object root = { .n = 0 };
        struct text text;
        const char *before, *after;

        if (rng_percent(&m->rng, 90))
                add_fillers(m, &root, keys, SC_COUNT(keys));
        if (rng_percent(&m->rng, 50))
                add(m, &root, "process", same(PICK(m, processes)), false);
        if (m->large) {
                add(m, &root, "large", same(large_string(m)), false);
                move_last(m, &root, 0);
        }
        add_section(m, &root, conflicts);
        add_annotations(m, &root, conflicts);
        text = write_object(m, &root);
        before = space(m);
        after = space(m);
        return (struct text){ format(m, "@@@", before, text.in, after), format(m, "@@@", before, text.want, after) };
}

/* ---- Readers ---- */

static bool cjson_finds(const char *text)
{
        cJSON *root = cJSON_Parse(text), *ours = cJSON_Parse(OURS);
        bool same = cJSON_Compare(cJSON_GetObjectItemCaseSensitive(cJSON_GetObjectItemCaseSensitive(root, "linux"),
                                                                   "seccomp"), ours, true) &&
                    cJSON_Compare(cJSON_GetObjectItem(cJSON_GetObjectItem(root, "linux"), "seccomp"), ours, true);

        cJSON_Delete(root);
        cJSON_Delete(ours);
        return same;
}

static bool yajl_finds(const char *text)
{
        const char *path[] = { "linux", "seccomp", "marker", NULL };
        yajl_val root = yajl_tree_parse(text, NULL, 0);
        yajl_val marker = root ? yajl_tree_get(root, path, yajl_t_array) : NULL;
        const char *ours = marker && marker->u.array.len == 1 ? YAJL_GET_STRING(marker->u.array.values[0]) : NULL;
        bool same = ours && !strcmp(ours, "ours");

        yajl_tree_free(root);
        return same;
}

/* ---- The campaign ---- */

struct tally {
        size_t plain;
        size_t conflicts;
        size_t wrong;
        size_t unread;
};

static int try_splice(struct sc_arena *arena, const char *text, enum sc_bundle_conflicts conflicts, char **ret_text)
{
        struct sc_source source = { .name = "config.json", .text = text, .len = strlen(text) };
        struct sc_diags *diags = sc_diags_new();
        const struct sc_json *root;
        size_t len;
        int r = sc_json_parse(arena, &source, SC_JSON_KEEP_DUPLICATES, diags, &root);

        if (r == 0)
                r = sc_bundle_splice(&source, root, OURS, strlen(OURS), conflicts, diags, ret_text, &len);
        if (r == 0 && strlen(*ret_text) != len)
                r = -EIO;
        sc_diags_free(diags);
        return r;
}

static void show(size_t index, const char *what, const char *in, const char *got, const char *want)
{
        if (strlen(in) > 10000)
                in = want = "(large)", got = got ? "(large)" : got;
        printf("# config %zu: %s\n", index, what);
        fprintf(stderr, "in:   %s\ngot:  %s\nwant: %s\n", in, got ? got : "nothing", want);
}

static void try_config(uint64_t seed, size_t index, int dir, struct tally *tally)
{
        struct maker m = { .arena = sc_arena_new(), .rng = rng_for(seed, index), .large = index % LARGE_EVERY == 7 };
        struct text text = make_config(&m);
        char *refuse = NULL, *cut = NULL, name[32];
        int r = try_splice(m.arena, text.in, SC_BUNDLE_REFUSE, &refuse);
        bool good = m.conflict ? r == -EBADMSG : refuse && !strcmp(refuse, text.want);

        if (!good)
                show(index, "refusing", text.in, refuse, m.conflict ? "a refusal" : text.want);
        if (try_splice(m.arena, text.in, SC_BUNDLE_REMOVE, &cut) < 0 || !cut || strcmp(cut, text.want) != 0) {
                show(index, "removing", text.in, cut, text.want);
                good = false;
        }
        if (cut && (!cjson_finds(cut) || !yajl_finds(cut))) {
                show(index, "reading", text.in, cut, text.want);
                tally->unread++;
        }
        snprintf(name, sizeof(name), "%zu.json", index);
        if (cut && sc_file_replace(dir, name, cut, strlen(cut)) < 0)
                good = false;
        tally->plain += !m.conflict;
        tally->conflicts += m.conflict;
        tally->wrong += !good;
        free(refuse);
        free(cut);
        sc_arena_free(m.arena);
}

/* Python reads all files of the folder. */
static bool python_finds(const char *script, const char *dir, size_t count)
{
        char number[32];
        int status;
        pid_t pid;

        snprintf(number, sizeof(number), "%zu", count);
        fflush(stdout);
        pid = fork();
        if (pid == 0) {
                execl(script, script, dir, OURS, number, (char *)NULL);
                _exit(EXIT_FAILURE);
        }
        return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

static void remove_folder(const char *path, int fd)
{
        DIR *dir = fdopendir(fd);

        for (const struct dirent *e; dir && (e = readdir(dir));)
                if (e->d_name[0] != '.')
                        unlinkat(dirfd(dir), e->d_name, 0);
        if (dir)
                closedir(dir);
        rmdir(path);
}

int main(int argc, char **argv)
{
        uint64_t seed = env_number("SC_SEED", 1);
        size_t count = scaled((size_t)env_number("SC_RANDOM_SPLICES", CONFIGS));
        char path[] = "/tmp/random-splice-XXXXXX";
        struct tally tally = { 0 };
        int dir = -1;

        if (argc != 2 || argv[1][0] == '-') {
                fputs("random-splice FIND-SECCOMP: splices profiles into random config.json files\n", stderr);
                return EXIT_FAILURE;
        }
        if (mkdtemp(path))
                dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        printf("# seed %ju, %zu files\n", (uintmax_t)seed, count);
        for (size_t i = 0; i < count; i++)
                try_config(seed, i, dir, &tally);
        printf("# %zu files without conflicts, %zu with\n", tally.plain, tally.conflicts);
        CHECK_INT(tally.wrong, 0);
        CHECK_INT(tally.unread, 0);
        CHECK(tally.plain > count / 4 && tally.conflicts > count / 4);
        CHECK(python_finds(argv[1], path, count));
        remove_folder(path, dir);
        return test_end();
}
