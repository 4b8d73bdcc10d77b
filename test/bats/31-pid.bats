#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Filters that are no profile: those of running processes, programs in files, crun's annotation.

# status and stderr of `run` apart: bats 1.5
bats_require_minimum_version 1.5.0

setup_file() {
        load lib/world
        need bwrap runc crun jq setpriv strace python3
        export DIR=$BATS_FILE_TMPDIR
        rootfs_make "$DIR/rootfs"
        # getppid answers errno N, all else is allowed
        for n in 5 7 11; do
                program "$DIR/errno-$n.bpf" 20,0,0,0 15,0,1,6e "6,0,0,$(printf %x $((0x50000 + n)))" 6,0,0,7fff0000
        done
        program "$DIR/allow.bpf" 6,0,0,7fff0000
        program "$DIR/trap.bpf" 20,0,0,0 15,0,1,6e 6,0,0,30009 6,0,0,7fff0000
        # arithmetic, X and scratch memory: getppid (110) is told by (nr ^ 6) * 3 = 312 - its errno is nr / X = 110 / 10
        program "$DIR/computes.bpf" 20,0,0,0 2,0,0,3 a4,0,0,6 24,0,0,3 15,1,0,138 6,0,0,7fff0000 \
                1,0,0,a 60,0,0,3 3c,0,0,0 44,0,0,50000 16,0,0,0
}

setup() {
        load lib/world
        cd "$BATS_TEST_TMPDIR" || return
        pids=()
}

teardown() {
        local pid
        [ -z "${hold:-}" ] || exec {hold}>&-
        for pid in "${pids[@]}"; do
                kill -KILL "$pid" 2> kill.log || true
        done
}

# start COMMAND…: in the background until the test ends; waits for its first line, $ready, and sets $pid.
start() {
        rm -f in out
        mkfifo in
        : > out
        "$@" < in > out 2> err 3>&- &
        pid=$!
        pids+=("$pid")
        exec {hold}> in
        wait_for_line
        ready=$(head -n 1 out)
}

wait_for_line() {
        wait_until 'nothing was printed' test -s out || fail "$(cat err)"
}

wear() {
        start "$SC_BUILD/test/world/wear-filters" "$@"
}

# ask FILE LINE…: the answers to questions.
ask() {
        local file=$1
        shift
        run --separate-stderr seccompose eval "$file" < <(printf '%s\n' "$@")
        [ "$status" -eq 0 ] || fail "status $status" "$stderr"
}

# refused PATTERN FILE: exit 2, nothing on stdout, a diagnostic like this.
refused() {
        run --separate-stderr seccompose eval "$2" <<< 'x86_64 read'
        [ "$status" -eq 2 ] || fail "status $status: $2" "$stderr"
        [ -z "$output" ] && [[ $stderr =~ $1 ]] || fail "not like '$1':" "$stderr"
}

# Not stopped, and nobody traces it.
expect_running() {
        process_is "$1" SRD || fail "$1 does not run" || return 1
        [ "$(awk '/^TracerPid/ { print $2 }' "/proc/$1/status")" = 0 ]
}

# Every call of a machine's ABIs, with a few arguments.
all_calls() {
        local abi
        for abi in x86_64 x86 x32; do
                seccompose list syscalls --arch "$abi" | awk -v abi="$abi" 'NR > 2 && $2 != "-" {
                        print abi, $1; print abi, $1, "1 2 3"; print abi, $1, "0x10000000 0x7e020000 40 0xffffffffffffffff" }'
        done
        printf '%s\n' 'x86_64 #600' 'x86_64 #0xffffffff'
}

@test "a process without a filter allows everything, and that is said" {
        start sh -c 'echo ready; read -r line'
        ask "pid:$pid" 'x86_64 read' 'x86_64 add_key'
        [ "$output" = $'x86_64 read\tallow\nx86_64 add_key\tallow' ]
        [[ $stderr == *'runs without a filter: every call is allowed [no-filter]'* ]]
        ask "pid:1" 'x86_64 read'
}

@test "a filter is read, and the process goes on" {
        wear "$DIR/errno-5.bpf"
        [ "$ready" = 'ready errno 5' ]
        for _ in 1 2 3; do
                ask "pid:$pid" 'x86_64 getppid' 'x86_64 read'
                [ "$output" = $'x86_64 getppid\terrno 5 EIO\nx86_64 read\tallow' ]
                [ -z "$stderr" ]
                expect_running "$pid"
        done
}

