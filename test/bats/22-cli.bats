#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The command line: help, mistakes, where output goes, the same bytes everywhere, installation.

# status and stderr of `run` apart: bats 1.5
bats_require_minimum_version 1.5.0

setup() {
        load lib/world
        cd "$BATS_TEST_TMPDIR" || return
        echo '{ "architectures": ["x86_64"], "baseline": "6.1", "rules": [ { "allow": ["read", "write"] } ] }' > p.jsonc
}

# refused PATTERN ARGUMENT…: exit 2, nothing on stdout, and a message like this.
refused() {
        local pattern=$1
        shift
        run --separate-stderr seccompose "$@"
        [ "$status" -eq 2 ] || fail "status $status: $*"
        [ -z "$output" ] || fail "stdout: $output"
        [[ $stderr =~ $pattern ]] || fail "not like '$pattern':" "$stderr"
}

# The long options in a verb's --help.
options_of() {
        seccompose "$1" --help | grep -oE '^ +(-[a-z], +)?--[a-z0-9-]+' | grep -oE -- '--[a-z0-9-]+' | sort | tr '\n' ' '
}

@test "every verb has --help, with exactly its options" {
        diff <(seccompose --help | awk '/^  [a-z]/ { print $1 }') \
                <(printf '%s\n' build eval explain verify questions diff merge lint validate list patch probe new run)
        diff - <(for verb in build eval explain verify questions diff merge lint validate list patch probe new run; do
                echo "$verb $(options_of "$verb")"
        done) << 'END'
build --allow --arch --cap-add --cap-drop --caps --complain --for --help --kernel --libseccomp --output 
eval --allow --arch --cap-add --cap-drop --caps --complain --for --help --kernel --libseccomp 
explain --allow --arch --audit --cap-add --cap-drop --caps --complain --for --format --help --kernel --libseccomp 
verify --arch --cap-add --cap-drop --caps --for --format --help --kernel --libseccomp --probe --subset 
questions --allow --arch --cap-add --cap-drop --caps --complain --for --help --kernel --libseccomp 
diff --arch --cap-add --cap-drop --caps --for --format --help --kernel --libseccomp 
merge --arch --cap-add --cap-drop --caps --description --for --help --intersect --kernel --libseccomp --output --union 
lint --arch --baseline --cap-add --cap-drop --caps --config --diff --enable --explain --fail-on --fix --for --format --help --ignore --jobs --libseccomp --list-rules --min-kernel --no-config --only --skip-others --write-baseline 
validate --as --format --help --schema 
list --arch --help 
patch --allow --choose --combine --complain --conflicts --help --kernel --libseccomp --policies --policy --profile --sha256 --unconfined 
probe --help 
new --extends --help --output 
run --allow --cap-add --cap-drop --caps --complain --for --help --kernel --libseccomp --log --no-trace --output 
END
        diff <(seccompose build --help) <(seccompose build -h)
        # asked for among other things, help comes first
        run --separate-stderr seccompose build --help extra arguments
        [ "$status" -eq 0 ] && [[ $output == Usage:* ]]
}

@test "--version names the version" {
        run --separate-stderr seccompose --version
        [ "$status" -eq 0 ]
        [[ $output =~ ^seccompose\ [0-9]+\.[0-9]+\.[0-9]+\ .*libseccomp\ [0-9]+\.[0-9]+\.[0-9]+ ]]
}

