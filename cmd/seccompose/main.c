/* SPDX-License-Identifier: Apache-2.0 */
/* The command: a table of verbs. */
#include <stdio.h>
#include <string.h>

#include "base/typo.h"
#include "base/util.h"
#include "common/launch.h"
#include "seccompose/options.h"

static const char *const build_options[] = { "for", "arch", "kernel", "caps", "cap-add", "cap-drop",
                                              "libseccomp", "allow", "complain", "output", NULL };
static const char *const eval_options[] = { "for", "arch", "kernel", "caps", "cap-add", "cap-drop",
                                             "libseccomp", "allow", "complain", NULL };
static const char *const explain_options[] = { "audit", "for", "arch", "kernel", "caps", "cap-add", "cap-drop",
                                                "libseccomp", "allow", "complain", "format", NULL };
static const char *const verify_options[] = { "subset", "probe", "for", "arch", "kernel", "caps", "cap-add", "cap-drop",
                                               "libseccomp", "format", NULL };
static const char *const questions_options[] = { "for", "arch", "kernel", "caps", "cap-add", "cap-drop",
                                                  "libseccomp", "allow", "complain", NULL };
static const char *const diff_options[] = { "for", "arch", "kernel", "caps", "cap-add", "cap-drop", "libseccomp",
                                             "format", NULL };
static const char *const lint_options[] = { "for", "arch", "caps", "cap-add", "cap-drop", "libseccomp",
                                             "min-kernel", "fail-on", "ignore", "enable", "only", "baseline",
                                             "write-baseline", "fix", "diff", "config", "no-config", "skip-others",
                                             "jobs", "format", "list-rules", "explain", NULL };
static const char *const list_options[] = { "arch", NULL };
static const char *const merge_options[] = { "intersect", "union", "for", "arch", "kernel", "caps", "cap-add",
                                              "cap-drop", "libseccomp", "description", "output", NULL };
static const char *const patch_options[] = { "policy", "profile", "sha256", "policies", "choose", "combine",
                                             "unconfined", "conflicts", "kernel", "libseccomp", "allow", "complain",
                                             NULL };

static const char *const probe_options[] = { NULL };
static const char *const validate_options[] = { "as", "schema", "format", NULL };

static const char *const new_options[] = { "extends", "output", NULL };
static const char *const run_options[] = { "log", "no-trace", "for", "kernel", "caps", "cap-add", "cap-drop",
                                            "libseccomp", "allow", "complain", "output", NULL };

