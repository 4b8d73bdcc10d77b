#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What programs see in a container under runc whose profile seccompose built.

setup_file() {
        load lib/world
        need runc busybox jq
        export DIR=$BATS_FILE_TMPDIR
        rootfs_make "$DIR/rootfs"
        seccompose build docker-default --for runc --kernel running --caps none -o "$DIR/profile.json"
}

setup() {
        load lib/world
        load lib/answers
}

# in_container COMMAND…: $output and $status of the command under the profile; in_free_container: under none.
in_container() {
        bundle_make "$BATS_TEST_TMPDIR/b" "$DIR/rootfs" "$@"
        bundle_set_profile "$BATS_TEST_TMPDIR/b" "$DIR/profile.json"
        run runc_run "$BATS_TEST_TMPDIR/b"
}

in_free_container() {
        bundle_make "$BATS_TEST_TMPDIR/free" "$DIR/rootfs" "$@"
        run runc_run "$BATS_TEST_TMPDIR/free"
}

@test "without a profile the kernel itself answers, and not EPERM" {
        in_free_container probe-calls add_key keyctl setns unshare userfaultfd clone3
        [ "$status" -eq 0 ]
        expect_line 'Seccomp: 0'
        expect_line 'unshare 0 -'
        expect_line 'clone3 -1 EINVAL'
        refuse_line 'EPERM|ENOSYS'
}

@test "the kernel confirms the filter" {
        in_container probe-calls
        [ "$status" -eq 0 ]
        expect_line 'Seccomp: 2'
}

@test "denied calls give EPERM, allowed ones work" {
        in_container probe-calls add_key keyctl setns unshare userfaultfd getpid
        [ "$status" -eq 0 ]
        for call in add_key keyctl setns unshare userfaultfd; do
                expect_line "$call -1 EPERM"
        done
        expect_line 'getpid 1 -'
}

@test "clone3 gives ENOSYS" {
        in_container probe-calls clone3
        expect_line 'clone3 -1 ENOSYS'
}

@test "glibc starts threads and processes without clone3" {
        in_container libc-fallback
        [ "$status" -eq 0 ]
        expect_line 'thread ok'
        expect_line 'spawn ok'
}

@test "a static glibc does too" {
        in_container libc-fallback-static
        [ "$status" -eq 0 ]
        expect_line 'thread ok'
        expect_line 'spawn ok'
}

@test "numbers that no kernel assigns give ENOSYS: 400 by the default, 600 by runc's stub" {
        in_container probe-calls 400 600
        [ "$status" -eq 0 ]
        expect_line '400 -1 ENOSYS'
        expect_line '600 -1 ENOSYS'
}

@test "a shell with a pipe works" {
        in_container sh -c 'echo one two | busybox wc -w && busybox ls /bin'
        [ "$status" -eq 0 ]
        expect_line '2'
        expect_line 'busybox'
}

@test "runc, docker-default: the kernel answers what eval says" {
        bundles_agree 200 runc_run runc "$DIR/rootfs" docker-default '' x86_64 x86 x32
}

@test "runc, a policy of many errnos: the kernel answers what eval says" {
        bundles_agree 220 runc_run runc "$DIR/rootfs" "$SC_SOURCE/test/world/errnos.jsonc" '' x86_64 x86 x32
}

@test "runc, stdio, asked without a child: the kernel answers what eval says" {
        bundles_agree 150 runc_run runc "$DIR/rootfs" stdio --inside x86_64 x86
}
