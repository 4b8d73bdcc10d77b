#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Which policy a container gets, how it goes together with what the engine gave, and what is refused: by the hook's two
# stages and by `seccompose patch`, with what was written asked by `seccompose eval`.
# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # the filters are jq's; bats sets the rest

bats_require_minimum_version 1.5.0

setup_file() {
        load lib/world
        load lib/choose
        need runc busybox jq
        export DIR=$BATS_FILE_TMPDIR QUESTIONS=$BATS_FILE_TMPDIR/questions
        rootfs_make "$DIR/rootfs"
        questions "$QUESTIONS"
        seccompose build docker-default --for docker -o "$DIR/docker.json"
        seccompose build docker-default --for podman --kernel running 2> "$DIR/podman.err" |
                jq '{ "1": "EPERM", "38": "ENOSYS" } as $names | .defaultErrno = $names[.defaultErrnoRet | tostring] | del(.defaultErrnoRet)
                        | .syscalls |= map(if .errnoRet then .errno = $names[.errnoRet | tostring] | del(.errnoRet) else . end)' > "$DIR/podman.json"
        seccompose build docker-default --for runc --kernel running --caps CHOWN,KILL -o "$DIR/oci.json"
        printf '{ "rules": [ { "allow": ["no-such-call"] } ] }\n' > "$DIR/broken.jsonc"
        printf '{ "extends": ["docker-default"], "rules": [ { "deny": ["dup3"], "with": "errno:EACCES" } ] }\n' > "$DIR/no-dup3.jsonc"
        offers_make "$DIR/offers"
}

# What containers may choose: from laxer than anything to stricter.
offers_make() {
        mkdir -p "$1"
        printf '{ "default": "allow" }\n' > "$1/all.jsonc"
        printf '{ "extends": ["docker-default"], "rules": [ { "deny": ["dup2"], "with": "errno:EACCES" } ] }\n' > "$1/no-dup2.jsonc"
        printf '{ "defaultAction": "SCMP_ACT_ALLOW", "syscalls": [ { "names": ["dup3"], "action": "SCMP_ACT_TRAP" } ] }\n' > "$1/trap.json"
        cp "$DIR/podman.json" "$1/podman.json"
        cp "$DIR/docker.json" "$1/docker.json"
}

setup() {
        load lib/world
        load lib/choose
        T=$BATS_TEST_TMPDIR
        bundle=$T/bundle
        mkdir "$bundle"
}

# precreate FILTER OPTION…: the hook on a config made by the filter: $T/in.json to $T/out.json, its word in $T/err.
precreate() {
        config "$1" > "$T/in.json"
        shift
        status=0
        hook precreate "$@" < "$T/in.json" > "$T/out.json" 2> "$T/err" || status=$?
}

# state [FILTER]: of a container that is being created from the bundle.
state() {
        jq -n --arg bundle "$bundle" --argjson pid "$(starting_pid)" \
                '{ociVersion: "1.0.2", id: "c1", status: "creating", $pid, $bundle}' | jq "${1:-.}"
}

# create_runtime FILTER OPTION…: the same for a bundle.
create_runtime() {
        config "$1" > "$bundle/config.json"
        cp "$bundle/config.json" "$T/in.json"
        shift
        again "$@"
}

again() {
        status=0
        hook createRuntime "$@" < <(state) > "$T/stdout" 2> "$T/err" || status=$?
        cp "$bundle/config.json" "$T/out.json"
        [ ! -s "$T/stdout" ] || fail "$(cat "$T/stdout")" || return
        [ "$(ls -A "$bundle")" = config.json ] || fail "$(ls -A "$bundle")"
}

# patch FILTER OPTION…: the same by the verb.
patch() {
        config "$1" > "$bundle/config.json"
        cp "$bundle/config.json" "$T/in.json"
        shift
        status=0
        seccompose patch "$bundle" "$@" > "$T/stdout" 2> "$T/err" || status=$?
        cp "$bundle/config.json" "$T/out.json"
}

expect_status() {
        [ "$status" -eq "$1" ] || fail "status $status: $(cat "$T/err")"
}

# One line, with each of the words.
expect_said() {
        local word
        [ "$(wc -l < "$T/err")" -eq 1 ] || fail "not one line: $(cat "$T/err")" || return
        for word in "$@"; do
                grep -qF -- "$word" "$T/err" || fail "no '$word' in: $(cat "$T/err")" || return
        done
}

expect_rest_unchanged() {
        diff <(jq -S 'del(.linux.seccomp)' "$T/in.json") <(jq -S 'del(.linux.seccomp)' "$T/out.json")
}

# The written profile does what FILE does under the eval OPTIONs.
expect_means() {
        answers "$T/out.json" > "$T/got"
        answers "$@" > "$T/wanted"
        diff "$T/wanted" "$T/got"
}

# each_refuses WORD FILTER OPTION…: both stages, with nothing written.
each_refuses() {
        local word=$1
        shift
        precreate "$@"
        expect_status 2 || return
        expect_said 'container box' refused "$word" || return
        [ ! -s "$T/out.json" ] || fail "$(cat "$T/out.json")" || return
        create_runtime "$@"
        expect_status 2 || return
        expect_said 'container c1' "bundle $bundle" refused "$word" || return
        cmp "$T/in.json" "$T/out.json"
}

# all_refuse WORD FILTER OPTION…: and the verb.
all_refuse() {
        each_refuses "$@" || return
        local word=$1
        shift
        patch "$@"
        expect_status 2 || return
        grep -qF -- "$word" "$T/err" || fail "no '$word' in: $(cat "$T/err")" || return
        cmp "$T/in.json" "$T/out.json"
}

# ---- The policy ----

@test "policy: a name, an absolute path; the two stages and the verb write the same" {
        local policy
        for policy in docker-default "$DIR/no-dup3.jsonc"; do
                precreate . --policy "$policy"
                expect_status 0
                expect_said 'container box' "policy $policy" 'it gets the policy'
                expect_rest_unchanged
                expect_means "$policy" --for runc --caps CHOWN,KILL
                jq .linux.seccomp "$T/out.json" > "$T/first"
                create_runtime . --policy "$policy"
                expect_status 1
                expect_said 'container c1' "bundle $bundle" "policy $policy" 'start it again'
                cmp <(jq .linux.seccomp "$T/out.json") "$T/first"
                again --policy "$policy"
                expect_status 0
                expect_said 'it has the policy'
                patch . --policy "$policy"
                expect_status 0
                cmp <(jq .linux.seccomp "$T/out.json") "$T/first"
        done
}

@test "policy: a relative path is refused in the hook, taken by the verb" {
        cd "$DIR"
        for option in --policy=no-dup3.jsonc --policy=./no-dup3.jsonc --profile=docker.json --policy= --profile=; do
                precreate . "$option"
                expect_status 2
                expect_said absolute
                [ ! -s "$T/out.json" ]
        done
        patch . --policy no-dup3.jsonc
        expect_status 0
        patch . --profile docker.json
        expect_status 0
}