static const struct verb verbs[] = {
        { "build", "POLICY --for TARGET [OPTION…]", "compile a policy into a profile, and prove it",
          "POLICY is a file or the name of a shipped policy; '-' is standard input. The profile goes to standard\n"
          "output, or by -o to a file, which is replaced in one step. Nothing is written that was not proven to mean\n"
          "what the policy says, on every ABI, for that consumer and its libseccomp; what the consumer cannot say is\n"
          "listed where the result is stricter, and refused where it would be looser.\n",
          build_options, 1, 1, verb_build, 0 },
        { "eval", "FILE [--for CONSUMER] [OPTION…]", "say what happens to the calls on standard input",
          "FILE is a policy, an OCI or Docker profile, a bundle's config.json, a program or pid:N. Lines on standard\n"
          "input are 'ABI CALL [ARGUMENT…]'; CALL is a name, or '#' and a number as the kernel sees it; arguments are\n"
          "decimal or hexadecimal. Each is printed with a tab and what happens: allow, log, notify, trace 7,\n"
          "errno 38 ENOSYS, trap, kill-thread, kill-process. For a profile the answer is that of the filter which the\n"
          "consumer's libseccomp makes of it (docker for Docker's format, else runc); for a policy it is the policy's\n"
          "own, or with --for that of the profile built from it. The kernel is this machine's unless --kernel says\n"
          "another.\n",
          eval_options, 1, 1, verb_eval, 0 },
        { "explain", "FILE CALL [ARG…] [--for CONSUMER|all] [OPTION…]", "say what decides a call",
          "FILE is as for verify. CALL is a name or a number; ARG is a number or a constant of the kernel's, in the\n"
          "order of the call's parameters or as family=AF_VSOCK; without them, all cases are told. It tells the\n"
          "rule by file, line and column, or why none decides; what other kernels, capabilities and, with\n"
          "--for all, consumers change; what the call gives and risks; and what to write to have it otherwise.\n"
          "--audit takes the call from a SECCOMP record of the audit log (type=1326) or a line of strace.\n",
          explain_options, 1, 9, verb_explain, 0 },
        { "verify", "A B [--subset]|--probe OUT FILE [--for CONSUMER|all] [OPTION…]",
          "prove that two files mean the same",
          "A and B are policies (files or names of shipped ones), OCI or Docker profiles, bundles' config.json, BPF\n"
          "programs, or pid:N, the filters of a running process. CONSUMER:FILE, as docker:FILE, is FILE as that\n"
          "consumer takes it, whatever --for says. Without either, a policy is taken by itself, a profile in\n"
          "Docker's form as docker takes it, others as runc does. Yes is a proof over every call number and argument\n"
          "on all machines that both files name, and the exit status is 0. No comes with a call that shows it, and 1.\n"
          "With --subset the question is if A is nowhere looser than B: is pid:N confined as a policy says, is an\n"
          "edited profile at most as permissive as the old one? With pid:N, --caps pid:N is the container's own set.\n"
          "With --probe it is if a kernel has answered each question as FILE says.\n",
          verify_options, 1, 2, verb_verify, 0 },
        { "questions", "FILE [--for CONSUMER] [OPTION…]", "make questions for eval and the probe from a file",
          "FILE is as for 'eval'. The lines are calls, by number and arguments such that every branch of what FILE\n"
          "says is taken, with their neighbours, on all ABIs of this machine, or those of --arch: for 'seccompose\n"
          "eval', and for 'seccompose-probe --questions' in a container, whose answers 'seccompose verify --probe'\n"
          "holds against FILE.\n",
          questions_options, 1, 1, verb_questions, 0 },
        { "diff", "A B [--for CONSUMER] [OPTION…]", "say what changes from one file to another, call by call",
          "A and B are as for 'verify'. What differs is told in groups: calls that are newly allowed, newly denied,\n"
          "allowed under other conditions, or answered in another way. They are compared on one machine that both\n"
          "files name, this one if it is among them, with all its ABIs; --arch chooses others. The exit status is 0\n"
          "if nothing differs, else 1. Markdown is for a comment on a change.\n",
          diff_options, 2, 2, verb_diff, 0 },
        { "merge", "--union|--intersect FILE… [--for TARGET] [OPTION…]", "make one policy or profile of several",
          "Each call gets the strictest (--intersect) or the loosest (--union) of what the FILEs answer, of equally\n"
          "strict answers the last one's. The result is a policy, or with --for the profile built from it, and proven\n"
          "to answer just that on every ABI. If all FILEs are policies, conditions on capabilities and kernels stay;\n"
          "a profile or program is taken for --caps and --kernel (this machine's if not given), and then the result\n"
          "is for these. FILEs are written as for 'verify'. One FILE alone is written as a policy.\n",
          merge_options, 1, 64, verb_merge, 0 },
        { "lint", "FILE|DIRECTORY… [--for CONSUMER|all] [OPTION…]", "find what is probably not what was meant",
          "FILE is a policy, a profile or a bundle's config.json; in a DIRECTORY, every such *.json and *.jsonc is\n"
          "looked at. A profile is taken as its consumer will take it: docker for Docker's form, else runc, on this\n"
          "machine if the file names it. Findings go to standard output, with the call that shows it where there is\n"
          "one; each rule has a page (--explain). The exit status is 1 if anything was found from --fail-on on.\n"
          "Settings may stand in .seccompose.json, in the file's folder or above it; in a policy, the comment\n"
          "'// lint-ignore RULE: why' takes away what the rule finds on its line or the next.\n",
          lint_options, 0, SIZE_MAX, verb_lint, 0 },
        { "validate", "FILE… [--as FORM|--schema SCHEMA] [--format text|json]", "hold files against their schemas",
          "FILE is an OCI or Docker profile, a policy, a bundle's config.json or a container's state. What is wrong\n"
          "is told by line and column: what was expected there, and the nearest name. A schema says what a file may\n"
          "look like, 'lint' what it will do. With --schema, a file of anybody's is the schema; it may refer to\n"
          "files beside it. The exit status is 0 if all are valid, 1 if one is not, 2 if one cannot be read.\n",
          validate_options, 1, SIZE_MAX, verb_validate, 0 },
        { "list", "syscalls|groups|abis|policies|consumers [NAME…] [--arch ABI,…]", "print what seccompose knows",
          "'syscalls' prints names with numbers and first kernels by ABI; of calls named, parameters too. 'groups'\n"
          "prints the groups, or the calls of those that are named, 'policies' the shipped policies, or the text of\n"
          "those that are named.\n",
          list_options, 1, 64, verb_list, 0 },
        { "patch", "BUNDLE --policy POLICY|--profile FILE [OPTION…]", "put a policy into a bundle's config.json",
          "The policy is built for this bundle: this machine's ABIs, the bundle's bounding capabilities, the running\n"
          "kernel. linux.seccomp is replaced; every other byte stays.\n",
          patch_options, 1, 1, verb_patch, 0 },
        { "probe", "-- COMMAND [ARGUMENT…]", "run a command behind the gate of seccompose-probe",
          "COMMAND is a container's runtime: 'seccompose probe -- runc run …'. A filter is put on first, which comes\n"
          "to the container, beneath its own. It answers calls that are made from one page of memory, where nothing\n"
          "but the program seccompose-probe has its entry to the kernel; so that one, started in the container, can\n"
          "ask what the container's filter does with any call, and none is executed. For docker, containerd and\n"
          "podman, give seccompose-runtime the option --gate probe. The exit status is the command's; 125, 126 and\n"
          "127 are this program's own.\n",
          probe_options, 1, SIZE_MAX, verb_probe, EXIT_OWN },
        { "new", "NAME [--extends POLICY] [-o FILE]", "write a policy to start from",
          "NAME.jsonc, or the file of -o, gets a policy with a line about each key and examples to take in. It has\n"
          "the rules of docker-default, or of another policy that --extends names. A file that is there is not\n"
          "touched.\n",
          new_options, 1, 1, verb_new, 0 },
        { "run", "FILE [OPTION…] -- COMMAND [ARG…]", "run a command under a filter, without a container",
          "FILE is a policy, an OCI or Docker profile, a bundle's config.json or a program. It is taken for this\n"
          "machine, this process's bounding capabilities and the running kernel: a profile in Docker's form as docker\n"
          "takes it, others as crun does. The command gets no new privileges. Where the filter kills it, the call is\n"
          "told, its arguments, the rule, and what to write to allow it. With --log all calls are made, and those\n"
          "that the filter refuses are told. The exit status is the command's, or 128 and the number of the signal\n"
          "that ended it; 125 if run itself fails, 126 if the command cannot be executed, 127 if there is none.\n",
          run_options, 2, SIZE_MAX, verb_run, EXIT_OWN },
};