@test "of several filters the strictest counts, of equally strict ones the newest" {
        wear "$DIR/errno-5.bpf" "$DIR/errno-7.bpf"
        [ "$ready" = 'ready errno 7' ]
        ask "pid:$pid" 'x86_64 getppid'
        [ "${output#*$'\t'}" = 'errno 7 E2BIG' ]
        wear "$DIR/errno-7.bpf" "$DIR/errno-11.bpf" "$DIR/errno-5.bpf" "$DIR/allow.bpf"
        [ "$ready" = 'ready errno 5' ]
        ask "pid:$pid" 'x86_64 getppid'
        [ "${output#*$'\t'}" = 'errno 5 EIO' ]
        start sh -c "exec 2> err; \"\$0\" '$DIR/errno-7.bpf' '$DIR/trap.bpf' || echo killed \$?; read -r line" \
                "$SC_BUILD/test/world/wear-filters"
        [ "$ready" = 'killed 159' ]
}

@test "instructions that libseccomp never writes are followed" {
        wear "$DIR/computes.bpf"
        [ "$ready" = 'ready errno 11' ]
        ask "pid:$pid" 'x86_64 getppid' 'x86_64 read'
        [ "$output" = $'x86_64 getppid\terrno 11 EAGAIN\nx86_64 read\tallow' ]
        ask "$DIR/computes.bpf" 'x86_64 getppid' 'x86_64 #111'
        [ "$output" = $'x86_64 getppid\terrno 11 EAGAIN\nx86_64 #111\tallow' ]
}

@test "strict mode: read, write, exit, sigreturn" {
        wear --strict
        ask "pid:$pid" 'x86_64 read' 'x86_64 write' 'x86_64 exit' 'x86_64 rt_sigreturn' 'x86_64 exit_group' \
                'x86 read' 'x86 sigreturn' 'x86 rt_sigreturn' 'x86 open' 'x32 read' 'aarch64 read'
        [ "$(cut -f 2 <<< "$output" | tr '\n' ' ')" = "allow allow allow allow kill-thread allow allow kill-thread kill-thread kill-thread kill-thread " ]
        [ -z "$stderr" ]
        expect_running "$pid"
}

@test "bubblewrap with a program" {
        start bwrap --dev-bind / / --seccomp 9 sh -c 'echo ready; read -r line' 9< "$DIR/errno-7.bpf"
        local inner
        inner=$(pgrep -P "$pid" | head -n 1)
        ask "pid:${inner:-$pid}" 'x86_64 getppid' 'x86_64 getpid'
        [ "$output" = $'x86_64 getppid\terrno 7 E2BIG\nx86_64 getpid\tallow' ]
}

@test "a process's capabilities: --caps pid:N takes them, and a note says so where others are taken" {
        start setpriv --bounding-set=-all,+kill,+sys_admin sh -c 'echo ready; read -r line'
        diff <(seccompose explain docker-default mount --caps "pid:$pid") \
                <(seccompose explain docker-default mount --caps KILL,SYS_ADMIN)
        run -1 --separate-stderr seccompose verify --subset "pid:$pid" docker-default
        [[ $stderr == *"has others [other-caps]"*"hint: --caps pid:$pid"* ]]
        run -1 --separate-stderr seccompose diff docker-default "pid:$pid"
        [[ $stderr == *"[other-caps]"* ]]
        run -1 --separate-stderr seccompose verify --subset "pid:$pid" docker-default --caps "pid:$pid"
        expect_line "  on x86_64 (x86, x32); capabilities: none+CAP_KILL+CAP_SYS_ADMIN; kernel $(uname -r | grep -o "^[0-9]*\.[0-9]*")"
        [[ $stderr != *other-caps* ]]
        # capabilities do not change what a program is
        run -1 --separate-stderr seccompose diff "pid:$pid" "$DIR/errno-7.bpf"
        [[ $stderr != *other-caps* ]]
        run -2 --separate-stderr seccompose explain docker-default mount --caps pid:0
        [[ $stderr == *'[bad-pid]'*'a container that does not run'* ]]
        run -2 --separate-stderr seccompose explain docker-default mount --caps pid:4194303
        [[ $stderr == *'[no-such-process]'* ]]
}