@test "policy: missing, broken, misspelt, a directory, a FIFO, a device" {
        mkfifo "$T/fifo"
        all_refuse "$DIR/none.jsonc" . --policy "$DIR/none.jsonc"
        all_refuse no-such-call . --policy "$DIR/broken.jsonc"
        precreate . --policy docker-defualt
        expect_status 2
        [ ! -s "$T/out.json" ]
        each_refuses "$DIR is no regular file" . --policy "$DIR"
        each_refuses 'no regular file' . --policy "$T/fifo"
        each_refuses 'no regular file' . --profile /dev/zero
}

@test "policy: must be root's, with all directories on its way; no link is followed" {
        mkdir "$T/open" "$T/foreign"
        cp "$DIR/no-dup3.jsonc" "$T/p.jsonc"
        cp "$T/p.jsonc" "$T/open/"
        cp "$T/p.jsonc" "$T/foreign/"
        ln -s p.jsonc "$T/link.jsonc"
        ln -s . "$T/there"
        chmod 777 "$T/open"
        chown 1234 "$T/foreign"
        precreate . --policy "$T/p.jsonc"
        expect_status 0
        each_refuses 'can be written by others' . --policy "$T/open/p.jsonc"
        each_refuses 'belongs to another user' . --policy "$T/foreign/p.jsonc"
        each_refuses 'is a symbolic link' . --policy "$T/link.jsonc"
        each_refuses 'is a symbolic link' . --policy "$T/there/p.jsonc"
        chmod 660 "$T/p.jsonc"
        each_refuses 'can be written by others' . --policy "$T/p.jsonc"
}

@test "policy: what it extends must be root's too" {
        mkdir "$T/open"
        cp "$DIR/no-dup3.jsonc" "$T/open/"
        printf '{ "extends": ["./open/no-dup3.jsonc"] }\n' > "$T/p.jsonc"
        precreate . --policy "$T/p.jsonc"
        expect_status 0
        expect_means "$DIR/no-dup3.jsonc" --for runc --caps CHOWN,KILL
        chmod 777 "$T/open"
        each_refuses 'can be written by others' . --policy "$T/p.jsonc"
        printf '{ "extends": ["./none.jsonc"] }\n' > "$T/p.jsonc"
        each_refuses none.jsonc . --policy "$T/p.jsonc"
}

@test "policy: what runc runs afterwards is confined, as written by precreate and by the verb" {
        bundle_make "$bundle" "$DIR/rootfs" probe-calls keyctl unshare
        hook precreate --policy docker-default < "$bundle/config.json" > "$T/new.json" 2> "$T/err"
        cp "$T/new.json" "$bundle/config.json"
        run runc_run "$bundle"
        expect_line 'unshare -1 EPERM'
        rm -rf "$bundle"
        bundle_make "$bundle" "$DIR/rootfs" probe-calls keyctl unshare
        seccompose patch "$bundle" --profile "$DIR/docker.json"
        run runc_run "$bundle"
        expect_line 'Seccomp: 2'
        expect_line 'unshare -1 EPERM'
}

@test "options: what cannot be together, twice wrong, or nothing, is wrong usage, also under --on-error ignore" {
        local options
        mkdir "$T/empty"
        cd "$T/empty"
        while read -r options; do
                # shellcheck disable=SC2086 # words
                precreate . $options --on-error ignore
                expect_status 2 || fail "$options"
                expect_said refused
                [ ! -s "$T/out.json" ]
        done << EOT
--policy complain --profile $DIR/oci.json
--policy complain --sha256 $(printf '%064d' 0)
--profile $DIR/oci.json --allow read
--policies $DIR/offers
--policy complain --policies $DIR/offers
--policy complain --combine if-absent --unconfined skip
--policy complain --combine both
--policy complain --unconfined maybe
--policy complain --conflicts keep
--policy complain --late perhaps
--policy complain --log relative
--policy complain --choose
--policy complain --frobnicate x
--policy complain x
--combine intersect
EOT
        [ -z "$(ls -A)" ] # no log where the caller happens to be
        for options in '' ',' a,,b 'a, b' ../x /etc/x .hidden "$(printf 'a%.0s' {1..65})"; do
                precreate . --policy complain --choose "$options"
                expect_status 2 || fail "$options"
        done
}

# ---- Profiles that were built beforehand ----

# resolves FILE CONSUMER SETS…: the hook's result does what the consumer would, for containers with these capabilities.
resolves() {
        local file=$1 consumer=$2 caps
        shift 2
        for caps in "$@"; do
                local names='[]'
                [ "$caps" = none ] || names=$(jq -Rc 'split(",") | map("CAP_" + .)' <<< "$caps")
                precreate ".process.capabilities.bounding = $names" --profile "$file"
                expect_status 0 || return
                expect_rest_unchanged || return
                expect_means "$file" --for "$consumer" --caps "$caps" || fail "$consumer, $caps" || return
        done
}

sets=(none CHOWN SYS_ADMIN 'SYS_PTRACE,NET_RAW' 'BPF,PERFMON,SYSLOG,SYS_TIME')

@test "profile: Docker's format, resolved for the container" {
        resolves "$DIR/docker.json" docker "${sets[@]}"
        [ "$(jq '.linux.seccomp | has("archMap")' "$T/out.json")" = false ]
        [ "$(jq '[.linux.seccomp.syscalls[] | has("includes") or has("excludes")] | any' "$T/out.json")" = false ]
}

@test "profile: podman's format, with names of errnos" {
        jq -e '.defaultErrno == "ENOSYS" and ([.syscalls[] | .errno == "EPERM"] | any) and ([.. | .errnoRet?] | any | not)' "$DIR/podman.json"
        resolves "$DIR/podman.json" podman "${sets[@]}"
        [ "$(jq '.linux.seccomp | has("defaultErrno")' "$T/out.json")" = false ]
}

@test "profile: podman's own default" {
        resolves /usr/share/containers/seccomp.json podman "${sets[@]}"
}

@test "profile: plain OCI, as it is" {
        resolves "$DIR/oci.json" runc none SYS_ADMIN
        cmp <(jq -S .linux.seccomp "$T/out.json") <(jq -S . "$DIR/oci.json")
}

