#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# A patch of config.json while something goes wrong: it is the old or the new file afterwards, byte for byte, and the
# next run that is let alone makes it the new one and leaves nothing beside it.

setup_file() {
        load lib/world
        load lib/faults
        faults_begin
}

setup() {
        load lib/world
        load lib/faults
        bundle=$BATS_TEST_TMPDIR/bundle
        bundle_reset
}

teardown() {
        if mountpoint -q "$BATS_TEST_TMPDIR/bundle"; then
                umount "$BATS_TEST_TMPDIR/bundle"
        fi
}

# small_bundle OPTION: the bundle is a file system of its own.
small_bundle() {
        mount -t tmpfs -o "$1" faults "$bundle"
        bundle_reset
}

# expect_failure OUTCOME [FILE…]: both ways of patching fail, and say why.
expect_failure() {
        local want=$1 by
        shift
        for by in by_verb by_hook; do
                run timeout 120 bash -c "$(declare -f state "$by"); bundle=$bundle; $by"
                [ "$status" -ne 0 ] && [ "$status" -ne 124 ] || fail "$by: exit $status: $output" || return 1
                [ -n "$output" ] || fail "$by says nothing" || return 1
                [ "$(outcome)" = "$want" ] || return 1
                expect_clean "$@" || return 1
        done
}

@test "nothing wrong: owner and attributes are kept" {
        by_verb
        [ "$(outcome)" = new ]
        expect_clean
        expect_kept
}

@test "no space for the new file" {
        small_bundle size=64k
        dd if=/dev/zero of="$bundle/full" bs=4k 2> "$BATS_TEST_TMPDIR/dd.log" || true
        expect_failure old full
        rm "$bundle/full"
        expect_mended
        expect_kept
}

@test "no space for half of the new file" {
        small_bundle size=16k
        dd if=/dev/zero of="$bundle/full" bs=4k count=2 2> "$BATS_TEST_TMPDIR/dd.log"
        expect_failure old full
        rm "$bundle/full"
        expect_mended
}

@test "no inode for the new file" {
        local i
        small_bundle nr_inodes=20
        mkdir "$bundle/full"
        for i in {1..20}; do
                touch "$bundle/full/$i" 2> "$BATS_TEST_TMPDIR/touch.log" || break
        done
        [ "$i" -lt 20 ]
        expect_failure old full
        rm -r "$bundle/full"
        expect_mended
}

@test "a file system that is mounted read-only" {
        small_bundle size=1m
        mount -o remount,ro "$bundle"
        expect_failure old
        mount -o remount,rw "$bundle"
        expect_mended
        # nothing is to be written: no failure
        mount -o remount,ro "$bundle"
        expect_mended
}

# kill_at_every BY: SIGKILL as the process enters each of its system calls in turn.
kill_at_every() {
        local by=$1 every=1 name count touches points=0 missed=0 old=0 new=0 strays=0 status
        ! is_sanitized || every=5
        calls_of "$by" "$every" > "$BATS_TEST_TMPDIR/points"
        while read -r name count touches; do
                bundle_reset
                status=0
                (under_strace "$by" "$name:signal=KILL:when=$count") 2> /dev/null || status=$?
                if [ "$status" -ne 137 ]; then
                        missed=$((missed + 1))
                        continue
                fi
                points=$((points + 1))
                case $(outcome) in
                        old) old=$((old + 1)) ;;
                        new) new=$((new + 1)) ;;
                        *) fail "killed at $name $count" || return 1 ;;
                esac
                [ "$(find "$bundle" -type f | wc -l)" -eq 1 ] || strays=$((strays + 1))
                expect_mended || fail "killed at $name $count" || return 1
        done < "$BATS_TEST_TMPDIR/points"
        echo "# $by: killed at $points calls ($missed not reached): $old old, $new new; $strays left a stray file" >&3
        [ "$points" -gt 30 ] && [ "$old" -gt 0 ] && [ "$new" -gt 0 ] && [ "$strays" -gt 0 ] && [ "$missed" -le 5 ]
}

