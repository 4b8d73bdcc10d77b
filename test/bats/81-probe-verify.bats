#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What a kernel answers in containers, held against what the files say: every number, every ABI, all vectors, and
# questions made from the files. With SC_WORLD=1 all shipped policies under all engines, and the field's own profiles
# (SC_REFERENCE names their directory).

bats_require_minimum_version 1.5.0

setup_file() {
        load lib/world
        load lib/docker
        load lib/probed
        need runc crun podman jq busybox
        probed_rootfs "$BATS_FILE_TMPDIR"
        docker_start "$PROBED/rootfs"
}

teardown_file() {
        load lib/docker
        docker_stop
}

setup() {
        load lib/world
        load lib/docker
        load lib/probed
        OUT=$BATS_TEST_TMPDIR/out
}

built() {
        echo "$SC_BUILD/profiles/$1.$2.json"
}

# A short list: what filters of the field decide on.
FEW=(--args 0 --args 40,1 --args 0x7e020000,0x7e020000 --args 0xffffffff00000028)

@test "runc under docker-default: all vectors and all made questions; then the file is changed, and the answers" {
        local profile wrong line
        profile=$(built docker-default oci-x86_64)
        probed_agrees runc "$profile" "$profile"
        [ "$(wc -l < "$RESULT")" -gt 180000 ]

        # one call less; another errno; another condition
        wrong=$BATS_TEST_TMPDIR/wrong.json
        jq 'del(.syscalls[].names[] | select(. == "mkdir"))' "$profile" > "$wrong"
        run seccompose verify --probe "$RESULT" "$wrong" --for runc --caps none
        [ "$status" -eq 1 ]
        [[ ${lines[0]} == differs:* ]]
        [[ $output == *$'\n  x86_64 mkdir'* ]] && [[ $output == *$'\n  x86 mkdir'* ]] || fail "$output"
        [ "$(grep -cE '^  (x86|x32)' <<< "$output")" -eq 2 ] || fail "$output"
        seccompose verify --probe "$RESULT" "$wrong" --for runc --caps none --format json > "$OUT.json" || true
        jq -e '.answer == "no" and ([.differences[].call] | unique) == ["mkdir"] and .differences[0].kernel[:5] == "allow"
                and .differences[0].file[:5] == "errno" and .untold == 0' "$OUT.json"
        load lib/schema
        schema_holds "$SC_SOURCE/schema/verify-probe.schema.json" "broken['differences'][0]['line'] = 0" "$OUT.json"
        jq '(.syscalls[] | select(.action == "SCMP_ACT_ERRNO" and .errnoRet == 1) | .errnoRet) = 13' "$profile" > "$wrong"
        run seccompose verify --probe "$RESULT" "$wrong" --for runc --caps none
        [ "$status" -eq 1 ]
        [[ $output == *'kernel: errno 1 '* ]] && [[ $output == *'errno:EACCES'* ]] || fail "$output"

        # the answers are changed: one line
        line=$(grep -n -m 1 '"abi":"x86_64","nr":165,' "$RESULT" | cut -d : -f 1)
        sed "${line}s/errno 1\"/errno 13\"/" "$RESULT" > "$OUT"
        run seccompose verify --probe "$OUT" "$profile" --for runc --caps none
        [ "$status" -eq 1 ]
        [[ $output == *'differs: 1 of '* ]] && [[ $output == *$'\n  x86_64 mount'*'kernel: errno 13 (line '"$line"')'* ]] || fail "$output"
        # a line less, and none at the end
        sed "${line}d" "$RESULT" > "$OUT"
        run seccompose verify --probe - "$profile" --for runc --caps none < "$OUT"
        [ "$status" -eq 2 ]
        [[ $output == *'lines are missing [answers-count]'* ]] || fail "$output"
        sed '$d' "$RESULT" > "$OUT"
        run seccompose verify --probe "$OUT" "$profile" --for runc --caps none
        [ "$status" -eq 2 ]
        [[ $output == *'the output is cut off'*'[answers-cut]'*'--skip '* ]] || fail "$output"
        head -c -30 "$RESULT" > "$OUT"
        run seccompose verify --probe "$OUT" "$profile" --for runc --caps none
        [ "$status" -eq 2 ]
        [[ $output == *'[answers-cut]'* ]] || fail "$output"
}

