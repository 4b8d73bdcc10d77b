#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# stdio, stdio-threads: each call that they let through is needed, and without it programs do what docs/policies.md says.
# A program of a new C library works, as eval says, under every shipped policy that should let it.

setup_file() {
        load lib/world
        need runc crun busybox jq
        export DIR=$BATS_FILE_TMPDIR
        rootfs_make "$DIR/rootfs"
        text_programs "$DIR/rootfs"
        printf 'one\ntwo\nthree\n' > "$DIR/lines"
}

setup() {
        load lib/world
        WITHOUT=$SC_SOURCE/test/world/without.tsv
        cd "$BATS_TEST_TMPDIR" || return
}

# text_programs ROOTFS: the programs of this file's tests, of two C libraries.
text_programs() {
        local world=$SC_BUILD/test/world
        cp "$world"/{stdio-work,stdio-work-static,no-libc,new-libc,new-libc-static} "$1/bin/"
        [ -x "$world/stdio-work-musl" ] || fail 'musl-gcc was not there when this was built' || return 1
        cp "$world"/stdio-work-musl{,-static} "$1/bin/"
        copy_library "$1" /lib/ld-musl-x86_64.so.1
        mkdir -p "$1/usr/local/lib" && cp "$world/libempty.so" "$1/usr/local/lib/"
}

# profile POLICY CALL[,CALL…] ENGINE FILE: the policy's profile; with CALL `-`, as it is; else without the calls, and with
# those that have a `+` in front.
profile() {
        local policy=$1 file=$4 call rules=()
        if [ "$2" != - ]; then
                for call in ${2//,/ }; do
                        case $call in
                                +*) rules+=("{ \"allow\": [\"${call#+}\"] }") ;;
                                *) rules+=("{ \"deny\": [\"$call\"], \"with\": \"errno:EPERM\" }") ;;
                        esac
                done
                policy=$file.jsonc
                printf '{ "extends": ["%s"], "baseline": "7.1", "rules": [ %s ] }\n' "$1" "$(IFS=,; echo "${rules[*]}")" > "$policy"
                policy=$PWD/$policy
        fi
        seccompose build "$policy" --for "$3" --kernel running --caps none -o "$file" 2> "$file.notes" || fail "$(cat "$file.notes")"
}

# bundle NAME ENGINE PROFILE COMMAND…: `+` behind the engine is without noNewPrivileges. Two kinds of work need a small
# address space. Under crun no process namespace: the first process of one does not die of its own signals.
bundle() {
        local name=$1 engine=$2 profile=$3 new=true
        shift 3
        [ "${engine: -1}" != + ] || new=false
        bundle_make "$name" "$DIR/rootfs" "$@"
        jq --argjson new $new --arg engine "$engine" '.process.noNewPrivileges = $new | if .process.args[1] | . == "grow" or . == "churn"
                then .process.rlimits += [{ type: "RLIMIT_AS", soft: 167772160, hard: 167772160 }] else . end |
                if $engine | startswith("crun") then .linux.namespaces |= map(select(.type != "pid")) else . end' "$name/config.json" > "$name/changed"
        mv "$name/changed" "$name/config.json"
        bundle_set_profile "$name" "$profile"
}

program_of() {
        case $1 in
                g) echo stdio-work ;;
                gs) echo stdio-work-static ;;
                m) echo stdio-work-musl ;;
                ms) echo stdio-work-musl-static ;;
                *) echo "$1" ;;
        esac
}

# outcome NAME ENGINE WORK: runs the bundle on lines of text; prints the status, the last line that was said, and what the
# program left of its input. For work that waits for the reader of its output to go, that reader goes at once.
outcome() {
        local status=0
        case $3 in
                handler | jump) { limited "$1" "$2" 2> said || echo $? > status; } < "$DIR/lines" | true ;;
                leave | threads) limited "$1" "$2" < /dev/null > printed 2> said || status=$? ;;
                *) { limited "$1" "$2" > printed 2> said || status=$?; cat > rest; } < "$DIR/lines" ;;
        esac
        [ ! -s status ] || { status=$(cat status); rm status; }
        printf '%s\t%s\t%s\n' "$status" "$(grep -v 'Failed to remove cgroup' said | tail -n 1)" "$([ "$3" != first ] || tr '\n' ' ' < rest)"
}