@test "what is not known is refused with a hint" {
        refused "see 'seccompose --help'|See 'seccompose --help'"
        refused "no verb 'biuld'; did you mean 'build'" biuld
        refused "no verb 'xyzzy'; see 'seccompose --help'" xyzzy
        refused "no option '--fro'; did you mean '--for'" build p.jsonc --fro docker
        refused "no option '--xyzzy'; see 'seccompose build --help'" build p.jsonc --xyzzy
        refused "no option '-x'" build p.jsonc -x
        # an option of another verb
        refused "no option '--output" eval p.jsonc --output x
        refused "no target named 'dokcer'; did you mean 'docker'" build p.jsonc --for dokcer
        refused "for whom" build p.jsonc
        refused "no consumer named 'dokcer'" eval p.jsonc --for dokcer
        refused "that of one consumer" eval p.jsonc --for all
        refused "no format 'yaml'; there are text and json" verify p.jsonc p.jsonc --format yaml
        refused "something is missing" verify p.jsonc
        refused "no format 'yaml'; there are text, json and markdown" diff p.jsonc p.jsonc --format yaml
        refused "no format 'markdown'; there are text and json" verify p.jsonc p.jsonc --format markdown
        refused "something is missing" diff p.jsonc
        refused "one consumer at a time" diff p.jsonc p.jsonc --for all
        refused "only one of the files" diff - -
        refused "no architecture named 'x86-64'; did you mean 'x86_64'" build p.jsonc --for docker --arch x86-64
        refused "x86_64 twice" build p.jsonc --for docker --arch x86_64,amd64
        refused "an empty name in 'x86_64,'" build p.jsonc --for docker --arch x86_64,
        refused "no capability named 'SYS_ADMN'; did you mean 'SYS_ADMIN'" build p.jsonc --for oci --caps SYS_ADMN
        refused "caps comes before" build p.jsonc --for oci --cap-add BPF --caps none
        refused "'6' is no kernel version" build p.jsonc --for docker --kernel 6
        refused "no capability named 'CAP_FOO'; see capabilities" build p.jsonc --for oci --caps CAP_FOO
        refused "no architecture named 'vax'; see 'seccompose list abis'" build p.jsonc --for docker --arch vax
        refused "no libseccomp named '2.5.9'" build p.jsonc --for docker --libseccomp 2.5.9
        refused "no system call named 'raed'; did you mean 'read'" build p.jsonc --for docker --allow raed
        refused "no system call named 'READ'; did you mean 'read'" build p.jsonc --for docker --allow READ
        refused "no system call named 'frobnicate'; see 'seccompose list syscalls'" explain p.jsonc frobnicate
        refused "'@timer': name calls, not groups; 'seccompose list groups @timer' prints its calls" \
                build p.jsonc --for docker --allow read,@timer
        refused "complain takes no value" build p.jsonc --for docker --complain=yes
        refused "for needs a value" build p.jsonc --for
        refused "something is missing; usage: seccompose build" build --for docker
        refused "too many arguments" build p.jsonc p.jsonc --for docker
        refused "no list of 'sycalls'; did you mean 'syscalls'" list sycalls
        refused "no group named '@moutn'; did you mean '@mount'" list groups @moutn
        refused "no group named '@sandbox'; see 'seccompose list groups'" list groups @sandbox
        refused "no shipped policy named 'stdoi'; did you mean 'stdio'" list policies stdoi
        refused "no shipped policy named 'xyzzy'; see 'seccompose list policies'" list policies xyzzy
        refused "'list abis' takes no names" list abis x86_64
        refused "which policy" patch .
}

@test "a policy that is not there" {
        refused "no shipped policy named 'docker-defualt'.*" build docker-defualt --for docker
        [[ $stderr == *"did you mean 'docker-default'"* ]]
        refused "no shipped policy named 'agent'.*" build agent --for docker
        [[ $stderr == *"'seccompose list policies' lists them"* ]]
        refused "nowhere.jsonc.*No such file" build nowhere.jsonc --for docker
        refused "Is a directory" build . --for docker
        mkfifo fifo
        run timeout 60 "$SC_BUILD/cmd/seccompose/seccompose" build fifo --for docker
        [ "$status" -ne 0 ] && [ "$status" -ne 124 ]
}

@test "options may stand anywhere and be written in both ways" {
        seccompose build p.jsonc --for docker --arch x86_64 > a
        seccompose build --arch=x86_64 --for=docker p.jsonc > b
        seccompose build --for docker -- p.jsonc > c
        seccompose build -o d p.jsonc --for docker
        seccompose build -oe p.jsonc --for docker
        cmp a b && cmp a c && cmp a d && cmp a e
        seccompose build --for docker -o - p.jsonc | cmp a
}