@test "SIGKILL at every system call of seccompose patch" {
        kill_at_every by_verb
}

@test "SIGKILL at every system call of the hook" {
        kill_at_every by_hook
}

@test "EIO from every system call on the bundle" {
        local name count touches status what
        calls_of by_verb 1 | grep ' 1$' > "$BATS_TEST_TMPDIR/points"
        while read -r name count touches; do
                bundle_reset
                status=0
                under_strace by_verb "$name:error=EIO:when=$count" || status=$?
                what=$(outcome)
                echo "$name: exit $status, $what" >> "$BATS_TEST_TMPDIR/results"
                case $name-$status-$what in
                        *-0-new) expect_kept ;;
                        *-[1-9]-old) expect_clean && [ -s "$BATS_TEST_TMPDIR/run.log" ] ;;
                        fsync-3-new) grep -q flushed "$BATS_TEST_TMPDIR/run.log" ;;
                        *) false ;;
                esac || fail "$name $count: exit $status, $what: $(cat "$BATS_TEST_TMPDIR/run.log")"
                expect_mended
        done < "$BATS_TEST_TMPDIR/points"
        sort "$BATS_TEST_TMPDIR/results" | uniq -c | sed 's/^/# EIO from /' >&3
        for name in openat openat2 flock read write fchown fchmod flistxattr fgetxattr fsetxattr fsync renameat; do
                grep -q "^$name: exit [^0]" "$BATS_TEST_TMPDIR/results" || fail "no failure of $name"
        done
        grep -qx 'fsync: exit 3, new' "$BATS_TEST_TMPDIR/results"
}

@test "a kernel without openat2, or a filter that does not know it" {
        local error
        for error in ENOSYS EPERM; do
                bundle_reset
                under_strace by_verb "openat2:error=$error"
                [ "$(outcome)" = new ]
        done
}

@test "calls that are interrupted by signals are made again" {
        local name
        for name in flock write; do
                bundle_reset
                under_strace by_verb "$name:error=EINTR:when=1"
                [ "$(outcome)" = new ]
        done
}

@test "config.json is a symbolic link" {
        mv "$bundle/config.json" "$BATS_TEST_TMPDIR/elsewhere"
        ln -s "$BATS_TEST_TMPDIR/elsewhere" "$bundle/config.json"
        expect_failure old
        [ -L "$bundle/config.json" ]
}

@test "the bundle is a symbolic link" {
        mv "$bundle" "$BATS_TEST_TMPDIR/elsewhere"
        ln -s elsewhere "$bundle"
        for_link_and_slash() {
                run by_verb
                [ "$status" -ne 0 ]
                run by_hook
                [ "$status" -ne 0 ]
                [ "$(outcome)" = old ]
        }
        for_link_and_slash
        bundle=$bundle/
        for_link_and_slash
}

@test "config.json is a FIFO" {
        rm "$bundle/config.json"
        mkfifo "$bundle/config.json"
        run timeout 60 "$SC_BUILD/cmd/seccompose/seccompose" patch "$bundle" --policy stdio
        [ "$status" -ne 0 ] && [ "$status" -ne 124 ]
        run timeout 60 "$SC_BUILD/cmd/seccompose-hook/seccompose-hook" createRuntime --policy stdio < <(state)
        [ "$status" -ne 0 ] && [ "$status" -ne 124 ]
        expect_clean
        [ -p "$bundle/config.json" ]
}

@test "config.json is a directory" {
        rm "$bundle/config.json"
        mkdir "$bundle/config.json"
        run by_verb
        [ "$status" -ne 0 ]
        run by_hook
        [ "$status" -ne 0 ]
        expect_clean
        [ -d "$bundle/config.json" ]
}

@test "config.json has a second name: that one keeps the old bytes" {
        ln "$bundle/config.json" "$bundle/second"
        expect_mended second
        cmp "$bundle/second" "$DIR/old.json"
        [ "$(stat -c %h "$bundle/second")" -eq 1 ]
}

