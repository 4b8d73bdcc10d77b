#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Random profiles in containers: what a kernel answers under them, and what engines refuse, is what seccompose says. Twenty
# with runc and with crun; with SC_WORLD=1 four hundred, and with docker and podman too. SC_SEED chooses others.

bats_require_minimum_version 1.5.0

setup_file() {
        load lib/world
        load lib/docker
        load lib/probed
        need runc crun python3
        [ -n "${SC_WORLD-}" ] || return 0
        need podman busybox
        probed_rootfs "$BATS_FILE_TMPDIR"
        docker_start "$PROBED/rootfs"
}

teardown_file() {
        load lib/docker
        docker_stop
}

setup() {
        load lib/world
}

# random_agrees ENGINE: under COUNT profiles.
random_agrees() {
        local count=20
        [ -z "${SC_WORLD-}" ] || count=400
        run "$SC_SOURCE/test/tools/probe-random" "$SC_BUILD" "$1" "${COUNT-$count}" "${SC_SEED-1}"
        [ "$status" -eq 0 ] || fail "$output"
        printf '# %s\n' "${lines[-1]#\# }" >&3
}

@test "runc" {
        random_agrees runc
}

@test "crun" {
        random_agrees crun
}

@test "docker 20.10; podman with runc, and with crun" {
        world_only
        DOCKER_HOST=unix://$DOCKER_DIR/sock DOCKER_CONFIG=$DOCKER_DIR/client random_agrees docker
        random_agrees podman
        random_agrees podman-crun
}
