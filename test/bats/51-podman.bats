#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What programs see in a container of Debian's podman, with runc, whose profile seccompose built.

setup_file() {
        load lib/world
        need podman runc busybox
        export DIR=$BATS_FILE_TMPDIR
        seccompose build docker-default --for podman --kernel running -o "$DIR/profile.json"
        rootfs_make "$DIR/rootfs"
}

setup() {
        load lib/world
}

# podman_run OPTION… -- COMMAND…: with stores of its own. The limits are those of a machine without CAP_SYS_RESOURCE.
podman_run() {
        local options=()
        while [ "$1" != -- ]; do
                options+=("$1")
                shift
        done
        shift
        timeout -k 5 60 podman --root "$DIR/store" --runroot "$DIR/run" --storage-driver vfs --cgroup-manager cgroupfs \
                --runtime runc run --rm --network none --ulimit nofile=1024:1024 --ulimit nproc=1024:1024 \
                "${options[@]}" --rootfs "$DIR/rootfs" "$@" < /dev/null
}

@test "without a profile the kernel itself answers" {
        run podman_run --security-opt seccomp=unconfined -- probe-calls keyctl unshare clone3
        [ "$status" -eq 0 ]
        expect_line 'Seccomp: 0'
        refuse_line 'EPERM|ENOSYS'
}

@test "denied calls give EPERM, clone3 and unassigned numbers ENOSYS" {
        run podman_run --security-opt "seccomp=$DIR/profile.json" -- probe-calls keyctl unshare clone3 400 600 getpid
        [ "$status" -eq 0 ]
        expect_line 'Seccomp: 2'
        expect_line 'keyctl -1 EPERM'
        expect_line 'unshare -1 EPERM'
        expect_line 'clone3 -1 ENOSYS'
        expect_line '400 -1 ENOSYS'
        expect_line '600 -1 ENOSYS'
        expect_line 'getpid 1 -'
}

@test "a capability opens what the policy ties to it" {
        run podman_run --cap-add SYS_ADMIN --security-opt "seccomp=$DIR/profile.json" -- probe-calls unshare keyctl
        [ "$status" -eq 0 ]
        expect_line 'unshare 0 -'
        expect_line 'keyctl -1 EPERM'
}
