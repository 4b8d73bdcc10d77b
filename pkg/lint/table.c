/* SPDX-License-Identifier: Apache-2.0 */
/* The rules, a row each, by theme. */
#include <string.h>

#include "lint/internal.h"

#define ANY_FILE (SC_LINT_POLICIES | SC_LINT_PROFILES)

static const struct sc_lint_rule rules[] = {
        /* said by those who read the file: JSON, profiles, policies */
        { "json-syntax", SC_ERROR, "a file that is no JSON", ANY_FILE, SC_LINT_READER, NULL, false, false },
        { "json-utf8", SC_ERROR, "bytes or escapes that are no UTF-8", ANY_FILE, SC_LINT_READER, NULL, false, false },
        { "json-duplicate-key", SC_ERROR, "a key that stands twice in an object", ANY_FILE, SC_LINT_READER, NULL, false,
          false },
        { "json-nul-key", SC_ERROR, "a key with a NUL, which some readers take for its end", ANY_FILE, SC_LINT_READER,
          NULL, false, false },
        { "json-depth", SC_ERROR, "more levels of JSON than anything needs", ANY_FILE, SC_LINT_READER, NULL, false,
          false },
        { "profile-type", SC_ERROR, "a value of another type than its key's", SC_LINT_PROFILES, SC_LINT_READER, NULL,
          false, false },
        { "profile-number", SC_ERROR, "a number that no engine reads", SC_LINT_PROFILES, SC_LINT_READER, NULL, false,
          false },
        { "profile-op", SC_ERROR, "an operator that libseccomp does not have", SC_LINT_PROFILES, SC_LINT_READER, NULL,
          false, false },
        { "profile-text", SC_ERROR, "a string with a NUL", SC_LINT_PROFILES, SC_LINT_READER, NULL, false, false },
        { "profile-key-case", SC_ERROR, "a key in another case, which only some engines read", SC_LINT_PROFILES,
          SC_LINT_READER, NULL, false, false },
        { "shadowed", SC_WARNING, "a call in a policy's rule that an earlier rule decides", SC_LINT_POLICIES,
          SC_LINT_READER, NULL, false, false },
        { "never-matches", SC_ERROR, "a policy's rule or condition that never holds", SC_LINT_POLICIES, SC_LINT_READER,
          NULL, false, false },
        { "duplicate-call", SC_WARNING, "a call that a policy's rule names twice", SC_LINT_POLICIES, SC_LINT_READER,
          NULL, false, false },
        { "conflicting-settings", SC_WARNING, "settings of a policy that contradict each other", SC_LINT_POLICIES,
          SC_LINT_READER, NULL, false, false },

        /* said on the way to the kernel: the consumer, libseccomp */
        { "consumer-refuses", SC_ERROR, "what a consumer refuses, so that no container starts", SC_LINT_PROFILES,
          SC_LINT_READER, NULL, false, false },
        { "consumer-kernel", SC_ERROR, "a minKernel that docker cannot read", SC_LINT_PROFILES, SC_LINT_READER, NULL,
          false, false },
        { "libseccomp-refuses", SC_ERROR, "rules that libseccomp refuses", SC_LINT_PROFILES, SC_LINT_READER, NULL,
          false, false },
        { "libseccomp-limit", SC_ERROR, "rules over which libseccomp hangs", SC_LINT_PROFILES, SC_LINT_READER, NULL,
          false, false },
        { "filter-too-large", SC_ERROR, "a filter of more instructions than the kernel takes", SC_LINT_PROFILES,
          SC_LINT_READER, NULL, false, false },

        /* shape.c: the form of the file */
        { "no-filter", SC_ERROR, "a file that a consumer takes for no filter at all", SC_LINT_PROFILES, SC_LINT_TEXT,
          lint_no_filter, false, false },
        { "name-and-names", SC_ERROR, "a rule with both \"name\" and \"names\"", SC_LINT_PROFILES, SC_LINT_TEXT,
          lint_name_and_names, true, false },
        { "nameless-rule", SC_WARNING, "a rule that names no call", SC_LINT_PROFILES, SC_LINT_TEXT,
          lint_nameless_rule, false, false },
        { "legacy-name", SC_WARNING, "Docker's older form of a rule, with one \"name\"", SC_LINT_PROFILES,
          SC_LINT_TEXT, lint_legacy_name, true, false },
        { "two-arch-lists", SC_ERROR, "both \"architectures\" and \"archMap\"", SC_LINT_PROFILES, SC_LINT_TEXT,
          lint_two_arch_lists, false, false },
        { "no-architectures", SC_NOTE, "a profile that lists no ABIs", SC_LINT_PROFILES, SC_LINT_TEXT,
          lint_no_architectures, false, false },
        { "docker-fields-ignored", SC_ERROR, "conditions of Docker's form, for a consumer that does not read them",
          SC_LINT_PROFILES, SC_LINT_PLAN, lint_docker_fields_ignored, false, false },
        { "archmap-ignored", SC_WARNING, "an archMap, for a consumer that does not read it", SC_LINT_PROFILES,
          SC_LINT_PLAN, lint_archmap_ignored, false, false },
        { "min-kernel-ignored", SC_WARNING, "a minKernel, for a consumer that does not read it", SC_LINT_PROFILES,
          SC_LINT_PLAN, lint_min_kernel_ignored, false, false },
        { "errno-name-ignored", SC_WARNING, "an errno by name, for a consumer that does not read it",
          SC_LINT_PROFILES, SC_LINT_PLAN, lint_errno_name_ignored, false, false },
        { "default-errno-ignored", SC_WARNING, "a defaultErrnoRet, for a consumer that does not read it",
          SC_LINT_PROFILES, SC_LINT_PLAN, lint_default_errno_ignored, false, false },
        { "flags-ignored", SC_NOTE, "flags, for a consumer that drops them", SC_LINT_PROFILES, SC_LINT_PLAN,
          lint_flags_ignored, false, false },
        { "unknown-capability", SC_ERROR, "a capability that does not exist", SC_LINT_PROFILES, SC_LINT_TEXT,
          lint_unknown_capability, true, false },
        { "unknown-key", SC_WARNING, "a key that no consumer reads", SC_LINT_PROFILES, SC_LINT_TEXT, lint_unknown_key,
          false, false },

        /* ignore.c: comments to lint itself */
        { "bad-ignore", SC_WARNING, "a lint-ignore comment without a rule that exists, or without a reason",
          SC_LINT_POLICIES, SC_LINT_READER, NULL, false, false },
        { "unused-ignore", SC_NOTE, "a lint-ignore comment that takes nothing away", SC_LINT_POLICIES, SC_LINT_READER,
          NULL, false, false },

        /* names.c: names of calls */
        { "duplicate-name", SC_WARNING, "a rule that names a call twice", SC_LINT_PROFILES, SC_LINT_TEXT,
          lint_duplicate_name, true, false },
        { "unknown-syscall", SC_WARNING, "a name that no system call has", SC_LINT_PROFILES, SC_LINT_TEXT,
          lint_unknown_syscall, false, false },
        { "call-of-another-abi", SC_NOTE, "a call that no ABI of the profile has", SC_LINT_PROFILES, SC_LINT_TEXT,
          lint_call_of_another_abi, false, false },
        { "unnamed-by-libseccomp", SC_WARNING, "a call that the consumer's libseccomp cannot name", SC_LINT_PROFILES,
          SC_LINT_PLAN, lint_unnamed_by_libseccomp, false, false },

        /* action.c: actions, and the errno or data that goes with them */
        { "errno-range", SC_ERROR, "an errno that is no error, or that the kernel gets cut or not at all",
          SC_LINT_PROFILES, SC_LINT_TEXT, lint_errno_range, false, false },
        { "idle-errno", SC_WARNING, "an errno with an action that returns none", SC_LINT_PROFILES, SC_LINT_TEXT,
          lint_idle_errno, true, false },
        { "kill-thread", SC_WARNING, "a kill of one thread, which leaves the others running", SC_LINT_PROFILES,
          SC_LINT_TEXT, lint_kill_thread, true, false },
        { "trace-without-tracer", SC_WARNING, "a call that a tracer is to decide", SC_LINT_PROFILES, SC_LINT_TEXT,
          lint_trace_without_tracer, false, false },
        { "notify-without-listener", SC_ERROR, "a call that is to be decided by a listener which is not named",
          SC_LINT_PROFILES, SC_LINT_TEXT, lint_notify_without_listener, false, false },
        { "notify-hangs", SC_ERROR, "a listener asked about calls that the runtime makes to start it",
          SC_LINT_PROFILES, SC_LINT_TEXT, lint_notify_hangs, false, false },
        { "default-allow", SC_WARNING, "a default that lets every unknown call through", SC_LINT_PROFILES,
          SC_LINT_TEXT, lint_default_allow, false, false },

        /* condition.c: conditions on arguments, as they are written */
        { "one-index-twice", SC_ERROR, "two conditions on one argument, of which either is enough", SC_LINT_PROFILES,
          SC_LINT_TEXT, lint_one_index_twice, false, false },
        { "bad-index", SC_ERROR, "a condition on an argument that no call has", SC_LINT_PROFILES, SC_LINT_TEXT,
          lint_bad_index, false, false },
        { "argument-unused", SC_WARNING, "a condition on an argument that the call does not take", SC_LINT_PROFILES,
          SC_LINT_TEXT, lint_argument_unused, false, false },
        { "pointer-compared", SC_WARNING, "a pointer compared with anything but 0", SC_LINT_PROFILES, SC_LINT_TEXT,
          lint_pointer_compared, false, false },
        { "constant-condition", SC_WARNING, "a condition that is always or never true", SC_LINT_PROFILES,
          SC_LINT_TEXT, lint_constant_condition, false, false },
        { "mask-bits-lost", SC_WARNING, "a value with bits outside its mask", SC_LINT_PROFILES, SC_LINT_TEXT,
          lint_mask_bits_lost, true, false },
        { "many-conditions", SC_ERROR, "more conditions than crun reads", SC_LINT_PROFILES, SC_LINT_TEXT,
          lint_many_conditions, false, false },
        { "high-word-dropped", SC_WARNING, "a comparison of which a 32-bit ABI drops the upper half",
          SC_LINT_PROFILES, SC_LINT_PLAN, lint_high_word_dropped, false, false },
        { "argument-order", SC_WARNING, "an argument that is another parameter on another ABI", SC_LINT_PROFILES,
          SC_LINT_TEXT, lint_argument_order, false, false },

        /* order.c: rules that others make idle */
        { "rule-as-default", SC_WARNING, "a rule that repeats the default, which runtimes skip", SC_LINT_PROFILES,
          SC_LINT_PLAN, lint_rule_as_default, true, false },
        { "overruled-rule", SC_WARNING, "a rule that never counts, since another has no conditions", SC_LINT_PROFILES,
          SC_LINT_PLAN, lint_overruled_rule, false, false },
        { "repeated-rule", SC_NOTE, "a rule that adds nothing to another", SC_LINT_PROFILES, SC_LINT_PLAN,
          lint_repeated_rule, true, false },

        /* filter.c: the filter as a whole */
        { "native-abi-missing", SC_WARNING, "the machine's own ABI is not listed", SC_LINT_PROFILES, SC_LINT_PLAN,
          lint_native_abi_missing, true, false },
        { "x32-admitted", SC_NOTE, "x32 programs may run", SC_LINT_PROFILES, SC_LINT_NODE, lint_x32_admitted, false,
          false },
        { "x86-admitted", SC_NOTE, "32-bit x86 programs may run", SC_LINT_PROFILES, SC_LINT_NODE, lint_x86_admitted,
          false, false },
        { "miscompiled", SC_ERROR, "rules that libseccomp compiles wrong", SC_LINT_PROFILES, SC_LINT_NODE,
          lint_miscompiled, false, false },
        { "baseline-unpinned", SC_NOTE, "a policy that does not say up to which kernel it was judged",
          SC_LINT_POLICIES, SC_LINT_TEXT, lint_baseline_unpinned, false, false },

        /* reach.c: what programs need */
        { "clone3-hard-denied", SC_WARNING,
          "clone3 is denied otherwise than with ENOSYS, and libc does not fall back", ANY_FILE, SC_LINT_NODE,
          lint_clone3_hard_denied, false, false },
        { "new-calls-hard-denied", SC_WARNING, "calls that programs can do without, if they are told ENOSYS",
          ANY_FILE, SC_LINT_NODE, lint_new_calls_hard_denied, false, false },
        { "twin-missing", SC_WARNING, "a call is let through, and the one that does the same is not", ANY_FILE,
          SC_LINT_NODE, lint_twin_missing, false, false },
        { "abi-twin-missing", SC_WARNING, "a call is let through that an ABI has by another name", SC_LINT_PROFILES,
          SC_LINT_NODE, lint_abi_twin_missing, false, false },
        { "cannot-start", SC_WARNING, "a call without which the runtime starts no container", ANY_FILE, SC_LINT_NODE,
          lint_cannot_start, false, false },
        { "multiplexer-reopens", SC_WARNING, "a call that is denied, and open through socketcall or ipc", ANY_FILE,
          SC_LINT_NODE, lint_multiplexer_reopens, false, false },
        { "wider-than-parameter", SC_WARNING, "a condition that bits which the kernel drops get around",
          SC_LINT_PROFILES, SC_LINT_NODE, lint_wider_than_parameter, true, false },

        /* caps.c: calls that need what the container does not have */
        { "capability-missing", SC_NOTE, "a call that needs a capability which the container lacks", ANY_FILE,
          SC_LINT_NODE, lint_capability_missing, false, false },

        /* danger.c: calls that are let through and are seldom meant to be */
        { "namespaces-as-root", SC_WARNING, "namespaces with CAP_SYS_ADMIN", ANY_FILE, SC_LINT_NODE, lint_danger,
          false, false },
        { "user-namespaces", SC_WARNING, "user namespaces, which open the kernel's privileged code", ANY_FILE,
          SC_LINT_NODE, lint_danger, false, false },
        { "memfd-execveat", SC_NOTE, "running code that never was in a file", ANY_FILE, SC_LINT_NODE, lint_danger,
          false, false },
        { "ptrace-before-4.8", SC_WARNING, "ptrace on kernels where it walks around filters", ANY_FILE, SC_LINT_NODE,
          lint_danger, false, false },
        { "io-uring", SC_WARNING, "io_uring, which works around filters", ANY_FILE, SC_LINT_NODE, lint_danger, false,
          false },
        { "userfaultfd", SC_WARNING, "userfaultfd, which helps to win races", ANY_FILE, SC_LINT_NODE, lint_danger,
          false, false },
        { "bpf", SC_WARNING, "programs in the kernel", ANY_FILE, SC_LINT_NODE, lint_danger, false, false },
        { "keyrings", SC_WARNING, "keys that are not the container's", ANY_FILE, SC_LINT_NODE, lint_danger, false,
          false },
        { "terminal-injection", SC_NOTE, "typing into the terminal that the container came from", ANY_FILE,
          SC_LINT_NODE, lint_danger, false, false },
        { "read-implies-exec", SC_WARNING, "making readable memory executable", ANY_FILE, SC_LINT_NODE, lint_danger,
          false, false },
        { "kernel-code", SC_WARNING, "loading code into the kernel, or another kernel", ANY_FILE, SC_LINT_NODE,
          lint_danger, false, false },
        { "open-by-handle", SC_WARNING, "files of the host by number", ANY_FILE, SC_LINT_NODE, lint_danger, false,
          false },
        { "write-exec", SC_NOTE, "memory that is writable and executable", ANY_FILE, SC_LINT_NODE, lint_danger, false,
          true },
};

size_t sc_lint_rule_count(void)
{
        return SC_COUNT(rules);
}

const struct sc_lint_rule *sc_lint_rule_at(size_t index)
{
        return index < SC_COUNT(rules) ? &rules[index] : NULL;
}

const struct sc_lint_rule *sc_lint_rule_find(const char *id, size_t len)
{
        for (size_t i = 0; i < SC_COUNT(rules); i++)
                if (strlen(rules[i].id) == len && !memcmp(rules[i].id, id, len))
                        return &rules[i];
        return NULL;
}