@test "a container of runc: what its profile says, call by call" {
        seccompose build docker-default --for runc --kernel running --caps none -o profile.json
        bundle_make "$PWD/b" "$DIR/rootfs" busybox sleep 60
        bundle_set_profile "$PWD/b" profile.json
        runc --root "$PWD/state" run --detach --bundle "$PWD/b" "pid-$$" < /dev/null > run.log 2>&1 3>&- || fail "$(cat run.log)"
        local inside
        inside=$(runc --root "$PWD/state" state "pid-$$" | jq .pid)
        pids+=("$inside")
        all_calls > calls
        seccompose eval profile.json --for runc --caps none < calls > profile.said
        seccompose eval "pid:$inside" < calls > process.said
        expect_running "$inside"
        # for all inputs: the same as the profile, and not as strict as one that allows less
        run seccompose verify --caps none "pid:$inside" profile.json
        echo "$output"
        [ "$status" -eq 0 ]
        run seccompose verify --caps none --subset "pid:$inside" stdio
        echo "$output"
        [ "$status" -eq 1 ]
        runc --root "$PWD/state" delete --force "pid-$$"
        [ "$(wc -l < process.said)" -gt 3000 ]
        diff profile.said process.said
}

@test "a container of crun: what its profile says, call by call" {
        local inside seconds=$((100000 + RANDOM))
        seccompose build docker-default --for crun --kernel running --caps none -o profile.json
        bundle_make "$PWD/b" "$DIR/rootfs" busybox sleep "$seconds"
        bundle_set_profile "$PWD/b" profile.json
        crun_run "$PWD/b" > run.log 2>&1 3>&- &
        pids+=($!)
        wait_until 'no container' pgrep -fx "busybox sleep $seconds" > inside || fail "$(cat run.log)"
        inside=$(cat inside)
        pids+=("$inside")
        all_calls > calls
        seccompose eval profile.json --for crun --caps none < calls > profile.said
        seccompose eval "pid:$inside" < calls > process.said
        expect_running "$inside"
        kill -KILL "$inside"
        diff profile.said process.said
}

@test "other threads may have other filters" {
        wear --thread "$DIR/errno-5.bpf"
        ask "pid:$pid" 'x86_64 getppid'
        [ "${output#*$'\t'}" = 'errno 5 EIO' ]
        [[ $stderr == *"1 of the 2 threads of process $pid have other filters than thread $pid [threads-differ]"* ]]
        local other
        other=$(ls "/proc/$pid/task" | grep -vx "$pid")
        ask "pid:$other" 'x86_64 getppid'
        [ "${output#*$'\t'}" = allow ]
        [[ $stderr == *threads-differ* ]]
}

@test "other threads may have as many filters, but others" {
        wear --thread-with "$DIR/errno-7.bpf" "$DIR/errno-5.bpf"
        ask "pid:$pid" 'x86_64 getppid'
        [ "${output#*$'\t'}" = 'errno 5 EIO' ]
        [[ $stderr == *"1 of the 2 threads of process $pid have other filters than thread $pid [threads-differ]"* ]]
        wear --thread-with "$DIR/errno-5.bpf" "$DIR/errno-5.bpf"
        ask "pid:$pid" 'x86_64 getppid'
        [[ $stderr != *threads-differ* ]]
}

@test "what is no process" {
        refused 'no number of a process \[bad-pid\]' pid:
        refused 'bad-pid' pid:0
        refused 'bad-pid' pid:-1
        refused 'bad-pid' pid:1x
        refused 'bad-pid' pid:01
        refused 'bad-pid' pid:99999999x
        # a number that no process can have is one of which there is none
        local number
        for number in 4194304 4194305 4194306 9999999 99999999 4294967297 18446744073709551617 99999999999999999999; do
                refused "pid:$number: there is no such process.*\[no-such-process\]" "pid:$number"
        done
        # it has ended, and its parent has not asked how
        start sh -c 'true & echo $!; exec sleep 60'
        wait_until 'it has not ended' process_is "$ready" Z
        refused 'no-such-process' "pid:$ready" # or it has, and nothing is left of it
}

