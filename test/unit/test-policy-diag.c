/* SPDX-License-Identifier: Apache-2.0 */
/* What is said about wrong policies, with its exact place, and the names of actions, as rows. */
#include <errno.h>
#include <linux/seccomp.h>

#include "policy.h"

#define ERRNO(number) (SECCOMP_RET_ERRNO | (number))

static void check_only(const char *file, const char *rule, const char *message, int r)
{
        struct loaded l = load(path_of(file), NULL, NULL);
        const struct sc_diag *const *all;
        size_t n;

        CHECK_INT(l.r, r);
        all = sc_diags_all(l.diags, &n);
        if (!CHECK_INT(n, 1))
                print_diags(&l);
        if (n) {
                CHECK_STR(all[0]->rule, rule);
                if (!CHECK(strstr(all[0]->message, message)))
                        print_diags(&l);
        }
        done(&l);
}

static void test_extends_errors(void)
{
        char name[32], text[64];

        write_file("a.jsonc", "{ 'extends': ['b.jsonc'] }");
        write_file("b.jsonc", "{ 'extends': ['c.jsonc'] }");
        write_file("c.jsonc", "{ 'extends': ['./b.jsonc'] }");
        check_only("a.jsonc", "extends-cycle", "/b.jsonc → ", -EBADMSG);
        write_file("self.jsonc", "{ 'extends': ['self.jsonc'] }");
        check_only("self.jsonc", "extends-cycle", "/self.jsonc → ", -EBADMSG);
        write_file("lost.jsonc", "{ 'extends': ['nowhere.jsonc'], 'rules': [{ 'allow': ['@theirs'] }] }");
        check_only("lost.jsonc", "unreadable-policy", "nowhere.jsonc", -EBADMSG);
        check_only("nowhere.jsonc", "unreadable-policy", "nowhere.jsonc", -ENOENT);
        write_file("typo.jsonc", "{ 'extends': ['docker-defualt'] }");
        check_only("typo.jsonc", "unknown-policy", "docker-defualt", -EBADMSG);
        /* what an extended file says wrongly is said once, in that file */
        write_file("bad.jsonc", "{ 'default': 'eprm' }");
        write_file("bad2.jsonc", "{ 'extends': ['bad.jsonc', 'bad.jsonc'] }");
        check_only("bad2.jsonc", "unknown-action", "eprm", -EBADMSG);
        for (int i = 0; i <= SC_POLICY_EXTENDS_MAX; i++) {
                snprintf(name, sizeof(name), "chain%d.jsonc", i);
                snprintf(text, sizeof(text), "{ 'extends': ['chain%d.jsonc'] }", i + 1);
                write_file(name, text);
        }
        check_only("chain0.jsonc", "too-many-policies", "deep", -EBADMSG);
        /* a condition that is sound on its own file's ABIs, but not on those of the policy that extends it */
        write_file("exec.jsonc", "{ 'architectures': ['x86_64'],"
                                 " 'rules': [{ 'deny': ['mmap'], 'when': 'prot & PROT_EXEC' }] }");
        write_file("wide.jsonc", "{ 'extends': ['exec.jsonc'], 'architectures': ['x86_64', 'x86', 's390x'] }");
        check_only("wide.jsonc", "hidden-parameter",
                   "'prot' of 'mmap' lies behind a pointer, where no filter sees it, on x86, s390x", -EBADMSG);
        write_file("wide.jsonc", "{ 'extends': ['exec.jsonc'], 'architectures': ['x86_64', 'x86', 's390x'],"
                                 " 'rules': [{ 'deny': ['mmap'], 'when': 'arch in {x86, s390x}' },"
                                 " { 'allow': ['nosuch'] }] }");
        check_only("wide.jsonc", "unknown-syscall", "nosuch", -EBADMSG);
}

/*
 * One finding a row: rule id, part of the hint (NULL: none), and the policy with the first place between ⟦ and ⟧, the
 * second, if any, between ⟪ and ⟫.
 */
