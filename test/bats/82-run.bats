#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# `seccompose run`: commands under filters of this kernel, what is told when they are killed, and --log.

# status and stderr of `run` apart: bats 1.5
bats_require_minimum_version 1.5.0

setup_file() {
        load lib/world
        # leaks cannot be looked for in a program that is traced
        export ASAN_OPTIONS=${ASAN_OPTIONS-}:detect_leaks=0
        need strace setpriv python3 jq runc
        chmod o+x "$BATS_RUN_TMPDIR" "$BATS_FILE_TMPDIR" # for nobody
}

setup() {
        load lib/world
        cd "$BATS_TEST_TMPDIR" || return
        CALL=$SC_BUILD/test/world/make-call
        CRUN='tried: crun then answers so'
        printf '%s\n' '{ "default": "allow", "architectures": ["x86_64", "x86"], "baseline": "6.1", "rules": [' \
                '  { "kill": ["sched_yield"] },' \
                '  { "kill-thread": ["getpgrp"] },' \
                '  { "trap": ["getpgid"] },' \
                '  { "deny": ["getsid"], "with": "errno:4000" },' \
                '  { "log": ["getuid"] },' \
                '  { "trace": ["munlockall"] },' \
                '  { "kill": ["socket"], "when": "family == AF_VSOCK" }' \
                '] }' > deny.jsonc
}

# sc_run STATUS ARG…: `seccompose run`, whose exit status is that; $output and $stderr are what it printed.
sc_run() {
        local expected=$1
        shift
        run "-$expected" --separate-stderr seccompose run "$@" 3>&- ||
                fail "status $status, not $expected: $*" "$output" "$stderr"
}

# told TEXT: stderr is this, where PID stands for a number.
told() {
        diff <(printf '%s\n' "$1") <(sed -E 's/(killed (a thread of )?|, by )[0-9]+ /\1PID /' <<< "$stderr")
}

# killed CALL: what is told of a call that a line of deny.jsonc kills. killed WHOM CALL LINE ACTION RULE
killed() {
        printf '%s\n' "seccompose run: the filter killed $1: $2: $4" "  deny.jsonc:$3:3: $5" \
                "To allow it: as the first of the \"rules\" of deny.jsonc, and take out what then never matches: line $3 ($CRUN)"
}

# wait_for FILE: until there is something in it.
wait_for() {
        wait_until "nothing in $1" test -s "$1"
}

# expect_status STATUS PID: of a job of this shell.
expect_status() {
        local got=0
        wait "$2" || got=$?
        [ "$got" -eq "$1" ] || fail "status $got, not $1"
}

@test "filters under stdio do what they do without it" {
        seq 2000 | rev > in
        local command
        for command in 'cat in' 'grep 7 in' 'wc in' 'head -n 3 in' 'tr 1-9 a-i' 'cut -c 1 in' 'sed s/1/x/ in'; do
                # shellcheck disable=SC2086 # words
                sc_run 0 stdio -- $command < in
                [ -z "$stderr" ] || fail "$command: $stderr"
                # shellcheck disable=SC2086
                diff <(printf '%s\n' "$output") <($command < in) || fail "$command"
        done
        sc_run 1 stdio -- grep nothing in
        # a shell may run, and start nothing
        sc_run 0 stdio -- sh -c 'echo one'
        [ "$output" = one ]
        sc_run 2 stdio -- sh -c 'ls; echo two'
        [[ $stderr == *'Cannot fork'* ]]
}

@test "under docker-default and complain, whole pipelines" {
        sc_run 0 docker-default -- sh -c 'seq 100 | sort -n | tail -n 1; python3 -c "import threading
t = threading.Thread(target=print, args=(7,)); t.start(); t.join()"'
        [ "$output" = $'100\n7' ]
        [ -z "$stderr" ]
        sc_run 1 docker-default --cap-drop SYS_ADMIN -- unshare --user true
        sc_run 0 complain -- sh -c 'ls / | wc -l'
        sc_run 0 docker-default --cap-drop SYS_ADMIN --complain -- unshare --user echo made
        [ "$output" = made ]
}

@test "exit statuses: the command's, 128 and its signal" {
        sc_run 0 stdio -- true
        sc_run 1 stdio -- false
        sc_run 7 stdio -- sh -c 'exit 7'
        sc_run 125 stdio -- sh -c 'exit 125'
        sc_run 255 docker-default -- sh -c 'exit 255'
        sc_run 137 docker-default -- sh -c 'kill -KILL $$'
        sc_run 143 docker-default -- sh -c 'kill -TERM $$'
        sc_run 134 docker-default -- sh -c 'kill -ABRT $$'
        [ -z "$stderr" ]
}

@test "126 and 127: what is not there or cannot be executed" {
        sc_run 127 stdio -- no-such-command
        [ "$stderr" = 'seccompose run: error: no-such-command: no such command' ]
        sc_run 127 stdio -- ./none
        sc_run 127 stdio -- ''
        sc_run 127 stdio -- /etc/passwd/none
        sc_run 126 stdio -- /
        [ "$stderr" = 'seccompose run: error: /: cannot be executed: Is a directory' ]
        echo 'echo script' > script
        sc_run 126 stdio -- ./script
        [ "$stderr" = 'seccompose run: error: ./script: cannot be executed: Permission denied' ]
        chmod +x script
        sc_run 126 stdio -- ./script
        [[ $stderr == *'it is no program of this machine, and no script that begins with #!' ]]
        printf '#!/no/such/interpreter\n' > script
        sc_run 127 stdio -- ./script
        [[ $stderr == *'its interpreter or loader is not there' ]]
        printf '#!/bin/sh\necho "$1"\n' > script
        sc_run 0 docker-default -- ./script word
        [ "$output" = word ]
        mkdir bin
        cp script bin/find-me
        PATH=$PWD:$PWD/bin:$PATH sc_run 0 docker-default -- find-me here
        [ "$output" = here ]
        # one in PATH that may not be executed is passed over; alone, it is told
        chmod -x bin/find-me
        PATH=$PWD/bin:$PATH sc_run 126 stdio -- find-me
}

