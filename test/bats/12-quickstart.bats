#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# ./quickstart in a copy of the sources: from nothing, and again where there is neither runc nor crun.

setup_file() {
        load lib/world
        need runc git unshare
        export COPY=$BATS_FILE_TMPDIR/copy
        mkdir "$COPY"
        cd "$SC_SOURCE" || return
        git ls-files -z | tar -c --null -T - | tar -x -C "$COPY"
}

setup() {
        load lib/world
}

@test "a policy is compiled, and a container runs under it" {
        run "$COPY/quickstart" < /dev/null
        [ "$status" -eq 0 ] || fail "$output"
        expect_line '== In a container, under runc'
        expect_line 'getpid     works                works'
        expect_line 'unshare    works                EPERM'
        expect_line 'setns      EBADF                EPERM'
        expect_line 'clone3     EINVAL               ENOSYS'
        expect_line '600        ENOSYS               ENOSYS'
}

@test "what it made is what the command makes; the path that it names finds the command" {
        local path
        seccompose build docker-default --for oci --kernel running -o "$BATS_TEST_TMPDIR/profile.json" 2> "$BATS_TEST_TMPDIR/notes"
        cmp "$BATS_TEST_TMPDIR/profile.json" "$COPY/build/quickstart.json"
        path=$(PATH=$COPY/build/cmd/seccompose:$PATH type -P seccompose)
        [ "$path" = "$COPY/build/cmd/seccompose/seccompose" ]
}

@test "without runc and crun it says what to install, and how long it took" {
        local links=$BATS_TEST_TMPDIR/links
        mkdir "$links" && ln -s /usr/bin/* "$links" && rm -f "$links"/{runc,crun}
        run unshare --mount sh -c 'mount -t tmpfs none /usr/sbin && PATH=$0 exec "$1"' "$links" "$COPY/quickstart" < /dev/null
        [ "$status" -eq 0 ] || fail "$output"
        expect_line '== No container was run'
        expect_line "PATH=$COPY/build/cmd/seccompose:\$PATH"
        [[ $output == *'"apt-get install runc"'* ]]
        refuse_line '^== In a container'
}