static const struct {
        const char *rule;
        const char *hint;
        const char *text;
} wrong[] = {
        { "bad-type", NULL, "⟦[]⟧" },
        { "json-duplicate-key", "keep one", "{ ⟪'rules'⟫: [], ⟦'rules'⟧: [] }" },
        { "unknown-key", "did you mean 'default'", "{ ⟦'defalt'⟧: 'kill' }" },
        { "unknown-key", NULL, "{ ⟦'somethingelse'⟧: 1 }" },
        { "bad-type", NULL, "{ 'rules': ⟦{}⟧ }" },
        { "bad-type", NULL, "{ 'default': ⟦1⟧ }" },
        { "bad-type", NULL, "{ 'groups': { '@x': ⟦'read'⟧ } }" },
        { "bad-type", NULL, "{ 'extends': ⟦'docker-default'⟧ }" },
        { "bad-type", NULL, "{ 'extends': [⟦1⟧] }" },
        { "bad-type", NULL, "{ 'rules': [⟦'allow'⟧] }" },
        { "bad-type", NULL, "{ 'rules': [{ 'allow': ⟦'read'⟧ }] }" },
        { "bad-type", NULL, "{ 'rules': [{ 'allow': ['read', ⟦3⟧] }] }" },
        { "bad-type", NULL, "{ 'rules': [{ 'allow': ['read'], 'when': ⟦true⟧ }] }" },
        { "bad-type", NULL, "{ 'architectures': ⟦[]⟧ }" },
        { "unknown-syscall", "did you mean 'openat'", "{ 'rules': [{ 'allow': [⟦'opennat'⟧, 'read'] }] }" },
        { "unknown-syscall", "did you mean '@network-io'", "{ 'rules': [{ 'allow': [⟦'network-io'⟧] }] }" },
        { "unknown-syscall", "did you mean 'openat'", "{ 'rules': [{ 'allow': [⟦'OpenAt'⟧, 'read'] }] }" },
        { "unknown-syscall", "list syscalls", "{ 'optional': [⟦''⟧] }" },
        { "unknown-syscall", "list syscalls", "{ 'requires': [⟦'CAP_BPF when frobnicate'⟧] }" },
        { "unknown-group", "list groups", "{ 'rules': [{ 'allow': [⟦'@sandbox'⟧] }] }" },
        { "unknown-capability", "capabilities(7)", "{ 'requires': [⟦'CAP_FOO'⟧] }" },
        { "unknown-syscall", "did you mean 'read'", "{ 'groups': { '@x': [⟦'raed'⟧] } }" },
        { "unknown-group", "did you mean '@web'", "{ 'groups': { '@web': ['read'] },"
          " 'rules': [{ 'allow': [⟦'@wep'⟧] }] }" },
        { "group-redefined", "name of its own", "{ 'groups': { ⟦'@chown'⟧: ['read'] } }" },
        { "bad-group-name", "write '@web'", "{ 'groups': { ⟦'web'⟧: ['read'] } }" },
        { "group-cycle", NULL, "{ 'groups': { ⟪'@a'⟫: ['@b'], '@b': [⟦'@a'⟧] } }" },
        { "group-cycle", NULL, "{ 'groups': { ⟪'@a'⟫: [⟦'@a'⟧] } }" },
        { "unknown-arch", "did you mean 'x86_64'", "{ 'architectures': [⟦'x86-64'⟧] }" },
        { "unknown-arch", "did you mean 'aarch64'", "{ 'architectures': [⟦'SCMP_ARCH_AARCH64'⟧] }" },
        { "duplicate-arch", NULL, "{ 'architectures': [⟪'x86_64'⟫, ⟦'amd64'⟧] }" },
        { "unknown-action", "did you mean 'allow'", "{ 'default': ⟦'alow'⟧ }" },
        { "unknown-action", "did you mean 'errno:EPERM'", "{ 'default': ⟦'EPERM'⟧ }" },
        { "unknown-action", "did you mean 'errno:EPERM'", "{ 'default': ⟦'errno'⟧ }" },
        { "unknown-action", "trace:0 to trace:65535", "{ 'default': ⟦'trace:65536'⟧ }" },
        { "unknown-action", "did you mean 'kill'", "{ 'default': ⟦'kill:3'⟧ }" },
        { "bad-errno", "did you mean 'errno:ENOSYS'", "{ 'default': ⟦'errno:ENOSYSS'⟧ }" },
        { "bad-errno", "errno:4094", "{ 'default': ⟦'errno:4095'⟧ }" },
        { "bad-errno", "errno:4094", "{ 'default': ⟦'errno:0'⟧ }" },
        { "bad-errno", "errno:4094", "{ 'default': ⟦'errno:4294967297'⟧ }" },
        { "unsupported", NULL, "{ 'default': ⟦'notify'⟧ }" },
        { "unsupported", NULL, "{ 'rules': [{ ⟦'notify'⟧: ['mount'] }] }" },
        { "unsupported", NULL, "{ ⟦'listener'⟧: { 'path': '/run/x' } }" },
        { "bad-kernel", "such as", "{ 'baseline': ⟦'6'⟧ }" },
        { "bad-kernel", "the newest known is", "{ 'baseline': ⟦'60.1'⟧ }" },
        { "conflicting-settings", "denies", "{ 'fallback': ⟦'allow'⟧ }" },
        { "unknown-verb", "did you mean 'allow'", "{ 'rules': [{ ⟦'alow'⟧: ['read'] }] }" },
        { "missing-verb", "one of allow", "{ 'rules': [⟦{ 'when': 'CAP_BPF' }⟧] }" },
        { "two-verbs", "two rules", "{ 'rules': [{ ⟪'allow'⟫: ['read'], ⟦'deny'⟧: ['write'] }] }" },
        { "unknown-key", "did you mean 'when'", "{ 'rules': [{ 'allow': ['read'], ⟦'wen'⟧: 'CAP_BPF' }] }" },
        { "empty-rule", "remove the rule", "{ 'rules': [{ 'allow': ⟦[]⟧ }] }" },
        { "conflicting-settings", NULL, "{ 'rules': [{ ⟪'allow'⟫: ['read'], ⟦'with'⟧: 'errno:EACCES' }] }" },
        { "conflicting-settings", "errno:ENOSYS", "{ 'rules': [{ 'deny': ['read'], 'with': ⟦'log'⟧ }] }" },
        { "conflicting-settings", "trace:0", "{ 'rules': [{ 'trace': ['read'], 'with': ⟦'kill'⟧ }] }" },
        { "bad-requirement", "did you mean '!CAP_BPF'", "{ 'requires': [⟦'!bpf'⟧] }" },
        { "bad-requirement", "one of noNewPrivileges", "{ 'requires': [⟦'rootless'⟧] }" },
        { "unknown-capability", "did you mean 'CAP_SYS_ADMIN'", "{ 'requires': [⟦'!CAP_SYS_ADMN'⟧] }" },
        { "unknown-flag", "did you mean 'SECCOMP_FILTER_FLAG_LOG'", "{ 'flags': [⟦'SECCOMP_FILTER_FLAG_LOGS'⟧] }" },
#define WHEN(condition) "{ 'rules': [{ 'allow': ['bpf'], 'when': '" condition "' }] }"
        { "bad-condition", NULL, "{ 'rules': [{ 'allow': ['bpf'], 'when': '⟦'⟧ }] }" },
        { "bad-condition", NULL, "{ 'rules': [{ 'allow': ['bpf'], 'when': 'CAP_BPF &&⟦'⟧ }] }" },
        { "bad-condition", NULL, "{ 'rules': [{ 'allow': ['bpf'], 'when': '(CAP_BPF⟦'⟧ }] }" },
        { "bad-condition", NULL, WHEN("CAP_BPF⟦)⟧") },
        { "bad-condition", NULL, WHEN("CAP_BPF ⟦CAP_PERFMON⟧") },
        { "bad-condition", "did you mean '&&'", WHEN("CAP_BPF ⟦and⟧ CAP_PERFMON") },
        { "bad-condition", "did you mean '&&'", WHEN("CAP_BPF ⟦&⟧ CAP_PERFMON") },
        { "bad-condition", "did you mean '!'", WHEN("⟦not⟧ CAP_BPF") },
        { "bad-condition", "did you mean '=='", WHEN("arch ⟦=⟧ x86_64") },
        { "bad-condition", NULL, WHEN("arch ⟦<⟧ x86_64") },
        { "bad-condition", NULL, WHEN("arch in {⟦}⟧") },
        { "bad-condition", NULL, WHEN("arch in {x86_64 ⟦arm⟧}") },
        { "bad-condition", NULL, WHEN("arch not ⟦x86_64⟧") },
        { "bad-condition", NULL, WHEN("kernel ⟦in⟧ {5.8}") },
        { "bad-condition", NULL, WHEN("kernel >= ⟦CAP_BPF⟧") },
        { "bad-condition", NULL, WHEN("⟦é⟧") },
        { "bad-condition", NULL, WHEN("\\t\\u0020⟦\\u00e9⟧ x") },
        { "bad-kernel", "such as 6.1", WHEN("kernel >= ⟦5⟧") },
        { "bad-kernel", "such as 6.1", WHEN("⟦5.8.1⟧ <= kernel") },
        { "unknown-capability", "did you mean 'CAP_BPF'", WHEN("kernel >= 5.8 && ⟦CAP_BFP⟧") },
        { "unknown-constant", "did you mean 'CAP_BPF'", WHEN("⟦BPF⟧") },
        { "unknown-arch", "did you mean 'x86_64'", WHEN("arch == ⟦x86_46⟧") },
        { "never-matches", NULL, WHEN("⟦CAP_BPF && !CAP_BPF⟧") },
        { "never-matches", NULL, WHEN("⟦kernel >= 5.8 && kernel < 5.8⟧") },
        { "never-matches", "architectures", "{ 'architectures': ['x86_64'],"
          " 'rules': [{ 'allow': ['bpf'], 'when': '⟦arch == arm⟧' }] }" },
        { "never-matches", NULL, "{ 'architectures': ['x86_64'], 'rules': [⟦{ 'allow': ['mmap2'] }⟧] }" },
        { "never-matches", NULL, "{ 'rules': [{ 'allow': [⟪'read'⟫] }, { 'deny': [⟦'read'⟧] }] }" },
        { "never-matches", NULL, "{ 'rules': [{ 'allow': [⟪'@basic-io'⟫] }, { 'deny': [⟦'read'⟧, 'write'] }] }" },
        { "never-matches", NULL, "{ 'rules': [{ 'allow': ['bpf'], 'when': 'CAP_BPF' },"
                                 " { 'allow': [⟪'bpf'⟫], 'when': '!CAP_BPF' }, { 'kill': [⟦'bpf'⟧] }] }" },
#define ON(abis, calls, condition) \
        "{ 'architectures': [" abis "], 'rules': [{ 'deny': [" calls "], 'when': '" condition "' }] }"
#define HERE(call, condition) ON("'x86_64', 'x86'", "'" call "'", condition)
        /* names */
        { "unknown-parameter", "did you mean 'family'? 'socket' has family, type, protocol",
          HERE("socket", "⟦famly⟧ == 1") },
        { "unknown-parameter", "'socket' has family, type, protocol", HERE("socket", "⟦prot⟧ & 4") },
        { "unknown-parameter", "did you mean 'kernel'", HERE("socket", "⟦kernl⟧ >= 5.8") },
        { "unknown-parameter", "'getpid' has no parameters", HERE("getpid", "⟦who⟧ == 1") },
        { "unknown-parameter", "'socket' has family", HERE("socket", "⟦arg6⟧ == 1") },
        /* the kernel's arg2 is not the language's */
        { "unknown-parameter", "'prctl' has option, arg1, arg2, arg3, arg4", HERE("prctl", "⟦cmd⟧ == 1") },
        { "unknown-parameter", "'listen' has fd, backlog; write a rule of its own",
          ON("'x86_64'", "⟪'listen'⟫, 'socket'", "⟦family⟧ == 1") },
        { "unknown-parameter", "write a rule of its own", ON("'x86_64'", "⟪'@network-io'⟫", "⟦family⟧ == 1") },
        { "unknown-constant", "did you mean 'AF_UNIX'", HERE("socket", "family == ⟦AF_UNX⟧") },
        { "unknown-constant", "did you mean 'CLONE_NEWUSER'", HERE("clone", "clone_flags & (⟦CLONE_NEWUSR⟧)") },
        { "unknown-constant", "a number will do", HERE("socket", "family in {1, ⟦MY_VERY_OWN_FAMILY⟧}") },
        { "unknown-constant", "did you mean 'CAP_NET_RAW'", HERE("socket", "⟦NET_RAW⟧ && family == 1") },
        { "unknown-capability", "did you mean 'CAP_NET_RAW'", HERE("socket", "family == 1 || ⟦CAP_NETRAW⟧") },
        /* structures behind pointers */
        { "struct-behind-pointer", "fall back to clone", HERE("clone3", "⟦flags⟧ & CLONE_NEWUSER") },
        { "struct-behind-pointer", "fall back to clone",
          ON("'x86_64'", "'clone', ⟪'clone3'⟫", "⟦clone_flags⟧ & CLONE_NEWUSER") },
        { "struct-behind-pointer", "fall back to openat", HERE("openat2", "⟦flags⟧ & O_CREAT") },
        { "struct-behind-pointer", "fall back to openat", HERE("openat2", "!(1 == ⟦resolve⟧)") },
        { "struct-behind-pointer", "'family' of 'socket'", HERE("connect", "⟦sa_family⟧ == AF_UNIX") },
        { "struct-behind-pointer", "by 'cmd'", HERE("bpf", "⟦prog_type⟧ == 1") },
        /* pointers */
        { "pointer-compared", "with 0 only", HERE("openat", "⟦filename == 7⟧") },
        { "pointer-compared", "with 0 only", HERE("openat", "⟦arg1 > 0⟧") },
        { "pointer-compared", "with 0 only", HERE("openat", "CAP_BPF || ⟦filename & 0xfff⟧") },
        { "pointer-compared", "with 0 only", HERE("openat", "⟦filename not in {0, 1}⟧") },
        { "pointer-compared", "with 0 only", ON("'x86_64'", "'openat', ⟪'execve'⟫", "⟦arg0 == 5⟧") },
        /* always the same */
        { "always-true", "from 0 to 0xffffffff", HERE("socket", "⟦family >= 0⟧") },
        { "always-true", "from 0 to 0xffffffff", HERE("socket", "⟦family <= 0xffffffff⟧ && type == 1") },
        { "always-true", "from 0 to 0xffffffff", HERE("socket", "⟦family in {0..0xffffffff}⟧") },
        { "always-true", "from 0 to 0xffffffffffffffff", ON("'x86_64'", "'mprotect'", "⟦len >= 0⟧") },
        { "always-true", "bits of the mask", HERE("socket", "⟦type & 4 != 3⟧") },
        { "always-true", "bits of the mask", HERE("socket", "⟦type & 4 not in {1, 2}⟧") },
        { "always-false", "from 0 to 0xffffffff", HERE("socket", "⟦0 > family⟧") },
        { "always-false", "from 0 to 0xffffffff", HERE("socket", "⟦family not in {0..0xffffffff}⟧") },
        { "always-false", "bits of the mask", HERE("socket", "⟦type & 4 == 3⟧") },
        { "always-false", "bits of the mask", HERE("socket", "⟦type & 0⟧") },
        { "always-false", "from 0 to 0xffff", HERE("fchmod", "⟦mode > 0xffff⟧") },
        { "always-false", "from 0", HERE("socket", "⟦type & 0xf > 0xff⟧") },
        /* too wide, below 0, upside down, empty */
        { "constant-too-wide", "arg0:64", HERE("socket", "family == ⟦0x100000028⟧") },
        { "constant-too-wide", "arg0:64", HERE("socket", "family & ⟦0x100000000⟧") },
        { "constant-too-wide", "arg0:64", HERE("socket", "family in {1, ⟦4294967296⟧}") },
        { "constant-too-wide", "arg0:64", HERE("socket", "family in {1..⟦0x1ffffffff⟧}") },
        { "constant-too-wide", "arg0:64", HERE("socket", "family == ⟦-2147483649⟧") },
        { "constant-too-wide", "arg0:64", HERE("fchmod", "mode == ⟦0200000⟧") },
        { "constant-too-wide", "arg0:64", ON("'x86'", "'mprotect'", "len > ⟦0x100000000⟧") },
        { "negative-order", "'=='", HERE("socket", "family < ⟦-1⟧") },
        { "negative-order", "'=='", HERE("openat", "⟦AT_FDCWD⟧ <= dfd") },
        { "empty-range", "smaller value", HERE("socket", "family in {2, ⟦7..3⟧}") },
        { "empty-range", "smaller value", HERE("socket", "family in {⟦-1..1⟧}") },
        { "empty-set", "ranges", HERE("socket", "family in ⟦{}⟧") },
        { "empty-set", "ranges", HERE("socket", "family not in ⟦{ }⟧") },
        { "bad-number", "octal", HERE("socket", "family == ⟦089⟧") },
        { "bad-number", "octal", HERE("socket", "family == ⟦0x⟧") },
        { "bad-number", "octal", HERE("socket", "family == ⟦1UL⟧") },
        { "bad-number", "octal", HERE("socket", "family == ⟦5.8⟧") },
        { "bad-number", NULL, HERE("socket", "family == ⟦18446744073709551616⟧") },
        /* grammar */
        { "bad-condition", "write 'family != 0'", HERE("socket", "⟦family⟧") },
        { "bad-condition", "write 'arg1:64 != 0'", HERE("socket", "!⟦arg1:64⟧ && CAP_BPF") },
        { "bad-condition", "compare an argument", HERE("socket", "⟦AF_UNIX⟧") },
        { "bad-condition", "did you mean '=='", HERE("socket", "family ⟦=⟧ 1") },
        { "bad-condition", "'10 <= arg1 && arg1 < 20'", HERE("socket", "10 <= arg1 ⟦<⟧ 20") },
        { "bad-condition", "constants only", HERE("socket", "family == ⟦type⟧") },
        { "bad-condition", NULL, HERE("socket", "1 == ⟦1⟧") },
        { "bad-condition", "'!' before it", HERE("socket", "⟦CAP_BPF⟧ == 1") },
        { "bad-condition", "tighter", HERE("clone", "⟦clone_flags & CLONE_NEWNS⟧ | CLONE_NEWUSER") },
        { "bad-condition", "made of constants", HERE("socket", "family & ⟦type⟧") },
        { "bad-condition", "did you mean '&&'", HERE("socket", "family & ⟦CAP_BPF⟧") },
        { "bad-condition", NULL, HERE("socket", "~⟦family⟧ == 1") },
        { "bad-condition", NULL, HERE("socket", "family == ⟦)⟧") },
        { "bad-condition", NULL, "{ 'rules': [{ 'deny': ['socket'], 'when': 'family ==⟦'⟧ }] }" },
        { "bad-condition", NULL, HERE("socket", "family in ⟦3⟧") },
        { "bad-condition", NULL, HERE("socket", "family in {1 ⟦2⟧}") },
        { "bad-condition", NULL, HERE("socket", "family in {⟦type⟧}") },
        { "bad-condition", NULL, HERE("socket", "⟦3⟧ in {1, 2, 3}") },
        { "bad-condition", NULL, HERE("socket", "arg0:⟦32⟧ == 1") },
        { "bad-condition", "'arg0:64'", HERE("socket", "family⟦:⟧64 == 1") },
        { "bad-condition", NULL, HERE("socket", "family not ⟦{⟧1}") },
        /* what no filter sees on an ABI */
        { "hidden-parameter", "deny 'mmap' there by a rule above, with \"when\": \"arch == x86\"",
          HERE("mmap", "⟦prot⟧ & PROT_EXEC") },
        { "hidden-parameter", "arch == s390x", ON("'x86_64', 's390x'", "'mprotect', ⟪'mmap'⟫", "3 == ⟦prot⟧") },
        { "hidden-parameter", "arch == x86", HERE("select", "⟦n⟧ > 5") },
        { "hidden-parameter", "arch == x86_64", HERE("preadv", "⟦pos_h⟧ != 0") },
        { "hidden-parameter", "\"arch in {x86, s390x}\"; or drop the ABIs",
          ON("'x86', 'x86_64', 's390x'", "'mmap'", "⟦flags⟧ & 1") },
        { "constant-not-on-abi", "'arch != aarch64 && …'",
          ON("'x86_64', 'aarch64'", "'mmap'", "flags & ⟦MAP_32BIT⟧") },
        /* rules without effect */
        { "never-matches", NULL, HERE("socket", "⟦family == 1 && family == 2⟧") },
        { "never-matches", NULL, HERE("socket", "⟦family < 5 && family in {7..9}⟧") },
        { "never-matches", NULL, "{ 'rules': [{ 'allow': [⟪'socket'⟫], 'when': 'family in {1..5}' },"
                                 " { 'deny': [⟦'socket'⟧], 'when': 'family == 3' }] }" },
        { "never-matches", NULL, "{ 'rules': [{ 'allow': ['socket'], 'when': 'family & 1' },"
                                 " { 'deny': [⟪'socket'⟫], 'when': '!(arg0 & 1)' }, { 'kill': [⟦'socket'⟧] }] }" },
};

