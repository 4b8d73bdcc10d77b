#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The probe: what it says of filters whose every answer is known, and in containers; that it executes nothing.

bats_require_minimum_version 1.5.0

setup_file() {
        load lib/world
        load lib/docker
        need runc crun podman jq strace
        export DIR=$BATS_FILE_TMPDIR
        export DOCKER_RUNTIMES
        DOCKER_RUNTIMES=$(jq -n --arg path "$SC_BUILD/cmd/seccompose-runtime/seccompose-runtime" \
                '{ probed: { path: $path, runtimeArgs: ["--runtime", "/usr/sbin/runc", "--gate", "probe"] } }')
        rootfs_make "$DIR/rootfs"
        cp "$SC_BUILD/cmd/seccompose-probe/seccompose-probe" "$DIR/rootfs/bin/"
        actions "$DIR/all.bpf" 1000=80000000 1001=0 1002=30000 1003=50000 1004=50001 1005=50ffe 1006=50fff \
                1007=7ff00007 1008=7fc00000 1009=7ffc0000 1010=5ffff 1011=50026
        actions "$DIR/no-seccomp.bpf" 317=50001
        actions "$DIR/no-fork.bpf" 56=50001 1000=80000000 1001=0 1002=30000 1004=50001
        actions "$DIR/no-process.bpf" 1000=80000000 1001=0 1004=50001
        actions "$DIR/notify.bpf" 1008=7fc00000
}

# docker is started in a test, whose variables only its own teardown sees
teardown() {
        load lib/docker
        docker_stop
}

setup() {
        load lib/world
        load lib/docker
        OUT=$BATS_TEST_TMPDIR/out
}

# actions FILE NUMBER=VALUE…: a program that returns VALUE (hexadecimal) to a call's number, on every ABI, and else allows.
actions() {
        local file=$1 pair insns=('20,0,0,0')
        shift
        for pair in "$@"; do
                insns+=("15,0,1,$(printf %x "${pair%=*}")" "6,0,0,${pair#*=}")
        done
        program "$file" "${insns[@]}" 6,0,0,7fff0000
}

probe() {
        "$SC_BUILD/cmd/seccompose-probe/seccompose-probe" "$@"
}

# filtered FILE… -- COMMAND…
filtered() {
        "$SC_BUILD/test/world/run-filtered" "$@"
}

# gated COMMAND…
gated() {
        "$SC_BUILD/cmd/seccompose/seccompose" probe -- "$@"
}

# answers OPTION…: the probe's actions for 999 to 1011, a line each; the filters stand in the array `with`.
answers() {
        "${before[@]}" "$SC_BUILD/test/world/run-filtered" "${with[@]}" -- \
                "$SC_BUILD/cmd/seccompose-probe/seccompose-probe" --numbers 999-1011 --args 0 --format json "$@" > "$OUT" 2> "$OUT.err" ||
                fail "exit $?: $(cat "$OUT.err")" || return 1
        jq -r 'select(.action).action' "$OUT"
}

LOOSE='allow or log or trace or notify'

# expect_whole FILE: it ends with the number of answers that are in it.
expect_whole() {
        local n
        n=$(jq -s 'map(select(.action)) | length' "$1")
        jq -se --argjson n "$n" '.[-1].end.questions == $n' "$1" > "$1.whole" || fail "$1 does not end with $n: $(tail -n 1 "$1")"
}

@test "the program is static, not relocated, and its gate lies where filters look for it" {
        local program=$SC_BUILD/cmd/seccompose-probe/seccompose-probe
        readelf -hW "$program" | grep -qE 'Type: +EXEC'
        ! readelf -lW "$program" | grep -qE 'INTERP|DYNAMIC' || fail 'not static'
        readelf -SW "$program" | grep -qE '\.gate +PROGBITS +000000005ecc0000 '
        grep -q 'SC_GATE_ADDRESS 0x5ecc0000u' "$SC_SOURCE/pkg/probe/gate.h"
}

@test "behind the gate: every action, on each ABI" {
        local before=(gated) with=("$DIR/all.bpf") abi
        for abi in x86_64 x86 x32; do
                # x32's numbers have a bit that the filter does not look for
                with=("$DIR/all.bpf")
                [ "$abi" != x32 ] || with=("$BATS_TEST_TMPDIR/x32.bpf")
                [ "$abi" != x32 ] || actions "${with[0]}" $((1000 + 0x40000000))=80000000 $((1001 + 0x40000000))=0 $((1002 + 0x40000000))=30000 \
                        $((1003 + 0x40000000))=50000 $((1004 + 0x40000000))=50001 $((1005 + 0x40000000))=50ffe $((1011 + 0x40000000))=50026
                diff <(answers --abi "$abi") <(printf '%s\n' "$LOOSE" kill-process kill-thread trap 'errno 0' 'errno 1' 'errno 4094' \
                        "$LOOSE" "$LOOSE" "$LOOSE" "$LOOSE" "$LOOSE" 'errno 38') || fail "$abi"
                expect_whole "$OUT"
        done
}