@test "125: what is wrong with FILE and options" {
        sc_run 125 none.jsonc -- true
        [ "$stderr" = 'seccompose run: error: none.jsonc: No such file or directory' ]
        echo '{ "rules": [ { "allow": ["opennat"] } ] }' > bad.jsonc
        sc_run 125 bad.jsonc -- true
        [[ $stderr == "bad.jsonc:1:26: error: no system call named 'opennat' [unknown-syscall]"*"did you mean 'openat'?" ]]
        runc spec
        jq 'del(.linux.seccomp)' config.json > free.json
        sc_run 125 free.json -- touch made
        [[ $stderr == *'free.json is no filter: the command would not be confined' ]]
        jq -n '{ defaultAction: "SCMP_ACT_ALLOW", listenerPath: "/x",
                syscalls: [ { names: ["mkdir"], action: "SCMP_ACT_NOTIFY" } ] }' > notify.json
        sc_run 125 notify.json -- touch made
        [[ $stderr == *'notify.json asks a supervisor about calls (notify), and there is none here' ]]
        [ ! -e made ]
        sc_run 125 stdio
        sc_run 125 stdio true
        [[ $stderr == *"write the command behind '--'"* ]]
        sc_run 125 -- cat file
        [[ $stderr == *"write the FILE before '--'"* ]]
        sc_run 125 stdoi -- true
        [ "$stderr" = "error: no file and no shipped policy named 'stdoi' [unknown-policy]
  hint: did you mean 'stdio'?" ]
        sc_run 125 stdio --lgo -- true
        [[ $stderr == *"did you mean '--log'?"* ]]
        sc_run 125 - -- true
        sc_run 125 pid:1 -- true
        sc_run 125 stdio --for all -- true
        sc_run 125 stdio --for nobody -- true
        sc_run 125 stdio -o none/file -- true
        run -0 seccompose run --help
}

