#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Our groups of calls against systemd's: for the calls that systemd 252 knows, the members are the same.

setup_file() {
        load lib/world
        need systemd-analyze python3
        export THEIRS=$BATS_FILE_TMPDIR/theirs OURS=$BATS_FILE_TMPDIR/ours
        systemd-analyze --no-pager syscall-filter > "$THEIRS" 2> "$BATS_FILE_TMPDIR/stderr"
        "$SC_BUILD/test/tools/print-groups" > "$OURS"
}

setup() {
        load lib/world
        [[ $(systemd-analyze --version) = "systemd 252 "* ]] || skip "another systemd has other groups"
}

compare() {
        run "$SC_SOURCE/test/tools/compare-groups" "$THEIRS"
}

@test "every group has systemd's members, and no other call that systemd knows" {
        compare < "$OURS"
        echo "$output" | sed 's/^/# /' >&3
        [ "$status" -eq 0 ] || fail "$output"
        expect_line "groups compared: 29"
        [[ $output =~ "calls that both know: "([0-9]+) ]] && [ "${BASH_REMATCH[1]}" -ge 480 ] || fail "$output"
}

@test "a call too few is found" {
        compare < <(grep -vx '@mount umount2' "$OURS")
        [ "$status" -eq 1 ]
        expect_line "@mount umount2: only systemd's"
}

@test "a call too many is found" {
        compare < <(cat "$OURS"; echo "@mount read")
        [ "$status" -eq 1 ]
        expect_line "@mount read: only ours"
}

@test "a group too many is found" {
        compare < <(cat "$OURS"; echo "@mine read")
        [ "$status" -eq 1 ]
        expect_line "@mine: only ours"
}

@test "a group inside a group is opened" {
        grep -qx '@system-service timerfd_create' "$OURS"
        grep -qx '@privileged fchownat' "$OURS"
}