# limited NAME ENGINE: a status of 124 is that of what goes on for ever. It gets two seconds for it, from when its
# program runs and has said what it should.
limited() {
        local pid run
        if [ "${status_wanted-}" != 124 ]; then
                RUN_LIMIT=120 RUN_INPUT=0 "${2%+}_run" "$PWD/$1"
                return
        fi
        "${2%+}_run" "$PWD/$1" &
        run=$!
        wait_until 'it does not begin' program_runs "$1" || return 1
        [ -z "$says" ] || wait_until "it does not say '$says'" grep -qs "$says" said || return 1
        sleep 2
        program_runs "$1" || fail 'it has ended' || return 1
        kill -KILL "$pid"
        wait "$run" || [ $? -ne 137 ] || return 124
}

# program_runs NAME: crun's container executes the program; $pid is who.
program_runs() {
        pid=$(jq .pid "$1"/state/*/status 2> wait.err) && grep -qs ^stdio-work "/proc/$pid/comm" && ! process_is "$pid" Z
}

# stopped NAME WORK: runs the bundle under crun; when it sleeps, it is stopped, continued, and then gets its input. Prints
# the last line that it says.
stopped() {
        local name=$PWD/$1 pid
        mkfifo "$name/input"
        exec 7<> "$name/input"
        RUN_INPUT=7 crun_run "$name" > "$name/said" 2>&1 3>&- &
        until grep -qs waiting "$name/said"; do
                [ -d /proc/$! ] || fail "$1 has ended: $(cat "$name/said")" || return 1
                sleep 0.01
        done
        pid=$(jq .pid "$name"/state/*/status)
        in_state "$pid" S
        kill -STOP "$pid"
        in_state "$pid" T
        kill -CONT "$pid"
        in_state "$pid" S || true
        echo >&7
        wait $! || true
        exec 7>&-
        tail -n 1 "$name/said"
}