@test "crun under docker-default" {
        local profile
        profile=$(built docker-default oci-x86_64)
        probed_agrees crun "$profile" "$profile" "${FEW[@]}"
}

@test "runc under stdio, where the first kill ends the probe" {
        local profile
        profile=$(built stdio oci-x86_64)
        probed_agrees runc "$profile" "$profile" "${FEW[@]}"
        [ "$(grep -c '"abi":"x32"' "$RESULT")" -eq 5 ] # all that was asked of it has killed
        ! grep '"abi":"x32".*action' "$RESULT" || fail 'x32 is not killed'
}

@test "crun under complain" {
        local profile
        profile=$(built complain oci-x86_64)
        probed_agrees crun "$profile" "$profile" "${FEW[@]}"
}

@test "docker under docker-default" {
        local profile
        profile=$(built docker-default docker-20.10)
        probed_agrees docker "$profile" "$profile" "${FEW[@]}"
}

@test "podman under its own profile" {
        probed_agrees podman '' /usr/share/containers/seccomp.json "${FEW[@]}"
}

@test "a process, and a policy by itself, are held against answers too" {
        seccompose probe -- "$SC_BUILD/cmd/seccompose-probe/seccompose-probe" --format json --args 0 --abi x86_64 > "$OUT"
        run seccompose verify --probe "$OUT" pid:$$
        [ "$status" -eq 0 ]
        [[ $output == *'agrees: 1022 answers (x86_64 1022)'*'(process)'*'not asked: x86_64 uretprobe, x86_64 uprobe, all of x86, all of x32'* ]] || fail "$output"
        run seccompose verify --probe "$OUT" stdio
        [ "$status" -eq 1 ]
        [[ $output == *'x86_64 socket'* || $output == *' more'* ]]
        # an ABI that a policy does not list: any denial will do
        printf '%s\n' '{"abi":"x32","nr":1073741865,"args":[0,0,0,0,0,0],"action":"errno 1"}' \
                '{"end":{"questions":1,"left-out":[]}}' > "$OUT"
        run seccompose verify --probe "$OUT" stdio
        [ "$status" -eq 0 ]
        [[ $output == *'agrees: 1 answers (x32 1)'*'not asked: all of x86, all of x86_64'* ]] || fail "$output"
        run seccompose verify --probe "$OUT" stdio --format json
        [ "$(jq -c '.not_asked' <<< "$output")" = '[{"abi":"x86"},{"abi":"x86_64"}]' ] || fail "$output"
        sed -i 's/errno 1"/allow"/' "$OUT"
        run seccompose verify --probe "$OUT" stdio
        [ "$status" -eq 1 ]
}

@test "what cannot be is refused" {
        local n=0 wanted
        printf '%s\n' '{"end":{"questions":0,"left-out":[]}}' > "$OUT"
        while IFS='|' read -r wanted arguments; do
                read -ra words <<< "${arguments//OUT/$OUT}"
                run --separate-stderr seccompose verify "${words[@]}" < /dev/null
                [ "$status" -eq 2 ] || fail "$arguments: $status"
                [ -z "$output" ]
                [[ $stderr == *"$wanted"* ]] || fail "$arguments:" "$stderr"
                n=$((n + 1))
        done << 'END'
against one FILE|--probe OUT stdio stdio
something is missing|--probe OUT
something is missing|stdio
holds no answers|--probe OUT stdio
goes not with --probe|--probe OUT stdio --subset
of one container|--probe OUT stdio --for all
only one of the files|--probe - -
No such file|--probe /no/such/file stdio
cut off|--probe - stdio
it is empty: did the container start|--probe - stdio
did you mean 'stdio'|--probe OUT stdoi
END
        [ "$n" -eq 11 ]
        echo x86_64 > "$OUT.text"
        run seccompose verify --probe "$OUT.text" stdio
        [ "$status" -eq 2 ]
        [[ $output == *'hint: an answer is an object: seccompose-probe writes them with --format json' ]] || fail "$output"
}