@test "profile: by hand, as Moby's: unsorted and repeated names, capabilities, architectures, kernels" {
        cat > "$T/moby.json" << 'EOT'
{ "defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 1,
  "archMap": [ { "architecture": "SCMP_ARCH_X86_64", "subArchitectures": ["SCMP_ARCH_X86", "SCMP_ARCH_X32"] },
               { "architecture": "SCMP_ARCH_AARCH64", "subArchitectures": ["SCMP_ARCH_ARM"] } ],
  "syscalls": [
    { "names": ["write", "read", "openat2", "exit", "write", "no_such_call", "accept4", "accept", "read"], "action": "SCMP_ACT_ALLOW" },
    { "names": ["ptrace"], "action": "SCMP_ACT_ALLOW", "includes": { "minKernel": "4.8" } },
    { "names": ["kcmp"], "action": "SCMP_ACT_ALLOW", "includes": { "minKernel": "99.0" } },
    { "names": ["sync"], "action": "SCMP_ACT_ALLOW", "excludes": { "minKernel": "4.8" } },
    { "names": ["socket"], "action": "SCMP_ACT_ALLOW", "args": [ { "index": 0, "value": 40, "op": "SCMP_CMP_NE" } ] },
    { "names": ["dup", "dup"], "action": "SCMP_ACT_ALLOW",
      "args": [ { "index": 0, "value": 5, "op": "SCMP_CMP_EQ" }, { "index": 0, "value": 9, "op": "SCMP_CMP_EQ" } ] },
    { "names": ["arch_prctl", "modify_ldt"], "action": "SCMP_ACT_ALLOW", "includes": { "arches": ["amd64", "x32"] } },
    { "names": ["breakpoint", "sync_file_range2"], "action": "SCMP_ACT_ALLOW", "includes": { "arches": ["arm"] } },
    { "names": ["mount", "setns", "clone"], "action": "SCMP_ACT_ALLOW", "includes": { "caps": ["CAP_SYS_ADMIN"] } },
    { "names": ["clone3"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38, "excludes": { "caps": ["CAP_SYS_ADMIN"] } },
    { "names": ["chroot"], "action": "SCMP_ACT_TRACE", "includes": { "caps": ["CAP_SYS_CHROOT", "CAP_CHOWN"] } },
    { "name": "getpid", "action": "SCMP_ACT_LOG" } ] }
EOT
        resolves "$T/moby.json" docker none CHOWN SYS_CHROOT SYS_CHROOT,CHOWN SYS_ADMIN
        grep -qx $'x86_64 mount\tallow' "$T/got"
        grep -qx $'x86_64 ptrace\tallow' "$T/got"
        grep -qx $'x86_64 kcmp\terrno 1 EPERM' "$T/got"
        grep -qx $'x86_64 sync\terrno 1 EPERM' "$T/got"
        grep -qx $'x86_64 dup 9\tallow' "$T/got"
        grep -qx $'x86_64 getpid\tlog' "$T/got"
}

@test "profile: what is no filter, or what engines refuse" {
        local text
        while IFS='|' read -r word text; do
                tr @ '\n' <<< "$text" > "$T/p.json"
                all_refuse "$word" . --profile "$T/p.json"
        done << 'EOT'
no filter at all|{}
no filter at all|{ "defaultAction": "", "syscalls": [] }
this is a policy; as a profile it would be no filter at all|{ "rules": [ { "allow": ["read"] } ] }
this is a policy; as a profile|// with a comment@{ "extends": ["stdio"], "architectures": ["x86_64"] }
no filter at all: it has no default action and no rules|{ "architectures": ["SCMP_ARCH_X86_64"] }
comments are not allowed|// not a policy@{ "defaultAction": "SCMP_ACT_ALLOW", "rules": [] }
no profile|null
profile|[]
both 'architectures' and 'archMap'|{ "defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_X86_64"], "archMap": [ { "architecture": "SCMP_ARCH_X86_64" } ] }
listenerPath|{ "defaultAction": "SCMP_ACT_ALLOW", "syscalls": [ { "names": ["mount"], "action": "SCMP_ACT_NOTIFY" } ] }
SCMP_ACT_ALOW|{ "defaultAction": "SCMP_ACT_ALOW" }
minKernel|{ "defaultAction": "SCMP_ACT_ALLOW", "syscalls": [ { "names": ["mount"], "action": "SCMP_ACT_ERRNO", "includes": { "minKernel": 4 } } ] }
kernel version|{ "defaultAction": "SCMP_ACT_ALLOW", "syscalls": [ { "names": ["mount"], "action": "SCMP_ACT_ERRNO", "includes": { "minKernel": "new" } } ] }
json|{ "defaultAction": "SCMP_ACT_ALLOW" 
json-duplicate-key|{ "defaultAction": "SCMP_ACT_ERRNO", "defaultAction": "SCMP_ACT_ALLOW" }
EOT
}

@test "profile: pinned by its digest" {
        local digest
        digest=$(sha256sum < "$DIR/oci.json" | cut -d ' ' -f 1)
        precreate . --profile "$DIR/oci.json" --sha256 "$digest"
        expect_status 0
        precreate . --profile "$DIR/oci.json" --sha256 "${digest^^}"
        expect_status 0
        patch . --profile "$DIR/oci.json" --sha256 "$digest"
        expect_status 0
        all_refuse "$digest" . --profile "$DIR/oci.json" --sha256 "$(printf '%064d' 0)"
        for bad in "${digest%?}" "${digest}0" "${digest%?}g" "${digest%?} " ''; do
                precreate . --profile "$DIR/oci.json" --sha256 "$bad"
                expect_status 2
                expect_said '64 hexadecimal digits'
        done
}

# ---- What a container chooses ----

offer=(--policies) # and the rest: in each test, as DIR is not known here

@test "choose: intersected with the engine's profile, with the administrator's policy, or with both" {
        local engine='.linux.seccomp = {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["sync"], "action": "SCMP_ACT_TRAP"}]}'
        answers "$DIR/offers/no-dup2.jsonc" --caps CHOWN,KILL > "$T/chosen"
        answers "$DIR/no-dup3.jsonc" --caps CHOWN,KILL > "$T/base"
        precreate ".annotations = {\"io.seccompose.policy\": \"no-dup2\"} | $engine" "${offer[@]}" "$DIR/offers" --choose all,no-dup2
        expect_status 0
        expect_said 'policy no-dup2' 'it gets the policy'
        answers "$T/in.json" > "$T/engine"
        answers "$T/out.json" > "$T/got"
        no_looser "$T/got" "$T/chosen" "$T/engine"
        grep -qx $'x86_64 dup2\terrno 13 EACCES' "$T/got"
        grep -qx $'x86_64 sync\ttrap' "$T/got"
        precreate ".annotations = {\"io.seccompose.policy\": \"no-dup2\"} | $engine" "${offer[@]}" "$DIR/offers" --choose all,no-dup2 --policy "$DIR/no-dup3.jsonc"
        expect_status 0
        expect_said "policy $DIR/no-dup3.jsonc and no-dup2"
        answers "$T/out.json" > "$T/got"
        no_looser "$T/got" "$T/chosen" "$T/engine" "$T/base"
        grep -qx $'x86_64 dup3\terrno 13 EACCES' "$T/got"
        grep -qx $'x86_64 sync\ttrap' "$T/got"
        # the engine gave none: ours and the chosen one
        precreate '.annotations = {"io.seccompose.policy": "no-dup2"}' "${offer[@]}" "$DIR/offers" --choose no-dup2 --policy "$DIR/no-dup3.jsonc"
        answers "$T/out.json" > "$T/got"
        no_looser "$T/got" "$T/chosen" "$T/base"
        grep -qx $'x86_64 sync\tallow' "$T/got"
}

@test "choose: a laxer one beside the administrator's, where the engine gave none, is the administrator's" {
        precreate '.annotations = {"io.seccompose.policy": "docker-default"}' --choose docker-default --policy stdio
        expect_status 0
        expect_said 'policy stdio and docker-default'
        expect_means stdio --for runc --caps CHOWN,KILL
        precreate '.annotations = {"io.seccompose.policy": "stdio"}' --choose stdio --policy stdio
        expect_status 0
        expect_means stdio --for runc --caps CHOWN,KILL
        precreate '.annotations = {"io.seccompose.policy": "docker"}' --policies "$DIR/offers" --choose docker --profile "$DIR/docker.json"
        expect_status 0
        expect_means "$DIR/docker.json" --for docker --caps CHOWN,KILL
}

@test "choose: no container gets anything laxer than without its annotation" {
        local base choice engine
        local -A engines; engines=([none]=. [all]='.linux.seccomp = {"defaultAction": "SCMP_ACT_ALLOW"}'
                [some]='.linux.seccomp = {"defaultAction": "SCMP_ACT_ERRNO", "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"],
                        "syscalls": [{"names": ["read", "mount", "dup", "clone3"], "action": "SCMP_ACT_ALLOW"}]}')
        for base in '' "--policy docker-default" "--policy complain" "--profile $DIR/podman.json" "--profile $DIR/docker.json"; do
                for engine in none all some; do
                        if [ -n "$base" ]; then
                                # shellcheck disable=SC2086 # words
                                precreate "${engines[$engine]}" $base
                        else
                                config "${engines[$engine]}" > "$T/out.json"
                        fi
                        answers "$T/out.json" > "$T/without"
                        for choice in all no-dup2 trap podman docker; do
                                # shellcheck disable=SC2086
                                precreate ".annotations = {\"io.seccompose.policy\": \"$choice\"} | ${engines[$engine]}" $base \
                                        --policies "$DIR/offers" --choose all,no-dup2,trap,podman,docker
                                expect_status 0 || return
                                answers "$T/out.json" > "$T/with"
                                case $choice in
                                podman | docker) answers "$DIR/$choice.json" --for "$choice" --caps CHOWN,KILL > "$T/itself" ;;
                                trap) answers "$DIR/offers/trap.json" > "$T/itself" ;;
                                *) answers "$DIR/offers/$choice.jsonc" --caps CHOWN,KILL > "$T/itself" ;;
                                esac
                                no_looser "$T/with" "$T/without" "$T/itself" || fail "$base, $engine, $choice" || return
                        done
                done
        done
}