/* Warnings: the policy loads all the same. */
static const struct {
        const char *rule;
        const char *text;
} doubtful[] = {
        { "duplicate-call", "{ 'rules': [{ 'allow': [⟪'read'⟫, 'write', ⟦'read'⟧] }] }" },
        { "shadowed", "{ 'rules': [{ 'allow': [⟪'read'⟫] }, { 'deny': [⟦'read'⟧, 'write'] }] }" },
        { "shadowed", "{ 'rules': [{ 'allow': [⟪'socket'⟫], 'when': 'type & 1' },"
                      " { 'deny': [⟦'socket'⟧, 'socketpair'], 'when': 'type & 3 == 3' }] }" },
        { "conflicting-settings", "{ 'default': ⟪'kill'⟫, 'newer': ⟦'allow'⟧ }" },
};

/* Nothing at all is said about these. */
static const char *const fine[] = {
        "{}",
        "// only comments\n{ /* and */ }",
        "{ '$schema': 'x', 'description': 'y', 'flags': ['SECCOMP_FILTER_FLAG_LOG'], 'architectures': ['native'] }",
        "{ 'requires': ['noNewPrivileges', '!CAP_SYS_ADMIN', 'CAP_NET_ADMIN'] }",
        /* a portable list: calls that no listed ABI has stand beside others */
        "{ 'architectures': ['x86_64'], 'rules': [{ 'allow': ['mmap', 'mmap2'] }] }",
        /* groups overlap */
        "{ 'rules': [{ 'allow': ['@basic-io'] }, { 'deny': ['@file-system'] }] }",
        /* a call by its name and through a group in one rule */
        "{ 'rules': [{ 'allow': ['@basic-io', 'read'] }] }",
        /* accept has no number on x86 but socketcall carries it */
        "{ 'architectures': ['x86'], 'rules': [{ 'deny': ['accept'] }] }",
        /* socketcall is passed over where it is named through the group, so the second rule can match */
        "{ 'architectures': ['x86'], 'rules': [{ 'allow': ['@network-io'] }, { 'deny': ['socketcall'] }] }",
        /* what an extending policy overrides */
        "{ 'extends': ['docker-default'], 'rules': [{ 'deny': ['@network-io', 'ptrace'] }] }",
        "{ 'extends': ['docker-default'], 'architectures': ['x86_64'] }",
        /* what hides a parameter does not matter where the rule is not asked, or its condition is decided before */
        HERE("mmap", "arch == x86_64 && prot & PROT_EXEC"),
        HERE("mmap", "!(arch == x86) && prot & PROT_EXEC"),
        "{ 'architectures': ['x86_64', 'x86'], 'rules': [{ 'deny': ['mmap'], 'when': 'arch == x86' },"
        " { 'deny': ['mmap'], 'when': 'prot & PROT_EXEC' }] }",
        HERE("mmap2", "prot & PROT_EXEC"),
        ON("'x86_64', 'aarch64'", "'mmap'", "arch == x86_64 && flags & MAP_32BIT"),
        /* wide for one ABI only */
        HERE("mprotect", "len > 0x100000000"),
        HERE("mprotect", "len <= 0xffffffff"),
        /* only socketcall carries it there, and is closed */
        ON("'x86'", "'accept'", "fd == 3"),
        /* a group whose calls all have the parameter */
        "{ 'groups': { '@w': ['unshare', 'setns'] }, 'rules': [{ 'deny': ['@w'], 'when': 'arg1 == 1' }] }",
};

