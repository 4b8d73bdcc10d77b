#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# agent-offline and agent-network: the calls and conditions that their profiles hold, and what the kernel says under
# them in containers of runc, crun, docker and podman.
# shellcheck disable=SC2046,SC2086 # lists of words

setup_file() {
        load lib/world
        need runc crun busybox jq
        export DIR=$BATS_FILE_TMPDIR POLICY
        for POLICY in agent-offline agent-network; do
                seccompose build $POLICY --for docker -o "$DIR/$POLICY.docker.json"
                seccompose build $POLICY --for oci --kernel running --arch x86_64 -o "$DIR/$POLICY.json"
                seccompose build $POLICY --for oci --kernel running --arch x86_64 --cap-add SYS_ADMIN -o "$DIR/$POLICY.admin.json"
        done
        rootfs_make "$DIR/rootfs"
        cp "$SC_BUILD/test/world/try-arguments" "$DIR/rootfs/bin/"
}

setup() {
        load lib/world
}

# What x86_64 has without conditions: the design's list, as it was before this policy was written.
CALLS='access arch_prctl brk chdir chmod chown clock_getres clock_gettime clock_nanosleep close close_range
        copy_file_range dup dup2 dup3 epoll_create epoll_create1 epoll_ctl epoll_pwait epoll_wait eventfd eventfd2 execve
        exit exit_group faccessat faccessat2 fadvise64 fallocate fchdir fchmod fchmodat fchown fchownat fcntl fdatasync
        fgetxattr flistxattr flock fstat fstatfs fsync ftruncate futex get_robust_list getcpu getcwd getdents getdents64
        getegid geteuid getgid getgroups getitimer getpeername getpgid getpgrp getpid getppid getrandom getrlimit
        getrusage getsockname getsockopt gettid gettimeofday getuid getxattr io_destroy io_getevents io_setup io_submit
        kill landlock_add_rule landlock_create_ruleset landlock_restrict_self lchown lgetxattr link linkat listxattr
        llistxattr lseek lstat madvise mkdir mkdirat mlock mlock2 mmap mremap msync munlock munmap nanosleep newfstatat
        open openat pipe pipe2 poll ppoll pread64 preadv preadv2 pselect6 pwrite64 pwritev pwritev2 read readlink
        readlinkat readv rename renameat renameat2 restart_syscall rmdir rseq rt_sigaction rt_sigpending rt_sigprocmask
        rt_sigqueueinfo rt_sigreturn rt_sigsuspend rt_sigtimedwait sched_getaffinity sched_getparam sched_getscheduler
        sched_setaffinity sched_yield select semctl semget semop semtimedop sendfile set_robust_list set_tid_address
        setitimer setpgid setsid shmat shmctl shmdt shmget sigaltstack signalfd signalfd4 socketpair splice stat statfs
        statx symlink symlinkat sync_file_range tee tgkill timerfd_create timerfd_gettime timerfd_settime times truncate
        umask uname unlink unlinkat wait4 waitid write writev'
NETWORK='connect sendto recvfrom sendmsg recvmsg shutdown bind listen accept accept4 setsockopt'
CONDITIONS='clone execveat ioctl mprotect prctl prlimit64 socket'
# What may be asked for by name.
OPTIONAL='io_uring_setup io_uring_enter io_uring_register msgget msgsnd msgrcv msgctl mq_open mq_unlink mq_timedsend
        mq_timedreceive mq_notify mq_getsetattr timer_create timer_settime timer_gettime timer_getoverrun timer_delete
        inotify_init inotify_init1 inotify_add_watch inotify_rm_watch fanotify_init fanotify_mark mincore mlockall
        munlockall membarrier process_madvise mbind set_mempolicy get_mempolicy set_mempolicy_home_node pkey_mprotect
        pkey_alloc pkey_free cachestat remap_file_pages sync syncfs sync_file_range readahead vmsplice openat2
        name_to_handle_at open_by_handle_at io_cancel io_pgetevents creat fchmodat2 statmount listmount utimensat utimes
        utime futimesat setxattr lsetxattr fsetxattr removexattr lremovexattr fremovexattr setxattrat getxattrat
        listxattrat removexattrat recvmmsg sendmmsg sched_setparam sched_setscheduler sched_get_priority_max
        sched_get_priority_min sched_rr_get_interval sched_setattr sched_getattr setrlimit getpriority setpriority
        ioprio_set ioprio_get vfork pause alarm tkill sysinfo personality vhangup time pidfd_open pidfd_send_signal
        pidfd_getfd setuid setgid setreuid setregid setresuid getresuid setresgid getresgid setfsuid setfsgid setgroups
        getsid capget rt_tgsigqueueinfo mknod mknodat syslog clock_settime clock_adjtime adjtimex kcmp epoll_pwait2
        futex_waitv futex_wake futex_wait futex_requeue seccomp add_key request_key keyctl'