@test "config.json belongs to a third user" {
        chown 1002 "$bundle/config.json"
        expect_failure old
        chown 0 "$bundle/config.json"
        expect_mended
        [ "$(stat -c %u "$bundle/config.json")" -eq 0 ]
}

@test "everybody may write config.json" {
        chmod 666 "$bundle/config.json"
        expect_failure old
}

@test "config.json cannot be exchanged (chattr +i)" {
        chattr +i "$bundle/config.json"
        run by_verb
        chattr -i "$bundle/config.json"
        [ "$status" -ne 0 ]
        [ "$(outcome)" = old ]
        expect_clean
}

@test "another process keeps the bundle locked" {
        local holder
        (
                exec 3< "$bundle"
                flock 3
                : > "$BATS_TEST_TMPDIR/held"
                exec sleep 600
        ) &
        holder=$!
        wait_until 'nobody has locked it' test -e "$BATS_TEST_TMPDIR/held"
        run by_verb
        kill "$holder"
        [ "$status" -ne 0 ]
        [ "$(outcome)" = old ]
        expect_clean
        expect_mended
}

# many COUNT: so many hooks at once on one bundle; their exit statuses, counted.
many() {
        local i
        for ((i = 0; i < $1; i++)); do
                (
                        status=0
                        by_hook > "$BATS_TEST_TMPDIR/hook.$i" 2>&1 || status=$?
                        echo "$status" > "$BATS_TEST_TMPDIR/status.$i"
                ) 3>&- &
                pids[i]=$!
        done
        wait "${pids[@]}"
        cat "$BATS_TEST_TMPDIR"/status.* | sort | uniq -c | sed 's/^ *\([0-9]*\) \(.*\)/\1 hooks: exit \2/'
}

@test "50 hooks at once" {
        local n=50
        ! is_sanitized || n=20
        many "$n" > "$BATS_TEST_TMPDIR/statuses"
        sed 's/^/# /' "$BATS_TEST_TMPDIR/statuses" >&3
        [ "$(outcome)" = new ]
        expect_clean
        expect_kept
        # one has changed it; the others find it changed, and cannot know whether their runtime has read it before
        grep -qx "$n hooks: exit 1" "$BATS_TEST_TMPDIR/statuses"
        [ "$(cat "$BATS_TEST_TMPDIR"/hook.* | grep -c 'created without the policy')" -eq 1 ]
        [ "$(cat "$BATS_TEST_TMPDIR"/hook.* | grep -c 'changed while this start')" -eq $((n - 1)) ]
}

@test "another config.json is renamed over it while 50 hooks run" {
        local n=50 swapper
        ! is_sanitized || n=20
        # of two bundles in turn: the old file, and one with another hostname
        sed 's/"hostname": "[^"]*"/"hostname": "other"/' "$DIR/old.json" > "$DIR/other-old.json"
        ! cmp -s "$DIR/old.json" "$DIR/other-old.json"
        cp "$DIR/other-old.json" "$bundle/config.json"
        by_verb
        cp "$bundle/config.json" "$DIR/other-new.json"
        python3 "$SC_SOURCE/test/tools/swap-file" "$bundle/config.json" "$DIR"/{old,other-old}.json \
                "$DIR"/{new,other-new}.json > "$BATS_TEST_TMPDIR/swaps" 2>&1 3>&- &
        swapper=$!
        wait_until 'nothing swaps them' grep -q ready "$BATS_TEST_TMPDIR/swaps"
        many "$n" > "$BATS_TEST_TMPDIR/statuses"
        kill "$swapper"
        wait "$swapper" || fail "$(cat "$BATS_TEST_TMPDIR/swaps")"
        sed 's/^/# /' "$BATS_TEST_TMPDIR/statuses" "$BATS_TEST_TMPDIR/swaps" >&3
        # each says why, or has found or made it new
        ! grep -v 'exit [0123]$' "$BATS_TEST_TMPDIR/statuses"
        by_verb
        cmp -s "$bundle/config.json" "$DIR/new.json" || cmp "$bundle/config.json" "$DIR/other-new.json"
        expect_clean
}