static int usage(void)
{
        printf("Usage: seccompose VERB [OPTION…] …\n\n"
               "Compiles a short policy into a seccomp profile that is proven to mean what the policy says.\n\n");
        for (size_t i = 0; i < SC_COUNT(verbs); i++)
                printf("  %-9s %s\n", verbs[i].name, verbs[i].summary);
        printf("\n'seccompose VERB --help' tells more; 'seccompose --version' which version this is.\n");
        return EXIT_YES;
}

static int version(void)
{
        struct sc_scmp_version v = sc_scmp_version();
        sc_kernel newest = sc_kernel_newest();

        printf("seccompose %s (libseccomp %u.%u.%u, system calls up to Linux %u.%u)\n", SC_VERSION, v.major, v.minor,
               v.micro, SC_KERNEL_MAJOR(newest), SC_KERNEL_MINOR(newest));
        return EXIT_YES;
}

/* What a command without a verb returns, if its output went out. */
static int written(int code)
{
        const struct session s = { .program = "seccompose" };

        return output_done(&s) ? code : EXIT_SYSTEM;
}

static int help(const struct verb *verb)
{
        printf("Usage: seccompose %s %s\n\n%c%s.\n\n%s\n", verb->name, verb->usage, verb->summary[0] - 'a' + 'A',
               verb->summary + 1, verb->help);
        options_help(verb);
        return EXIT_YES;
}

static int run(struct session *s, const struct verb *verb, int argc, char **argv)
{
        struct options options;
        int code = options_read(s, verb, argc, argv, &options);

        if (code == 0)
                code = options.help ? help(verb) : verb->run(s, &options);
        else if (verb->misused)
                code = verb->misused;
        return output_done(s) ? code : EXIT_SYSTEM;
}

static int unknown_verb(const char *name)
{
        struct sc_typo typo = sc_typo_begin(name, strlen(name));

        for (size_t i = 0; i < SC_COUNT(verbs); i++)
                sc_typo_offer(&typo, verbs[i].name);
        fprintf(stderr, "seccompose: error: no verb '%s'; %s%s%s\n", name, typo.best ? "did you mean '" : "see ",
                typo.best ? typo.best : "'seccompose --help", typo.best ? "'?" : "'");
        return EXIT_INPUT;
}

int main(int argc, char **argv)
{
        const char *name = argc > 1 ? argv[1] : "";

        if (!strcmp(name, "--help") || !strcmp(name, "-h") || !strcmp(name, "help"))
                return written(usage());
        if (!strcmp(name, "--version"))
                return written(version());
        if (!*name) {
                fputs("seccompose: error: what shall I do? See 'seccompose --help'\n", stderr);
                return EXIT_INPUT;
        }
        for (size_t i = 0; i < SC_COUNT(verbs); i++) {
                char program[32];
                struct session s;
                int code;

                if (strcmp(verbs[i].name, name) != 0)
                        continue;
                snprintf(program, sizeof(program), "seccompose %s", name);
                s = session_begin(program);
                code = run(&s, &verbs[i], argc - 2, argv + 2);
                session_end(&s);
                return code;
        }
        return unknown_verb(name);
}