@test "who may not read filters is told why" {
        wear "$DIR/errno-5.bpf"
        local program=$SC_BUILD/cmd/seccompose/seccompose
        run --separate-stderr setpriv --bounding-set -sys_admin "$program" eval "pid:$pid" <<< 'x86_64 read'
        [ "$status" -eq 2 ] && [[ $stderr == *'needs CAP_SYS_ADMIN [cannot-read-filters]'* ]]
        # in a user namespace of its own, the capability is not the kernel's
        run --separate-stderr unshare --user --map-root-user "$program" eval "pid:$pid" <<< 'x86_64 read'
        [ "$status" -eq 2 ] && [[ $stderr == *'[cannot-'* ]] || fail "$stderr"
        # under a filter
        run --separate-stderr bwrap --dev-bind / / --seccomp 9 "$program" eval "pid:$pid" <<< 'x86_64 read' 9< "$DIR/allow.bpf"
        [ "$status" -eq 2 ] && [[ $stderr == *'has a seccomp filter itself [cannot-read-filters]'* ]] || fail "$stderr"
        # somebody else traces it
        strace -o trace.log -p "$pid" 2> strace.err 3>&- &
        local tracer=$!
        wait_until 'nobody traces it' grep -q '^TracerPid:.[1-9]' "/proc/$pid/status"
        refused 'traces it already.*\[cannot-trace\]' "pid:$pid"
        kill "$tracer"
        wait "$tracer" || true
        # who needs no right: nothing is traced where there is no filter
        start sh -c 'echo ready; read -r line'
        run --separate-stderr setpriv --bounding-set -sys_admin "$program" eval "pid:$pid" <<< 'x86_64 read'
        [ "$status" -eq 0 ]
}

@test "a process that is stopped stays stopped, and gets its signals" {
        wear "$DIR/errno-5.bpf"
        kill -STOP "$pid"
        wait_until 'it is not stopped' process_is "$pid" T
        ask "pid:$pid" 'x86_64 getppid'
        process_is "$pid" T
        kill -CONT "$pid"
        wait_until 'it does not go on' process_is "$pid" S
        expect_running "$pid"
        ask "pid:$pid" 'x86_64 getppid'
        expect_running "$pid"
}

# milliseconds N: waits; not, if there are none.
milliseconds() {
        [ "$1" -le 0 ] || sleep "$(($1 / 1000)).$(printf %03d $(($1 % 1000)))"
}

