#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# seccompose explain: the goldens of test/explain; its action is eval's; its advice, applied, gives what it promises.
# `UPDATE=1 SC_BUILD=… SC_SOURCE=… bats test/bats/33-explain.bats` writes the goldens (test/goldens/explain) anew.

# status and stderr of `run` apart: bats 1.5
bats_require_minimum_version 1.5.0

setup_file() {
        load lib/world
        export HERE=$BATS_FILE_TMPDIR/here OUT=$BATS_FILE_TMPDIR/out COMMANDS=$BATS_FILE_TMPDIR/commands
        cp -r "$SC_SOURCE/test/explain" "$HERE" && mkdir "$OUT" && cd "$HERE" || return
        cp "$SC_SOURCE/test/world/moby-like.json" moby.json
        cp "$SC_SOURCE/test/profiles/podman.json" "$SC_SOURCE/test/profiles/config.json" .
        cp "$SC_SOURCE/test/profiles/config-unconfined.json" unfiltered-config.json
        # ret ALLOW
        printf '\x06\0\0\0\0\0\xff\x7f' > filter.bpf
        awk 1 "$SC_SOURCE"/test/corpus/line/[01]* > lines.txt
        grep -v '^#' commands.txt > "$COMMANDS"
        local name wanted status
        while read -r name wanted arguments; do
                local -a words
                read -ra words <<< "$arguments"
                status=0
                seccompose explain --kernel 6.1 "${words[@]}" > "$OUT/$name.out" 2>&1 < lines.txt || status=$?
                echo "$status" > "$OUT/$name.status"
                [ "$wanted" -eq 0 ] || continue
                seccompose explain --kernel 6.1 "${words[@]}" --format json > "$OUT/$name.json" 2> /dev/null < lines.txt || true
        done < "$COMMANDS"
}

setup() {
        load lib/world
        cd "$HERE" || return
}

# The answer of eval, in the words of policies: eval_as FILE LINE OPTION…
eval_as() {
        local file=$1 line=$2
        shift 2
        seccompose eval "$file" --kernel 6.1 "$@" <<< "$line" 2> /dev/null |
                cut -f 2 | sed -E 's/^errno [0-9]+ /errno:/; s/^kill-process$/kill/; s/^trace /trace:/'
}

@test "each command exits as it should" {
        local name wanted _ n=0
        while read -r name wanted _; do
                [ "$(< "$OUT/$name.status")" -eq "$wanted" ] || fail "$name: $(< "$OUT/$name.status")" "$(< "$OUT/$name.out")"
                n=$((n + 1))
        done < "$COMMANDS"
        echo "# $n commands" >&3
        [ "$n" -ge 45 ]
}