/* Takes the marks out of `marked`; the places that they enclosed go to `ret_places`. Returns how many there are. */
static size_t unmark(const char *marked, char *text, struct sc_place ret_places[2])
{
        static const char *const open[] = { "⟦", "⟪" }, *const close[] = { "⟧", "⟫" };
        size_t n = 0, len = 0;

        while (*marked) {
                size_t i, mark = strlen("⟦");

                for (i = 0; i < 2; i++) {
                        if (!strncmp(marked, open[i], mark)) {
                                ret_places[i].offset = len;
                                n++;
                                break;
                        }
                        if (!strncmp(marked, close[i], mark)) {
                                ret_places[i].length = len - ret_places[i].offset;
                                break;
                        }
                }
                if (i == 2)
                        text[len++] = *marked++;
                else
                        marked += mark;
        }
        text[len] = '\0';
        return n;
}

static void check_finding(const char *marked, const char *rule, const char *hint, enum sc_severity severity)
{
        struct sc_place places[2] = { 0 };
        char text[1000], what[1300];
        size_t n_places = unmark(marked, text, places), n;
        struct loaded l = load("test.jsonc", text, NULL);
        const struct sc_diag *const *all = sc_diags_all(l.diags, &n);
        bool ok = l.r == (severity == SC_ERROR ? -EBADMSG : 0) && n == 1 && all[0]->severity == severity &&
                  !strcmp(all[0]->rule, rule) && all[0]->n_places == n_places;

        for (size_t i = 0; ok && i < n_places; i++)
                ok = all[0]->places[i].offset == places[i].offset && all[0]->places[i].length == places[i].length;
        if (ok)
                ok = hint ? all[0]->hint && strstr(all[0]->hint, hint) : !all[0]->hint;
        snprintf(what, sizeof(what), "%s: %s", rule, text);
        if (!test_check(ok, __FILE__, __LINE__, what))
                print_diags(&l);
        done(&l);
}