# sorted WORD…: each on a line.
sorted() {
        printf '%s\n' "$@" | sort
}

# is_list EXPECTED COUNT: standard input has these names, which are so many.
is_list() {
        diff <(sorted $1) <(sort) || return 1
        [ "$(wc -w <<< "$1")" -eq "$2" ]
}

# are_lines COUNT: standard input is what the file descriptor 9 has, in any order, and so many lines.
are_lines() {
        local expected
        expected=$(sort <&9)
        diff - <(sort) <<< "$expected" || return 1
        [ "$(wc -l <<< "$expected")" -eq "$1" ]
}

# evaluate POLICY OPTION… <<< QUESTIONS: prints those that are allowed.
evaluate() {
        seccompose eval "$@" --kernel 6.1 | sed -n 's/\tallow$//p'
}

# allowed POLICY CAPS ARGUMENTS: the calls of x86_64 that are allowed with these arguments.
allowed() {
        seccompose list syscalls --arch x86_64 | awk -v args="$3" 'NR > 2 && $2 != "-" { print "x86_64", $1, args }' |
                evaluate "$1" --caps "$2" | cut -d ' ' -f 2
}

@test "by the names in docker's profile: 172 calls without a condition, 7 with one, clone3 without CAP_SYS_ADMIN" {
        local plain='.syscalls[] | select(.action == "SCMP_ACT_ALLOW" and .args == null and .includes == null)'
        for policy in agent-offline agent-network; do
                calls=$CALLS count=172
                [ $policy = agent-offline ] || calls+=" $NETWORK" count=183
                jq -r "$plain | select(.excludes == null).names[]" "$DIR/$policy.docker.json" | is_list "$calls" $count
                jq -r '.syscalls[] | select(.args).names[]' "$DIR/$policy.docker.json" | sort -u | is_list "$CONDITIONS" 7
                jq -r "$plain | select(.excludes).names[]" "$DIR/$policy.docker.json" | is_list clone3 1
                jq -e "$plain | select(.excludes).excludes == { caps: [\"CAP_SYS_ADMIN\"] }" "$DIR/$policy.docker.json"
                [ "$(jq -r '[.archMap[] | .architecture, .subArchitectures[]?] | join(" ")' "$DIR/$policy.docker.json")" \
                        = 'SCMP_ARCH_X86_64 SCMP_ARCH_AARCH64' ]
        done
}

@test "by the names in an OCI profile: the same, and clone3 is there unless there is CAP_SYS_ADMIN" {
        local plain='.syscalls[] | select(.action == "SCMP_ACT_ALLOW" and .args == null).names[]'
        jq -r "$plain" "$DIR/agent-offline.admin.json" | is_list "$CALLS" 172
        jq -r "$plain" "$DIR/agent-network.admin.json" | is_list "$CALLS $NETWORK" 183
        jq -r "$plain" "$DIR/agent-offline.json" | is_list "$CALLS clone3" 173
        for policy in agent-offline agent-network; do
                jq -r '.syscalls[] | select(.args).names[]' "$DIR/$policy.json" | sort -u | is_list "$CONDITIONS" 7
        done
}

@test "by evaluation: what is allowed with all bits of all arguments, and with none" {
        local ones='-1 -1 -1 -1 -1 -1'
        allowed agent-offline all "${ones//-1/0xffffffffffffffff}" | is_list "$CALLS" 172
        allowed agent-network all "${ones//-1/0xffffffffffffffff}" | is_list "$CALLS $NETWORK" 183
        allowed agent-offline none "${ones//-1/0xffffffffffffffff}" | is_list "$CALLS clone3" 173
        allowed agent-offline all '0 0 0 0 0 0' | is_list "$CALLS clone execveat mprotect prlimit64" 176
        # and so with the profiles that were built, in the engines' own reading
        allowed "$DIR/agent-offline.docker.json" all "${ones//-1/0xffffffffffffffff}" | is_list "$CALLS" 172
        allowed "$DIR/agent-network.docker.json" default '0 0 0 0 0 0' |
                is_list "$CALLS $NETWORK clone clone3 execveat mprotect prlimit64" 188
}

# questions CALL FORMAT VALUE…: one for each value, with and without a bit that the kernel ignores.
questions() {
        local call=$1 format=$2 value
        shift 2
        for value in "$@"; do
                # shellcheck disable=SC2059
                printf "x86_64 $call $format\n" $value $((value + (1 << 32)))
        done
}