@test "standard input is a policy, told by '-'" {
        seccompose build p.jsonc --for docker > a
        seccompose build - --for docker < p.jsonc | cmp a
        run --separate-stderr seccompose build - --for docker <<< '{ "rules": 1 }'
        [ "$status" -eq 2 ] && [[ $stderr == '<stdin>:1:12: error: '* ]]
        refused "standard input is for the questions" eval -
}

@test "the result is the same bytes, whatever the place, the locale and the time" {
        local locale
        seccompose build docker-default --for docker > a
        [ -s a ]
        mkdir sub
        for locale in C C.UTF-8 POSIX de_DE.UTF-8 tr_TR.UTF-8; do
                (cd sub && LC_ALL=$locale LANG=$locale TZ=Asia/Tokyo seccompose build docker-default --for docker) | cmp a
        done
        (cd sub && env -i "$SC_BUILD/cmd/seccompose/seccompose" build ../p.jsonc --for oci) > b
        seccompose build "$PWD/p.jsonc" --for oci | cmp b
        [ "$(jq -r .defaultAction < b)" = SCMP_ACT_ERRNO ]
}

@test "-o: replaces a file, follows no accident, leaves nothing behind" {
        mkdir -p here/dir && cp p.jsonc here && cd here
        seccompose build p.jsonc --for docker > want
        echo old > out && chmod 640 out
        seccompose build p.jsonc --for docker -o out
        cmp want out
        [ "$(stat -c %a out)" = 640 ]
        refused "cannot write 'dir'" build p.jsonc --for docker -o dir
        refused "cannot write 'none/out'" build p.jsonc --for docker -o none/out
        refused "cannot write 'out/x'" build p.jsonc --for docker -o out/x
        [ -z "$(ls -A dir)" ]
        [ "$(ls -A | tr '\n' ' ')" = "dir out p.jsonc want " ]
}

@test "-o: through a link, the link stays and its target is written, or nothing is" {
        echo old > target
        ln -s target link
        run seccompose build p.jsonc --for docker -o link
        [ -L link ]
        if [ "$status" -eq 0 ]; then
                seccompose build p.jsonc --for docker | cmp target
        else
                [ "$status" -eq 2 ] && [ "$(< target)" = old ]
        fi
}

@test "eval: lines that cannot be read are named, and none is answered" {
        run --separate-stderr seccompose eval p.jsonc << 'END'
x86_64 read

x86-64 read
x86_64 raed
x86_64 mmap2
x86_64
x86_64 read 1 2 3 4 5 6 7
x86_64 read 1 two
x86_64 #0x1ffffffff
x86_64 read 0x1ffffffffffffffff
END
        [ "$status" -eq 2 ] && [ -z "$output" ]
        diff - <(sed -nE 's/^(<stdin>:[0-9]+:[0-9]+): error: .*\[(.*)\]$/\1 \2/p' <<< "$stderr") << 'END'
<stdin>:3:1 unknown-arch
<stdin>:4:8 unknown-syscall
<stdin>:5:8 call-of-another-abi
<stdin>:6:1 missing-call
<stdin>:7:25 too-many-arguments
<stdin>:8:15 bad-number
<stdin>:9:8 bad-number
<stdin>:10:13 bad-number
END
}

@test "eval: prints each line with its answer" {
        run --separate-stderr seccompose eval p.jsonc < <(printf 'amd64 read 0x10 -1\n\n  x86_64\t#400 \r\nx86_64 getpid')
        [ "$status" -eq 0 ]
        [ "${lines[0]}" = $'amd64 read 0x10 -1\tallow' ]
        [ "${lines[1]##*$'\t'}" = 'errno 38 ENOSYS' ]
        [ "${lines[2]}" = $'x86_64 getpid\terrno 1 EPERM' ]
        run --separate-stderr seccompose eval p.jsonc < /dev/null
        [ "$status" -eq 0 ] && [ -z "$output" ]
}