static void test_diagnostics(void)
{
        for (size_t i = 0; i < SC_COUNT(wrong); i++)
                check_finding(wrong[i].text, wrong[i].rule, wrong[i].hint, SC_ERROR);
        for (size_t i = 0; i < SC_COUNT(doubtful); i++)
                check_finding(doubtful[i].text, doubtful[i].rule, NULL, SC_WARNING);
        for (size_t i = 0; i < SC_COUNT(fine); i++) {
                struct loaded l = load("test.jsonc", fine[i], NULL);
                size_t n;

                sc_diags_all(l.diags, &n);
                if (!test_check(l.r == 0 && n == 0, __FILE__, __LINE__, i == 1 ? "comments" : fine[i]))
                        print_diags(&l);
                done(&l);
        }
}

/* Conditions are bounded in depth and size, whatever is written. */
static void test_limits(void)
{
        static const char *const parts[] = {
                "(", "!", "~", "-", "CAP_BPF && ", "CAP_BPF || ", "arch in {x86_64, ", "cmd == 1 && ", "1 | ", "3 & ",
        };

        for (size_t i = 0; i < SC_COUNT(parts); i++) {
                struct sc_strbuf text = SC_STRBUF_INIT;
                struct loaded l;

                sc_strbuf_puts(&text, "{ 'rules': [{ 'allow': ['bpf'], 'when': '");
                for (int j = 0; j < 10000; j++)
                        sc_strbuf_puts(&text, parts[i]);
                sc_strbuf_puts(&text, "CAP_BPF' }] }");
                l = load("test.jsonc", text.text, NULL);
                CHECK_INT(l.r, -EBADMSG);
                CHECK_INT(sc_diags_count(l.diags, SC_ERROR), 1);
                done(&l);
                sc_strbuf_done(&text);
        }
}