@test "without a gate, by its own: notify is told from what is let through, errno 4095 from both" {
        local before=() with=("$DIR/all.bpf") abi
        for abi in x86_64 x86; do
                diff <(answers --abi "$abi") <(printf '%s\n' 'allow or log or trace' kill-process kill-thread trap 'errno 0' 'errno 1' \
                        'errno 4094' 'errno 4095' 'allow or log or trace' notify 'allow or log or trace' 'errno 4095' 'errno 38') || fail "$abi"
                expect_whole "$OUT"
        done
}

# filters_of PID: how many it has.
filters_of() {
        awk '/^Seccomp_filters:/ { print $2 }' "/proc/$1/status"
}

# ends PID: a process that is nobody's child any more ends, whoever is to collect it.
ends() {
        local tries
        for ((tries = 0; tries < 600; tries++)); do
                grep -qs '^State:.[^Z]' "/proc/$1/status" || return 0
                sleep 0.1
        done
        kill -KILL "$1"
        return 1
}

# expect_orphan_ends FILE…: the probe, under these filters, is stopped when a worker has put the gate on, so that this one
# waits for an answer that never comes, and is then killed.
expect_orphan_ends() {
        local probe worker='' filters
        filters=$(($(filters_of self) + $#))
        "$SC_BUILD/test/world/run-filtered" "$@" -- "$SC_BUILD/cmd/seccompose-probe/seccompose-probe" --abi x86_64 --format json > "$OUT" &
        probe=$!
        while kill -STOP "$probe"; do
                worker=$(pgrep -P "$probe") && [ "$(filters_of "$worker")" -gt "$filters" ] &&
                        grep -q '^State:.[^Z]' "/proc/$worker/status" && break
                worker=''
                kill -CONT "$probe"
                sleep 0.01
        done
        [ -n "$worker" ] || fail 'no worker was seen' || return 1
        kill -KILL "$probe"
        ends "$worker"
}

@test "by its own gate: no worker outlives a probe that is killed" {
        local name
        actions "$BATS_TEST_TMPDIR/none.bpf" 1000=50001
        actions "$BATS_TEST_TMPDIR/prctl.bpf" 157=50001
        actions "$BATS_TEST_TMPDIR/close_range.bpf" 436=50001
        actions "$BATS_TEST_TMPDIR/close_range-kills.bpf" 436=80000000
        for name in none prctl close_range close_range-kills; do
                expect_orphan_ends "$BATS_TEST_TMPDIR/$name.bpf" || fail "$name: the worker waits for ever" || return 1
        done
}

@test "without a gate and without privileges: the same" {
        run --separate-stderr setpriv --bounding-set -all "$SC_BUILD/test/world/run-filtered" "$DIR/notify.bpf" -- \
                "$SC_BUILD/cmd/seccompose-probe/seccompose-probe" --abi x86_64 --numbers 1007-1008 --args 0 --format json
        diff <(jq -r 'select(.action).action' <<< "$output") <(printf '%s\n' 'allow or log or trace' notify)
}

@test "beside a listener of the filters: errno 38 is not told from what is let through" {
        local before=() with=(--listener "$DIR/notify.bpf" "$DIR/all.bpf")
        diff <(answers --abi x86_64) <(printf '%s\n' "$LOOSE or errno 38" kill-process kill-thread trap 'errno 0' 'errno 1' \
                'errno 4094' 'errno 4095' "$LOOSE or errno 38" "$LOOSE or errno 38" "$LOOSE or errno 38" 'errno 4095' "$LOOSE or errno 38")
        grep -q 'errno 38 cannot be told from what is let through: the filters here have a listener of their own' "$OUT.err"
}

@test "where no listener can be had for another reason, that is what is said" {
        local probe=("$SC_BUILD/cmd/seccompose-probe/seccompose-probe" --abi x86_64 --numbers 1000 --args 0 --format json) part
        run --separate-stderr prlimit --nofile=0 "${probe[@]}"
        [[ $stderr == *'errno 38 cannot be told from what is let through: no descriptor can be opened for a listener'* ]] || fail "$stderr"
        [[ $output == *"$LOOSE or errno 38"* ]]
        # seccomp with its second argument 8, SECCOMP_FILTER_FLAG_NEW_LISTENER: denied, and killed
        for part in 50001:'a listener is refused here' 80000000:'no listener answers here'; do
                program "$BATS_TEST_TMPDIR/flag.bpf" 20,0,0,0 15,0,3,13d 20,0,0,18 15,0,1,8 "6,0,0,${part%%:*}" 6,0,0,7fff0000
                run --separate-stderr filtered "$BATS_TEST_TMPDIR/flag.bpf" -- "${probe[@]}"
                [[ $stderr == *"errno 38 cannot be told from what is let through: ${part#*:}"* ]] || fail "$stderr"
                [[ $output == *"$LOOSE or errno 38"* ]]
        done
        run --separate-stderr "${probe[@]}" --alone
        [[ $stderr == *'errno 38 cannot be told from what is let through: there is no child'* ]] || fail "$stderr"
}

@test "where the own gate's listener fails in the middle, ENOSYS is not taken for an answer" {
        local call
        for call in 9 10; do # to read the third question that is let through, and to answer it; tries and checks come before
                ASAN_OPTIONS=detect_leaks=0 run --separate-stderr strace -qq -o "$OUT.trace" -e trace=ioctl \
                        -e inject=ioctl:error=EIO:when="$call" "$SC_BUILD/cmd/seccompose-probe/seccompose-probe" \
                        --abi x86_64 --numbers 0-9 --args 0 --format json
                [ "$status" -eq 3 ] || fail "$call: $status" "$output" "$stderr"
                [ -z "$output" ]
                [[ $stderr == *"error: the gate's own listener could not answer any more"* ]] || fail "$stderr"
        done
}

@test "signals that the starter has blocked or ignored make nobody lie" {
        local before with=("$DIR/all.bpf") signals
        printf '%s\n' "$LOOSE" kill-process kill-thread trap 'errno 0' > "$BATS_TEST_TMPDIR/expected"
        for signals in --block-signal=SYS '--block-signal=SYS --block-signal=SEGV' '--ignore-signal=SYS --ignore-signal=CHLD'; do
                # shellcheck disable=SC2086
                before=(env $signals "$SC_BUILD/cmd/seccompose/seccompose" probe --)
                diff <(answers --abi x86_64 --numbers 999-1003) "$BATS_TEST_TMPDIR/expected" || fail "$signals"
        done
        # if it cannot be unblocked, a trap is not told from a kill
        actions "$BATS_TEST_TMPDIR/mask.bpf" 14=80000000 1000=80000000 1001=0 1002=30000 1003=50000
        with=("$BATS_TEST_TMPDIR/mask.bpf")
        sed -E 's/^(trap|kill-process)$/trap or kill-process/' "$BATS_TEST_TMPDIR/expected" > "$BATS_TEST_TMPDIR/vague"
        before=(env --block-signal=SYS "$SC_BUILD/cmd/seccompose/seccompose" probe --)
        diff <(answers --abi x86_64 --numbers 999-1003) "$BATS_TEST_TMPDIR/vague"
}

@test "no gate, and none can be made: refused, and nothing is asked" {
        run --separate-stderr filtered "$DIR/no-seccomp.bpf" -- "$SC_BUILD/cmd/seccompose-probe/seccompose-probe"
        [ "$status" -eq 3 ]
        [ -z "$output" ]
        [[ $stderr == *'no gate here'*'nothing was asked'*'seccompose probe -- RUNTIME'* ]] || fail "$stderr"
        # from the probe's first call on
        strace -f -o "$OUT" "$SC_BUILD/test/world/run-filtered" "$DIR/no-seccomp.bpf" -- \
                "$SC_BUILD/cmd/seccompose-probe/seccompose-probe" > "$OUT.log" 2>&1 || true
        awk '/execve\(/ { seen++ } seen == 2' "$OUT" | grep -oE '^[0-9]+ +[a-z0-9_]+\(' | grep -oE '[a-z0-9_]+\($' | sort -u > "$OUT.calls"
        [ -s "$OUT.calls" ]
        ! grep -vxE '(execve|brk|arch_prctl|set_tid_address|set_robust_list|rseq|prlimit64|readlink|readlinkat|getrandom|newfstatat|mprotect|mmap|munmap|write|read|close|clone|wait4|exit_group|seccomp|prctl|setrlimit|rt_sigaction|futex|poll|restart_syscall)\(' "$OUT.calls" ||
                fail "other calls"
}

@test "nothing that is asked is executed: each call from the gate's page is answered by the gate" {
        gated strace -f -i -o "$OUT" "$SC_BUILD/cmd/seccompose-probe/seccompose-probe" --format json --args 0 --args -1,-1,-1,-1,-1,-1 > "$OUT.json"
        expect_whole "$OUT.json"
        # a line that another thread's call interrupts is there twice
        grep -E '\[0*5ecc00' "$OUT" | grep -v '<unfinished \.\.\.>$' > "$OUT.gate"
        # and one more by which the gate was found, and one that checked int $0x80
        [ "$(wc -l < "$OUT.gate")" -eq $(($(jq .end.questions "$OUT.json" | tail -n 1) + 2)) ] || fail "$(wc -l "$OUT.gate")"
        ! grep -vE ' = -1 \(errno 4095\)$' "$OUT.gate" || fail 'something was executed'
}

@test "a filter that makes no children: asked in one process, whose threads may be killed" {
        run --separate-stderr gated "$SC_BUILD/test/world/run-filtered" "$DIR/no-fork.bpf" -- \
                "$SC_BUILD/cmd/seccompose-probe/seccompose-probe" --abi x86_64 --numbers 999,1002-1004 --args 0 --format json
        [ "$status" -eq 0 ]
        [[ $stderr == *'no child can be made here'* ]] || fail "$stderr"
        diff <(jq -r 'select(.action).action' <<< "$output") <(printf '%s\n' "$LOOSE" trap "$LOOSE" 'errno 1')
}

# threads FILE OTHERWISE: a program that lets clone() make threads and answers OTHERWISE (hexadecimal) else; with
# numbers that kill.
threads() {
        program "$1" 20,0,0,0 15,0,4,38 20,0,0,10 45,1,0,10000 "6,0,0,$2" 6,0,0,7fff0000 \
                15,0,1,3e9 6,0,0,0 15,0,1,3e8 6,0,0,80000000 6,0,0,7fff0000
}

@test "a filter that answers clone with errno 0: nobody takes itself for a child" {
        local before=(gated) with=("$BATS_TEST_TMPDIR/zero.bpf")
        actions "${with[0]}" 56=50000 1004=50001
        diff <(answers --abi x86_64 --numbers 1003-1004) <(printf '%s\n' "$LOOSE" 'errno 1')
        expect_whole "$OUT"
}

@test "threads alone can be made: one that is killed is told, and the process goes on" {
        threads "$BATS_TEST_TMPDIR/threads.bpf" 50001
        gated "$SC_BUILD/test/world/run-filtered" "$BATS_TEST_TMPDIR/threads.bpf" -- "$SC_BUILD/cmd/seccompose-probe/seccompose-probe" \
                --abi x86_64 --numbers 999,1001-1002 --args 0 --args 1 --format json > "$OUT" 2> "$OUT.err"
        grep -q 'no child can be made here' "$OUT.err"
        diff <(jq -r 'select(.action).action' "$OUT") <(printf '%s\n' "$LOOSE" "$LOOSE" kill-thread kill-thread "$LOOSE" "$LOOSE")
        expect_whole "$OUT"
}

@test "no threads can be made: which kill it was is not told" {
        program "$BATS_TEST_TMPDIR/no-threads.bpf" 20,0,0,0 15,0,4,38 20,0,0,10 45,0,1,10000 6,0,0,50001 6,0,0,7fff0000 \
                15,0,1,3e9 6,0,0,0 15,0,1,3e8 6,0,0,80000000 6,0,0,7fff0000
        gated "$SC_BUILD/test/world/run-filtered" "$BATS_TEST_TMPDIR/no-threads.bpf" -- "$SC_BUILD/cmd/seccompose-probe/seccompose-probe" \
                --abi x86_64 --numbers 999-1002 --args 0 --format json > "$OUT"
        diff <(jq -r 'select(.action).action' "$OUT") <(printf '%s\n' "$LOOSE" 'kill-thread or kill-process' 'kill-thread or kill-process' "$LOOSE")
}

@test "a filter that kills for what a worker does for itself: it does without" {
        # rt_sigaction, prctl, futex
        actions "$BATS_TEST_TMPDIR/steps.bpf" 13=80000000 157=80000000 202=0 1000=80000000 1001=0 1002=30000 1004=50001
        gated "$SC_BUILD/test/world/run-filtered" "$BATS_TEST_TMPDIR/steps.bpf" -- "$SC_BUILD/cmd/seccompose-probe/seccompose-probe" \
                --abi x86_64 --numbers 999-1004 --args 0 --format json > "$OUT"
        diff <(jq -r 'select(.action).action' "$OUT") \
                <(printf '%s\n' "$LOOSE" 'trap or kill-process' kill-thread 'trap or kill-process' "$LOOSE" 'errno 1')
        expect_whole "$OUT"
}

@test "alone: the line that a kill cuts off names the question, and --skip goes on behind it" {
        local n=0 rounds=0 status
        : > "$OUT"
        while :; do
                status=0
                gated "$SC_BUILD/test/world/run-filtered" "$DIR/no-process.bpf" -- "$SC_BUILD/cmd/seccompose-probe/seccompose-probe" \
                        --alone --abi x86_64 --numbers 999-1004 --args 0 --args 1 --format json --skip "$n" > "$OUT.part" || status=$?
                cat "$OUT.part" >> "$OUT"
                [ "$status" -eq 159 ] || break # 128 + SIGSYS
                echo '...' >> "$OUT"
                n=$(grep -c '"nr"' "$OUT")
                rounds=$((rounds + 1))
                [ "$rounds" -lt 10 ]
        done
        [ "$status" -eq 0 ]
        [ "$rounds" -eq 4 ] # 1000 and 1001, twice each
        [ "$(grep -c '"nr"' "$OUT")" -eq 12 ]
        diff <(grep '\.\.\.$' "$OUT") <(for nr in 1000 1001; do for arg in 0 1; do
                echo "{\"abi\":\"x86_64\",\"nr\":$nr,\"args\":[$arg,0,0,0,0,0]..."; done; done)
}

@test "uretprobe and uprobe are left out, whatever the ABI is called" {
        printf '%s\n' 'x86_64 #335' 'x32 #336' 'x86_64 read' 'x32 #1073742159' 'x86 #335' > "$OUT.questions"
        gated "$SC_BUILD/cmd/seccompose-probe/seccompose-probe" --questions "$OUT.questions" --format json > "$OUT"
        diff <(jq -c '[.abi, .nr], .end | select(. and . != [null, null])' "$OUT") - << 'END'
["x86_64",0]
["x32",1073742159]
["x86",335]
{"questions":3,"left-out":[["x86_64",335],["x32",336]]}
END
        # the kernel does filter x32's number 335
        actions "$BATS_TEST_TMPDIR/x32.bpf" $((335 + 0x40000000))=50007
        gated "$SC_BUILD/test/world/run-filtered" "$BATS_TEST_TMPDIR/x32.bpf" -- "$SC_BUILD/cmd/seccompose-probe/seccompose-probe" \
                --abi x32 --numbers 335 --args 0 --format json > "$OUT"
        [ "$(jq -r 'select(.action).action' "$OUT")" = 'errno 7' ]
}

@test "a filter sees all 64 bits of every argument, through int 0x80 too, and the sixth" {
        local arg
        for arg in 0 1 2 3 4 5; do
                # the high word of the argument, which is little-endian, and then the low one
                program "$BATS_TEST_TMPDIR/arg.bpf" 20,0,0,"$(printf %x $((16 + 8 * arg + 4)))" 15,0,3,1234 \
                        20,0,0,"$(printf %x $((16 + 8 * arg)))" 15,0,1,5678 6,0,0,50009 6,0,0,7fff0000
                before=(gated) with=("$BATS_TEST_TMPDIR/arg.bpf")
                gated "$SC_BUILD/test/world/run-filtered" "$BATS_TEST_TMPDIR/arg.bpf" -- "$SC_BUILD/cmd/seccompose-probe/seccompose-probe" \
                        --numbers 1000 --format json --args "$(for ((i = 0; i < arg; i++)); do printf 0,; done)0x0000123400005678" > "$OUT"
                [ "$(jq -r 'select(.action).action' "$OUT" | sort | uniq -c | tr -s ' ')" = ' 3 errno 9' ] || fail "argument $arg:" "$(cat "$OUT")"
        done
}

@test "wrong usage is 2, and nothing is asked" {
        local line args n=0
        while IFS= read -r line; do
                read -ra args <<< "$line"
                run --separate-stderr probe "${args[@]}" < /dev/null
                [ "$status" -eq 2 ] || fail "$line: $status"
                [ -z "$output" ]
                [[ $stderr == 'seccompose-probe: error: '* ]] || fail "$line: $stderr"
                n=$((n + 1))
        done << 'END'
--abi aarch64
--abi
--abi=
--abi x86,
--abi ,x86
--numbers 5-1
--numbers 5,5
--numbers 1,
--numbers 0x40000000
--numbers 0-1073741823
--args 1,2,3,4,5,6,7
--args x
--skip -1
--format yaml
--questions /no/such/file
--questions - --args 1
--questions - --abi x86
--numbers 1 --questions=/dev/null
--frobnicate
word
END
        [ "$n" -eq 20 ]
        run --separate-stderr probe --questions - <<< 'x86_64 reed'
        [ "$status" -eq 2 ]
        [[ $stderr == *'line 1 of the questions: no system call of that name'* ]]
}

@test "text: calls by answer, by arguments, and how many" {
        program "$BATS_TEST_TMPDIR/text.bpf" 20,0,0,0 15,0,2,29 20,0,0,10 15,2,3,28 15,1,0,0 6,0,0,7fff0000 6,0,0,50001 6,0,0,7fff0000
        gated "$SC_BUILD/test/world/run-filtered" "$BATS_TEST_TMPDIR/text.bpf" -- "$SC_BUILD/cmd/seccompose-probe/seccompose-probe" \
                --abi x86_64 --numbers 0-1,41,334-340 --args 1 --args 40,2 > "$OUT"
        diff "$OUT" - << END
x86_64
  errno 1: read
  $LOOSE: write rseq #337-340
  socket, by its arguments
    errno 1: (0x28,0x2)
    $LOOSE: all others
16 questions; left out, as the kernel asks no filter: x86_64 uretprobe, x86_64 uprobe
END
}

@test "seccompose probe: the command's exit status, and 126 and 127" {
        run gated sh -c 'exit 9'
        [ "$status" -eq 9 ]
        run -127 gated /no/such/command
        run -126 gated /etc/passwd
        # root's privileges stay as they were
        diff <(grep -E 'NoNewPrivs|^Cap' /proc/self/status) <(gated grep -E 'NoNewPrivs|^Cap' /proc/self/status)
        run setpriv --bounding-set -all "$SC_BUILD/cmd/seccompose/seccompose" probe -- grep NoNewPrivs /proc/self/status
        [[ $output == *1 ]]
}

# container RUN POLICY OPTION…: the probe's answers in a container that is started behind the gate.
container() {
        local start=$1 policy=$2 bundle=$BATS_TEST_TMPDIR/$1-$2
        shift 2
        bundle_make "$bundle" "$DIR/rootfs" seccompose-probe --format json "$@"
        seccompose patch "$bundle" --policy "$policy" > "$OUT.patch" 2>&1
        jq '.linux.seccomp' "$bundle/config.json" > "$OUT.profile"
        # shellcheck disable=SC2016 # the other shell's
        gated bash -c '. "$SC_SOURCE/test/bats/lib/world.bash" && "$@"' bash "$start" "$bundle" > "$OUT" 2> "$OUT.err" ||
                fail "$start $policy: $(cat "$OUT.err")" || return 1
        expect_whole "$OUT"
}

# expect_predicted RUNTIME: `seccompose eval` says of the container's profile what the kernel answered in it.
expect_predicted() {
        jq -r 'select(.action) | "\(.abi) #\(.nr) \(.args | map(tostring) | join(" "))"' "$OUT" > "$OUT.questions"
        seccompose eval "$OUT.profile" --for "$1" < "$OUT.questions" | cut -f 2 |
                sed -E 's/^(allow|log|notify|trace .*)$/'"$LOOSE"'/; s/^(errno [0-9]+) .*/\1/' > "$OUT.predicted"
        jq -r 'select(.action).action' "$OUT" | paste "$OUT.predicted" - "$OUT.questions" > "$OUT.both"
        awk -F '\t' '$1 != $2' "$OUT.both" > "$OUT.differ"
        [ ! -s "$OUT.differ" ] || fail "$(wc -l < "$OUT.differ") differ:" "$(head -n 5 "$OUT.differ")" || return 1
        printf '# %s: %d answers agree\n' "$1" "$(wc -l < "$OUT.both")" >&3
}

# Numbers as jq 1.6 keeps them.
FEW=(--numbers '0-480,1023' --args 0 --args '1,1' --args '40,1' --args '0x10000011,0x10000011' --args '0,4096,6,0x22')

@test "in containers of runc and crun: as predicted, on each ABI" {
        local policy
        for policy in docker-default complain; do
                container runc_run "$policy" "${FEW[@]}" --abi x86_64,x86
                expect_predicted runc
                container crun_run "$policy" "${FEW[@]}" --abi x86_64,x86
                expect_predicted crun
        done
}

@test "under stdio, where no child can be made: all is asked nevertheless" {
        container runc_run stdio "${FEW[@]}" --abi x86_64,x86
        grep -q 'no child can be made here' "$OUT.err"
        expect_predicted runc
}

@test "an ABI that the policy kills is asked, too" {
        container runc_run docker-default --abi x32 --numbers 0-99 --args 0
        [ "$(jq -r 'select(.action).action' "$OUT" | sort | uniq -c | tr -s ' ')" = ' 100 kill-thread' ] || fail "$(head -n 3 "$OUT")"
}

@test "docker, by the wrapper's gate: its own profile, as predicted" {
        docker_start "$DIR/rootfs"
        seccompose build docker-default --for docker@20.10 --kernel running -o "$DIR/docker.json"
        docker_run --runtime probed --security-opt "seccomp=$DIR/docker.json" -- seccompose-probe --format json "${FEW[@]}" --abi x86_64,x86 > "$OUT"
        expect_whole "$OUT"
        [ "$(jq -r 'select(.abi == "x86_64" and .nr == 41 and .args[0] == 40).action' "$OUT")" = 'errno 1' ]
        cp "$DIR/docker.json" "$OUT.profile"
        expect_predicted docker@20.10
        # without a gate: docker's own profile lets the probe put on its own; Debian's docker lets AF_VSOCK through
        docker_run -- seccompose-probe --format json --numbers '41,272,1000' --args 40,1 --abi x86_64 > "$OUT"
        diff <(jq -r 'select(.action).action' "$OUT") <(printf '%s\n' 'allow or log or trace' 'errno 1' 'errno 38')
        # as docs/probe.md has it, but for paths and names
        local page=$SC_SOURCE/docs/probe.md
        diff <(page_block json 3 "$page" | jq -c '.runtimes.probe.runtimeArgs') \
                <(jq -c '.probed.runtimeArgs' <<< "$DOCKER_RUNTIMES")
        page_block sh 2 "$page" | sed "s|/usr/local/libexec/seccompose/|$SC_BUILD/cmd/seccompose-probe/|
                s/--runtime probe /--runtime probed /; s/IMAGE/world/; s/p\.json/docker.json/" > "$OUT.commands"
        grep -q '^docker run --rm --runtime probed --security-opt seccomp=docker.json' "$OUT.commands"
        cd "$DIR"
        # shellcheck source=/dev/null
        . "$OUT.commands" > "$OUT"
        grep -q '^agrees: 181130 answers' "$OUT" || fail "$(cat "$OUT")"
}

@test "podman, started behind the gate" {
        seccompose build docker-default --for podman --kernel running -o "$DIR/podman.json"
        gated timeout -k 5 60 podman --root "$DIR/store" --runroot "$DIR/run" --storage-driver vfs --cgroup-manager cgroupfs \
                --runtime runc run --rm --network none --ulimit nofile=1024:1024 --ulimit nproc=1024:1024 \
                --security-opt "seccomp=$DIR/podman.json" --rootfs "$DIR/rootfs" seccompose-probe --format json "${FEW[@]}" --abi x86_64,x86 > "$OUT" < /dev/null
        expect_whole "$OUT"
        cp "$DIR/podman.json" "$OUT.profile"
        expect_predicted podman
}

# wrapped OPTION… -- CONTAINER-COMMAND…: under the wrapper over runc, with the options, in a bundle with the profile of
# stdio.
wrapped() {
        local options=() bundle=$BATS_TEST_TMPDIR/wrapped-$RANDOM status=0
        while [ "$1" != -- ]; do
                options+=("$1")
                shift
        done
        shift
        bundle_make "$bundle" "$DIR/rootfs" "$@"
        seccompose patch "$bundle" --policy stdio > "$OUT.patch" 2>&1
        cp "$bundle/config.json" "$OUT.before"
        timeout -k 5 60 "$SC_BUILD/cmd/seccompose-runtime/seccompose-runtime" "${options[@]}" --root "$bundle/state" \
                run --bundle "$bundle" "probe-$$-$RANDOM" < /dev/null || status=$?
        cp "$bundle/config.json" "$OUT.after"
        return $status
}

@test "the wrapper: --gate probe alone leaves the profile, and with a policy puts both on" {
        local ask=(seccompose-probe --abi x86_64 --numbers '0,41,1023' --args 2 --format json)
        wrapped --runtime /usr/sbin/runc --gate probe -- "${ask[@]}" > "$OUT"
        cmp "$OUT.before" "$OUT.after"
        diff <(jq -r 'select(.action).action' "$OUT") <(printf '%s\n' "$LOOSE" 'errno 1' 'errno 38')
        wrapped --runtime /usr/sbin/runc --gate=probe --policy docker-default -- "${ask[@]}" > "$OUT"
        diff <(jq -r 'select(.action).action' "$OUT") <(printf '%s\n' "$LOOSE" "$LOOSE" 'errno 38')
        # from its file
        printf '{ "runtime": "/usr/sbin/runc", "gate": "probe" }\n' > "$BATS_TEST_TMPDIR/settings.jsonc"
        wrapped --config "$BATS_TEST_TMPDIR/settings.jsonc" -- "${ask[@]}" > "$OUT"
        expect_whole "$OUT"
        # and without, stdio lets the probe ask nothing
        run wrapped --runtime /usr/sbin/runc --gate none --policy stdio -- "${ask[@]}"
        [ "$status" -eq 3 ]
        [[ $output == *'no gate here'* ]] || fail "$output"
}

@test "the wrapper: a gate that is neither is refused, and so is none without a policy" {
        run wrapped --runtime /usr/sbin/runc --gate prob -- seccompose-probe
        [ "$status" -eq 1 ]
        [[ $output == *"--gate is probe or none, not 'prob'"* ]] || fail "$output"
        run wrapped --runtime /usr/sbin/runc --gate none -- seccompose-probe
        [ "$status" -eq 1 ]
        run wrapped --runtime /usr/sbin/runc --gate probe --gate probe -- seccompose-probe
        [ "$status" -eq 1 ]
}

@test "the wrapper: what is executed in the container later can ask, too" {
        local id=probe-$$-$RANDOM state=$BATS_TEST_TMPDIR/state
        bundle_make "$BATS_TEST_TMPDIR/b" "$DIR/rootfs" busybox sleep 60
        local wrap=("$SC_BUILD/cmd/seccompose-runtime/seccompose-runtime" --runtime /usr/sbin/runc --gate probe --policy docker-default --root "$state")
        "${wrap[@]}" run -d --bundle "$BATS_TEST_TMPDIR/b" "$id" > "$OUT.log" 2>&1 < /dev/null 3>&-
        run --separate-stderr "${wrap[@]}" exec "$id" seccompose-probe --abi x86_64 --numbers 41 --args 40 --format json
        "${wrap[@]}" delete --force "$id"
        [ "$(jq -r 'select(.action).action' <<< "$output")" = 'errno 1' ] || fail "$output"
}

# page_block KIND N FILE: the N-th fenced block of that kind.
page_block() {
        awk -v fence="\`\`\`$1" -v n="$2" '$0 == fence { on = ++k == n; next } /^```$/ { on = 0 } on' "$3"
}

# As printed, but for where the program is installed, and the container's name and runc's directory, which are others'.
@test "docs/probe.md: the commands work in their order, and print what the page says" {
        local page=$SC_SOURCE/docs/probe.md n
        PATH=$BATS_TEST_TMPDIR/bin:$SC_BUILD/cmd/seccompose:$SC_BUILD/cmd/seccompose-probe:$PATH
        mkdir "$BATS_TEST_TMPDIR/bin"
        # shellcheck disable=SC2016 # the other shell's
        printf '#!/bin/sh\n[ "$1" = spec ] || set -- --root %s run page-%s\nexec /usr/sbin/runc "$@"\n' \
                "$BATS_TEST_TMPDIR/state" $$ > "$BATS_TEST_TMPDIR/bin/runc"
        chmod +x "$BATS_TEST_TMPDIR/bin/runc"
        cd "$BATS_TEST_TMPDIR"
        page_block sh 1 "$page" | sed "s|/usr/local/libexec/seccompose/|$SC_BUILD/cmd/seccompose-probe/|" > commands
        grep -q 'runc run probed > answers.json$' commands
        bash -e commands < /dev/null 2> log || fail "$(cat log)"
        cd bundle
        for n in 1 2; do
                page_block console "$n" "$page" | sed 's/kernel [0-9.]*$/kernel N/' > "$OUT.$n"
                diff "$OUT.$n" <(sed -n 's/^\$ //p' "$OUT.$n" | while IFS= read -r line; do
                        printf '$ %s\n' "$line"
                        line=${line/\/usr\/local\/libexec\/seccompose/$SC_BUILD\/cmd\/seccompose-probe}
                        eval "$line" 2> "$OUT.notes" || true
                done | sed 's/kernel [0-9.]*$/kernel N/')
        done
        [ "$(grep -c '^```console$' "$page")" -eq 2 ]
        [ "$(cat "$OUT".? | grep -c '^\$ ')" -eq 5 ]
        # the capabilities are those of the bundle
        diff <(sed -n 's/^  capabilities: none+\(.*\); .*/\1/p' "$OUT.2" | sort -u | tr + '\n' | sort) \
                <(jq -r '.process.capabilities.bounding[]' config.json | sort)
}
