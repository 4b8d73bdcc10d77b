#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What programs see in a container of Debian's podman, with runc, whose profile seccompose built.

setup_file() {
        load lib/world
        need podman runc busybox
        export DIR=$BATS_FILE_TMPDIR
        seccompose build docker-default --for podman --kernel running -o "$DIR/profile.json"
        seccompose build podman-default --for podman --kernel running -o "$DIR/podman-default.json"
        rootfs_make "$DIR/rootfs"
        cp "$SC_BUILD/test/world/try-arguments" "$DIR/rootfs/bin/"
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

@test "a policy of merge's is refused; without its first line, a comment, it would be no filter" {
        merged_is_no_profile podman_run
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

# podman's own profile is the one of the package golang-github-containers-common.
@test "podman-default: what podman lets through, but no audit socket by a bit that nobody reads" {
        local own=/usr/share/containers/seccomp.json ours=$DIR/podman-default.json ways
        ways='clone:0x10000000 clone:0x2000000 clone3:0x10000000 socket:1 socket:40 socketpair:1
                socket-audit:16 socket-audit:0x100000010'
        # shellcheck disable=SC2086 # words
        run podman_run --security-opt "seccomp=$own" --cap-add SYS_ADMIN -- try-arguments $ways
        expect_line 'socket-audit:16 EINVAL'
        refuse_line '^socket-audit:0x100000010 E(INVAL|PERM)$'
        printf '%s\n' "${lines[@]::6}" > "$BATS_TEST_TMPDIR/own"
        # shellcheck disable=SC2086
        run podman_run --security-opt "seccomp=$ours" --cap-add SYS_ADMIN -- try-arguments $ways
        diff "$BATS_TEST_TMPDIR/own" <(printf '%s\n' "${lines[@]::6}")
        expect_line 'clone:0x10000000 ok'
        expect_line 'socket-audit:16 EINVAL'
        expect_line 'socket-audit:0x100000010 EINVAL'
        # shellcheck disable=SC2086
        run podman_run --security-opt "seccomp=$ours" --cap-add AUDIT_WRITE -- try-arguments $ways
        refuse_line '^socket-audit.* E(INVAL|PERM)$'
        # vmsplice and io_pgetevents are on neither list
        run podman_run --security-opt "seccomp=$ours" -- probe-calls unshare setns mount pivot_root keyctl 278 333 add_key
        expect_line 'unshare 0 -'
        expect_line 'setns -1 EBADF'
        expect_line 'keyctl -1 EOPNOTSUPP'
        for call in 278 333 add_key; do
                expect_line "$call -1 EPERM"
        done
}

# The library that podman reads profiles by has a check that refuses the action; podman does not call it.
@test "podman takes errnos by name and number, and a kill of the whole process" {
        local profile=$BATS_TEST_TMPDIR/texts.json
        cat > "$profile" <<'EOF'
{ "defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_X86_64"], "syscalls": [
  { "names": ["keyctl"], "action": "SCMP_ACT_ERRNO", "errno": "13" },
  { "names": ["add_key"], "action": "SCMP_ACT_ERRNO", "errno": "EBUSY", "errnoRet": 2 },
  { "names": ["ptrace"], "action": "SCMP_ACT_KILL_PROCESS" } ] }
EOF
        run seccompose eval "$profile" --for podman --arch x86_64 < <(printf 'x86_64 %s\n' keyctl add_key ptrace)
        expect_line $'x86_64 keyctl\terrno 13 EACCES'
        expect_line $'x86_64 add_key\terrno 16 EBUSY'
        expect_line $'x86_64 ptrace\tkill-process'
        run podman_run --security-opt "seccomp=$profile" -- probe-calls keyctl add_key
        [ "$status" -eq 0 ]
        expect_line 'keyctl -1 EACCES'
        expect_line 'add_key -1 EBUSY'
        run podman_run --security-opt "seccomp=$profile" -- sh -c 'probe-calls getpid ptrace; echo "status $?"'
        expect_line 'status 159' # 128 + SIGSYS
}