static const struct {
        const char *text;
        sc_action action;
} actions[] = {
        { "allow", SECCOMP_RET_ALLOW }, { "log", SECCOMP_RET_LOG }, { "trap", SECCOMP_RET_TRAP },
        { "kill", SECCOMP_RET_KILL_PROCESS }, { "kill-thread", SECCOMP_RET_KILL_THREAD },
        { "notify", SECCOMP_RET_USER_NOTIF }, { "errno:EPERM", ERRNO(1) }, { "errno:ENOSYS", ERRNO(38) },
        { "errno:4094", ERRNO(4094) }, { "trace:0", SECCOMP_RET_TRACE }, { "trace:65535", SECCOMP_RET_TRACE | 65535 },
};

static void test_actions(void)
{
        static const char *const bad[] = {
                "", "errno", "errno:", "errno:0", "errno:4095", "errno:-1", "errno:01", "errno: 1", "errno:EPERM ",
                "trace", "trace:", "trace:65536", "allow:", "allow:1", "Allow", "kill-process",
        };
        sc_action action;

        for (size_t i = 0; i < SC_COUNT(actions); i++) {
                struct sc_strbuf out = SC_STRBUF_INIT;

                CHECK_INT(sc_action_parse(actions[i].text, strlen(actions[i].text), &action), 0);
                CHECK_INT(action, actions[i].action);
                sc_action_format(action, &out);
                CHECK_STR(out.text, actions[i].text);
                sc_strbuf_done(&out);
        }
        for (size_t i = 0; i < SC_COUNT(bad); i++)
                CHECK_INT(sc_action_parse(bad[i], strlen(bad[i]), &action), -EINVAL);
        CHECK_INT(sc_action_parse("errno:11", 8, &action), 0);
        CHECK_INT(action, ERRNO(11));
        CHECK_INT(sc_action_looseness(SECCOMP_RET_KILL_PROCESS), 0);
        CHECK_INT(sc_action_looseness(SECCOMP_RET_KILL_THREAD), 1);
        CHECK_INT(sc_action_looseness(ERRNO(38)), 3);
        CHECK_INT(sc_action_looseness(SECCOMP_RET_TRACE | 7), 5);
        CHECK_INT(sc_action_looseness(SECCOMP_RET_ALLOW), 7);
        CHECK_INT(sc_action_looseness(0x12340000), 0);
}

int main(void)
{
        make_dir();
        test_actions();
        test_extends_errors();
        test_diagnostics();
        test_limits();
        remove_dir();
        return test_end();
}
