#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Arguments in containers under runc: what docker-default refuses by either gate, and what gets past a profile whose
# conditions are written as those of Docker's own.
# shellcheck disable=SC2086 # lists of words

build_ours() {
        seccompose build docker-default --for runc --kernel running --caps none "$@"
}

setup_file() {
        load lib/world
        need runc busybox jq
        export DIR=$BATS_FILE_TMPDIR
        rootfs_make "$DIR/rootfs"
        cp "$SC_BUILD/test/world/try-arguments" "$DIR/rootfs/bin/"
        build_ours -o "$DIR/ours.json"
        build_ours --allow socketcall -o "$DIR/socketcall.json"
        cp "$SC_SOURCE/test/world/moby-like.json" "$DIR/moby-like.json"
        in_container '' $REFUSED $SOCKETCALLS $OPEN
        printf '%s\n' "$output" > "$DIR/free"
}

setup() {
        load lib/world
}

# Ways that must be refused: families 38 (AF_ALG) and 40 (AF_VSOCK), with and without a bit that the kernel ignores;
# every flag of clone that makes a namespace; READ_IMPLIES_EXEC, ADDR_NO_RANDOMIZE and one more, likewise.
REFUSED='socket:38 socket:40 socket:0x100000026 socket:0x100000028 socket:0x8000000000000028
        socketpair:38 socketpair:40 socketpair:0x100000028
        x86-socket:38 x86-socket:40 x86-socketpair:38 x86-socketpair:40
        clone:0x20000 clone:0x2000000 clone:0x4000000 clone:0x8000000 clone:0x10000000 clone:0x20000000 clone:0x40000000
        clone:0x110000000 x86-clone:0x10000000 x86-clone:0x20000
        personality:0x400000 personality:0x40000 personality:0x100400000 personality:1
        x86-personality:0x400000 x86-personality:0x40000'
SOCKETCALLS='x86-socketcall:38 x86-socketcall:40 x86-socketcall-pair:38 x86-socketcall-pair:40
        x86-socketcall:1 x86-socketcall:2 x86-socketcall:10 x86-socketcall-pair:1'
# Ways that must work.
OPEN='socket:1 socket:2 socket:10 socket:0x100000001 socketpair:1
        x86-socket:1 x86-socket:2 x86-socket:10 x86-socketpair:1 clone:0 x86-clone:0
        personality:0 personality:8 personality:0x20000 personality:0x20008 personality:0xffffffff
        personality:0x100000008 personality:0xffffffffffffffff x86-personality:8 x86-personality:0xffffffff'

# in_container PROFILE WAY…: $output has the kernel's answers, one line for each; no filter if PROFILE is empty. The
# container has CAP_SYS_ADMIN, of which the profiles know nothing: where namespaces are refused, the filter did it.
in_container() {
        local profile=$1 bundle=$DIR/bundle spec
        shift
        rm -rf "$bundle"
        bundle_make "$bundle" "$DIR/rootfs" try-arguments "$@"
        spec=$(jq '.process.capabilities |= map_values(. + ["CAP_SYS_ADMIN"])' "$bundle/config.json")
        printf '%s\n' "$spec" > "$bundle/config.json"
        [ -z "$profile" ] || bundle_set_profile "$bundle" "$DIR/$profile"
        run runc_run "$bundle"
        [ "$status $(wc -l <<< "$output")" = "0 $#" ] || fail "status $status: $output"
}

# expect_free WAY…: each is answered as without a filter. A kernel without AF_VSOCK says EAFNOSUPPORT where another
# opens a socket: that, too, is its own answer and not the filter's.
expect_free() {
        local way
        for way in "$@"; do
                expect_line "$(grep -E "^$way " "$DIR/free")" || return 1
        done
}

# all_answer N PATTERN: N lines, each of which ends so. The count is printed, as a remark in the report of the tests.
all_answer() {
        local count
        count=$(grep -cE -- " ($2)\$" <<< "$output") || true
        printf '# %s: %d of %d\n' "$BATS_TEST_DESCRIPTION" "$count" "${#lines[@]}" >&3
        [ "$count ${#lines[@]}" = "$1 $1" ] || fail "not all are '$2':" "$output"
}

@test "without a filter the kernel gives all of it, or knows no such family, but never EPERM" {
        run cat "$DIR/free"
        all_answer 56 'ok( [0-9]+)?|EAFNOSUPPORT|EOPNOTSUPP'
        # Both gates give the same, and so do families with a bit that nobody reads.
        for family in 38 40; do
                run grep -oP "^(x86-)?socket(call)?:($family|0x[18]0*$(printf '%x' $family)) \K.*" "$DIR/free"
                [ "${#lines[@]}" -ge 4 ]
                [ "$(sort -u <<< "$output" | wc -l)" -eq 1 ] || fail "$output"
        done
        run cat "$DIR/free"
        expect_line 'clone:0x10000000 ok'
        expect_line 'personality:0x100400000 ok'
}

@test "docker-default refuses families, namespaces and personalities, by either gate" {
        in_container ours.json $REFUSED
        all_answer 28 EPERM
}

@test "docker-default refuses all that socketcall makes" {
        in_container ours.json $SOCKETCALLS
        all_answer 8 EPERM
}

@test "docker-default lets the usual ones through" {
        in_container ours.json $OPEN
        all_answer 20 'ok( [0-9]+)?'
        expect_line 'socket:1 ok 1'
        expect_line 'socket:2 ok 2'
        expect_line 'socket:10 ok 10'
        expect_line 'x86-socket:10 ok 10'
        expect_line 'socket:0x100000001 ok 1'
}

@test "docker-default, --allow socketcall: i386 programs of glibc get their sockets, and every family" {
        in_container socketcall.json $SOCKETCALLS
        expect_line 'x86-socketcall:1 ok 1'
        expect_line 'x86-socketcall:2 ok 2'
        expect_line 'x86-socketcall:10 ok 10'
        expect_line 'x86-socketcall-pair:1 ok 1'
        expect_free x86-socketcall:40
        in_container socketcall.json $REFUSED
        all_answer 28 EPERM
}

# An errno of the kernel's own, EAFNOSUPPORT or EOPNOTSUPP, shows as well that the filter has let the call through.
@test "conditions as Docker's own profile has them: what they mean to refuse gets through by other ways" {
        in_container moby-like.json $REFUSED $SOCKETCALLS
        expect_line 'socket:40 EPERM'
        expect_line 'x86-socket:40 EPERM'
        expect_free socket:0x100000026 socket:0x100000028 socket:0x8000000000000028 x86-socketcall:38 x86-socketcall:40
        run grep -vE ' EPERM$|:(1|2|10) ' <<< "$output"
        printf '# %s: %d: %s\n' "$BATS_TEST_DESCRIPTION" "${#lines[@]}" "$(tr '\n' ',' <<< "$output")" >&3
        [ "${#lines[@]}" -eq 12 ]
}