@test "choose: podman's names of errnos count where profiles are combined" {
        printf '%s\n' '{ "defaultAction": "SCMP_ACT_ERRNO", "defaultErrno": "ENOSYS", "syscalls": [
                { "names": ["read", "dup3"], "action": "SCMP_ACT_ALLOW" }, { "names": ["mount"], "action": "SCMP_ACT_ERRNO", "errno": "EACCES" } ] }' > "$T/names.json"
        precreate '.annotations = {"io.seccompose.policy": "trap"}' --policies "$DIR/offers" --choose trap --profile "$T/names.json"
        expect_status 0
        answers "$T/out.json" > "$T/got"
        grep -qx $'x86_64 mount\terrno 13 EACCES' "$T/got"
        grep -qx $'x86_64 sync\terrno 38 ENOSYS' "$T/got"
        grep -qx $'x86_64 dup3\ttrap' "$T/got"
}

@test "choose: shipped policies by their names, without a directory" {
        precreate '.annotations = {"io.seccompose.policy": "stdio"}' --choose stdio
        expect_status 0
        expect_means stdio --for runc --caps CHOWN,KILL
        each_refuses nothing-shipped '.annotations = {"io.seccompose.policy": "nothing-shipped"}' --choose nothing-shipped
}

@test "choose: no annotation and no policy: left alone; unless such containers shall fail" {
        precreate . --choose stdio
        expect_status 0
        expect_said 'left alone'
        cmp "$T/in.json" "$T/out.json"
        create_runtime . --choose stdio
        expect_status 0
        expect_said 'left alone'
        cmp "$T/in.json" "$T/out.json"
        patch . --choose stdio
        expect_status 0
        cmp "$T/in.json" "$T/out.json"
        each_refuses 'without a seccomp profile' . --choose stdio --unconfined fail
        precreate '.linux.seccomp.defaultAction = "SCMP_ACT_ALLOW"' --choose stdio --unconfined fail
        expect_status 0
        cmp "$T/in.json" "$T/out.json"
}

@test "choose: not offered" {
        local name
        for name in docker-default all stdi 'stdio,' 'stdio,complain' '' ' stdio' STDIO ../x /etc/x .hidden ./stdio 'a\nb' 'a\u001b[31mb' \
                '\u0080' "$(printf 'a%.0s' {1..65})" "$(printf 'a%.0s' {1..5000})"; do
                each_refuses 'not offered' ".annotations = {\"io.seccompose.policy\": \"$name\"}" --policies "$DIR/offers" --choose stdio,complain \
                        || fail "$name"
                ! grep -qP '[^\x20-\x7e]' "$T/err" || fail "$name: $(cat -v "$T/err")"
                [ "$(wc -c < "$T/err")" -lt 1000 ]
        done
        all_refuse 'not offered' '.annotations = {"io.seccompose.policy": "stdio"}' --policy docker-default
        for name in '"stdio\u0000"' 7 null '["stdio"]'; do
                create_runtime ".annotations = {\"io.seccompose.policy\": $name}" --choose stdio
                expect_status 2
                expect_said 'container c1' "bundle $bundle" refused io.seccompose.policy
                cmp "$T/in.json" "$T/out.json"
        done
}

@test "choose: an offered name at the limit" {
        local name
        name=$(printf 'a%.0s' {1..64})
        mkdir "$T/offers"
        cp "$DIR/offers/all.jsonc" "$T/offers/$name.jsonc"
        precreate ".annotations = {\"io.seccompose.policy\": \"$name\"}" --policies "$T/offers" --choose "$name"
        expect_status 0
}

@test "choose: offered, but neither policy nor profile is there, or it is broken" {
        mkdir "$T/offers"
        cp "$DIR/broken.jsonc" "$T/offers/"
        ln -s "$DIR/no-dup3.jsonc" "$T/offers/link.jsonc"
        ln -s "$T/nowhere" "$T/offers/astray.jsonc"
        cp "$DIR/oci.json" "$T/offers/astray.json"
        mkdir "$T/offers/directory.jsonc"
        all_refuse 'neither none.jsonc nor none.json' '.annotations = {"io.seccompose.policy": "none"}' --policies "$T/offers" --choose none
        all_refuse no-such-call '.annotations = {"io.seccompose.policy": "broken"}' --policies "$T/offers" --choose broken
        each_refuses 'symbolic link' '.annotations = {"io.seccompose.policy": "link"}' --policies "$T/offers" --choose link
        each_refuses 'symbolic link' '.annotations = {"io.seccompose.policy": "astray"}' --policies "$T/offers" --choose astray
        each_refuses 'no regular file' '.annotations = {"io.seccompose.policy": "directory"}' --policies "$T/offers" --choose directory
        each_refuses 'neither' '.annotations = {"io.seccompose.policy": "none"}' --policies "$T/no-directory" --choose none
        precreate . --policies offers --choose none
        expect_status 2
        expect_said absolute
}