@test "processes that end meanwhile: an answer or a reason, and never a process that stays stopped" {
        local answered=0 ended=0 other=0 late=0 step=8 was='' is
        # How many milliseconds later than its process the question comes, less if it came too late, more if it did not:
        # around where these meet, however long the programs take here to start.
        for _ in $(seq 40); do
                "$SC_BUILD/test/world/wear-filters" "$DIR/errno-5.bpf" < <(milliseconds $((-late))) > out 2> err 3>&- &
                pid=$!
                milliseconds "$late"
                run --separate-stderr seccompose eval "pid:$pid" <<< 'x86_64 getppid'
                case $status/$output/$stderr in
                        0/*'errno 5 EIO'/) answered=$((answered + 1)) ;;
                        0/*allow/*no-filter*) answered=$((answered + 1)) ;; # it had not begun
                        2//*no-such-process*) ended=$((ended + 1)) ;;
                        *) other=$((other + 1)); echo "$status/$output/$stderr" ;;
                esac
                wait_until "$pid does not end" process_is "$pid" Z
                [ "$status" -eq 0 ] && is=1 || is=-1
                [ "$is" = "$was" ] && step=$((step * 2)) || step=8
                late=$((late + is * step)) was=$is
        done
        echo "# $answered answered, $ended ended" >&3
        [ "$other" -eq 0 ] && [ "$answered" -gt 0 ] && [ "$ended" -gt 0 ]
}

@test "a program in a file; what the kernel would refuse is refused, with the instruction" {
        ask "$DIR/errno-11.bpf" 'x86_64 getppid' 'aarch64 #110'
        [ "$output" = $'x86_64 getppid\terrno 11 EAGAIN\naarch64 #110\terrno 11 EAGAIN' ]
        # by its content, whatever its name
        cp "$DIR/errno-11.bpf" filter
        ask filter 'x86_64 getppid'
        [ "${output#*$'\t'}" = 'errno 11 EAGAIN' ]
        program loop.bpf 5,0,0,ffffffff 6,0,0,0
        refused 'refuse instruction 0: jump beyond the end \[not-a-program\]' loop.bpf
        program divide.bpf 20,0,0,0 34,0,0,0 6,0,0,0
        refused 'instruction 1: division by zero' divide.bpf
        program memory.bpf 6,0,0,0 60,0,0,3 16,0,0,0
        refused 'instruction 1: load from scratch memory' memory.bpf
        : > empty.bpf
        refused 'empty program' empty.bpf
        head -c 12 "$DIR/errno-5.bpf" > half.bpf
        refused 'instruction 1: no whole instruction' half.bpf
        head -c 32776 /dev/zero > long.bpf
        refused 'more than 4096 instructions' long.bpf
}

@test "what cannot be followed is said, with the instruction" {
        program pointer.bpf 20,0,0,0 20,0,0,8 15,0,1,1000 6,0,0,0 6,0,0,7fff0000
        refused 'instruction 1: the answers depend on the instruction pointer \[cannot-follow\]' pointer.bpf
        # the product of two arguments
        program product.bpf 20,0,0,10 7,0,0,0 20,0,0,18 2c,0,0,0 15,0,1,1000 6,0,0,0 6,0,0,7fff0000
        refused 'instruction 3: this computes more than can be followed \[cannot-follow\]' product.bpf
        # any value at all
        program any.bpf 20,0,0,10 16,0,0,0
        refused 'instruction 1: .*\[cannot-follow\]' any.bpf
}

@test "values that are no actions kill, errnos end at 4095" {
        program values.bpf 20,0,0,0 54,0,0,3 15,0,1,0 6,0,0,40000 15,0,1,1 6,0,0,5ffff 15,0,1,2 6,0,0,7fff1234 6,0,0,7ff00003
        ask values.bpf 'x86_64 #0' 'x86_64 #1' 'x86_64 #2' 'x86_64 #3'
        [ "$(cut -f 2 <<< "$output")" = $'kill-process\nerrno 4095 ?\nallow\ntrace 3' ]
}

@test "crun's annotation takes the place of linux.seccomp, if there is one or not" {
        local raw
        program add-key.bpf 20,0,0,0 15,0,1,f8 6,0,0,50005 6,0,0,7fff0000 # 248 is add_key
        raw=$(base64 -w 0 add-key.bpf)
        bundle_make "$PWD/free" "$DIR/rootfs" probe-calls add_key
        bundle_make "$PWD/with" "$DIR/rootfs" probe-calls add_key
        seccompose build docker-default --for crun --kernel running --caps none -o profile.json
        bundle_set_profile "$PWD/with" profile.json
        for b in free with; do
                jq --arg raw "$raw" '.annotations["run.oci.seccomp_bpf_data"] = $raw' "$b/config.json" > new
                mv new "$b/config.json"
                run --separate-stderr seccompose eval "$b/config.json" --for crun <<< 'x86_64 add_key'
                [ "$output" = $'x86_64 add_key\terrno 5 EIO' ] && [ -z "$stderr" ]
                run crun_run "$PWD/$b"
                expect_line 'add_key -1 EIO'
        done
        # runc does not know it
        run --separate-stderr seccompose eval with/config.json --for runc <<< 'x86_64 add_key'
        [ "$output" = $'x86_64 add_key\terrno 1 EPERM' ]
}

@test "crun's annotation, when it holds no program" {
        local value
        seccompose build docker-default --for crun --kernel running --caps none -o profile.json
        bundle_make "$PWD/b" "$DIR/rootfs" true
        for value in '"BgAAAA==?"' '"BgA"' '1' '""' '"AAAAAAAAAAA="'; do
                jq --argjson raw "$value" '.annotations["run.oci.seccomp_bpf_data"] = $raw' b/config.json > bad.json
                run --separate-stderr seccompose eval bad.json --for crun <<< 'x86_64 read'
                [ "$status" -eq 2 ] && [ -z "$output" ] && [[ $stderr == bad.json:*'[raw-bpf]'* ]] || fail "$value: $stderr"
        done
}

@test "a process is compared on ABIs of this machine only" {
        wear "$DIR/errno-5.bpf"
        run --separate-stderr -2 seccompose verify --subset "pid:$pid" docker-default --arch s390x
        [[ $stderr == *"pid:$pid runs on this machine, which has no s390x"* ]] || fail "$stderr"
        run --separate-stderr -1 seccompose verify --subset "pid:$pid" docker-default --arch x86
        [[ $output == 'looser: x86 '* ]] || fail "$output"
}
