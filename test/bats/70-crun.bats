#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What programs see in a container under crun whose profile seccompose built.

setup_file() {
        load lib/world
        need crun runc busybox jq
        export DIR=$BATS_FILE_TMPDIR
        rootfs_make "$DIR/rootfs"
        seccompose build docker-default --for crun --kernel running --caps none -o "$DIR/profile.json"
        seccompose build docker-default --for oci --kernel running --caps none -o "$DIR/oci.json"
}

setup() {
        load lib/world
        load lib/answers
}

# in_container PROFILE COMMAND…: $output and $status of the command under a profile in $DIR; under none if PROFILE is -.
in_container() {
        local bundle profile=$1
        shift
        bundle=$(mktemp -d "$BATS_TEST_TMPDIR/bundle.XXXXXX")
        bundle_make "$bundle" "$DIR/rootfs" "$@"
        [ "$profile" = - ] || bundle_set_profile "$bundle" "$DIR/$profile"
        run crun_run "$bundle"
}

@test "without a profile the kernel itself answers, and not EPERM" {
        in_container - probe-calls add_key keyctl setns unshare userfaultfd clone3
        [ "$status" -eq 0 ]
        expect_line 'Seccomp: 0'
        expect_line 'unshare 0 -'
        expect_line 'clone3 -1 EINVAL'
        refuse_line 'EPERM|ENOSYS'
}

@test "denied calls give EPERM, allowed ones work, under a filter" {
        in_container profile.json probe-calls add_key keyctl setns unshare userfaultfd getpid
        [ "$status" -eq 0 ]
        expect_line 'Seccomp: 2'
        for call in add_key keyctl setns unshare userfaultfd; do
                expect_line "$call -1 EPERM"
        done
        expect_line 'getpid 1 -'
}

@test "the profile for oci does the same" {
        in_container oci.json probe-calls add_key setns unshare clone3 400 600
        [ "$status" -eq 0 ]
        expect_line 'Seccomp: 2'
        expect_line 'add_key -1 EPERM'
        expect_line 'setns -1 EPERM'
        expect_line 'unshare -1 EPERM'
        expect_line 'clone3 -1 ENOSYS'
        expect_line '400 -1 ENOSYS'
        expect_line '600 -1 ENOSYS'
}

@test "clone3 gives ENOSYS, and glibc starts threads and processes without it" {
        in_container profile.json probe-calls clone3
        expect_line 'clone3 -1 ENOSYS'
        for program in libc-fallback libc-fallback-static; do
                in_container profile.json "$program"
                [ "$status" -eq 0 ]
                expect_line 'thread ok'
                expect_line 'spawn ok'
        done
}

@test "numbers that no kernel assigns get the policy's answer, low and high: crun has no stub" {
        seccompose build "$SC_SOURCE/test/world/errnos.jsonc" --for crun --caps none -o "$DIR/errnos.json"
        in_container errnos.json probe-calls 400 600
        [ "$status" -eq 0 ]
        expect_line '400 -1 EXFULL'
        expect_line '600 -1 EXFULL'
}

@test "crun, docker-default: the kernel answers what eval says" {
        bundles_agree 200 crun_run crun "$DIR/rootfs" docker-default '' x86_64 x86 x32
}

@test "crun, a policy of many errnos: the kernel answers what eval says" {
        bundles_agree 220 crun_run crun "$DIR/rootfs" "$SC_SOURCE/test/world/errnos.jsonc" '' x86_64 x86 x32
}

@test "crun, stdio, asked without a child: the kernel answers what eval says" {
        bundles_agree 150 crun_run crun "$DIR/rootfs" stdio --inside x86_64 x86
}