@test "choose: the directory and what is in it must be root's" {
        local ask='.annotations = {"io.seccompose.policy": "no-dup2"}'
        offers_make "$T/offers"
        precreate "$ask" --policies "$T/offers" --choose no-dup2
        expect_status 0
        chmod g+w "$T/offers/no-dup2.jsonc"
        each_refuses 'can be written by others' "$ask" --policies "$T/offers" --choose no-dup2
        chmod g-w "$T/offers/no-dup2.jsonc"
        chown 1234 "$T/offers/no-dup2.jsonc"
        each_refuses 'belongs to another user' "$ask" --policies "$T/offers" --choose no-dup2
        chown 0 "$T/offers/no-dup2.jsonc"
        chmod o+w "$T/offers"
        each_refuses 'can be written by others' "$ask" --policies "$T/offers" --choose no-dup2
        chmod o-w "$T/offers"
        chown 1234 "$T/offers"
        each_refuses 'belongs to another user' "$ask" --policies "$T/offers" --choose no-dup2
        chown 0 "$T/offers"
        ln -s offers "$T/link"
        each_refuses 'symbolic link' "$ask" --policies "$T/link" --choose no-dup2
        precreate "$ask" --policies "$T/offers" --choose no-dup2
        expect_status 0
}

@test "choose: the verb takes a relative directory" {
        cd "$DIR"
        patch '.annotations = {"io.seccompose.policy": "no-dup2"}' --policies offers --choose no-dup2
        expect_status 0
        expect_means "$DIR/offers/no-dup2.jsonc" --for runc --caps CHOWN,KILL
        patch '.annotations = {"io.seccompose.policy": "trap"}' --policies offers --choose trap
        expect_status 0
        expect_means "$DIR/offers/trap.json" --for runc
}

@test "choose: --combine replace lets the choice stand alone" {
        precreate '.annotations = {"io.seccompose.policy": "trap"} | .linux.seccomp.defaultAction = "SCMP_ACT_ERRNO"' \
                --policies "$DIR/offers" --choose trap --policy stdio --combine replace
        expect_status 0
        expect_said 'policy trap:'
        expect_means "$DIR/offers/trap.json" --for runc
}

# ---- Combining ----

@test "combine: intersect with what engines give, and once more without a change" {
        local engine policy=$DIR/no-dup3.jsonc
        answers "$policy" --caps CHOWN,KILL > "$T/policy"
        hook precreate --profile /usr/share/containers/seccomp.json < <(config) 2> "$T/err" | jq .linux.seccomp > "$T/podman.json"
        hook precreate --profile "$DIR/docker.json" < <(config) 2> "$T/err" | jq .linux.seccomp > "$T/docker.json"
        printf '{ "defaultAction": "SCMP_ACT_ALLOW" }' > "$T/all.json"
        printf '{ "defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_X86"], "syscalls": [
                { "names": ["mount", "read"], "action": "SCMP_ACT_KILL_PROCESS" }, { "names": ["mseal"], "action": "SCMP_ACT_ERRNO" } ] }' > "$T/denials.json"
        for engine in podman docker all denials; do
                create_runtime ".linux.seccomp = $(cat "$T/$engine.json")" --policy "$policy" --combine intersect
                expect_status 1 || fail "$engine" || return
                answers "$T/in.json" > "$T/engine"
                answers "$T/out.json" > "$T/got"
                no_looser "$T/got" "$T/policy" "$T/engine"
                grep -qx $'x86_64 dup3\terrno 13 EACCES' "$T/got" || fail "$engine" || return
                expect_rest_unchanged
                again --policy "$policy" --combine intersect
                expect_status 0
                expect_said 'has the policy'
                # as it stands: jq rounds masks of 64 bits
                hook precreate --policy "$policy" --combine intersect < "$bundle/config.json" > "$T/once.json" 2> "$T/err"
                expect_said 'has the policy' || fail "$engine" || return
                cmp "$bundle/config.json" "$T/once.json"
        done
}

@test "combine: intersect is exactly the stricter of both where names can say so" {
        local engine='.linux.seccomp = {"defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"],
                "syscalls": [{"names": ["read", "sync"], "action": "SCMP_ACT_TRAP"}, {"names": ["dup"], "action": "SCMP_ACT_KILL",
                        "args": [{"index": 0, "value": 5, "op": "SCMP_CMP_EQ"}]}]}'
        precreate "$engine" --policy docker-default --combine intersect
        expect_status 0
        QUESTIONS=$T/questions
        grep '^x86_64 [a-z]' "$DIR/questions" > "$QUESTIONS"
        answers docker-default --for runc --caps CHOWN,KILL > "$T/policy"
        answers "$T/in.json" > "$T/engine"
        answers "$T/out.json" > "$T/got"
        as_strict "$T/got" "$T/policy" "$T/engine"
}

@test "combine: an engine's profile stays byte for byte where it is strict enough" {
        config '.linux.seccomp = {"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 1, "syscalls": [{"names": ["read"], "action": "SCMP_ACT_ALLOW"}]}' \
                > "$T/in.json"
        hook precreate --policy docker-default --combine intersect < "$T/in.json" > "$T/out.json" 2> "$T/err"
        cmp "$T/in.json" "$T/out.json"
}