@test "by evaluation: the conditions, value by value" {
        local bits family type types
        bits=$(for ((i = 0; i < 32; i++)); do echo $((1 << i)); done)
        # two of each: with and without the 32nd bit, which the kernel ignores
        questions socket %d {0..60} | evaluate agent-offline | are_lines 2 9< <(questions socket %d 1) # AF_UNIX
        questions socket '%d 10' {0..60} | evaluate agent-offline | are_lines 2 9< <(questions socket '%d 10' 1)
        # SOCK_STREAM; AF_INET and AF_INET6 are 2 and 10
        questions socket '%d 1' {0..60} | evaluate agent-network | are_lines 6 9< <(questions socket '%d 1' 1 2 10)
        # types, under the kernel's mask for them: SOCK_STREAM, SOCK_DGRAM; no raw sockets, nor SOCK_PACKET (10), which
        # makes packet sockets of AF_INET
        types=$(printf '%d\n' {0..300}; for bit in $bits; do printf '%d\n' $bit $((bit | 1)) $((bit | 2)) $((bit | 10)); done)
        for family in 2 10 0x100000002; do
                questions socket "$family %d" $types | evaluate agent-network | are_lines 196 9< <(questions socket "$family %d" \
                        $(for type in $types; do ((type % 16 != 1 && type % 16 != 2)) || echo $type; done))
        done
        # the kernel refuses packet sockets by this family, and makes its raw ones datagram sockets
        questions socket '1 %d' {0..255} | evaluate agent-network | are_lines 512 9< <(questions socket '1 %d' {0..255})
        questions ioctl '3 %d' {0..255} {21248..22015} 0x7401 0x80045430 0xffff5401 | evaluate agent-offline |
                are_lines 26 9< <(questions ioctl '3 %d' 0x5401 0x5402 0x5403 0x5404 0x540b 0x540f 0x5410 0x5413 0x5429 0x541b \
                        0x5421 0x5451 0x5450)
        questions prctl %d {0..255} 0x59616d61 | evaluate agent-offline |
                are_lines 24 9< <(questions prctl %d 1 2 15 16 23 27 36 37 38 39 40 47)
        questions mprotect '0 0 %d' {0..15} | evaluate agent-offline |
                are_lines 24 9< <(questions mprotect '0 0 %d' 0 1 2 3 4 5 8 9 10 11 12 13)
        questions execveat '3 0 0 0 %d' $bits | evaluate agent-offline |
                are_lines 62 9< <(questions execveat '3 0 0 0 %d' $(grep -vx $((0x1000)) <<< "$bits"))
        # CLONE_NEWTIME is 0x80, the others 0x20000 and 0x2000000 to 0x40000000
        questions clone %d 17 $bits | evaluate agent-offline |
                are_lines 50 9< <(questions clone %d 17 $(for bit in $bits; do ((bit & 0x7e020080)) || echo $bit; done))
        printf 'x86_64 prlimit64 0 7 %d\n' 0 1 $bits 0x100000000 0x4000000000000000 0x7fff00001000 | evaluate agent-offline |
                are_lines 1 9<<< 'x86_64 prlimit64 0 7 0'
}

@test "what is closed on purpose, on both ABIs; 32-bit calls are killed" {
        local closed='fork vfork tkill memfd_create io_uring_setup io_uring_enter io_uring_register sysinfo sync syncfs
                mincore unshare ptrace bpf kexec_load keyctl setns mount process_vm_writev perf_event_open userfaultfd'
        printf 'x86_64 %s\n' $closed | seccompose eval agent-network --caps none | cut -f 2 | sort | uniq -c > "$BATS_TEST_TMPDIR/counts"
        diff <(printf '%7d %s\n' 19 'errno 1 EPERM' 2 'errno 38 ENOSYS') "$BATS_TEST_TMPDIR/counts"
        [ -z "$(for call in $closed; do printf 'aarch64 %s\n' $call; done | grep -v fork | evaluate agent-network)" ]
        [ "$(echo 'x86 read' | seccompose eval "$DIR/agent-network.json" --for runc)" = $'x86 read\tkill-thread' ]
}

@test "aarch64 has those that exist there: 147, and the same conditions" {
        seccompose list syscalls --arch aarch64 | awk 'NR > 2 && $2 != "-" { print "aarch64", $1 }' > "$BATS_TEST_TMPDIR/all"
        [ "$(evaluate agent-offline --caps all < "$BATS_TEST_TMPDIR/all" | wc -l)" -eq $((147 + 4)) ]
        [ "$(sed 's/$/ -1 -1 -1 -1 -1 -1/; s/-1/0xffffffffffffffff/g' "$BATS_TEST_TMPDIR/all" |
                evaluate agent-network --caps all | wc -l)" -eq $((147 + 11)) ]
        { questions socket %d {0..60} && questions prctl %d {0..255}; } | sed 's/^x86_64/aarch64/' | evaluate agent-offline |
                are_lines 26 9< <({ questions socket %d 1 && questions prctl %d 1 2 15 16 23 27 36 37 38 39 40 47; } |
                        sed 's/^x86_64/aarch64/')
}

