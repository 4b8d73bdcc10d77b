/* SPDX-License-Identifier: Apache-2.0 */
/* The rules, a row each, by theme. */
#include <string.h>

#include "lint/internal.h"

#define ANY_FILE (SC_LINT_POLICIES | SC_LINT_PROFILES)

static const struct sc_lint_rule rules[] = {
        /* said by those who read the file: JSON, profiles, policies */
        { "json-syntax", "a file that is no JSON", NULL, SC_ERROR, ANY_FILE, SC_LINT_READER, false, false },
        { "json-utf8", "bytes or escapes that are no UTF-8", NULL, SC_ERROR, ANY_FILE, SC_LINT_READER, false, false },
        { "json-duplicate-key", "a key that stands twice in an object", NULL, SC_ERROR, ANY_FILE, SC_LINT_READER,
          false, false },
        { "json-nul-key", "a key with a NUL, which some readers take for its end", NULL, SC_ERROR, ANY_FILE,
          SC_LINT_READER, false, false },
        { "json-depth", "more levels of JSON than anything needs", NULL, SC_ERROR, ANY_FILE, SC_LINT_READER, false,
          false },
        { "profile-type", "a value of another type than its key's", NULL, SC_ERROR, SC_LINT_PROFILES, SC_LINT_READER,
          false, false },
        { "profile-number", "a number that no engine reads", NULL, SC_ERROR, SC_LINT_PROFILES, SC_LINT_READER, false,
          false },
        { "profile-op", "an operator that libseccomp does not have", NULL, SC_ERROR, SC_LINT_PROFILES, SC_LINT_READER,
          false, false },
        { "profile-text", "a string with a NUL", NULL, SC_ERROR, SC_LINT_PROFILES, SC_LINT_READER, false, false },
        { "profile-key-case", "a key in another case, which only some engines read", NULL, SC_ERROR, SC_LINT_PROFILES,
          SC_LINT_READER, false, false },
        { "shadowed", "a call in a policy's rule that an earlier rule decides", NULL, SC_WARNING, SC_LINT_POLICIES,
          SC_LINT_READER, false, false },
        { "never-matches", "a policy's rule or condition that never holds", NULL, SC_ERROR, SC_LINT_POLICIES,
          SC_LINT_READER, false, false },
        { "duplicate-call", "a call that a policy's rule names twice", NULL, SC_WARNING, SC_LINT_POLICIES,
          SC_LINT_READER, false, false },
        { "conflicting-settings", "settings of a policy that contradict each other", NULL, SC_WARNING,
          SC_LINT_POLICIES, SC_LINT_READER, false, false },

        /* said on the way to the kernel: the consumer, libseccomp */
        { "consumer-refuses", "what a consumer refuses, so that no container starts", NULL, SC_ERROR,
          SC_LINT_PROFILES, SC_LINT_READER, false, false },
        { "consumer-kernel", "a minKernel that docker cannot read", NULL, SC_ERROR, SC_LINT_PROFILES, SC_LINT_READER,
          false, false },
        { "libseccomp-refuses", "rules that libseccomp refuses", NULL, SC_ERROR, SC_LINT_PROFILES, SC_LINT_READER,
          false, false },
        { "libseccomp-limit", "rules over which libseccomp hangs", NULL, SC_ERROR, SC_LINT_PROFILES, SC_LINT_READER,
          false, false },
        { "filter-too-large", "a filter of more instructions than the kernel takes", NULL, SC_ERROR, SC_LINT_PROFILES,
          SC_LINT_READER, false, false },

        /* shape.c: the form of the file */
        { "no-filter", "a file that a consumer takes for no filter at all", lint_no_filter, SC_ERROR,
          SC_LINT_PROFILES, SC_LINT_TEXT, false, false },
        { "name-and-names", "a rule with both \"name\" and \"names\"", lint_name_and_names, SC_ERROR,
          SC_LINT_PROFILES, SC_LINT_TEXT, true, false },
        { "nameless-rule", "a rule that names no call", lint_nameless_rule, SC_WARNING, SC_LINT_PROFILES,
          SC_LINT_TEXT, false, false },
        { "legacy-name", "Docker's older form of a rule, with one \"name\"", lint_legacy_name, SC_WARNING,
          SC_LINT_PROFILES, SC_LINT_TEXT, true, false },
        { "two-arch-lists", "both \"architectures\" and \"archMap\"", lint_two_arch_lists, SC_ERROR, SC_LINT_PROFILES,
          SC_LINT_TEXT, false, false },
        { "no-architectures", "a profile that lists no ABIs", lint_no_architectures, SC_NOTE, SC_LINT_PROFILES,
          SC_LINT_TEXT, false, false },
        { "docker-fields-ignored", "conditions of Docker's form, for a consumer that does not read them",
          lint_docker_fields_ignored, SC_ERROR, SC_LINT_PROFILES, SC_LINT_PLAN, false, false },
        { "archmap-ignored", "an archMap, for a consumer that does not read it", lint_archmap_ignored, SC_WARNING,
          SC_LINT_PROFILES, SC_LINT_PLAN, false, false },
        { "min-kernel-ignored", "a minKernel, for a consumer that does not read it", lint_min_kernel_ignored,
          SC_WARNING, SC_LINT_PROFILES, SC_LINT_PLAN, false, false },
        { "errno-name-ignored", "an errno by name, for a consumer that does not read it", lint_errno_name_ignored,
          SC_WARNING, SC_LINT_PROFILES, SC_LINT_PLAN, false, false },
        { "default-errno-ignored", "a defaultErrnoRet, for a consumer that does not read it",
          lint_default_errno_ignored, SC_WARNING, SC_LINT_PROFILES, SC_LINT_PLAN, false, false },
        { "flags-ignored", "flags, for a consumer that drops them", lint_flags_ignored, SC_NOTE, SC_LINT_PROFILES,
          SC_LINT_PLAN, false, false },
        { "unknown-capability", "a capability that does not exist", lint_unknown_capability, SC_ERROR,
          SC_LINT_PROFILES, SC_LINT_TEXT, true, false },
        { "unknown-key", "a key that no consumer reads", lint_unknown_key, SC_WARNING, SC_LINT_PROFILES, SC_LINT_TEXT,
          false, false },
        { "policy-as-profile", "a policy that engines take for an empty profile", lint_policy_as_profile, SC_NOTE,
          SC_LINT_POLICIES, SC_LINT_TEXT, false, false },

        /* ignore.c: comments to lint itself */
        { "bad-ignore", "a lint-ignore comment without a rule that exists, or without a reason", NULL, SC_WARNING,
          SC_LINT_POLICIES, SC_LINT_READER, false, false },
        { "unused-ignore", "a lint-ignore comment that takes nothing away", NULL, SC_NOTE, SC_LINT_POLICIES,
          SC_LINT_READER, false, false },

        /* names.c: names of calls */
        { "duplicate-name", "a rule that names a call twice", lint_duplicate_name, SC_WARNING, SC_LINT_PROFILES,
          SC_LINT_TEXT, true, false },
        { "unknown-syscall", "a name that no system call has", lint_unknown_syscall, SC_WARNING, SC_LINT_PROFILES,
          SC_LINT_TEXT, false, false },
        { "call-of-another-abi", "a call that no ABI of the profile has", lint_call_of_another_abi, SC_NOTE,
          SC_LINT_PROFILES, SC_LINT_TEXT, false, false },
        { "unnamed-by-libseccomp", "a call that the consumer's libseccomp cannot name", lint_unnamed_by_libseccomp,
          SC_WARNING, SC_LINT_PROFILES, SC_LINT_PLAN, false, false },

        /* action.c: actions, and the errno or data that goes with them */
        { "errno-range", "an errno that is no error, or that the kernel gets cut or not at all", lint_errno_range,
          SC_ERROR, SC_LINT_PROFILES, SC_LINT_TEXT, false, false },
        { "idle-errno", "an errno with an action that returns none", lint_idle_errno, SC_WARNING, SC_LINT_PROFILES,
          SC_LINT_TEXT, true, false },
        { "kill-thread", "a kill of one thread, which leaves the others running", lint_kill_thread, SC_WARNING,
          SC_LINT_PROFILES, SC_LINT_TEXT, true, false },
        { "trace-without-tracer", "a call that a tracer is to decide", lint_trace_without_tracer, SC_WARNING,
          SC_LINT_PROFILES, SC_LINT_TEXT, false, false },
        { "notify-without-listener", "a call that is to be decided by a listener which is not named",
          lint_notify_without_listener, SC_ERROR, SC_LINT_PROFILES, SC_LINT_TEXT, false, false },
        { "notify-hangs", "a listener asked about calls that the runtime makes to start it", lint_notify_hangs,
          SC_ERROR, SC_LINT_PROFILES, SC_LINT_TEXT, false, false },
        { "default-allow", "a default that lets every unknown call through", lint_default_allow, SC_WARNING,
          SC_LINT_PROFILES, SC_LINT_TEXT, false, false },

        /* condition.c: conditions on arguments, as they are written */
        { "one-index-twice", "two conditions on one argument, of which either is enough", lint_one_index_twice,
          SC_ERROR, SC_LINT_PROFILES, SC_LINT_TEXT, false, false },
        { "bad-index", "a condition on an argument that no call has", lint_bad_index, SC_ERROR, SC_LINT_PROFILES,
          SC_LINT_TEXT, false, false },
        { "argument-unused", "a condition on an argument that the call does not take", lint_argument_unused,
          SC_WARNING, SC_LINT_PROFILES, SC_LINT_TEXT, false, false },
        { "pointer-compared", "a pointer compared with anything but 0", lint_pointer_compared, SC_WARNING,
          SC_LINT_PROFILES, SC_LINT_TEXT, false, false },
        { "constant-condition", "a condition that is always or never true", lint_constant_condition, SC_WARNING,
          SC_LINT_PROFILES, SC_LINT_TEXT, false, false },
        { "mask-bits-lost", "a value with bits outside its mask", lint_mask_bits_lost, SC_WARNING, SC_LINT_PROFILES,
          SC_LINT_TEXT, true, false },
        { "many-conditions", "more conditions than crun reads", lint_many_conditions, SC_ERROR, SC_LINT_PROFILES,
          SC_LINT_TEXT, false, false },
        { "high-word-dropped", "a comparison of which a 32-bit ABI drops the upper half", lint_high_word_dropped,
          SC_WARNING, SC_LINT_PROFILES, SC_LINT_PLAN, false, false },
        { "argument-order", "an argument that is another parameter on another ABI", lint_argument_order, SC_WARNING,
          SC_LINT_PROFILES, SC_LINT_TEXT, false, false },

        /* order.c: rules that others make idle */
        { "rule-as-default", "a rule that repeats the default, which runtimes skip", lint_rule_as_default, SC_WARNING,
          SC_LINT_PROFILES, SC_LINT_PLAN, false, false },
        { "overruled-rule", "a rule that never counts, since another has no conditions", lint_overruled_rule,
          SC_WARNING, SC_LINT_PROFILES, SC_LINT_PLAN, false, false },
        { "repeated-rule", "a rule that adds nothing to another", lint_repeated_rule, SC_NOTE, SC_LINT_PROFILES,
          SC_LINT_PLAN, true, false },

        /* filter.c: the filter as a whole */
        { "native-abi-missing", "the machine's own ABI is not listed", lint_native_abi_missing, SC_WARNING,
          SC_LINT_PROFILES, SC_LINT_PLAN, true, false },
        { "x32-admitted", "x32 programs may run", lint_x32_admitted, SC_NOTE, SC_LINT_PROFILES, SC_LINT_NODE, false,
          false },
        { "x86-admitted", "32-bit x86 programs may run", lint_x86_admitted, SC_NOTE, SC_LINT_PROFILES, SC_LINT_NODE,
          false, false },
        { "miscompiled", "rules that libseccomp compiles wrong", lint_miscompiled, SC_ERROR, SC_LINT_PROFILES,
          SC_LINT_NODE, false, false },
        { "baseline-unpinned", "a policy that does not say up to which kernel it was judged", lint_baseline_unpinned,
          SC_NOTE, SC_LINT_POLICIES, SC_LINT_TEXT, false, false },

        /* reach.c: what programs need */
        { "clone3-hard-denied", "clone3 is denied otherwise than with ENOSYS, and libc does not fall back",
          lint_clone3_hard_denied, SC_WARNING, ANY_FILE, SC_LINT_NODE, false, false },
        { "new-calls-hard-denied", "calls that programs can do without, if they are told ENOSYS",
          lint_new_calls_hard_denied, SC_WARNING, ANY_FILE, SC_LINT_NODE, false, false },
        { "twin-missing", "a call is let through, and the one that does the same is not", lint_twin_missing,
          SC_WARNING, ANY_FILE, SC_LINT_NODE, false, false },
        { "abi-twin-missing", "a call is let through that an ABI has by another name", lint_abi_twin_missing,
          SC_WARNING, SC_LINT_PROFILES, SC_LINT_NODE, false, false },
        { "cannot-start", "a call without which the runtime starts no container", lint_cannot_start, SC_WARNING,
          ANY_FILE, SC_LINT_NODE, false, false },
        { "multiplexer-reopens", "a call that is denied, and open through socketcall or ipc",
          lint_multiplexer_reopens, SC_WARNING, ANY_FILE, SC_LINT_NODE, false, false },
        { "wider-than-parameter", "a condition that bits which the kernel drops get around",
          lint_wider_than_parameter, SC_WARNING, SC_LINT_PROFILES, SC_LINT_NODE, true, false },

        /* caps.c: calls that need what the container does not have */
        { "capability-missing", "a call that needs a capability which the container lacks", lint_capability_missing,
          SC_NOTE, ANY_FILE, SC_LINT_NODE, false, false },

        /* danger.c: calls that are let through and are seldom meant to be */
        { "namespaces-as-root", "namespaces with CAP_SYS_ADMIN", lint_danger, SC_WARNING, ANY_FILE, SC_LINT_NODE,
          false, false },
        { "user-namespaces", "user namespaces, which open the kernel's privileged code", lint_danger, SC_WARNING,
          ANY_FILE, SC_LINT_NODE, false, false },
        { "memfd-execveat", "running code that never was in a file", lint_danger, SC_NOTE, ANY_FILE, SC_LINT_NODE,
          false, false },
        { "ptrace-before-4.8", "ptrace on kernels where it walks around filters", lint_danger, SC_WARNING, ANY_FILE,
          SC_LINT_NODE, false, false },
        { "io-uring", "io_uring, which works around filters", lint_danger, SC_WARNING, ANY_FILE, SC_LINT_NODE, false,
          false },
        { "userfaultfd", "userfaultfd, which helps to win races", lint_danger, SC_WARNING, ANY_FILE, SC_LINT_NODE,
          false, false },
        { "bpf", "programs in the kernel", lint_danger, SC_WARNING, ANY_FILE, SC_LINT_NODE, false, false },
        { "keyrings", "keys that are not the container's", lint_danger, SC_WARNING, ANY_FILE, SC_LINT_NODE, false,
          false },
        { "terminal-injection", "typing into the terminal that the container came from", lint_danger, SC_NOTE,
          ANY_FILE, SC_LINT_NODE, false, false },
        { "socket-packet-alias", "packet sockets by AF_INET, where AF_PACKET is denied", lint_socket_packet_alias,
          SC_WARNING, ANY_FILE, SC_LINT_NODE, false, false },
        { "read-implies-exec", "making readable memory executable", lint_danger, SC_WARNING, ANY_FILE, SC_LINT_NODE,
          false, false },
        { "kernel-code", "loading code into the kernel, or another kernel", lint_danger, SC_WARNING, ANY_FILE,
          SC_LINT_NODE, false, false },
        { "open-by-handle", "files of the host by number", lint_danger, SC_WARNING, ANY_FILE, SC_LINT_NODE, false,
          false },
        { "write-exec", "memory that is writable and executable", lint_danger, SC_NOTE, ANY_FILE, SC_LINT_NODE, false,
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