@test "a filter that refuses execve is told before anything runs" {
        echo '{ "baseline": "6.1", "rules": [ { "allow": ["read"] } ] }' > no.jsonc
        sc_run 126 no.jsonc -- true
        told "seccompose run: error: no command can be started under this filter, which refuses x86_64 execve, number 59: errno:EPERM
  no rule decides: \"default\"
To allow it: as the first of the \"rules\" of no.jsonc ($CRUN)
  { \"allow\": [\"execve\"] }"
        echo '{ "default": "allow", "rules": [ { "kill": ["execve"] } ] }' > no.jsonc
        sc_run 126 no.jsonc -- true
        [[ $stderr == *'execve, number 59: kill'*'no.jsonc:1:34: kill'* ]]
        echo '{ "default": "allow", "rules": [ { "deny": ["exit_group", "exit"] } ] }' > exit.jsonc
        sc_run 139 exit.jsonc -- true # the C library has no other way, and stumbles
        echo 'no program' > file
        chmod +x file
        sc_run 126 exit.jsonc -- ./file
        echo '{ "default": "allow", "rules": [ { "kill": ["exit_group", "exit"] } ] }' > exit.jsonc
        sc_run 126 exit.jsonc -- ./file
        [ "$(wc -l <<< "$stderr")" -eq 1 ]
}

@test "killed: the call, its number, ABI and arguments, the rule, what would allow it" {
        sc_run 159 deny.jsonc -- "$CALL" 24
        told "$(killed 'PID make-call' 'x86_64 sched_yield, number 24' 2 kill kill)
  { \"allow\": [\"sched_yield\"] }"
        [ -z "$output" ]
        sc_run 159 deny.jsonc -- "$CALL" 41 40 1 0
        told "seccompose run: the filter killed PID make-call: x86_64 socket(family=0x28 AF_VSOCK, type=0x1 SOCK_STREAM, protocol=0 IPPROTO_IP), number 41: kill
  allowed if family != AF_VSOCK; the arguments do not meet that
  deny.jsonc:8:3: kill when family == AF_VSOCK
To allow it: as the first of the \"rules\" of deny.jsonc, and take out what then never matches: line 8 ($CRUN)
  { \"allow\": [\"socket\"], \"when\": \"family == AF_VSOCK\" }"
        sc_run 3 deny.jsonc -- "$CALL" 41 1 1 0
        # by the end of the rules, and with all arguments
        echo '{ "extends": ["stdio"], "default": "kill", "newer": "kill", "baseline": "6.1",
                "rules": [ { "allow": ["set_tid_address", "set_robust_list", "rseq", "prlimit64", "readlinkat", "readlink"] } ] }' > end.jsonc
        sc_run 159 end.jsonc -- "$CALL" 221 11 22 33 4
        [[ $stderr == *': x86_64 fadvise64(fd=0xb, offset=0x16, len=0x21, advice=0x4 POSIX_FADV_DONTNEED), number 221: kill'* ]] || fail "$stderr"
        [[ $stderr == *'no rule decides: "default"'* ]]
        # a number without a call
        sc_run 159 end.jsonc -- "$CALL" 900 1 2
        [[ $stderr == *': x86_64 #900(arg0=0x1, arg1=0x2, arg2=0, arg3=0, arg4=0, arg5=0): kill'*'no rule can name a number'* ]] || fail "$stderr"
}

@test "killed: threads, children, grandchildren" {
        sc_run 159 deny.jsonc -- "$CALL" thread 24
        told "$(killed 'PID make-call' 'x86_64 sched_yield, number 24' 2 kill kill)
  { \"allow\": [\"sched_yield\"] }"
        sc_run 3 deny.jsonc -- "$CALL" thread 111
        told "$(killed 'a thread of PID make-call' 'x86_64 getpgrp, number 111' 3 kill-thread kill-thread)
  { \"allow\": [\"getpgrp\"] }"
        [ "$output" = 'the first thread goes on' ]
        sc_run 5 deny.jsonc -- "$CALL" child 24
        [ "$output" = 'child: signal 31' ]
        [[ $stderr == *'killed '*' make-call: x86_64 sched_yield, number 24: kill'* ]]
        # the second time it is one line
        sc_run 0 deny.jsonc -- sh -c '"$0" 24; (sh -c "$0 24; true"); true' "$CALL"
        [ "$(grep -c 'the filter killed [0-9]* make-call: x86_64 sched_yield' <<< "$stderr")" -eq 2 ] || fail "$stderr"
        [ "$(grep -c 'To allow it' <<< "$stderr")" -eq 1 ]
}

@test "killed: after 20 kills they are counted" {
        # shellcheck disable=SC2016 # the inner shell's
        local loop='i=0; while [ $i -lt $1 ]; do "$0" 24; i=$((i + 1)); done; exit 4'
        sc_run 4 deny.jsonc -- sh -c "$loop" "$CALL" 20
        [ "$(grep -c 'the filter killed [0-9]* make-call' <<< "$stderr")" -eq 20 ] || fail "$stderr"
        [[ $stderr != *'in all'* ]] || fail "$stderr"
        sc_run 4 deny.jsonc -- sh -c "$loop" "$CALL" 33
        [ "$(grep -c 'the filter killed [0-9]* make-call' <<< "$stderr")" -eq 20 ] || fail "$stderr"
        grep -qx 'seccompose run: the filter killed 33 times in all; the first 20 are told above' <<< "$stderr" || fail "$stderr"
        # the command itself, when no more are told: it is not taken for somebody else's SIGSYS
        sc_run 159 deny.jsonc -- sh -c "${loop/exit 4/exec \"\$0\" 24}" "$CALL" 20
        grep -qx 'seccompose run: the filter killed 21 times in all; the first 20 are told above' <<< "$stderr" || fail "$stderr"
        [[ $stderr != *'ended by SIGSYS'* ]] || fail "$stderr"
}

@test "killed: by the 32-bit gate, listed and not" {
        sc_run 159 deny.jsonc -- "$CALL" x86 158 1 2 3
        told "$(killed 'PID make-call' 'x86 sched_yield, number 158' 2 kill kill)
  { \"allow\": [\"sched_yield\"] }"
        sed 's/, "x86"//' deny.jsonc > one.jsonc
        sc_run 159 one.jsonc -- "$CALL" x86 20 1 2 3
        told 'seccompose run: the filter killed PID make-call: x86 getpid, number 20: kill-thread
  the policy does not list x86: consumers kill its calls
To allow it: the "architectures" of one.jsonc must list x86 before any rule counts there'
        sc_run 159 one.jsonc -- "$CALL" x86 359 2 1 0
        [[ $stderr == *'x86 socket(family=0x2 AF_INET, type=0x1 SOCK_STREAM, protocol=0 IPPROTO_IP), number 359'* ]]
        sc_run 159 deny.jsonc -- "$CALL" 0x40000027
        [[ $stderr == *': x32 getpid, number 1073741863: kill-thread'* ]] || fail "$stderr"
        # a filter sees the upper halves, too
        program high.bpf 20,0,0,4 15,0,3,40000003 20,0,0,14 15,0,1,1234 6,0,0,80000000 6,0,0,7fff0000
        sc_run 159 high.bpf -- "$CALL" x86 20 0x123400000001
        [[ $stderr == *': x86 getpid, number 20: kill'* ]] || fail "$stderr"
        sc_run 3 high.bpf -- "$CALL" x86 20 1
}

@test "trap: told if nobody handles it" {
        sc_run 159 deny.jsonc -- "$CALL" 121 7
        told "$(killed 'PID make-call' 'x86_64 getpgid(pid=0x7), number 121' 4 trap trap)
  { \"allow\": [\"getpgid\"] }"
        sc_run 3 deny.jsonc -- "$CALL" handle 121 7
        [ -z "$stderr" ]
        [[ $output == trapped* ]]
        sc_run 3 deny.jsonc -- "$CALL" 152 # trace without a tracer
        [ "$output" = 'answer -38' ]
        [ -z "$stderr" ]
}

@test "SIGSYS that is not this filter's is told as such" {
        sc_run 159 docker-default -- sh -c 'kill -SYS $$'
        [ "$stderr" = 'seccompose run: the command was ended by SIGSYS, and not by this filter: somebody sent it, or it put a filter on itself' ]
        sc_run 159 docker-default -- "$SC_BUILD/cmd/seccompose/seccompose" run "$PWD/deny.jsonc" --no-trace -- "$CALL" 24
}

@test "SIGSYS that is sent to a thread which computes is not taken for a call" {
        local rax run pid
        echo '{ "extends": ["docker-default"], "default": "kill", "newer": "kill", "fallback": "kill", "baseline": "6.1" }' > all.jsonc
        for rax in 0xffffffff 0xffffffffffffffff 0xffffffffffffffda; do # -1 of both widths, and -ENOSYS
                rm -f spins
                "$SC_BUILD/cmd/seccompose/seccompose" run all.jsonc -- "$CALL" spin "$rax" > spins 2> err 3>&- &
                run=$!
                wait_for spins
                pid=$(sed 's/spins: //' spins)
                # what is to be computed for ever is what it does after it has said so
                wait_until 'it does not compute' computes "$pid" $(($(processor_time "$pid") + 5))
                kill -SYS "$pid"
                expect_status 159 "$run"
                grep -qx 'seccompose run: the command was ended by SIGSYS, and not by this filter: .*' err || fail "$rax: $(cat err)"
                [ "$(wc -l < err)" -eq 1 ] || fail "$rax: $(cat err)"
        done
        # a call of that number, though, is one
        for rax in 0xffffffff 0xffffffffffffffff; do
                sc_run 159 all.jsonc -- "$CALL" "$rax" 1
                [[ $stderr == 'seccompose run: the filter killed '*' make-call: x86_64 #4294967295(arg0=0x1, '* ]] || fail "$rax: $stderr"
        done
}

@test "without a tracer: what is known, and how to know more" {
        sc_run 159 deny.jsonc --no-trace -- "$CALL" 24
        [[ $stderr == *'ended by SIGSYS'*'--no-trace was given'*"seccompose explain deny.jsonc --audit LINE"* ]]
        # where ptrace is refused
        echo '{ "default": "allow", "rules": [ { "deny": ["ptrace"] } ] }' > untraced.jsonc
        sc_run 159 untraced.jsonc -- "$SC_BUILD/cmd/seccompose/seccompose" run "$PWD/deny.jsonc" -- "$CALL" 24
        [[ $stderr == *'ended by SIGSYS'*'not traced: Operation not permitted'* ]] || fail "$stderr"
        sc_run 3 untraced.jsonc -- "$SC_BUILD/cmd/seccompose/seccompose" run "$PWD/deny.jsonc" -- "$CALL" 39
        # tracers run with it
        sc_run 0 docker-default --no-trace -- strace -o trace -e trace=geteuid id -u
        grep -q '^geteuid()' trace
}

# As nobody, without any capability.
as_nobody() {
        setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all --bounding-set=-all "$@"
}

@test "without privileges" {
        # where nobody can go, wherever the build is
        local program=$PWD/seccompose CALL=$PWD/make-call
        cp "$SC_BUILD/cmd/seccompose/seccompose" "$SC_BUILD/test/world/make-call" .
        chmod 755 .
        as_nobody "$program" run stdio -- cat deny.jsonc > out
        cmp out deny.jsonc
        run --separate-stderr as_nobody "$program" run "$PWD/deny.jsonc" -- "$CALL" thread 24
        [ "$status" -eq 159 ]
        [[ $stderr == *'killed '*' make-call: x86_64 sched_yield, number 24: kill'* ]] || fail "$stderr"
        run --separate-stderr as_nobody "$program" run deny.jsonc --log -- "$CALL" 24
        [ "$status" -eq 3 ]
        [[ $stderr == *'would be refused: x86_64 sched_yield, number 24: kill, by '*' make-call'* ]] || fail "$stderr"
        # its capabilities are those that conditions are about
        echo '{ "default": "allow", "rules": [ { "deny": ["getsid"], "with": "errno:4000", "when": "!CAP_CHOWN" } ] }' > caps.jsonc
        run as_nobody "$program" run caps.jsonc -- "$CALL" 124
        [ "$output" = 'answer -4000' ]
        run "$program" run caps.jsonc -- "$CALL" 124
        [ "${output#answer }" -ge 0 ]
        run "$program" run caps.jsonc --cap-drop CHOWN -- "$CALL" 124
        [ "$output" = 'answer -4000' ]
        # no new privileges
        sc_run 0 docker-default -- grep NoNewPrivs /proc/self/status
        [ "$output" = $'NoNewPrivs:\t1' ]
}

# in_pids SCRIPT: $output and $stderr of a shell in a PID namespace of its own, with the /proc of the one above. There $1
# is seccompose, $2 make-call.
in_pids() {
        run --separate-stderr unshare --pid --fork sh -c "$1" -- "$SC_BUILD/cmd/seccompose/seccompose" "$CALL" 3>&-
}

# without_proc SCRIPT: the same without a /proc. Returns 1 if seccompose was built so that it does not start there.
without_proc() {
        in_pids 'unshare --mount sh -c "umount -l /proc && \"\$0\" --help > /dev/null 2>&1" "$1"'
        [ "$status" -eq 0 ] || return 1
        run --separate-stderr unshare --mount --pid --fork sh -c "umount -l /proc; $1" -- "$SC_BUILD/cmd/seccompose/seccompose" "$CALL" 3>&-
}

@test "its own capabilities, with another PID namespace's /proc and without one" {
        echo '{ "default": "allow", "rules": [ { "deny": ["getsid"], "with": "errno:4000", "when": "!CAP_SYS_ADMIN" } ] }' > caps.jsonc
        # shellcheck disable=SC2016 # the inner shell's
        local script='setpriv --bounding-set=-sys_admin "$1" run caps.jsonc -- "$2" 124'
        in_pids "$script"
        [ "$output" = 'answer -4000' ] || fail "$output" "$stderr"
        ! without_proc "$script" || [ "$output" = 'answer -4000' ] || fail "$output" "$stderr"
        in_pids '"$1" run caps.jsonc -- "$2" 124'
        [[ $output =~ ^answer\ [0-9]+$ ]] || fail "$output" "$stderr"
}

@test "what is told without names: with another PID namespace's /proc and without one" {
        local call=': x86_64 getpgid(pid=0x7), number 121: trap' n
        # shellcheck disable=SC2016 # the inner shell's
        for in in in_pids without_proc; do
                # a trap that is handled ends nobody
                "$in" '"$1" run deny.jsonc -- "$2" handle 121 7; echo "status $?"' || continue
                [[ $output == trapped*'status 3' && -z $stderr ]] || fail "$in: $output" "$stderr"
                # one that is not is the command's, also when a thread of it made the call
                "$in" '"$1" run deny.jsonc -- "$2" 121 7; echo "status $?"'
                [[ $output == 'status 159' ]] || fail "$in: $output"
                [[ $(head -n 1 <<< "$stderr") =~ ^'seccompose run: the filter killed thread '[0-9]+" ?$call"$ ]] || fail "$in: $stderr"
                "$in" '"$1" run deny.jsonc -- "$2" thread 121 7; echo "status $?"'
                n=$(grep -cE 'the filter killed thread|ended by SIGSYS' <<< "$stderr")
                [[ $n -eq 1 && $stderr == *" ?$call"* ]] || fail "$in: $stderr"
                "$in" '"$1" run deny.jsonc --log -- "$2" 24'
                [[ $stderr =~ 'would be refused: x86_64 sched_yield, number 24: kill, by thread '[0-9]+' ?'$'\n' ]] || fail "$in: $stderr"
        done
        # one that numbers them rightly has their names
        run --separate-stderr unshare --mount --pid --fork --mount-proc "$SC_BUILD/cmd/seccompose/seccompose" run deny.jsonc -- "$CALL" 121 7 3>&-
        [[ $stderr =~ 'killed '[0-9]+" make-call$call" ]] || fail "$stderr"
}

@test "--caps: help names the set that is taken when it is left out" {
        echo '{ "default": "allow", "rules": [ { "deny": ["getsid"], "with": "errno:4000", "when": "CAP_SYS_ADMIN" },
                { "deny": ["getsid"], "with": "errno:4001", "when": "CAP_CHOWN" } ] }' > caps.jsonc
        run seccompose run --help
        [[ $output == *'--caps CAP,'*'left out: those of this process'* && $output != *'left out: default'* ]] || fail "$output"
        sc_run 3 caps.jsonc -- "$CALL" 124
        [ "$output" = 'answer -4000' ]
        run seccompose eval --help
        [[ $output == *'--caps CAP,'*'left out: default'* ]] || fail "$output"
        # what is added and taken away alone changes the container's
        sc_run 3 caps.jsonc --cap-drop KILL -- "$CALL" 124
        [ "$output" = 'answer -4001' ]
}

@test "profiles, programs and config.json, as their consumers take them" {
        local target
        seccompose build deny.jsonc --for docker -o docker.json
        for target in crun runc; do
                seccompose build deny.jsonc --for "$target" -o "$target.json"
        done
        for file in docker.json crun.json runc.json runc:deny.jsonc docker:crun.json; do
                sc_run 159 "$file" -- "$CALL" 24
                [[ $stderr == *'x86_64 sched_yield, number 24: kill'*'SCMP_ACT_KILL_PROCESS'* || $file == runc:* ]] || fail "$file: $stderr"
                sc_run 3 "$file" -- "$CALL" 124
                [ "$output" = 'answer -4000' ]
        done
        runc spec
        jq --slurpfile p crun.json '.linux.seccomp = $p[0]' config.json > with.json
        sc_run 159 with.json -- "$CALL" 24
        program raw.bpf 20,0,0,0 15,0,1,18 6,0,0,80000000 6,0,0,7fff0000
        sc_run 159 raw.bpf -- "$CALL" 24
        [[ $stderr == *'x86_64 sched_yield, number 24: kill'*'the program answers so'* ]] || fail "$stderr"
        # flags of the filter
        jq '.flags = ["SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_SPEC_ALLOW", "SECCOMP_FILTER_FLAG_TSYNC"]' crun.json > flags.json
        strace -f -e trace=seccomp -o trace "$SC_BUILD/cmd/seccompose/seccompose" run flags.json --no-trace -- true 2> err || fail "$(cat err)"
        grep -q 'SECCOMP_FILTER_FLAG_LOG|SECCOMP_FILTER_FLAG_SPEC_ALLOW, {len=' trace || fail "$(cat trace)"
}

@test "the command has no descriptor of ours, and the streams are its own" {
        local options
        for options in '' --log '--log --output log' '--no-trace' '--output log'; do
                # shellcheck disable=SC2086
                seccompose run docker-default $options -- ls /proc/self/fd > inside 2> err 3>&-
                ls /proc/self/fd > outside 3>&-
                diff outside inside || fail "$options: $(cat err)"
        done
        echo through | seccompose run stdio -- cat > out 2> err
        [ "$(cat out)" = through ] && [ ! -s err ]
        # one that the caller means to pass on stays
        echo passed > file
        [ "$(seccompose run stdio -- cat /proc/self/fd/7 7< file)" = passed ]
        # closed ones stay closed
        seccompose run docker-default -- sh -c '[ ! -e /proc/self/fd/0 ]' <&-
}

@test "signals are passed on, and run ends with the command" {
        local signal
        for signal in HUP INT QUIT TERM USR1 USR2; do
                rm -f ready
                # background jobs of a shell ignore INT and QUIT; env puts that right
                env --default-signal "$SC_BUILD/cmd/seccompose/seccompose" run docker-default -- \
                        sh -c "trap 'echo got > got; exit 9' $signal; echo ready > ready; while :; do sleep 0.05; done" 3>&- &
                wait_for ready
                kill -"$signal" $!
                expect_status 9 $!
                [ -s got ] || fail "$signal"
                rm got
        done
        env --default-signal "$SC_BUILD/cmd/seccompose/seccompose" run docker-default --log -- sh -c 'echo ready > ready2; exec sleep 60' 3>&- 2> err &
        wait_for ready2
        kill "$!"
        expect_status 143 $!
}

@test "at a terminal, ^C comes once, and run outlives it" {
        cat > terminal.py <<'END'
import os, pty, signal, sys
pid, fd = pty.fork()
if pid == 0:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # what runs in the background is started with it ignored
    os.execv(sys.argv[1], [sys.argv[1], "run", "docker-default", *sys.argv[2:], "--", "sh", "-c",
        "trap 'echo got' INT; echo ready; sleep 5 & wait; sleep 0.3; trap - INT; echo over; exit 7"])
seen = b""
while True:
    try:
        data = os.read(fd, 4096)
    except OSError:
        break
    if not data:
        break
    if b"ready" in data:
        os.write(fd, b"\x03")
    seen += data
_, status = os.waitpid(pid, 0)
assert os.waitstatus_to_exitcode(status) == 7, (status, seen)
assert seen.count(b"got") == 1 and b"over" in seen, seen
END
        for option in '' --no-trace --log; do
                # shellcheck disable=SC2086
                python3 terminal.py "$SC_BUILD/cmd/seccompose/seccompose" $option
        done
}

@test "at a terminal, ^Z stops run and the command, until both are told to go on" {
        # a shell's part: a job in the foreground that stops is continued
        cat > jobs.py <<'END'
import os, pty, signal, sys, time
pid, fd = pty.fork()
if pid == 0:
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    job = os.fork()
    if job == 0:
        os.setpgid(0, 0)
        os.tcsetpgrp(0, os.getpgrp())
        signal.signal(signal.SIGTTOU, signal.SIG_DFL)
        os.execv(sys.argv[1], [sys.argv[1], "run", "docker-default", *sys.argv[2:], "--", "sh", "-c",
            "echo ready; while [ ! -e go ]; do sleep 0.02; done; echo over; exit 7"])
    _, status = os.waitpid(job, os.WUNTRACED)
    print("stopped:", os.WIFSTOPPED(status), flush=True)
    open("go", "w").close()
    time.sleep(0.2)
    print("continued", flush=True)
    os.tcsetpgrp(0, job)
    os.killpg(job, signal.SIGCONT)
    _, status = os.waitpid(job, 0)
    os._exit(os.waitstatus_to_exitcode(status))
seen, typed = b"", False
while True:
    try:
        data = os.read(fd, 4096)
    except OSError:
        break
    if not data:
        break
    seen += data
    if b"ready" in seen and not typed:
        typed = True
        os.write(fd, b"\x1a")
_, status = os.waitpid(pid, 0)
assert os.waitstatus_to_exitcode(status) == 7, (status, seen)
assert b"stopped: True" in seen and seen.index(b"continued") < seen.index(b"over"), seen
END
        for option in '' --no-trace --log; do
                rm -f go
                # shellcheck disable=SC2086
                timeout 60 python3 jobs.py "$SC_BUILD/cmd/seccompose/seccompose" $option
        done
}

@test "a command that is stopped stays so until it is told to go on" {
        "$SC_BUILD/cmd/seccompose/seccompose" run docker-default -- sh -c 'echo $$ > pid; while [ ! -e go ]; do :; done; exit 4' 3>&- &
        wait_for pid
        local pid
        pid=$(cat pid)
        kill -STOP "$pid"
        wait_until 'it is not stopped' process_is "$pid" Tt
        touch go
        sleep 0.2
        [ -d "/proc/$pid" ]
        kill -CONT "$pid"
        expect_status 4 $!
}

@test "processes that the command leaves go on when run has ended" {
        seccompose run docker-default -- sh -c '(while [ ! -e go ]; do sleep 0.02; done; echo later > later) > /dev/null 2>&1 & echo now' 3>&-
        [ ! -e later ]
        touch go
        wait_for later
}

@test "if run ends before the command is watched, the command does not begin" {
        # killed where it would trace the child, which waits
        run -137 strace -o trace -e trace=ptrace -e inject=ptrace:signal=KILL "$SC_BUILD/cmd/seccompose/seccompose" run docker-default -- \
                touch "$PWD/began"
        grep -q '^ptrace(PTRACE_SEIZE, ' trace
        local child
        child=$(sed -nE 's/^ptrace\(PTRACE_SEIZE, ([0-9]+).*/\1/p' trace)
        wait_until 'it has not ended' process_is "$child" Z
        [ ! -e began ]
}

@test "if the command cannot be watched any more, that is 125" {
        local part
        # the first wait is for the child that compiles
        for part in poll:1+ wait4:2+; do
                run -125 --separate-stderr timeout -k 1 60 strace -qq -o trace -e trace="${part%:*}" \
                        -e inject="${part%:*}:error=ENOMEM:when=${part#*:}" "$SC_BUILD/cmd/seccompose/seccompose" run docker-default -- true
                [ "$stderr" = 'seccompose run: error: the command cannot be watched: Cannot allocate memory' ]
        done
}

@test "--log: each kind of call is told once and made; counts, and what a policy would need" {
        sc_run 0 deny.jsonc --log -- sh -c '"$0" 24; "$0" 24; "$0" 124; "$0" 41 40 1 0; "$0" 102; "$0" 152; true' "$CALL"
        told 'seccompose run: would be refused: x86_64 sched_yield, number 24: kill, by PID make-call
seccompose run: would be refused: x86_64 getsid, number 124: errno:4000, by PID make-call
seccompose run: would be refused: x86_64 socket(family=0x28 AF_VSOCK), number 41: kill, by PID make-call
seccompose run: would be refused: x86_64 munlockall, number 152: trace:0, by PID make-call
seccompose run: 5 calls would be refused:
  x86_64 sched_yield, number 24: kill, by make-call ×2
  x86_64 getsid, number 124: errno:4000, by make-call ×1
  x86_64 socket(family=0x28 AF_VSOCK), number 41: kill, by make-call ×1
  x86_64 munlockall, number 152: trace:0, by make-call ×1
To allow them: as the first of the "rules" of deny.jsonc
  { "allow": ["sched_yield", "getsid", "munlockall"] }
  { "allow": ["socket"], "when": "family == AF_VSOCK" }' || fail "$stderr"
        refute=$(grep -c -- '-1$' <<< "$output") || true
        [ "$refute" -eq 0 ] || fail "$output" # all were made
        # a policy that extends one with few ABIs must list them itself
        sc_run 3 agent-offline --log -- "$CALL" 124
        [[ $stderr == *'
To allow them: in a policy with "extends": ["agent-offline"], "architectures": ["x86_64", "aarch64"], first of "rules"
  { "allow": ["'* ]] || fail "$stderr"
        sc_run 0 docker-default --log -- true
        [ "$stderr" = 'seccompose run: 0 calls would be refused' ]
}

@test "--log: of very many kinds of calls, some are advised" {
        cat > policy.jsonc <<-'END'
	{ "extends": ["docker-default"], "rules": [ { "deny": ["socket"], "when": "family not in {AF_UNIX, AF_INET}" } ] }
	END
        run "$SC_BUILD/cmd/seccompose/seccompose" run policy.jsonc --log -- python3 -c '
import ctypes
for family in range(1000, 1070):
    ctypes.CDLL(None).socket(family, 1, 0)'
        [ "$status" -eq 0 ]
        [ "$(grep -c 'would be refused: x86_64 socket(family=' <<< "$output")" -eq 70 ]
        [ "$(grep -c '^  { "allow": \["socket"\], "when"' <<< "$output")" -eq 64 ]
        [ "${lines[-1]}" = '  and more than 64 others' ] || fail "${lines[-1]}"
}

@test "--log: execve itself, foreign ABIs, threads; to a file" {
        echo '{ "architectures": ["x86_64"], "default": "kill", "newer": "kill", "baseline": "6.1" }' > none.jsonc
        sc_run 3 none.jsonc --log -o log -- "$CALL" thread 24
        [ -z "$stderr" ]
        [[ $output == answer*'the first thread goes on' ]]
        # while it is the child, its name is still ours
        grep -qE '^seccompose run: would be refused: x86_64 execve, number 59: kill, by [0-9]+ seccompose$' log
        grep -qE 'x86_64 clone3?, number [0-9]+: kill, by [0-9]+ make-call$' log
        sc_run 3 none.jsonc --log -- "$CALL" x86 20
        [[ $stderr == *'would be refused: x86 getpid, number 20: kill-thread, by '* ]]
        [[ $stderr == *'(x86 getpid: the "architectures" of none.jsonc must list x86'* ]] || fail "$stderr"
        sc_run 3 none.jsonc --log -- "$CALL" 900
        [[ $stderr == *'(x86_64 number: no rule can name a number'* ]] || fail "$stderr"
}

@test "--log: processes that die while they wait, and those that outlive the command" {
        # each is killed somewhat later than it has made its first call
        # shellcheck disable=SC2016 # the inner shells'
        sc_run 0 deny.jsonc --log -- sh -c 'for i in 1 2 3 4 5 6 7 8 9; do
                setsid sh -c "while :; do $0 124 >> made.$i; done" &
                until [ -s made.$i ]; do sleep 0.01; done; sleep 0.0$i; kill -KILL -$!; done; true' "$CALL"
        [[ $stderr == *'getsid, number 124: errno:4000, by make-call ×'* ]] || fail "$stderr"
        sc_run 6 deny.jsonc --log -- sh -c '(sleep 0.5; exec "$0" 24) > late 2>&1 & exit 6' "$CALL"
        [[ $stderr == *'sched_yield, number 24: kill, by make-call ×1'* ]] || fail "$stderr"
        [[ $(cat late) == 'answer '[0-9]* ]]
}

@test "--log: a call whose process goes before it is made is no kind of its own" {
        # run's answer, its second ioctl, waits until the process that asked is killed
        # shellcheck disable=SC2016 # the inner shell's
        run --separate-stderr timeout 60 strace -qq -o trace -e trace=ioctl -e inject=ioctl:delay_enter=10000000:when=2 \
                "$SC_BUILD/cmd/seccompose/seccompose" run deny.jsonc --log -- \
                sh -c '"$0" 24 & until grep -q NOTIF_RECV trace; do sleep 0.02; done; kill -KILL $!' "$CALL"
        grep -q 'NOTIF_SEND.*ENOENT' trace || fail "$(cat trace)"
        [ "$stderr" = 'seccompose run: 0 calls would be refused' ] || fail "$stderr"
        [ -z "$output" ]
}

# failing FILE: names of the calls that strace saw fail with ENOTNAM behind the execve that worked, with their counts.
failing() {
        sed -E 's/^[0-9]+ +//' "$1" | awk '/^seccomp\(/ { on = 1 } on' | sed -nE 's/^(<\.\.\. )?([a-z0-9_]+)[( ].* = -1 ENOTNAM.*/\2/p' |
                sort | uniq -c | awk '{ print $2, $1 }'
}

@test "--log tells just those calls that strace sees fail without it" {
        # an errno that nothing else gives; what they do after a refusal is what they do without one
        sed -n '/"groups"/,/^  },/p' "$SC_SOURCE/profiles/stdio.jsonc" > groups
        echo '{ "extends": ["stdio"], "default": "errno:ENOTNAM", "fallback": "errno:ENOTNAM", "baseline": "6.1" }' > odd.jsonc
        seq 300 > in
        local n=0 command
        for command in 'cat in' 'ls in' 'head -n 2 in' "$CALL 24 1" "$CALL 39" 'id -u' 'wc -c in' 'sleep 0.01' 'stat -f /' 'nproc'; do
                # shellcheck disable=SC2086
                strace -f -o trace "$SC_BUILD/cmd/seccompose/seccompose" run odd.jsonc --no-trace -- $command > out 2> err || true
                # shellcheck disable=SC2086
                seccompose run odd.jsonc --log -o log -- $command > out 2> err || true
                failing trace | cut -d ' ' -f 1 > by-strace
                sed -nE 's/^  x86_64 ([a-z0-9_]+).*: errno:ENOTNAM, by .* ×([0-9]+)$/\1/p' log | sort > by-log
                # what is refused may be tried once more in another way, or not: those are the same names for these commands
                diff by-strace by-log > difference || fail "$command: $(cat difference)"
                n=$((n + $(wc -l < by-log)))
        done
        echo "# $n calls" >&3
        [ "$n" -ge 15 ]
}

@test "--log: a program that computes its answers, and a listener that is there already" {
        program computed.bpf 20,0,0,0 54,0,0,0 44,0,0,7fff0000 16,0,0,0
        sc_run 125 computed.bpf --log -- true
        [[ $stderr == *'computed.bpf returns values that it computes'* ]] || fail "$stderr"
        sc_run 125 docker-default --log -- "$SC_BUILD/cmd/seccompose/seccompose" run stdio --log -- true
        [[ $stderr == *'already has a listener'* ]] || fail "$stderr"
}

@test "--log: where the kernel does not say what is asked, or does not take the answer, that is told once, and nobody waits for ever" {
        local part
        for part in '1+:what is refused cannot be learnt' '2+:the kernel does not let calls go on'; do
                # the sanitizer cannot look for leaks under a tracer
                ASAN_OPTIONS=detect_leaks=0 run --separate-stderr timeout -k 1 60 \
                        strace -qq -o trace -e trace=ioctl -e inject=ioctl:error=EIO:when="${part%%:*}" \
                        "$SC_BUILD/cmd/seccompose/seccompose" run deny.jsonc --log -- "$CALL" 24
                [ "$status" -eq 3 ]
                [ "$output" = 'answer -38' ]
                [ "$(grep -c "${part#*:}: Input/output error; from now on what is refused gets ENOSYS" <<< "$stderr")" -eq 1 ] ||
                        fail "$stderr"
        done
}

@test "--output empties no file that is read or executed" {
        echo '{ "default": "allow" }' > bare.jsonc # it has no rules
        echo '{ "extends": ["./deny.jsonc", "./bare.jsonc"], "rules": [ { "deny": ["getpgrp"] } ] }' > top.jsonc
        printf '#!/bin/sh\nexit 0\n' > script
        chmod +x script
        mkdir kept
        cp deny.jsonc bare.jsonc top.jsonc script kept/
        ln -s top.jsonc link
        ln top.jsonc hard
        local file
        for file in top.jsonc ./top.jsonc link hard deny.jsonc bare.jsonc script; do
                sc_run 125 crun:top.jsonc --log -o "$file" -- ./script
                [[ $stderr == "seccompose run: error: cannot write '$file': it is the file of "* ]] || fail "$file: $stderr"
                cmp "$file" "kept/$(basename "$(readlink -f "$file")" | sed s/hard/top.jsonc/)"
        done
        # one that is there and no part of it is emptied, but not for a command that is not there
        seq 1000 > log
        sc_run 127 top.jsonc --log -o log -- ./none
        [ "$(wc -l < log)" -eq 1000 ]
        sc_run 0 top.jsonc --log -o log -- ./script
        grep -qE 'calls? would be refused' log && ! grep -qx '[0-9]*' log || fail "$(cat log)"
        sc_run 0 top.jsonc --log -o /dev/null -- ./script
        sc_run 0 stdio -o stdio -- true # the name of a shipped policy is no file
}

@test "messages that are lost are a failure, wherever they should go" {
        local -a run=("$SC_BUILD/cmd/seccompose/seccompose" run deny.jsonc)
        local way
        for way in '--log -o /dev/full' '--log -o -' '--log'; do
                # shellcheck disable=SC2086
                run -125 bash -c '"$@" 2> /dev/full' -- "${run[@]}" $way -- true
        done
        run -125 bash -c '"$@" 2>&-' -- "${run[@]}" --log -- true
        run -125 bash -c '"$@" 2> /dev/full' -- "${run[@]}" -- sh -c '"$0" 24; exit 0' "$CALL"
        # the command's own failure stays what it is; and what says nothing loses nothing
        run -3 bash -c '"$@" 2> /dev/full' -- "${run[@]}" --log -- "$CALL" 24
        run -0 bash -c '"$@" 2> /dev/full' -- "${run[@]}" -- true
}

@test "where the rule cannot be found out, that is told, and why" {
        local n reasons=0 advice=0
        for n in $(seq 4 10); do
                run bash -c 'ulimit -n "$1"; shift; "$@" 3>&- 4>&-' -- "$n" "$SC_BUILD/cmd/seccompose/seccompose" run deny.jsonc -- "$CALL" 24
                [[ $output != *'its architecture is none'* ]] || fail "$n: $output"
                if [[ $output == *'  by which rule could not be found out: Too many open files'* ]]; then
                        reasons=$((reasons + 1))
                elif [[ $output == *'the filter killed'* ]]; then
                        [[ $output == *'deny.jsonc:2:3: kill'* ]] || fail "$n: $output"
                fi
                run bash -c 'ulimit -n "$1"; shift; "$@" 3>&- 4>&-' -- "$n" "$SC_BUILD/cmd/seccompose/seccompose" run deny.jsonc --log -- \
                        "$CALL" 41 40 1 0
                if [[ $output == *'  (x86_64 socket: what would allow it could not be found out: Too many open files)'* ]]; then
                        advice=$((advice + 1))
                elif [[ $output == *'1 call would be refused'* ]]; then
                        [[ $output == *'{ "allow": ["socket"], "when": '* ]] || fail "$n: $output"
                fi
        done
        [[ $reasons -gt 0 && $advice -gt 0 ]] || fail "$reasons $advice"
}

@test "docs/run.md: its commands print what it says" {
        local line
        awk '/^```console$/ { on = 1; next } /^```$/ { on = 0 } on' "$SC_SOURCE/docs/run.md" > expected
        while IFS= read -r line; do
                printf '$ %s\n' "$line"
                bash -c "$(declare -f seccompose); $line" 2>&1 3>&- 4>&- < /dev/null
        done < <(sed -n 's/^\$ //p' expected) | sed -E 's/(killed|, by) [0-9]+ /\1 4711 /' > actual
        diff expected actual
        [ "$(grep -c '^\$ ' expected)" -eq 5 ]
}