@test "opt-in: each name of the list may be asked for, in both" {
        local all=${OPTIONAL//$'\n'/ } policy
        [ "$(wc -w <<< "$OPTIONAL")" -eq 121 ]
        for policy in agent-offline agent-network; do
                printf 'x86_64 %s 0xffffffffffffffff\n' $OPTIONAL |
                        evaluate $policy --allow "$(tr -s ' ' , <<< "$all" | sed 's/,$//')" > "$BATS_TEST_TMPDIR/allowed"
                [ "$(wc -l < "$BATS_TEST_TMPDIR/allowed")" -eq 121 ]
                # one that is asked for, and none besides
                diff <(sorted $CALLS utimensat) <(seccompose list syscalls --arch x86_64 |
                        awk 'NR > 2 && $2 != "-" { print "x86_64", $1, "-1 -1 -1 -1 -1 -1" }' | sed 's/-1/0xffffffffffffffff/g' |
                        evaluate agent-offline --caps all --allow utimensat | cut -d ' ' -f 2 | sort)
        done
}

@test "opt-in: whatever else is asked for is refused, and nothing is written" {
        local call policy
        for policy in agent-offline agent-network; do
                for call in kexec_load kexec_file_load unshare bpf ptrace fork memfd_create setns mount init_module userfaultfd \
                        perf_event_open process_vm_writev clone3 mprotect ioctl; do
                        run seccompose build $policy --for docker --allow utimensat,$call -o "$BATS_TEST_TMPDIR/out.json"
                        [ "$status" -eq 2 ] || fail "$policy $call: $output" || return 1
                        [[ $output == *"the policy does not offer '$call'"* ]] || fail "$policy $call: $output" || return 1
                        [ ! -e "$BATS_TEST_TMPDIR/out.json" ]
                done
        done
        # offline offers no network
        run seccompose build agent-offline --for docker --allow connect
        [ "$status" -eq 2 ]
}

# Ways that must be refused: W+X, a descriptor run by an empty path, each flag that makes a namespace, families other than
# the policy's, TIOCSTI and TIOCLINUX and others, PR_SET_MM and others, limits set; each with a bit that the kernel ignores.
REFUSED='mprotect:6 mprotect:7 mprotect:0x100000007 execveat:0x1000 execveat:0x1100 execveat:0x100001000
        clone:0x20000 clone:0x2000000 clone:0x4000000 clone:0x8000000 clone:0x10000000 clone:0x20000000 clone:0x40000000
        clone:0x110000000 socket:16 socket:31 socket:38 socket:40 socket:0x100000010
        ioctl:0x5412 ioctl:0x541c ioctl:0x100005412 ioctl:0x5414 ioctl:0x540e
        prctl:35 prctl:4 prctl:22 prctl:53 prctl:0x100000023 prlimit64:1'
# Ways that must work: an errno other than EPERM is the kernel's own.
OPEN='mprotect:1 mprotect:3 mprotect:5 mprotect:0x100000005 execveat:0 execveat:0x100 clone:0 socket:1 socket:0x100000001
        ioctl:0x5401 ioctl:0x5413 ioctl:0x541b ioctl:0x5421 ioctl:0x5451 ioctl:0x10000541b
        prctl:1 prctl:2 prctl:15 prctl:16 prctl:23 prctl:27 prctl:36 prctl:37 prctl:38 prctl:39 prctl:40 prctl:47 prlimit64:0'
INTERNET='socket:2 socket:10'
# Programs fall back from execveat, to a path below /proc.
DENIED='EPERM|ENOSYS'
ANSWERS='ok( [0-9]+)?|ENOTTY|EFAULT|EINVAL'

# in_container RUNTIME PROFILE CAPABILITY COMMAND…: $output has what the command prints; no filter if PROFILE is empty,
# one more capability in all sets if one is named.
in_container() {
        local runtime=$1 profile=$2 cap=$3 bundle=$BATS_TEST_TMPDIR/bundle spec
        shift 3
        rm -rf "$bundle"
        bundle_make "$bundle" "$DIR/rootfs" "$@"
        spec=$(jq --arg cap "$cap" 'if $cap != "" then .process.capabilities |= map_values(. + [$cap]) else . end' "$bundle/config.json")
        printf '%s\n' "$spec" > "$bundle/config.json"
        [ -z "$profile" ] || bundle_set_profile "$bundle" "$DIR/$profile"
        run "${runtime}_run" "$bundle"
}

# all_answer N PATTERN: N lines, each of which ends so. The count is printed, as a remark in the report of the tests.
all_answer() {
        local count
        count=$(grep -cE -- " ($2)\$" <<< "$output") || true
        printf '# %s: %d of %d\n' "$BATS_TEST_DESCRIPTION" "$count" "${#lines[@]}" >&3
        [ "$count ${#lines[@]}" = "$1 $1" ] || fail "not all are '$2':" "$output"
}

@test "runc, without a filter: the kernel itself gives all of it or has its own reasons" {
        in_container runc '' CAP_SYS_ADMIN try-arguments $REFUSED $OPEN $INTERNET
        all_answer 60 "$ANSWERS|ESOCKTNOSUPPORT|EAFNOSUPPORT"
}

@test "runc and crun: refused" {
        for runtime in runc crun; do
                in_container $runtime agent-offline.json CAP_SYS_ADMIN try-arguments $REFUSED $INTERNET
                all_answer 32 "$DENIED"
                in_container $runtime agent-network.json CAP_SYS_ADMIN try-arguments $REFUSED
                all_answer 30 "$DENIED"
                expect_line 'execveat:0x1000 ENOSYS'
                [ "$(grep -c ENOSYS <<< "$output")" -eq 3 ]
        done
}

@test "runc and crun: their good twins work" {
        for runtime in runc crun; do
                in_container $runtime agent-offline.json '' try-arguments $OPEN
                all_answer 28 "$ANSWERS"
                in_container $runtime agent-network.json '' try-arguments $OPEN $INTERNET
                all_answer 30 "$ANSWERS"
        done
}

# Docker's CAP_NET_RAW, which the bundles do not have by themselves, is all that the kernel asks for.
PACKET='inet-type:10 inet-type:0x8000a inet-type:0x10000000a inet-type:0xfffff000000a inet-type:3 inet-type:0x80803
        inet6-type:3 inet6-type:10 socket:17'
TYPES='inet-type:1 inet-type:2 inet-type:0x80001 inet-type:0x80802 inet-type:0x100000801
        inet6-type:1 inet6-type:2 inet6-type:0x80801 inet6-type:0x80002'

@test "packet and raw sockets with CAP_NET_RAW: closed by every name, open without a filter; TCP and UDP work" {
        in_container runc '' CAP_NET_RAW try-arguments inet-type:10 inet-type:0x8000a inet-type:0x10000000a inet-type:3 inet6-type:3
        expect_line 'inet-type:10 ok 17' # AF_PACKET
        expect_line 'inet-type:0x8000a ok 17'
        expect_line 'inet-type:0x10000000a ok 17'
        expect_line 'inet-type:3 ok 2'
        expect_line 'inet6-type:3 ok 10'
        for runtime in runc crun; do
                in_container $runtime agent-network.json CAP_NET_RAW try-arguments $PACKET
                all_answer 9 EPERM
                in_container $runtime agent-network.json CAP_NET_RAW try-arguments $TYPES
                all_answer 9 'ok (2|10)'
                in_container $runtime agent-offline.json CAP_NET_RAW try-arguments $PACKET $TYPES
                all_answer 18 EPERM
                # what is not closed of AF_UNIX is not to be had
                in_container $runtime agent-network.json CAP_NET_RAW try-arguments unix-type:1 unix-type:3 unix-type:10
                expect_line 'unix-type:1 ok 1'
                expect_line 'unix-type:3 ok 1'
                expect_line 'unix-type:10 ESOCKTNOSUPPORT'
        done
}

@test "clone3: ENOSYS with CAP_SYS_ADMIN, so that libc takes clone; works without" {
        for runtime in runc crun; do
                in_container $runtime agent-offline.admin.json CAP_SYS_ADMIN try-arguments clone3:0 clone3:0x10000000 clone:0
                expect_line 'clone3:0 ENOSYS'
                expect_line 'clone3:0x10000000 ENOSYS'
                expect_line 'clone:0 ok'
                in_container $runtime agent-offline.json '' try-arguments clone3:0 clone3:0x20000
                expect_line 'clone3:0 ok'
                expect_line 'clone3:0x20000 EPERM'
                in_container $runtime agent-offline.admin.json CAP_SYS_ADMIN libc-fallback
                expect_line 'thread ok'
                expect_line 'spawn ok'
        done
}

# What docs/policies.md says of clone3, and how it is closed.
@test "clone3 makes user namespaces without any capability; denied, it does not, and libc does without" {
        printf '{ "extends": ["agent-offline"], "architectures": ["x86_64", "aarch64"], "rules": [ { "deny": ["clone3"] } ] }' \
                > "$DIR/no-clone3.jsonc"
        seccompose build "$DIR/no-clone3.jsonc" --for oci --kernel running --arch x86_64 -o "$DIR/no-clone3.json"
        in_container runc agent-offline.json '' try-arguments clone3:0x10000000 clone:0x10000000
        expect_line 'clone3:0x10000000 ok'
        expect_line 'clone:0x10000000 EPERM'
        in_container runc no-clone3.json '' try-arguments clone3:0x10000000
        expect_line 'clone3:0x10000000 ENOSYS'
        in_container runc no-clone3.json '' libc-fallback
        expect_line 'thread ok'
        expect_line 'spawn ok'
}

@test "closed calls fail, and what extended attributes get is not EPERM" {
        # fork, vfork, tkill, sysinfo, sync, syncfs, mincore; memfd_create, io_uring_setup; setxattr, fsetxattr
        in_container runc agent-network.json CAP_SYS_ADMIN probe-calls unshare ptrace bpf kexec_load keyctl \
                57 58 200 99 162 306 27 319 425 188 190
        for call in unshare ptrace bpf kexec_load keyctl 57 58 200 99 162 306 27; do
                expect_line "$call -1 EPERM"
        done
        expect_line '319 -1 ENOSYS'
        expect_line '425 -1 ENOSYS'
        expect_line '188 -1 EOPNOTSUPP'
        expect_line '190 -1 EOPNOTSUPP'
}

@test "without noNewPrivileges no runtime starts anything, and the policy says so" {
        for runtime in runc crun; do
                bundle_make "$BATS_TEST_TMPDIR/$runtime" "$DIR/rootfs" probe-calls getpid
                bundle_set_profile "$BATS_TEST_TMPDIR/$runtime" "$DIR/agent-offline.json"
                run ${runtime}_run "$BATS_TEST_TMPDIR/$runtime"
                expect_line 'getpid 1 -'
                jq '.process.noNewPrivileges = false' "$BATS_TEST_TMPDIR/$runtime/config.json" > "$BATS_TEST_TMPDIR/config.json"
                cp "$BATS_TEST_TMPDIR/config.json" "$BATS_TEST_TMPDIR/$runtime/"
                run ${runtime}_run "$BATS_TEST_TMPDIR/$runtime"
                [ "$status" -ne 0 ]
                refuse_line getpid
        done
        run seccompose patch "$BATS_TEST_TMPDIR/runc" --policy agent-offline
        [ "$status" -eq 2 ] || fail "$status $output"
        [[ $output == *noNewPrivileges* ]] || fail "$output"
}

@test "a container whose bounding set only lacks CAP_SYS_ADMIN is refused, for clone3" {
        bundle_make "$BATS_TEST_TMPDIR/bundle" "$DIR/rootfs" true
        run seccompose patch "$BATS_TEST_TMPDIR/bundle" --policy agent-offline
        [ "$status" -eq 0 ] || fail "$output"
        jq '.process.capabilities.permitted += ["CAP_SYS_ADMIN"]' "$BATS_TEST_TMPDIR/bundle/config.json" > "$BATS_TEST_TMPDIR/config.json"
        cp "$BATS_TEST_TMPDIR/config.json" "$BATS_TEST_TMPDIR/bundle/"
        run seccompose patch "$BATS_TEST_TMPDIR/bundle" --policy agent-offline
        [ "$status" -eq 2 ] || fail "$status $output"
        [[ $output == *CAP_SYS_ADMIN* ]] || fail "$output"
}

@test "the policy that kills: docker and crun take it, and it does" {
        extract=$(awk '/^### A policy that kills/ { found = 1 } found && /^```$/ { exit } inside { print } found && /^```jsonc$/ { inside = 1 }' \
                "$SC_SOURCE/docs/policies.md")
        [ -n "$extract" ]
        printf '%s\n' "$extract" > "$DIR/killing.jsonc"
        seccompose build "$DIR/killing.jsonc" --for docker -o "$DIR/killing.docker.json"
        seccompose build "$DIR/killing.jsonc" --for crun --arch x86_64 --kernel running -o "$DIR/killing.json"
        jq -e '[.syscalls[] | select(.action == "SCMP_ACT_KILL_PROCESS").names[]] | contains(["unshare", "ptrace", "memfd_create"])' \
                "$DIR/killing.docker.json" > /dev/null
        # the newest baseline that can be built, and it judges what is older than it: futex_wake is of Linux 6.7
        [ "$(seccompose eval "$DIR/killing.jsonc" <<< 'x86_64 futex_wake')" = $'x86_64 futex_wake\tkill-process' ]
        sed 's/"6.7"/"6.8"/' "$DIR/killing.jsonc" > "$DIR/newer.jsonc"
        for target in docker crun; do
                run seccompose build "$DIR/newer.jsonc" --for $target --kernel running --arch x86_64
                [ "$status" -ne 0 ] || fail "6.8 for $target"
                [[ $output == *'libseccomp debian12 has no name for it'* ]] || fail "$target: $output"
        done
        for runtime in runc crun; do
                in_container $runtime killing.json '' probe-calls getpid 99
                expect_line 'getpid 1 -'
                expect_line '99 -1 EPERM' # sysinfo
                in_container $runtime killing.json '' probe-calls unshare
                [ "$status" -eq 159 ] || fail "$runtime: $status $output" # 128 and SIGSYS
        done
}

@test "the profiles that are built have no findings but those that are known" {
        local policy profile
        for policy in agent-offline agent-network; do
                run seccompose lint $policy
                [ "$status" -eq 0 ] || fail "$output" || return 1
                [[ ${lines[-1]} == *'0 errors, 0 warnings, 0 notes'* ]]
                for profile in "$DIR/$policy.docker.json" "$DIR/$policy.json"; do
                        run seccompose lint "$profile"
                        [ "$(grep -oP '(error|warning): .* \[\K[a-z-]*(?=\]$)' <<< "$output" | tr '\n' ' ')" = \
                                'cannot-start user-namespaces ' ] || fail "$output" || return 1
                done
        done
}

# on_host_files PROFILE COMMAND: a shell in a container on this machine's own files, which it cannot change, but for a
# copy of the work directory. Each line of COMMAND is a command.
on_host_files() {
        local bundle=$BATS_TEST_TMPDIR/bundle id=seccompose-$$-$RANDOM root=$BATS_TEST_TMPDIR/root spec
        rm -rf "$bundle" "$BATS_TEST_TMPDIR/work"
        mkdir -p "$root"
        cp -a "$DIR/work" "$BATS_TEST_TMPDIR/work"
        bundle_make "$bundle" "$root" bash -c "${2//$'\n'/;}"
        spec=$(jq --arg work "$BATS_TEST_TMPDIR/work" '.root.readonly = true | .process.cwd = "/mnt" |
                .process.env = ["PATH=/usr/bin:/bin", "HOME=/tmp", "LC_ALL=C.UTF-8"] | .mounts += [
                { "destination": "/tmp", "type": "tmpfs", "source": "tmpfs" },
                { "destination": "/mnt", "type": "bind", "source": $work, "options": ["bind"] },
                { "destination": "/etc/resolv.conf", "type": "bind", "source": ($work + "/resolv.conf"), "options": ["bind"] }]' \
                "$bundle/config.json")
        printf '%s\n' "$spec" > "$bundle/config.json"
        bundle_set_profile "$bundle" "$1"
        run timeout -k 5 60 unshare --mount --propagation private sh -c 'mount --bind / "$1" && shift && exec "$@"' sh "$root" \
                runc --root "$bundle/state" run --bundle "$bundle" "$id" < /dev/null
}

# work_make: what the commands of the table are about.
work_make() {
        [ ! -d "$DIR/work" ] || return 0
        mkdir "$DIR/work"
        (
                cd "$DIR/work"
                echo content > file
                echo 'nameserver 127.0.0.1' > resolv.conf
                tar -cf some.tar file
                printf '#include <stdio.h>\nint main(void) { return puts("hello") < 0; }\n' > hello.c
                printf 'all:\n\techo a; cat file\n' > Makefile
                mkdir folder && cp file folder/
                git init -q repository
                git -C repository -c user.name=n -c user.email=a@b commit -q --allow-empty -m first
        )
}

# build_with POLICY CALLS FILE
build_with() {
        seccompose build "$1" --for runc --kernel running --arch x86_64 ${2:+--allow "$2"} -o "$3"
}

@test "docs/policies.md: what does not work under agent-offline fails, and works with what mends it" {
        local n=0 command calls
        work_make
        while IFS=$'\t' read -r command calls; do
                on_host_files "$DIR/agent-offline.json" "$command"
                [ "$status" -ne 0 ] || fail "works: $command" || return 1
                build_with agent-offline "$calls" "$BATS_TEST_TMPDIR/mended.json"
                on_host_files "$BATS_TEST_TMPDIR/mended.json" "$command"
                [ "$status" -eq 0 ] || fail "fails with $calls: $command: $output" || return 1
                n=$((n + 1))
        done < <(awk -F ' [|] ' '/^[|] command [|]/ { table = 1 } !/^[|]/ { table = 0 }
                table && /^[|] `/ { gsub(/^[|] `|`$/, "", $1); gsub(/`| [|]$/, "", $3); printf "%s\t%s\n", $1, $3 }' \
                "$SC_SOURCE/docs/policies.md")
        [ "$n" -ge 16 ]
        # what else the text says of these
        on_host_files "$DIR/agent-offline.json" 'cd "$(git --exec-path)"
                head -q -n 1 git-bisect git-filter-branch git-mergetool git-submodule
                sync && echo said nothing'
        expect_line 'said nothing'
        [ "$(grep -cx '#!/bin/sh' <<< "$output")" -eq 4 ] || fail "$output"
        on_host_files "$DIR/agent-offline.json" 'cd repository && git bisect start'
        [ "$status" -ne 0 ] || fail "$output"
        # bzip2's file is gone
        on_host_files "$DIR/agent-offline.json" 'bzip2 -k file; ls'
        expect_line file
        refuse_line '^file.bz2$'
}

@test "what the docs say works as it is: shells' own, git, Python; no limits, no memory with a name" {
        local program='import asyncio, multiprocessing, os, resource, subprocess, threading
thread = threading.Thread(target=print, args=("thread",)); thread.start(); thread.join()
print(subprocess.run(["echo", "subprocess"], capture_output=True, text=True).stdout)
print(multiprocessing.Pool(2).map(abs, [-1, -2]))
asyncio.run(asyncio.sleep(0.01))
for refused in (lambda: os.memfd_create("x"), lambda: resource.setrlimit(resource.RLIMIT_CORE, (0, 0))):
    try:
        refused()
        raise SystemExit("not refused")
    except (OSError, ValueError) as error:
        print(type(error).__name__)'
        work_make
        on_host_files "$DIR/agent-offline.json" '(echo sub); ls -l file; cp file a; mv a b; sed -i s/c/C/ b; install -m 755 b c
                cp file d && (cd repository && git -c user.name=n -c user.email=a@b commit -q --allow-empty -m second && git log --oneline)'
        [ "$status" -eq 0 ] || fail "$output"
        refuse_line 'not permitted'
        printf '%s\n' "$program" > "$DIR/work/program.py"
        on_host_files "$DIR/agent-offline.json" 'exec python3 program.py'
        [ "$status" -eq 0 ] || fail "$output"
        expect_line thread
        expect_line subprocess
        expect_line '[1, 2]'
        expect_line OSError
        expect_line ValueError
}

@test "agent-network: a server and a client; names from a DNS server with sendmmsg only" {
        local program='import socket, subprocess, threading
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("127.0.0.1", 53))
def serve():
    while True:
        query, sender = server.recvfrom(512)
        end = query.index(b"\0", 12) + 5
        found = query[end - 4:end - 2] == b"\0\x01"
        answer = b"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\x7f\0\0\1" if found else b""
        server.sendto(query[:2] + b"\x81\x80\0\1\0" + bytes([found]) + b"\0\0\0\0" + query[12:end] + answer, sender)
threading.Thread(target=serve, daemon=True).start()
listener = socket.create_server(("127.0.0.1", 8123))
with socket.create_connection(("localhost", 8123)) as client, listener.accept()[0] as peer:
    client.sendall(b"tcp")
    print(peer.recv(3).decode())
print("names", subprocess.run(["getent", "ahosts", "seccompose.test"], stdout=subprocess.PIPE).returncode)'
        work_make
        printf '%s\n' "$program" > "$DIR/work/names.py"
        on_host_files "$DIR/agent-network.json" 'exec python3 names.py'
        expect_line tcp
        expect_line 'names 2'
        build_with agent-network sendmmsg "$BATS_TEST_TMPDIR/names.json"
        on_host_files "$BATS_TEST_TMPDIR/names.json" 'exec python3 names.py'
        expect_line 'names 0'
}

