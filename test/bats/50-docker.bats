#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What programs see in a container of Debian's docker 20.10 whose profile seccompose built.

setup_file() {
        load lib/world
        load lib/docker
        need busybox
        export DIR=$BATS_FILE_TMPDIR
        seccompose build docker-default --for docker@20.10 -o "$DIR/profile.json"
        seccompose build docker-default --for docker -o "$DIR/current.json"
        rootfs_make "$DIR/rootfs"
        docker_start "$DIR/rootfs"
}

teardown_file() {
        load lib/docker
        docker_stop
}

setup() {
        load lib/world
        load lib/docker
        load lib/answers
}

confined() {
        run docker_run --security-opt "seccomp=$DIR/profile.json" "$@"
}

@test "the daemon is docker 20.10" {
        run docker version --format '{{.Server.Version}}'
        [ "$status" -eq 0 ]
        [[ $output == 20.10.* ]]
}

@test "without a profile the kernel itself answers, and not EPERM" {
        run docker_run --security-opt seccomp=unconfined -- probe-calls add_key keyctl setns unshare userfaultfd clone3
        [ "$status" -eq 0 ]
        expect_line 'Seccomp: 0'
        expect_line 'unshare 0 -'
        expect_line 'clone3 -1 EINVAL'
        refuse_line 'EPERM|ENOSYS'
}

@test "a policy of merge's is refused; without its first line, a comment, it would be no filter" {
        merged_is_no_profile docker_run
}

@test "the kernel confirms the filter" {
        confined -- probe-calls
        [ "$status" -eq 0 ]
        expect_line 'Seccomp: 2'
}

@test "denied calls give EPERM, allowed ones work" {
        confined -- probe-calls add_key keyctl setns unshare userfaultfd getpid
        [ "$status" -eq 0 ]
        for call in add_key keyctl setns unshare userfaultfd; do
                expect_line "$call -1 EPERM"
        done
        expect_line 'getpid 1 -'
}

@test "a capability opens what the policy ties to it" {
        confined --cap-add SYS_ADMIN -- probe-calls setns unshare clone3 keyctl
        [ "$status" -eq 0 ]
        expect_line 'setns -1 EBADF'
        expect_line 'unshare 0 -'
        expect_line 'clone3 -1 EINVAL'
        expect_line 'keyctl -1 EPERM'
}

@test "clone3 gives ENOSYS" {
        confined -- probe-calls clone3
        expect_line 'clone3 -1 ENOSYS'
}

@test "glibc starts threads and processes without clone3" {
        confined -- libc-fallback
        [ "$status" -eq 0 ]
        expect_line 'thread ok'
        expect_line 'spawn ok'
}

@test "a static glibc does too" {
        confined -- libc-fallback-static
        [ "$status" -eq 0 ]
        expect_line 'thread ok'
        expect_line 'spawn ok'
}

@test "numbers that no kernel assigns: 400 gives EPERM, as 20.10 ignores defaultErrnoRet; 600 ENOSYS, from runc's stub" {
        confined -- probe-calls 400 600
        [ "$status" -eq 0 ]
        expect_line '400 -1 EPERM'
        expect_line '600 -1 ENOSYS'
}

@test "a profile for the current docker loses its default errno here, as eval --for docker@20.10 says" {
        jq -e '.defaultErrnoRet == 38' "$DIR/current.json"
        run seccompose eval "$DIR/current.json" --for docker@20.10 <<< $'x86_64 #400\nx86_64 #600\nx86_64 setns\nx86_64 clone3'
        [ "$output" = "$(printf 'x86_64 %s\n' $'#400\terrno 1 EPERM' $'#600\terrno 38 ENOSYS' $'setns\terrno 1 EPERM' \
                $'clone3\terrno 1 EPERM')" ] || fail "$output"
        run docker_run --security-opt "seccomp=$DIR/current.json" -- probe-calls 400 600 setns clone3
        [ "$status" -eq 0 ]
        expect_line 'Seccomp: 2'
        expect_line '400 -1 EPERM'
        expect_line '600 -1 ENOSYS'
        expect_line 'setns -1 EPERM'
        expect_line 'clone3 -1 EPERM'
}

# answers_of RESULT OPTION…: the questions of this test, asked in a container with these options.
answers_of() {
        local result=$1
        shift
        # shellcheck disable=SC2046 # words
        docker_run "$@" -- ask-kernel $(cat "$BATS_TEST_TMPDIR/questions") > "$result"
}

# agree AT_LEAST POLICY: in a container, the kernel answers what eval says of the profile.
agree() {
        local dir=$BATS_TEST_TMPDIR
        questions_make "$dir/questions" x86_64 x86 x32
        seccompose build "$2" --for docker@20.10 --kernel running -o "$dir/profile.json"
        answers_predict "$dir/questions" "$dir/predicted" "$dir/profile.json" --for docker@20.10
        answers_of "$dir/free" --security-opt seccomp=unconfined
        answers_of "$dir/confined" --security-opt "seccomp=$dir/profile.json"
        answers_compare "$1" "$dir/free" "$dir/confined" "$dir/predicted"
}

@test "a running container, asked for its filters: what the profile says, and not as strict as a stricter one" {
        local id inside
        id=$(docker run -d --network none --security-opt "seccomp=$DIR/profile.json" world busybox sleep 100)
        inside=$(docker inspect --format '{{.State.Pid}}' "$id")
        run seccompose verify "pid:$inside" "docker@20.10:$DIR/profile.json"
        echo "$output"
        [ "$status" -eq 0 ]
        # as the README has it: the policy, for the container's own capabilities
        run seccompose verify --subset "pid:$inside" docker-default --caps "pid:$inside"
        echo "$output"
        [ "$status" -eq 0 ] && [[ $output != *other-caps* ]]
        run seccompose verify --subset "pid:$inside" stdio
        echo "$output"
        [ "$status" -eq 1 ]
        [[ $output == *x86_64* ]]
        docker rm -f "$id"
}

@test "docker, docker-default: the kernel answers what eval says" {
        agree 200 docker-default
}

@test "docker, a policy of many errnos: the kernel answers what eval says" {
        agree 220 "$SC_SOURCE/test/world/errnos.jsonc"
}