# in_state PID LETTER: waits until all its threads are in that state; not, if it ends.
in_state() {
        local file
        for file in /proc/"$1"/task/*/stat; do
                until grep -qs ") $2 " "$file"; do
                        [ -e "$file" ] || return 1
                        sleep 0.01
                done
        done
}

# ---- stdio, stdio-threads: with a call and without ----

@test "without a call: programs work under the policy, and without the call do what the table says" {
        local n=0 policy call engine program work status says good got status_wanted
        while IFS=$'\t' read -r policy call engine program work status says; do
                program=$(program_of "$program")
                good=good-$policy-$engine-$program-$work
                status_wanted=
                if [ ! -e "$good" ]; then
                        profile "$policy" - "${engine%+}" profile.json
                        bundle "$good" "$engine" profile.json "$program" "$work"
                        outcome "$good" "$engine" "$work" > "$good.got"
                        grep -qE -- "^(0|134)$(printf '\t')(.*: ok)?$(printf '\t')(two three )?$" "$good.got" ||
                                fail "$good: $(cat "$good.got")" || return 1
                fi
                status_wanted=$status
                [ "$says" != - ] || says=
                profile "$policy" "$call" "${engine%+}" without.json
                bundle "without-$n" "$engine" without.json "$program" "$work"
                got=$(outcome "without-$n" "$engine" "$work")
                grep -qxE -- "$status$(printf '\t')${says:+.*$says}$(printf '\t')" <<< "$got" ||
                        fail "$policy $call $engine $program $work: $got" || return 1
                n=$((n + 1))
        done < <(grep -v '^#' "$WITHOUT")
        printf '# %s calls taken out\n' "$n" >&3
        [ "$n" -ge 70 ]
}

# Of x86_64's calls, two are there for other ABIs, and one is needed with what is optional: see the next test.
@test "without a call: the table has every call of stdio and stdio-threads" {
        local policy
        for policy in stdio stdio-threads; do
                seccompose list syscalls --arch x86_64 | awk 'NR > 2 && $2 != "-" { print "x86_64", $1 }' |
                        seccompose eval "$policy" --caps none --kernel 6.1 | awk -F '\t' '$2 ~ /allow/ { sub(/^x86_64 /, "", $1); print $1 }' |
                        sort > "$policy"
                [ -s "$policy" ] || fail "nothing in $policy"
                awk -F '\t' -v policy="$policy" '!/^#/ && $1 == policy { print $2 }' "$WITHOUT" | tr , '\n' | sort -u > "$policy.rows"
        done
        diff stdio <(sort -u stdio.rows - <<< $'restart_syscall\nset_thread_area\nstatx')
        # clone is allowed with some flags only, which eval does not show for a call without arguments
        diff <(comm -13 stdio stdio-threads) <(comm -13 <(sort stdio) stdio-threads.rows | grep -v '^clone3*$')
}

@test "restart_syscall: a stopped read goes on without, a wait with a time limit does not" {
        local case policy calls work says
        for case in 'stdio - wait-read read: ok' 'stdio restart_syscall wait-read read: ok' 'stdio +poll wait-poll poll: ok' \
                'stdio +poll,restart_syscall wait-poll poll: Operation not permitted' 'stdio-threads - wait-cond cond: ok' \
                'stdio-threads restart_syscall wait-cond The futex facility returned an unexpected error code.'; do
                read -r policy calls work says <<< "$case"
                profile "$policy" "$calls" crun profile.json
                bundle "$policy-$calls-$work" crun profile.json stdio-work-static "$work"
                run stopped "$policy-$calls-$work"
                [ "$output" = "$says" ] || fail "$case: $output" || return 1
        done
}

@test "under runc as under crun: each policy's programs" {
        local case policy work program
        for case in 'stdio copy' 'stdio big' 'stdio-threads threads' 'stdio-threads nap'; do
                read -r policy work <<< "$case"
                profile "$policy" - runc profile.json
                for program in stdio-work stdio-work-static stdio-work-musl stdio-work-musl-static; do
                        bundle "$policy-$work-$program" runc profile.json "$program" "$work"
                        run runc_run "$policy-$work-$program"
                        [ "$status" -eq 0 ] || fail "$case $program: $output" || return 1
                done
        done
}

# ---- A new C library ----

# way ANSWER: how the program says that a call went for which eval has this answer.
way() {
        case $1 in
                allow | log) echo direct ;;
                'errno 38 ENOSYS') echo fallback ;;
                *) echo refused ;;
        esac
}

# Policies under which some step fails, and which.
refused_steps() {
        case $1 in
                stdio) echo clone3 ;; # it makes no threads
        esac
}

@test "new libc: under every shipped policy, each call goes the way that eval says" {
        local policy engine program call answer n=0
        local calls=(clone3 futex_waitv openat2 faccessat2 statx close_range rseq)
        for policy in $(seccompose list policies | cut -f 1); do
                for engine in runc crun; do
                        profile "$policy" - "$engine" profile.json
                        printf 'x86_64 %s\n' "${calls[@]}" | seccompose eval profile.json --for "$engine" | cut -f 2 > answers
                        for program in new-libc new-libc-static; do
                                bundle "$policy-$engine-$program" "$engine" profile.json "$program"
                                run "${engine}_run" "$policy-$engine-$program"
                                while read -r call answer; do
                                        answer=$(way "$answer")
                                        [ "$call" != "$(refused_steps "$policy")" ] || answer='refused EPERM'
                                        expect_line "$call $answer" || fail "$policy $engine $program" || return 1
                                        n=$((n + 1))
                                done < <(paste -d ' ' <(printf '%s\n' "${calls[@]}") answers)
                                [ "$status" -eq 0 ] || [ -n "$(refused_steps "$policy")" ] || fail "$policy: $output" || return 1
                        done
                done
        done
        printf '# %s answers\n' "$n" >&3
        [ "$n" -ge 168 ]
}