teardown() {
        load lib/docker
        docker_stop
}

@test "docker, as the docs have it: refused and open; without no-new-privileges nothing starts" {
        load lib/docker
        seccompose build agent-network --for docker@20.10 -o "$DIR/docker.json"
        docker_start "$DIR/rootfs"
        run docker_run --security-opt no-new-privileges --security-opt "seccomp=$DIR/docker.json" -- try-arguments $REFUSED
        all_answer 30 "$DENIED"
        run docker_run --security-opt no-new-privileges --security-opt "seccomp=$DIR/docker.json" -- try-arguments $OPEN $INTERNET clone3:0
        all_answer 31 "$ANSWERS"
        # docker's containers have CAP_NET_RAW by themselves
        run docker_run --security-opt no-new-privileges -- try-arguments inet-type:10
        expect_line 'inet-type:10 ok 17'
        run docker_run --security-opt no-new-privileges --security-opt "seccomp=$DIR/docker.json" -- try-arguments $PACKET
        all_answer 9 EPERM
        run docker_run --security-opt no-new-privileges --security-opt "seccomp=$DIR/docker.json" -- try-arguments $TYPES
        all_answer 9 'ok (2|10)'
        run docker_run --cap-add SYS_ADMIN --security-opt no-new-privileges --security-opt "seccomp=$DIR/docker.json" \
                -- try-arguments clone3:0 clone:0x10000000 clone:0
        expect_line 'clone3:0 ENOSYS'
        expect_line 'clone:0x10000000 EPERM'
        expect_line 'clone:0 ok'
        run docker_run --security-opt "seccomp=$DIR/docker.json" -- probe-calls getpid
        [ "$status" -ne 0 ]
        refuse_line 'getpid 1'
}

@test "podman, as the docs have it" {
        need podman
        seccompose build agent-network --for podman --kernel running -o "$DIR/podman.json"
        podman_run() {
                timeout -k 5 60 podman --root "$DIR/store" --runroot "$DIR/run" --storage-driver vfs --cgroup-manager cgroupfs \
                        --runtime runc run --rm --network none --ulimit nofile=1024:1024 --ulimit nproc=1024:1024 \
                        --security-opt no-new-privileges --security-opt "seccomp=$DIR/podman.json" \
                        --rootfs "$DIR/rootfs" "$@" < /dev/null
        }
        run podman_run try-arguments $REFUSED
        all_answer 30 "$DENIED"
        run podman_run try-arguments $OPEN $INTERNET clone3:0
        all_answer 31 "$ANSWERS"
}