@test "combine: engines' forms that libseccomp compiles otherwise than they read: refused, or no laxer" {
        local args n=0
        answers docker-default --caps CHOWN,KILL > "$T/policy"
        while read -r args; do
                precreate ".linux.seccomp = {\"defaultAction\": \"SCMP_ACT_ERRNO\", \"syscalls\": [
                        {\"names\": [\"read\", \"write\"], \"action\": \"SCMP_ACT_ALLOW\"}, $args]}" --policy docker-default --combine intersect
                if [ "$status" -eq 0 ]; then
                        answers "$T/in.json" > "$T/engine"
                        answers "$T/out.json" > "$T/got"
                        no_looser "$T/got" "$T/policy" "$T/engine" || fail "$args"
                        n=$((n + 1))
                else
                        expect_status 2 || return
                        [ ! -s "$T/out.json" ]
                fi
        done << 'EOT'
{"names": ["dup"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 5, "op": "SCMP_CMP_LT"}]}, {"names": ["dup"], "action": "SCMP_ACT_TRAP", "args": [{"index": 0, "value": 9, "op": "SCMP_CMP_GT"}]}
{"names": ["dup"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 5, "op": "SCMP_CMP_NE"}]}, {"names": ["dup"], "action": "SCMP_ACT_KILL", "args": [{"index": 0, "value": 6, "op": "SCMP_CMP_EQ"}]}
{"names": ["dup"], "action": "SCMP_ACT_ALLOW"}, {"names": ["dup"], "action": "SCMP_ACT_KILL", "args": [{"index": 0, "value": 6, "op": "SCMP_CMP_EQ"}]}
{"names": ["dup"], "action": "SCMP_ACT_KILL", "args": [{"index": 0, "value": 6, "op": "SCMP_CMP_EQ"}]}, {"names": ["dup"], "action": "SCMP_ACT_ALLOW"}
{"names": ["dup"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 5, "op": "SCMP_CMP_EQ"}, {"index": 0, "value": 6, "op": "SCMP_CMP_EQ"}]}
{"names": ["dup"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 4294967295, "valueTwo": 5, "op": "SCMP_CMP_MASKED_EQ"}]}, {"names": ["dup"], "action": "SCMP_ACT_LOG", "args": [{"index": 0, "value": 4294967301, "op": "SCMP_CMP_EQ"}]}
{"names": ["dup"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 5, "op": "SCMP_CMP_GE"}]}, {"names": ["dup"], "action": "SCMP_ACT_ERRNO", "errnoRet": 5, "args": [{"index": 0, "value": 6, "op": "SCMP_CMP_GE"}]}
{"names": ["dup"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 3, "valueTwo": 5, "op": "SCMP_CMP_MASKED_EQ"}]}
EOT
        [ "$n" -ge 3 ] || fail "only $n were taken"
}

@test "combine: an engine's profile that the runtime would refuse is refused" {
        each_refuses SCMP_ACT_X '.linux.seccomp = {"defaultAction": "SCMP_ACT_X"}' --policy docker-default --combine intersect
        each_refuses profile '.linux.seccomp = 7' --policy docker-default --combine intersect
        precreate '.linux.seccomp = 7' --policy docker-default
        expect_status 0
        expect_means docker-default --for runc --caps CHOWN,KILL
}

@test "combine: if-absent leaves a profile that is there, and fills in one that is not" {
        local none
        precreate '.linux.seccomp.defaultAction = "SCMP_ACT_ALLOW"' --policy docker-default --combine if-absent
        expect_status 0
        expect_said 'left alone' 'profile of its own'
        cmp "$T/in.json" "$T/out.json"
        for none in . '.linux.seccomp = null' '.linux.seccomp = {}' 'del(.linux)' '.linux = null' '.linux.seccomp = {"defaultAction": ""}'; do
                create_runtime "$none" --policy docker-default --combine if-absent
                expect_status 1
                expect_means docker-default --for runc --caps CHOWN,KILL
                again --policy docker-default --combine if-absent
                expect_status 0
                expect_said 'left alone'
        done
}

@test "combine: if-absent refuses a start that may have read config.json before another's hook changed it" {
        create_runtime . --policy docker-default --combine if-absent
        expect_status 1
        # the parent of this process began before the change
        state ".pid = $BASHPID" > "$T/state.json"
        run hook createRuntime --policy docker-default --combine if-absent < "$T/state.json"
        [ "$status" -eq 1 ] || fail "$output"
        [[ $output = *'while this start was under way'* ]] || fail "$output"
        run hook createRuntime --policy docker-default --combine if-absent --late warn < "$T/state.json"
        [ "$status" -eq 0 ] || fail "$output"
        [[ $output = *'let through'* ]] || fail "$output"
}

# ---- Containers without a profile, conflicts, requirements ----

@test "unconfined: confine, skip, fail" {
        local none
        for none in . '.linux.seccomp = null' '.linux.seccomp = {}' '.linux.seccomp = {"defaultAction": ""}' 'del(.linux)'; do
                precreate "$none" --policy docker-default --unconfined confine
                expect_status 0
                expect_means docker-default --for runc --caps CHOWN,KILL
                precreate "$none" --policy docker-default --unconfined skip
                expect_status 0
                expect_said 'left alone' 'without a profile'
                cmp "$T/in.json" "$T/out.json"
                create_runtime "$none" --policy docker-default --unconfined skip
                expect_status 0
                cmp "$T/in.json" "$T/out.json"
                all_refuse 'without a seccomp profile' "$none" --policy docker-default --unconfined fail
                precreate "$none | .annotations = {\"io.seccompose.policy\": \"stdio\"}" --policy docker-default --unconfined skip --choose stdio
                expect_status 0
                answers "$T/out.json" > "$T/got"
                answers stdio --caps CHOWN,KILL > "$T/stdio"
                no_looser "$T/got" "$T/stdio"
        done
        precreate '.linux.seccomp.defaultAction = "SCMP_ACT_ALLOW"' --policy docker-default --unconfined fail
        expect_status 0
        expect_means docker-default --for runc --caps CHOWN,KILL
}

# text TEXT OPTION…: precreate on a text as it stands.
text() {
        printf '%s' "$1" > "$T/in.json"
        shift
        status=0
        hook precreate --policy stdio "$@" < "$T/in.json" > "$T/out.json" 2> "$T/err" || status=$?
}

@test "conflicts: refused or removed" {
        local id before after
        while IFS='|' read -r id before after; do
                text "$before"
                expect_status 2 || fail "$before" || return
                expect_said refused "[$id]"
                [ ! -s "$T/out.json" ]
                text "$before" --conflicts remove
                expect_status 0 || fail "$before" || return
                cmp <(sed 's/{"defaultAction.*}\]}/PROFILE/' "$T/out.json") <(printf '%s' "$after") || fail "$(cat "$T/out.json")" || return
                cp "$T/out.json" "$bundle/config.json"
                run seccompose patch "$bundle" --policy stdio
                [ "$status" -eq 0 ]
                [[ $output = *'already has'* ]] || fail "$output"
        done << 'EOT'
bundle-raw-bpf|{"annotations":{"a":"b","run.oci.seccomp_bpf_data":"x"},"linux":{"seccomp":null}}|{"annotations":{"a":"b"},"linux":{"seccomp":PROFILE}}
bundle-duplicate-key|{"linux":{"seccomp":null,"a":1,"seccomp":{}}}|{"linux":{"seccomp":PROFILE,"a":1}}
bundle-key-case|{"linux":{"Seccomp":{"defaultAction":"SCMP_ACT_ALLOW"},"a":1,"seccomp":{}}}|{"linux":{"a":1,"seccomp":PROFILE}}
bundle-duplicate-key|{"linux":{"seccomp":{}},"linux":{"a":1,"seccomp":null}}|{"linux":{"a":1,"seccomp":PROFILE}}
EOT
}