@test "questions: what eval and the probe read, on the ABIs that were asked for" {
        seccompose questions docker-default > "$OUT"
        [ "$(wc -l < "$OUT")" -gt 1000 ]
        diff <(cut -d ' ' -f 1 "$OUT" | uniq) <(printf '%s\n' x86_64 x86 x32)
        [ "$(sort "$OUT" | uniq -d | wc -l)" -eq 0 ]
        grep -qx 'x86_64 socket 0x26' "$OUT"
        ! grep -E ' (uretprobe|uprobe)' <(grep '^x86_64' "$OUT") || fail 'the kernel asks no filter about these'
        [ "$(seccompose eval docker-default < "$OUT" | wc -l)" -eq "$(wc -l < "$OUT")" ]
        seccompose questions docker-default --arch aarch64 | cut -d ' ' -f 1 | sort -u > "$OUT"
        diff "$OUT" <(echo aarch64)
        run seccompose questions docker-default --for all
        [ "$status" -eq 2 ]
}

# all_agree ENGINE TARGET: under the profile of each shipped policy.
all_agree() {
        local engine=$1 target=$2 policy profile failed=()
        while IFS=$'\t' read -r policy _; do
                profile=$BATS_TEST_TMPDIR/$policy.json
                echo "# $policy" >&3
                # shellcheck disable=SC2086 # words
                seccompose build "$policy" --for $target --kernel running -o "$profile" 2> "$profile.err" ||
                        fail "$(cat "$profile.err")" || return 1
                # these hold nothing that the runtime would do behind the filter
                NO_NEW_PRIVILEGES=
                [[ $policy != agent-* ]] || NO_NEW_PRIVILEGES=yes
                probed_agrees "$engine" "$profile" "$profile" || failed+=("$policy")
        done < <(seccompose list policies)
        [ "${#failed[@]}" -eq 0 ] || fail "differ: ${failed[*]}"
}

@test "runc under every shipped policy" {
        world_only
        all_agree runc 'runc --caps none'
}

@test "crun under every shipped policy" {
        world_only
        all_agree crun 'crun --caps none'
}

@test "docker under every shipped policy" {
        world_only
        all_agree docker docker@20.10
}

@test "podman under every shipped policy" {
        world_only
        all_agree podman podman
}

# lets_through CALL…: by the last answers, as ABI,NUMBER,FIRST,SECOND; the kernel, not the file, has said so.
lets_through() {
        local abi nr first second call
        for call in "$@"; do
                IFS=, read -r abi nr first second <<< "$call"
                grep -E "\"abi\":\"$abi\",\"nr\":$nr,\"args\":\[$first,$second,.*\"action\":\"allow or log or trace or notify\"" \
                        "$RESULT" > "$OUT.hole" || fail "$call is not let through" || return 1
        done
}

# Holes of these profiles. docker's: AF_VSOCK with bits above those that the kernel looks at, x86's socketcall with any
# family, TIOCSTI; podman's: AF_VSOCK as it is, clone3 with whatever is behind its pointer, and the last two.
holes=([0]='x86_64,41,18446744069414584360,[0-9]+ x86,102,[0-9]+,[0-9]+ x86_64,16,[0-9]+,21522'
        [1]='x86_64,41,40,[0-9]+ x86_64,435,[0-9]+,[0-9]+ x86,102,[0-9]+,[0-9]+ x86_64,16,[0-9]+,21522')

@test "docker and podman under the field's profiles, by their own resolution; what these let through" {
        local file engine n=0
        world_only
        [ -n "${SC_REFERENCE-}" ] || skip 'SC_REFERENCE names no directory'
        for file in moby-default podman-default; do
                for engine in docker podman; do
                        echo "# $file" >&3
                        probed_agrees "$engine" "$SC_REFERENCE/$file.json" "$SC_REFERENCE/$file.json"
                        # shellcheck disable=SC2086 # words
                        lets_through ${holes[n]}
                done
                n=$((n + 1))
        done
}

@test "docker under its own profile, as the runtime is told" {
        local config id
        world_only
        # the rules of that version stand in the bundle that it makes
        id=$(docker_run -d -- busybox sleep 60)
        config=$(find "$DOCKER_DIR/exec" -path "*$id/config.json" | head -n 1)
        jq -e .linux.seccomp "$config" > "$BATS_TEST_TMPDIR/own.json"
        docker kill "$id" > "$OUT.log"
        probed_agrees docker '' "$BATS_TEST_TMPDIR/own.json"
}