@test "what is said is that of the goldens, as text and as JSON" {
        local golden=$SC_SOURCE/test/goldens/explain
        [ -z "${UPDATE-}" ] || { mkdir -p "$golden"; rm -f "$golden"/*; cp "$OUT"/*.out "$OUT"/*.json "$golden"; }
        diff -r -x '*.status' "$golden" "$OUT"
}

@test "the JSON is that of the schema" {
        load lib/schema
        schema_holds "$SC_SOURCE/schema/explain.schema.json" "del broken['answers'][0]['causes']" "$OUT"/*.json
}

@test "every place that is named has the call or a rule there" {
        local file n=0 name line column
        for file in "$OUT"/*.json; do
                while IFS=$'\t' read -r name line column; do
                        [ -e "$name" ] || continue # a shipped policy
                        [[ $(sed -n "${line}p" "$name" | cut -c "$column"-) =~ ^[\"{] ]] || fail "$file: $name:$line:$column"
                        n=$((n + 1))
                done < <(jq -r '.answers[].causes[] | select(.file) | [.file, .line, .column] | @tsv' "$file")
        done
        echo "# $n places" >&3
        [ "$n" -ge 40 ]
}

# Calls and arguments, of all that the files speak of and some more.
questions() {
        printf '%s\n' 'read' 'mount' 'ptrace' 'clone 0x10000000' 'clone 17' 'socket 40' 'socket 38 5' 'socket 2 1' 'bpf' \
                'ioctl 0 7' 'ioctl 5 5 6' 'ioctl 0 0x5412' 'personality 8' 'personality 9' 'statx' 'openat2' 'mseal' \
                'chroot 0' 'chroot 9' 'kexec_load' '#9999' '#1073741824' 'exit_group' 'perf_event_open'
}

@test "the action is what eval answers: files, ABIs, all consumers" {
        local file line abi json consumer wanted said n=0
        for file in p.jsonc docker.json oci.json; do
                for abi in x86_64 x86; do
                        while read -r line; do
                                # shellcheck disable=SC2086 # a call and its arguments are words
                                json=$(seccompose explain "$file" $line --arch "$abi" --kernel 6.1 --format json 2> /dev/null)
                                said=$(jq -r '.answers[0].action // "by arguments"' <<< "$json")
                                wanted=$(eval_as "$file" "$abi $line")
                                # what is not given may be anything, for explain; for eval it is 0
                                [ "$said" = "by arguments" ] || [ "$said" = "$wanted" ] ||
                                        fail "$file $abi $line: explain says $said, eval $wanted"
                                n=$((n + 1))
                        done < <(questions)
                done
        done
        for file in p.jsonc docker.json oci.json; do
                for line in 'mount' 'socket 40 1 0' 'mseal' 'ptrace' 'ioctl 0 7 0'; do
                        # shellcheck disable=SC2086
                        json=$(seccompose explain "$file" $line --kernel 6.1 --for all --format json 2> /dev/null)
                        while IFS=$'\t' read -r consumer said; do
                                [[ $said != *" or "* ]] || continue
                                wanted=$(eval_as "$file" "x86_64 $line" --for "$consumer") || true
                                [ "$said" = "$wanted" ] || fail "$consumer:$file $line: explain says $said, eval $wanted"
                                n=$((n + 1))
                        done < <(jq -r '.answers[0].consumers[] | [.consumer, .action // ""] | @tsv' <<< "$json")
                done
        done
        echo "# $n answers" >&3
        [ "$n" -ge 250 ]
}

@test "the rows are what eval answers there" {
        run --separate-stderr -0 seccompose explain p.jsonc bpf --kernel 5.0
        expect_line '  with CAP_SYS_ADMIN           allow'
        [ "$(eval_as p.jsonc 'x86_64 bpf' --kernel 5.0 --cap-add SYS_ADMIN)" = allow ]
        [ "$(eval_as p.jsonc 'x86_64 bpf' --kernel 5.0 --cap-add BPF)" = errno:EPERM ]
        run --separate-stderr -0 seccompose explain p.jsonc perf_event_open --kernel 6.1
        expect_line '  kernel 4.14 and newer, before 6.0 allow'
        [ "$(eval_as p.jsonc 'x86_64 perf_event_open' --kernel 5.19)" = allow ]
        [ "$(eval_as p.jsonc 'x86_64 perf_event_open' --kernel 4.13)" = errno:EPERM ]
        [ "$(eval_as docker.json 'x86_64 mount' --cap-add SYS_ADMIN)" = allow ]
        grep -q 'with CAP_SYS_ADMIN .*allow' "$OUT/24-profile-caps.out"
}

# said FILE ARG…: the action, the registers, and whether the condition is met.
said() {
        seccompose explain "$@" --kernel 6.1 --format json 2> /dev/null | jq -r '.answers[0] |
                [.action // .actions, ([(.arguments // {})[]] | join(" ")), .condition.allowed_if // "-", .condition.met // "-"] | join("; ")'
}

@test "on x86 the arguments are the 64 bits that filters are shown, on arm the 32 that there are" {
        local value
        need python3
        cd "$BATS_TEST_TMPDIR" || return
        # of socket, something in the upper half of the family is EPERM
        program x86.bpf 20,0,0,0 15,0,3,167 20,0,0,14 15,1,0,0 6,0,0,50001 6,0,0,7fff0000
        program arm.bpf 20,0,0,0 15,0,3,119 20,0,0,14 15,1,0,0 6,0,0,50001 6,0,0,7fff0000
        for value in 0 0x28 0xffffffff 0x100000000 0x100000028 0xffffffffffffffff; do
                [[ $(said x86.bpf socket "$value" --arch x86) = "$(eval_as x86.bpf "x86 socket $value")"\;* ]] || fail "$value"
        done
        expect_said() {
                local wanted=$1
                shift
                [ "$(said "$@")" = "$wanted" ] || fail "$*: $(said "$@")"
        }
        value='family:64 < 0x100000000'
        expect_said "allow; 0x28; $value; yes" x86.bpf socket 0x28 --arch x86
        expect_said "errno:EPERM; 0x100000028; $value; no" x86.bpf socket 0x100000028 --arch x86
        expect_said "errno:EPERM; 0x100000028; $value; no" x86.bpf socket family=AF_VSOCK\|0x100000000 --arch x86
        # with a sign it is as wide as a program of the ABI has it
        expect_said "allow; 0xffffffff; $value; yes" x86.bpf socket -1 --arch x86
        expect_said 'allow; 0xffffff9c; -; -' x86.bpf openat AT_FDCWD --arch x86
        expect_said 'allow; 0xffffffff 0xffffffff; -; -' x86.bpf fallocate offset=-1 --arch x86
        expect_said 'allow; 0xffffffffffffffff; -; -' x86.bpf socket -1 --arch x86_64
        # strace tells of programs of 32 bits
        expect_said "allow; 0x28 0x1 0; $value; yes" x86.bpf --audit 'socket(AF_VSOCK, SOCK_STREAM, 0) = 3' --arch x86
        # what no register has decides nothing
        expect_said 'allow; ; -; -' arm.bpf socket --arch arm
        expect_said 'allow; 0x28; -; -' arm.bpf socket 0x100000028 --arch arm
        echo '{ "architectures": ["arm"], "rules": [ { "allow": ["socket"], "when": "arg0:64 == 0x100000028" } ] }' > arm.jsonc
        expect_said 'errno:EPERM; ; -; -' arm.jsonc socket --arch arm
        run --separate-stderr -0 seccompose explain arm.jsonc socket --arch arm --kernel 6.1
        [[ $output != *'allow when'* ]] || fail "$output"
}

@test "on x86 a profile's rule cannot be walked around by an upper half, as libseccomp tests none" {
        local rule
        cd "$BATS_TEST_TMPDIR" || return
        echo '{ "defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"] }' > open.json
        rule=$(seccompose explain open.json personality 8 --arch x86 --format json | jq -c '.answers[0].advice[0].write | fromjson')
        [ "$(jq -r '.args[0].op' <<< "$rule")" = SCMP_CMP_EQ ]
        jq --argjson rule "$rule" '.syscalls = [$rule]' open.json > closed.json
        [ "$(eval_as closed.json 'x86 personality 8')" = errno:EPERM ]
        [ "$(eval_as closed.json 'x86 personality 0x100000008')" = errno:EPERM ]
        [[ $(said closed.json personality 0x100000008 --arch x86) = 'errno:EPERM; 0x100000008; '*'; no' ]] ||
                fail "$(said closed.json personality 0x100000008 --arch x86)"
}

# apply_line FILE LINE WHERE: the line as the first rule of a policy that extends the file, or of the file itself.
apply_line() {
        local file=$1 line=$2 place=${3#*never matches: line} keys
        [ "$place" != "$3" ] || place=
        place=${place#s}
        place=${place# }
        case $file in
                *.jsonc) awk -v line="$line," -v without="${place%%[;(]*}" '
                        BEGIN { n = split(without, list, ", *"); for (i = 1; i <= n; i++) out[list[i] + 0] = 1 }
                        !(NR in out) { print } /^  "rules": \[/ { print line }' "$file" > applied.jsonc ;;
                *) keys=${3#in a policy with }
                        [[ $keys != "$3" && $keys == *', whose own '* ]] || fail "$3" || return
                        printf '{ %s, "rules": [ %s ] }\n' "${keys%%, whose own *}" "$line" > applied.jsonc ;;
        esac
}

# apply_rules FILE CALL RULES WHERE: the profile with the rules, and without the call's name where it is to go.
apply_rules() {
        local file=$1 call=$2 rules=$3 place=${4#*out of the rules at line} line
        local -a edit=(-e '')
        [ "$place" != "$4" ] || place=
        place=${place#s} place=${place%%[;(a]*}
        for line in ${place//,/ }; do
                edit+=(-e "${line}s/\"$call\"/\"none\"/")
        done
        sed "${edit[@]}" "$file" | jq --argjson rules "[$rules]" '.syscalls += $rules' > applied.json
}

# advice FILE CALL ARG…: every advice of possible ones, applied, gives what it promises.
advice() {
        local file=$1 json to write where question answer i applied taker
        shift
        json=$(seccompose explain "$file" "$@" --kernel 6.1 --format json 2> /dev/null)
        question="x86_64 $1"
        [ $# -lt 2 ] || question+=" $(jq -r '[.answers[0].arguments[]] | join(" ")' <<< "$json")"
        for i in 0 1; do
                [ "$(jq -r ".answers[0].advice[$i].possible" <<< "$json")" = yes ] || continue
                n=$((n + 1))
                to=$(jq -r ".answers[0].advice[$i].to" <<< "$json")
                write=$(jq -r ".answers[0].advice[$i].write // \"\"" <<< "$json")
                where=$(jq -r ".answers[0].advice[$i].where" <<< "$json")
                case $file in
                        *.json) apply_rules "$file" "$1" "$write" "$where" && applied=applied.json ;;
                        *) apply_line "$file" "$write" "$where" && applied=applied.jsonc ;;
                esac
                while read -r taker; do
                        local -a for=(--for "$taker")
                        [ "$taker" != policy ] || for=()
                        answer=$(eval_as "$applied" "$question" "${for[@]}")
                        case $to:$answer in
                                allow:allow | deny:errno:*) ;;
                                *) fail "$file $*: to $to it: $where: $write: $taker says '$answer'" || return 1 ;;
                        esac
                done < <(jq -r ".answers[0].advice[$i].tried[]" <<< "$json")
                # and nothing else is allowed that was not, or denied that was allowed
                [ "$applied" = applied.json ] || continue
                [[ $to = deny || $where != *"denies more"* ]] || continue
                local -a pair=(applied.json "$file")
                [ "$to" = deny ] || pair=("$file" applied.json)
                seccompose verify --subset "${pair[@]}" --kernel 6.1 > verify.out 2>&1 ||
                        fail "$file $*: to $to it: $where: $write" "$(< verify.out)" || return 1
        done
}

@test "advice for a policy with few ABIs: one that extends it lists them too, and can be built" {
        local json
        json=$(seccompose explain agent-offline vfork --for docker --format json)
        apply_line agent-offline "$(jq -r '.answers[0].advice[0].write' <<< "$json")" \
                "$(jq -r '.answers[0].advice[0].where' <<< "$json")"
        [ "$(cat applied.jsonc)" = '{ "extends": ["agent-offline"], "architectures": ["x86_64", "aarch64"], "rules": [ { "allow": ["vfork"] } ] }' ]
        run -0 seccompose build applied.jsonc --for docker@20.10 -o applied.json
        [ "$(eval_as applied.json 'x86_64 vfork' --for docker@20.10)" = allow ]
        # without that line it cannot
        run -2 --separate-stderr seccompose build --for docker@20.10 - <<< '{ "extends": ["agent-offline"] }'
        [[ $stderr == *'and that is not inherited: add "architectures": ["x86_64", "aarch64"]'* ]] || fail "$stderr"
}

@test "what is advised, once applied, gives what it promises" {
        local n=0 file wanted=55
        local -a policies=(p.jsonc docker-default) profiles=(docker.json oci.json moby.json podman.json)
        [ -z "${SC_SANITIZED-}" ] || policies=(p.jsonc) profiles=(docker.json oci.json) wanted=25
        for file in "${policies[@]}"; do
                advice "$file" socket AF_VSOCK
                advice "$file" socket AF_INET
                advice "$file" socket
                advice "$file" mount
                advice "$file" read
                advice "$file" clone CLONE_NEWUSER
                advice "$file" statx
                advice "$file" bpf
                advice "$file" openat2
                advice "$file" mseal
                advice "$file" ioctl fd=0 cmd=TIOCSTI
                advice "$file" prctl option=PR_SET_NAME arg1=5
                advice "$file" socket AF_VSOCK --for docker
                advice "$file" mount --for crun
                advice "$file" read --for all
        done
        for file in "${profiles[@]}"; do
                advice "$file" socket AF_VSOCK
                advice "$file" socket AF_INET
                advice "$file" socket AF_UNIX
                advice "$file" mount
                advice "$file" read
                advice "$file" personality 8
                advice "$file" personality
                advice "$file" chroot
                advice "$file" kexec_load
                advice "$file" ioctl 0 7
                advice "$file" ptrace
                advice "$file" mount --for all
                advice "$file" personality 8 --for all
        done
        echo "# $n pieces of advice" >&3
        [ "$n" -ge "$wanted" ]
}

@test "random questions: explain's action is eval's, for all consumers; advice, applied, gives what it promises" {
        local count=${COUNT-120}
        need python3
        [ -z "${SC_SANITIZED-}" ] || count=${COUNT-30}
        run "$SC_SOURCE/test/tools/explain-random" "$SC_BUILD/cmd/seccompose/seccompose" "$count" "${SC_SEED-1}" \
                p.jsonc docker.json oci.json wrong.json /usr/share/containers/seccomp.json
        [ "$status" -eq 0 ] || fail "$output"
        echo "$output" >&3
}

@test "a line of the log is a question like that of words" {
        local line='type=1326 audit(1.2:3): auid=1 pid=1 comm="a" sig=0 arch=c000003e syscall=165 compat=0 ip=0x1 code=0x50000'
        diff <(seccompose explain p.jsonc mount --kernel 6.1) \
                <(seccompose explain p.jsonc --audit "$line" --kernel 6.1 | grep -v -e '^> ' -e "the record's action")
        run --separate-stderr -0 seccompose explain p.jsonc --audit "$line" --kernel 6.1
        expect_line "  the record's action (code) is this filter's"
        run --separate-stderr -0 seccompose explain p.jsonc --audit "${line/0x50000/0x80000000}" --kernel 6.1
        [[ $output == *"the record's action (code) is another, kill: "* ]]
        run --separate-stderr -2 seccompose explain p.jsonc --audit "${line/arch=c000003e/}"
        [[ $stderr == *"without arch= or syscall="* ]]
        run --separate-stderr -2 seccompose explain p.jsonc --audit 'socket(AF_INET, SOCK_STREAM <unfinished ...>'
        [[ $stderr == *"unfinished"* ]]
}

@test "for all consumers: the same rules are compiled once" {
        need strace
        # the sanitizer cannot look for leaks under a tracer
        ASAN_OPTIONS=detect_leaks=0 strace -f -qq -e trace=clone,clone3,vfork,fork -o forks.txt \
                "$SC_BUILD/cmd/seccompose/seccompose" explain docker-default mount --for all --kernel 6.1 > out.txt
        run grep -cE 'clone|fork' forks.txt
        echo "# $output compiles" >&3
        # without that there are some hundred
        [ "$output" -ge 5 ] && [ "$output" -le 80 ]
}

@test "a real line of strace" {
        need strace
        run --separate-stderr strace -f -e trace=socket -o trace.txt busybox nc -w 1 127.0.0.1 1
        run --separate-stderr -0 seccompose explain p.jsonc --audit - --kernel 6.1 < trace.txt
        [[ $output == *"x86_64 socket(family=0x2 AF_INET"* ]]
}

@test "a program with 2^32 ways through it is answered for" {
        # the parity of argument 0's lower half
        local -a insns=(20,0,0,10)
        for shift in 10 8 4 2 1; do
                insns+=(2,0,0,0 "74,0,0,$shift" 61,0,0,0 ac,0,0,0)
        done
        program parity.bpf "${insns[@]}" 54,0,0,1 15,0,1,0 6,0,0,7fff0000 6,0,0,50001
        run -0 timeout 60 "$SC_BUILD/cmd/seccompose/seccompose" explain parity.bpf read
        [[ $output == *': allow or errno:EPERM, by its arguments'* ]] || fail "$output"
        run -0 timeout 60 "$SC_BUILD/cmd/seccompose/seccompose" explain parity.bpf read 3
        [[ $output == *': allow'* ]] || fail "$output"
        # the line's case is one of them
        run -0 timeout 60 "$SC_BUILD/cmd/seccompose/seccompose" explain parity.bpf --audit 'read() = -1 EPERM (Operation not permitted)'
        [[ $output == *'its result is that of a case above'* ]] || fail "$output"
}

# no_controls: nothing in $output or $stderr that a terminal would act on.
no_controls() {
        [[ $output$stderr != *[$'\e\a\r\x9b']* ]] || fail "a control character:" "$output" "$stderr"
}

@test "what others wrote does nothing to a terminal, and is no JSON that nobody reads" {
        local file=$'e\e[31m\nx: allowed\xff.json' verb as
        printf '%s\n' '{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{"names":["socket"],"action":"SCMP_ACT_ALLOW",' \
                '"includes":{"caps":["CAP_\u001b[2J\nsocket is allowed"]}},' \
                '{"names":["bind"],"action":"SCMP_ACT_\u001b[2J","excludes":{"caps":["CAP_CHOWN"]}}]}' > "$file"
        for verb in explain diff verify merge; do
                for as in docker runc crun; do
                        case $verb in
                        explain) set -- explain "$as:$file" socket ;;
                        merge) set -- merge --union "$as:$file" p.jsonc ;;
                        *) set -- "$verb" "$as:$file" p.jsonc ;;
                        esac
                        run --separate-stderr seccompose "$@"
                        no_controls
                        [ "$(grep -c '^socket is allowed' <<< "$output")" -eq 0 ]
                        [ "$status" -le 2 ]
                        [ "$verb" != merge ] || continue
                        run --separate-stderr seccompose "$@" --format json
                        [ "$status" -le 2 ]
                        no_controls
                        [ "$status" -eq 2 ] || jq . <<< "$output" > json.out
                done
        done
        run --separate-stderr -2 seccompose explain $'no\e[31m' read
        no_controls
        run --separate-stderr -2 seccompose explain p.jsonc $'no\e[31m'
        no_controls
        run --separate-stderr -2 seccompose explain p.jsonc --audit $'no\e[31m'
        no_controls
        local line=$'type=1326 comm="\e[31m\xff" sig=0 arch=c000003e syscall=41 compat=0 ip=0x1 code=0x50000'
        run --separate-stderr -0 seccompose explain p.jsonc --audit "$line"
        no_controls
        expect_line '> type=1326 comm="?[31m?" sig=0 arch=c000003e syscall=41 compat=0 ip=0x1 code=0x50000'
        run --separate-stderr -0 seccompose explain p.jsonc --audit "$line" --format json
        jq . <<< "$output" > json.out
}

@test "many rules on one call are explained in time" {
        need python3
        # forty masks on six arguments: more paths than anybody walks
        python3 - << 'EOF'
import json
golden = 0x9e3779b97f4a7c15
masks = [{"names": ["socket"], "action": "SCMP_ACT_ALLOW", "args": [{"index": i % 6, "op": "SCMP_CMP_MASKED_EQ",
          "value": golden * (i + 1) % 2**64, "valueTwo": i * 7919}]} for i in range(40)]
json.dump({"defaultAction": "SCMP_ACT_ERRNO", "syscalls": masks}, open("masks.json", "w"))
idle = [{"names": ["socket"] * 120000, "action": "SCMP_ACT_ERRNO"}]
json.dump({"defaultAction": "SCMP_ACT_ERRNO", "syscalls": idle}, open("idle.json", "w"))
EOF
        run --separate-stderr -0 timeout 100 "$SC_BUILD/cmd/seccompose/seccompose" explain masks.json socket
        [ "${lines[0]}" = 'x86_64 socket under masks.json (runc): allow or errno:EPERM, by its arguments' ]
        run --separate-stderr -0 timeout 100 "$SC_BUILD/cmd/seccompose/seccompose" explain idle.json socket
        [[ $output == *'skipped: 119000 more rules name the call (beyond the first 1000 only those that decide are told)'* ]]
        # the same line again and again
        yes 'socket(AF_INET, SOCK_STREAM, 0) = 3' | head -n 4000 > same.txt || true
        run --separate-stderr -0 timeout 100 "$SC_BUILD/cmd/seccompose/seccompose" explain masks.json --audit - < same.txt
        [ "$(grep -c '^> socket(AF_INET' <<< "$output")" -eq 4000 ]
}

@test "what no decision can hold is bad input" {
        need python3
        python3 - << 'EOF'
import json
golden = 0x9e3779b97f4a7c15
def arg(i, k):
    mask = golden * (6 * i + k + 1) % 2**64
    return {"index": k, "op": "SCMP_CMP_MASKED_EQ", "value": mask, "valueTwo": mask & 0xabcdef0123456789 * (i + 1) % 2**64}
rules = [{"names": ["socket"], "action": "SCMP_ACT_ALLOW", "args": [arg(i, k) for k in range(6)]} for i in range(60)]
json.dump({"defaultAction": "SCMP_ACT_ERRNO", "syscalls": rules}, open("large.json", "w"))
EOF
        run --separate-stderr -2 seccompose merge --union large.json p.jsonc
        [ -z "$output" ]
        [[ $stderr == *'too complex'* ]] || fail "$stderr"
}