@test "requires: what does not hold is refused, with the reason" {
        printf '{ "extends": ["docker-default"], "requires": ["noNewPrivileges", "!CAP_SYS_ADMIN", "CAP_CHOWN"] }\n' > "$T/p.jsonc"
        precreate . --policy "$T/p.jsonc"
        expect_status 0
        all_refuse noNewPrivileges '.process.noNewPrivileges = false' --policy "$T/p.jsonc"
        all_refuse noNewPrivileges 'del(.process.noNewPrivileges)' --policy "$T/p.jsonc"
        for set in bounding effective inheritable permitted ambient; do
                each_refuses "CAP_SYS_ADMIN ($set)" ".process.capabilities.$set += [\"CAP_SYS_ADMIN\"]" --policy "$T/p.jsonc"
        done
        each_refuses CAP_CHOWN '.process.capabilities.bounding = []' --policy "$T/p.jsonc"
}

@test "requires: only when a call is allowed; also of what a container chose" {
        mkdir "$T/offers"
        printf '{ "extends": ["docker-default"], "requires": ["!CAP_SYS_ADMIN when clone3"] }\n' > "$T/offers/p.jsonc"
        printf '{ "extends": ["docker-default"], "requires": ["!CAP_SYS_ADMIN when clone3"], "rules": [ { "deny": ["clone3"], "with": "errno:ENOSYS" } ] }\n' > "$T/q.jsonc"
        each_refuses 'allows clone3' '.process.capabilities.bounding += ["CAP_SYS_ADMIN"]' --policy "$T/offers/p.jsonc"
        precreate '.process.capabilities.effective += ["CAP_SYS_ADMIN"]' --policy "$T/offers/p.jsonc"
        expect_status 0
        precreate '.process.capabilities.bounding += ["CAP_SYS_ADMIN"]' --policy "$T/q.jsonc"
        expect_status 0
        each_refuses 'allows clone3' '.process.capabilities.bounding += ["CAP_SYS_ADMIN"] | .annotations = {"io.seccompose.policy": "p"}' \
                --policies "$T/offers" --choose p
}

# ---- Failing, messages, logs ----

@test "on-error: ignore gives the config back, and says what is given up" {
        local options
        for options in "--policy $DIR/none.jsonc" "--policy $DIR/broken.jsonc" "--profile $DIR/broken.jsonc"; do
                # shellcheck disable=SC2086 # words
                precreate . $options --on-error ignore
                expect_status 0
                expect_said 'container box' ignored 'starts without the policy' '--on-error ignore'
                cmp "$T/in.json" "$T/out.json"
                # shellcheck disable=SC2086
                create_runtime . $options --on-error ignore
                expect_status 0
                expect_said 'container c1' "bundle $bundle" ignored 'starts without the policy'
                cmp "$T/in.json" "$T/out.json"
        done
        printf 'no JSON' > "$T/in.json"
        hook precreate --policy stdio --on-error ignore < "$T/in.json" > "$T/out.json" 2> "$T/err"
        cmp "$T/in.json" "$T/out.json"
}

@test "on-error: what could not be read is not given back as nothing" {
        run --separate-stderr hook precreate --policy stdio --on-error ignore < /
        [ "$status" -ne 0 ] || fail "$stderr"
        [ -z "$output" ]
        head -c 17825792 /dev/zero | tr '\0' ' ' > "$T/large"
        run --separate-stderr hook precreate --policy stdio --on-error ignore < "$T/large"
        [ "$status" -eq 2 ] || fail "$stderr"
        [ -z "$output" ]
}

@test "late: warn lets the start through, and the file is patched" {
        create_runtime . --policy stdio --late warn
        expect_status 0
        expect_said 'let through by --late warn'
        expect_means stdio --for runc --caps CHOWN,KILL
}

@test "log: each message is a line of JSON, as on stderr" {
        precreate . --policy stdio --log "$T/log"
        precreate . --policy "$DIR/none.jsonc" --log "$T/log"
        cp "$T/err" "$T/second"
        create_runtime . --policy "$DIR/broken.jsonc" --log "$T/log" --on-error ignore
        create_runtime . --policy $'/x"\\\e[31m\n\xff.jsonc' --log "$T/log"
        [ "$(wc -l < "$T/log")" -eq 4 ]
        [ "$(jq -r .level "$T/log" | paste -sd ' ')" = 'info error warning error' ]
        jq -e 'keys == ["level", "msg", "time"] and (.time | fromdateiso8601 > 1700000000)' "$T/log"
        cmp <(jq -r .msg "$T/log" | sed -n 2p) "$T/second"
        jq -r .msg "$T/log" | grep -qF 'policy /x"\x1b' || jq -r .msg "$T/log" | grep -qF 'policy /x"\\x1b[31m\x0a\xff.jsonc' || fail "$(cat "$T/log")"
        [ "$(stat -c %a "$T/log")" = 644 ]
}

@test "log: one that cannot be written is a complaint, and no failure" {
        local log
        mkfifo "$T/fifo"
        ln -s nowhere "$T/link"
        for log in /dev/full /proc/none "$T/none/log" "$T" "$T/fifo" "$T/link"; do
                config > "$T/in.json"
                status=0
                timeout 60 "$SC_BUILD/cmd/seccompose-hook/seccompose-hook" precreate --policy stdio --log "$log" \
                        < "$T/in.json" > "$T/out.json" 2> "$T/err" || status=$?
                expect_status 0 || fail "$log"
                grep -qF "$log cannot be written" "$T/err" || fail "$(cat "$T/err")"
                jq -e .linux.seccomp "$T/out.json"
        done
        [ ! -e "$T/nowhere" ]
        precreate . --policy stdio --log $'/none/\e[31m'
        expect_status 0
        ! grep -qP '\x1b' "$T/err" || fail "$(cat -v "$T/err")"
}

@test "messages: what others wrote does nothing to a terminal" {
        bundle=$T/$'b\xc3\xa9\xe2\x80\xae'
        mkdir "$bundle"
        create_runtime . --policy stdio
        expect_status 1
        expect_said 'b\xc3\xa9\xe2\x80\xae'
        for field in .id .bundle .ociVersion; do
                state "$field += \"\\u001b[31m\\u009b\"" > "$T/state"
                run hook createRuntime --policy stdio < "$T/state"
                [ "$status" -eq 2 ]
                [ "${#lines[@]}" -eq 1 ]
                ! grep -qP '[^\x20-\x7e]' <<< "$output" || fail "$output"
        done
        precreate '.hostname = "\u001b[31m"' --policy stdio
        expect_status 0
        ! grep -qP '\x1b' "$T/err" || fail "$(cat -v "$T/err")"
        precreate '.hostname = "é"' --policy $'/\e[31m/x.jsonc'
        expect_status 2
        expect_said 'container \xc3\xa9' 'policy /\x1b[31m/x.jsonc'
        run wrapper --runtime /usr/sbin/runc --policy $'/\e[31m' create --bundle "$bundle" $'c\e[31m'
        [ "$status" -ne 0 ]
        [[ $output = *'container c\x1b[31m'* ]] || fail "$output"
        ! grep -qP '\x1b' <<< "$output" || fail "$output"
}

