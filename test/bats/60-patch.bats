#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# `seccompose patch` and the createRuntime hook on real bundles: the next `runc run` is confined.

setup_file() {
        load lib/world
        need runc busybox jq
        export DIR=$BATS_FILE_TMPDIR
        rootfs_make "$DIR/rootfs"
}

setup() {
        load lib/world
        bundle=$BATS_TEST_TMPDIR/bundle
        bundle_make "$bundle" "$DIR/rootfs" probe-calls keyctl setns unshare clone3 400 600
        cp "$bundle/config.json" "$BATS_TEST_TMPDIR/before.json"
}

# The bundle's container runs unfiltered, or under docker-default.
expect_free() {
        run runc_run "$bundle"
        [ "$status" -eq 0 ]
        expect_line 'Seccomp: 0'
        expect_line 'unshare 0 -'
}

expect_confined() {
        run runc_run "$bundle"
        [ "$status" -eq 0 ]
        expect_line 'Seccomp: 2'
        expect_line 'keyctl -1 EPERM'
        expect_line 'setns -1 EPERM'
        expect_line 'unshare -1 EPERM'
        expect_line 'clone3 -1 ENOSYS'
        expect_line '400 -1 ENOSYS'
        expect_line '600 -1 ENOSYS'
}

# Everything but linux.seccomp is as it was.
expect_rest_unchanged() {
        diff <(jq -S 'del(.linux.seccomp)' "$BATS_TEST_TMPDIR/before.json") <(jq -S 'del(.linux.seccomp)' "$bundle/config.json")
}

# The state of a container that is being created, as a runtime writes it to a hook's stdin.
state() {
        jq -n --arg bundle "$bundle" \
                '{ociVersion: "1.0.2-dev", id: "test", status: "creating", pid: 1, bundle: $bundle}'
}

@test "patch: the next run of the bundle is confined" {
        expect_free
        seccompose patch "$bundle" --policy docker-default
        expect_rest_unchanged
        expect_confined
}

@test "patch: a second time changes nothing" {
        seccompose patch "$bundle" --policy docker-default
        cp "$bundle/config.json" "$BATS_TEST_TMPDIR/once.json"
        seccompose patch "$bundle" --policy docker-default
        cmp "$BATS_TEST_TMPDIR/once.json" "$bundle/config.json"
}

@test "patch: a profile that was there is replaced" {
        seccompose patch "$bundle" --policy complain
        run runc_run "$bundle"
        expect_line 'Seccomp: 2'
        expect_line 'unshare 0 -'
        seccompose patch "$bundle" --policy docker-default
        expect_confined
}

@test "patch: leaves the permissions and no temporary file" {
        chmod 640 "$bundle/config.json"
        seccompose patch "$bundle" --policy docker-default
        [ "$(stat -c %a "$bundle/config.json")" = 640 ]
        [ "$(ls -A "$bundle")" = config.json ]
}

@test "patch: a bundle that is not there is an error" {
        run seccompose patch "$BATS_TEST_TMPDIR/none" --policy docker-default
        [ "$status" -eq 2 ]
        [ -n "$output" ]
}

@test "patch: a policy that is not there is an error and leaves the bundle alone" {
        run seccompose patch "$bundle" --policy no-such-policy
        [ "$status" -eq 2 ]
        cmp "$BATS_TEST_TMPDIR/before.json" "$bundle/config.json"
}

@test "patch: broken JSON is an error and is left alone" {
        truncate -s -10 "$bundle/config.json"
        cp "$bundle/config.json" "$BATS_TEST_TMPDIR/broken.json"
        run seccompose patch "$bundle" --policy docker-default
        [ "$status" -eq 2 ]
        cmp "$BATS_TEST_TMPDIR/broken.json" "$bundle/config.json"
}