@test "a full disk is said, with status 3" {
        local command
        for command in 'build p.jsonc --for docker' 'list syscalls' '--help' '--version' 'build --help'; do
                # shellcheck disable=SC2086
                run bash -c '"$0" "$@" 2>&1 > /dev/full' "$SC_BUILD/cmd/seccompose/seccompose" $command
                [ "$status" -eq 3 ] || fail "$command: status $status"
                [[ $output == *"cannot write"* ]] || fail "$command: $output"
        done
}

@test "list: tables with tabs" {
        local what
        run --separate-stderr seccompose list syscalls --arch x86_64,s390x
        [ "$status" -eq 0 ] && [ "${#lines[@]}" -gt 450 ]
        expect_line $'name\tx86_64\ts390x\tfallback'
        expect_line $'read\t0\t3\t-'
        expect_line $'openat2\t437/5.6\t437/5.6\tf'
        expect_line $'mmap2\t-\t-\t-'
        [ "$(awk -F'\t' '!/^#/ { print NF }' <<< "$output" | sort -u)" = 4 ]
        run --separate-stderr seccompose list syscalls socket prctl,socketcall sync --arch x86_64,x86
        [ "$status" -eq 0 ] && [ "${#lines[@]}" -eq 6 ]
        expect_line $'name\tx86_64\tx86\tfallback\tparameters'
        expect_line $'socket\t41\t359/4.3\t-\tfamily, type, protocol'
        expect_line $'prctl\t157\t172\t-\toption, arg1, arg2, arg3, arg4'
        expect_line $'socketcall\t-\t102\t-\tcall, args'
        expect_line $'sync\t162\t36\t-\t-'
        run --separate-stderr -2 seccompose list syscalls socket scoket
        [ -z "$output" ] && [[ $stderr == *"no system call named 'scoket'; did you mean 'socket'?"* ]]
        run --separate-stderr seccompose list groups
        [ "$(awk -F'\t' '{ print NF }' <<< "$output" | sort -u)" = 3 ]
        [[ $output == *$'@module\t3\t'* ]]
        run --separate-stderr seccompose list groups @module
        [ "$output" = $'@module\tdelete_module\n@module\tfinit_module\n@module\tinit_module' ]
        run --separate-stderr seccompose list abis
        expect_line $'x86_64\tamd64\tSCMP_ARCH_X86_64\t64\tlittle\tx86,x32'
        run --separate-stderr seccompose list policies
        [ "$(cut -f1 <<< "$output" | sort | tr '\n' ' ')" = \
                "agent-network agent-offline audit complain docker-default latex latex-clone3 podman-default stdio stdio-threads " ]
        run --separate-stderr seccompose list consumers
        for what in docker docker@20.10 oci runc crun; do
                [[ $output == *$'\n'"$what"$'\t'* ]]
        done
}

@test "list policies NAME: the text as shipped, with what it offers" {
        local n=0 name
        while read -r name; do
                seccompose list policies "$name" > one
                cmp one "$SC_SOURCE/profiles/$name.jsonc" || fail "$name"
                n=$((n + 1))
        done < <(seccompose list policies | cut -f 1)
        [ "$n" -ge 10 ]
        cmp <(seccompose list policies stdio latex) <(cat "$SC_SOURCE"/profiles/{stdio,latex}.jsonc)
        # the refusal of a call that is not offered says how to see those that are
        refused "does not offer 'ptrace'.*may be added, [1-9][0-9]+ calls: see 'seccompose list policies agent-offline'" \
                build agent-offline --for docker --allow ptrace
}

@test "what is installed runs from where it was put" {
        DESTDIR=$PWD/root meson install -C "$SC_BUILD" --no-rebuild > log 2>&1 || fail "$(tail -n 5 log)"
        local found
        found=$(find root -type f -name seccompose -perm -100)
        [ -n "$found" ]
        [ -n "$(find root -type f -name seccompose-hook -perm -100)" ]
        [ -n "$(find root -name docker-default.jsonc)" ]
        [ -n "$(find root -name policy.schema.json)" ]
        (cd / && env -i "$BATS_TEST_TMPDIR/$found" build docker-default --for docker) | cmp <(seccompose build docker-default --for docker)
}