@test "messages: a long bundle leaves room for the reason" {
        local part
        part=$(printf 'd%.0s' {1..200})
        for ((i = 0; i < 18; i++)); do
                bundle+=/$part
        done
        mkdir -p "$bundle"
        create_runtime . --policy "$DIR/none.jsonc"
        expect_status 2
        expect_said "${bundle:0:900}" '..., policy' 'No such file'
}

@test "input: stdin empty, a state or a config too large, stdout full, closed, or gone" {
        run hook createRuntime --policy stdio < /dev/null
        [ "$status" -eq 2 ]
        run --separate-stderr hook precreate --policy stdio < /dev/null
        [ "$status" -eq 2 ]
        [ -z "$output" ]
        { state; head -c 2097152 /dev/zero | tr '\0' ' '; } > "$T/state"
        config > "$bundle/config.json"
        run hook createRuntime --policy stdio < "$T/state"
        [ "$status" -eq 2 ] || fail "$output"
        cmp <(config) "$bundle/config.json"
        { config; head -c 17825792 /dev/zero | tr '\0' ' '; } > "$T/large"
        run --separate-stderr hook precreate --policy stdio < "$T/large"
        [ "$status" -eq 2 ]
        [ -z "$output" ]
        config > "$T/in.json"
        status=0
        hook precreate --policy stdio < "$T/in.json" > /dev/full 2> "$T/err" || status=$?
        expect_status 3
        expect_said 'cannot write'
        status=0
        hook precreate --policy stdio < "$T/in.json" >&- 2> "$T/err" || status=$?
        expect_status 3
        expect_said 'cannot write'
        # a reader that is gone: an error like others, not a signal
        hook precreate --policy stdio < <(sleep 0.5; cat "$T/in.json") 2> "$T/err" | true
        [ "${PIPESTATUS[0]}" -eq 3 ] || fail "$(cat "$T/err")"
}

# ---- Surroundings ----

@test "surroundings: standard descriptors closed, in every combination" {
        local closed wanted
        hook precreate --policy stdio < <(config) > "$T/wanted.json" 2> "$T/err"
        state > "$T/state"
        config > "$T/config"
        for closed in '' '0<&-' '1>&-' '2>&-' '0<&- 1>&-' '0<&- 2>&-' '1>&- 2>&-' '0<&- 1>&- 2>&-'; do
                cp "$T/config" "$bundle/config.json"
                wanted=1
                [[ $closed != *0* ]] || wanted=3
                status=0
                sh -c 'exec "$@" 3>&- 4>&- '"$closed" sh "$SC_BUILD/cmd/seccompose-hook/seccompose-hook" createRuntime --policy stdio --log "$T/log" \
                        < "$T/state" > "$T/stdout" 2> "$T/err" || status=$?
                [ "$status" -eq "$wanted" ] || fail "'$closed': $status" || return
                if [ "$wanted" -eq 1 ]; then cmp "$T/wanted.json" "$bundle/config.json"; else cmp "$T/config" "$bundle/config.json"; fi
                wanted=0
                [[ $closed != *[01]* ]] || wanted=3
                status=0
                sh -c 'exec "$@" 3>&- 4>&- '"$closed" sh "$SC_BUILD/cmd/seccompose-hook/seccompose-hook" precreate --policy stdio --log "$T/log" \
                        < "$T/config" > "$T/stdout" 2> "$T/err" || status=$?
                [ "$status" -eq "$wanted" ] || fail "precreate '$closed': $status" || return
                if [ "$wanted" -eq 0 ]; then cmp "$T/wanted.json" "$T/stdout"; else [ ! -s "$T/stdout" ]; fi
        done
        [ "$(jq -r .level "$T/log" | wc -l)" -eq 16 ]
}

@test "surroundings: no environment, no working directory" {
        config > "$bundle/config.json"
        state > "$T/state"
        mkdir "$T/gone"
        cd "$T/gone"
        rmdir "$T/gone"
        run env -i "$SC_BUILD/cmd/seccompose-hook/seccompose-hook" createRuntime --policy "$DIR/no-dup3.jsonc" < "$T/state"
        [ "$status" -eq 1 ] || fail "$output"
        state > "$T/state"
        run env -i "$SC_BUILD/cmd/seccompose-hook/seccompose-hook" createRuntime --policy "$DIR/no-dup3.jsonc" < "$T/state"
        [ "$status" -eq 0 ] || fail "$output"
        run env -i "$SC_BUILD/cmd/seccompose-runtime/seccompose-runtime" --runtime "$(command -v runc)" --version
        [ "$status" -eq 0 ] || fail "$output"
}

@test "surroundings: few descriptors: the whole of it, or nothing and an error" {
        local n
        hook precreate --policy "$DIR/no-dup3.jsonc" < <(config) > "$T/wanted.json" 2> "$T/err"
        state > "$T/state"
        config > "$T/config"
        for n in 3 4 5 6 7 8 12 20; do
                cp "$T/config" "$bundle/config.json"
                status=0
                prlimit --nofile="$n" "$SC_BUILD/cmd/seccompose-hook/seccompose-hook" createRuntime \
                        --policy "$DIR/no-dup3.jsonc" < "$T/state" > "$T/stdout" 2> "$T/err" 3>&- 4>&- || status=$?
                if [ "$status" -eq 1 ] && grep -q 'start it again' "$T/err"; then
                        cmp "$T/wanted.json" "$bundle/config.json"
                else
                        cmp "$T/config" "$bundle/config.json"
                        [ "$status" -ne 0 ]
                        [ "$n" -lt 8 ] || fail "$n: $(cat "$T/err")"
                fi
                [ "$(ls -A "$bundle")" = config.json ]
        done
}

@test "surroundings: static programs that no loader can be told to change, without libseccomp" {
        local sanitized program mark=0
        sanitized=$(jq -r '.[] | select(.name == "b_sanitize").value' "$SC_BUILD/meson-info/intro-buildoptions.json")
        printf '#include <unistd.h>\n__attribute__((constructor)) static void mark(void) { (void)!write(2, "LOADED\\n", 7); }\n' > "$T/mark.c"
        cc -shared -fPIC -o "$T/mark.so" "$T/mark.c"
        LD_PRELOAD=$T/mark.so busybox true 2> "$T/err" || true
        LD_PRELOAD=$T/mark.so cat /dev/null 2>&1 | grep -q LOADED
        # the sanitizers need a loader
        [ "$sanitized" = none ] || mark=1
        for program in seccompose-hook seccompose-runtime; do
                local path=$SC_BUILD/cmd/$program/$program
                LD_PRELOAD=$T/mark.so ASAN_OPTIONS=verify_asan_link_order=0 "$path" --help > "$T/out" 2>&1 || true
                [ "$(grep -c LOADED "$T/out")" -eq "$mark" ] || fail "$(cat "$T/out")"
                [ "$(readelf -lW "$path" | grep -c INTERP)" -eq "$mark" ]
                [ "$mark" -eq 1 ] || ! readelf -dW "$path" | grep NEEDED
                ! strings -a "$path" | grep -E '^seccomp_(init|rule_add|load)' || [ "$mark" -eq 1 ]
        done
}