@test "hook: given a state by hand, it patches the bundle" {
        run hook createRuntime --policy docker-default < <(state)
        [ "$status" -eq 1 ] # this start came too late for the profile
        [[ $output = *"$bundle"*"start it again"* ]] || fail "$output"
        expect_rest_unchanged
        expect_confined
}

@test "hook: lets a bundle start that has the profile already, and leaves every byte" {
        seccompose patch "$bundle" --policy docker-default
        cp "$bundle/config.json" "$BATS_TEST_TMPDIR/once.json"
        run hook createRuntime --policy docker-default < <(state | jq ".pid = $(starting_pid)")
        [ "$status" -eq 0 ]
        cmp "$BATS_TEST_TMPDIR/once.json" "$bundle/config.json"
        # without a process nobody knows which file the runtime has read
        run hook createRuntime --policy docker-default < <(state | jq 'del(.pid)')
        [ "$status" -eq 1 ]
}

@test "hook: refuses the start that it came too late for; the next run is confined" {
        local spec
        spec=$(jq --arg path "$SC_BUILD/cmd/seccompose-hook/seccompose-hook" '.hooks.createRuntime =
                [{path: $path, args: ["seccompose-hook", "createRuntime", "--policy", "docker-default"]}]' \
                "$bundle/config.json")
        printf '%s\n' "$spec" | tee "$bundle/config.json" > "$BATS_TEST_TMPDIR/before.json"
        run runc_run "$bundle"
        [ "$status" -ne 0 ]
        refuse_line '^unshare 0 -'
        expect_rest_unchanged
        expect_confined
}

@test "hook: of two starts at once, none runs unconfined" {
        local one other
        # both have read config.json before the first changes it, and the second looks after that
        # shellcheck disable=SC2016 # the other shell's
        jq --arg path "$SC_BUILD/cmd/seccompose-hook/seccompose-hook" --arg top "$BATS_TEST_TMPDIR" --arg wait 'cd "$0"
                i=0
                if mkdir first; then
                        until [ -d second ] || [ $((i += 1)) -gt 1200 ]; do sleep 0.05; done
                else
                        mkdir second
                        until ! cmp -s spec.json bundle/config.json || [ $((i += 1)) -gt 1200 ]; do sleep 0.05; done
                fi' '.hooks.createRuntime =
                [{path: "/bin/sh", args: ["sh", "-c", $wait, $top], env: ["PATH=/usr/bin:/bin"]},
                 {path: $path, args: ["seccompose-hook", "createRuntime", "--policy", "docker-default"]}]' \
                "$bundle/config.json" > "$BATS_TEST_TMPDIR/spec.json"
        cp "$BATS_TEST_TMPDIR/spec.json" "$bundle/config.json"
        runc_run "$bundle" > "$BATS_TEST_TMPDIR/one" 2>&1 3>&- &
        one=$!
        wait_until 'no hook of the first start' test -d "$BATS_TEST_TMPDIR/first"
        run runc_run "$bundle"
        other=$status
        ! wait "$one" || fail "the first start ran: $(cat "$BATS_TEST_TMPDIR/one")"
        [ "$other" -ne 0 ] || fail "the second start ran: $output"
        [[ $output = *"while this start was under way"* ]] || fail "$output"
        expect_confined
}

@test "hook: a state that is not JSON is an error" {
        run hook createRuntime --policy docker-default <<< 'not a state'
        [ "$status" -eq 2 ]
        cmp "$BATS_TEST_TMPDIR/before.json" "$bundle/config.json"
}

@test "the undo of docs/engines/runc.md takes out what patch put in, where there is no hook" {
        seccompose patch "$bundle" --policy docker-default
        cd "$bundle"
        command=$(sed -n "s/^\\$ \(jq 'del(.*\)/\1/p" "$SC_SOURCE/docs/engines/runc.md")
        [ -n "$command" ]
        eval "$command"
        diff <(jq -S . "$BATS_TEST_TMPDIR/before.json") <(jq -S . new.json)
        mv new.json config.json
        expect_free
}
