# SPDX-License-Identifier: Apache-2.0
# A bundle that is patched while something goes wrong, and what config.json is afterwards: the old or the new file.

# faults_begin: old.json and new.json in $DIR, before and after a patch in which nothing went wrong.
faults_begin() {
        need runc strace python3 || return 1
        export DIR=$BATS_FILE_TMPDIR
        mkdir "$DIR/reference"
        (cd "$DIR/reference" && runc spec)
        cp "$DIR/reference/config.json" "$DIR/old.json"
        seccompose patch "$DIR/reference" --policy stdio
        cp "$DIR/reference/config.json" "$DIR/new.json"
        ! cmp -s "$DIR/old.json" "$DIR/new.json" || fail 'the patch changed nothing' || return 1
        mkdir "$DIR/template"
        cp "$DIR/old.json" "$DIR/template/config.json"
        chown 1001:1001 "$DIR/template" "$DIR/template/config.json"
        python3 -c 'import os, sys; os.setxattr(sys.argv[1], "user.note", b"kept")' "$DIR/template/config.json"
}

# Sanitizers make many more system calls, most of them about memory.
is_sanitized() {
        ldd "$SC_BUILD/cmd/seccompose/seccompose" | grep -q libasan
}

# bundle_reset: the bundle's config.json is the old one, of another owner and with an attribute that are to be kept.
bundle_reset() {
        mkdir -p "$bundle"
        cp -a --remove-destination "$DIR/template/." "$bundle"
}

state() {
        printf '{"ociVersion": "1.0.2", "id": "faults", "status": "creating", "bundle": "%s"}\n' "$bundle"
}

# by_verb, by_hook [PREFIX…]: the patch, under strace if PREFIX is its command line. A hook that has patched returns 1.
by_verb() {
        "$@" "$SC_BUILD/cmd/seccompose/seccompose" patch "$bundle" --policy stdio
}

by_hook() {
        state | "$@" "$SC_BUILD/cmd/seccompose-hook/seccompose-hook" createRuntime --policy stdio
}

# outcome: prints "old" or "new", byte for byte; anything else is a failure.
outcome() {
        if cmp -s "$bundle/config.json" "$DIR/old.json"; then
                echo old
        elif cmp -s "$bundle/config.json" "$DIR/new.json"; then
                echo new
        else
                fail "config.json is neither the old nor the new file:" "$(head -c 300 "$bundle/config.json")"
        fi
}

# expect_clean [FILE…]: the bundle has config.json and FILEs, nothing else.
expect_clean() {
        local left
        left=$(find "$bundle" -mindepth 1 -maxdepth 1 -printf '%P\n' | sort | tr '\n' ' ')
        [ "$left" = "$(printf '%s\n' config.json "$@" | sort | tr '\n' ' ')" ] || fail "left in the bundle: $left"
}

# expect_mended [FILE…]: an undisturbed run makes it the new file, and takes away what others left.
expect_mended() {
        by_verb > "$BATS_TEST_TMPDIR/mend.log" 2>&1 || fail "the next run failed: $(cat "$BATS_TEST_TMPDIR/mend.log")" || return 1
        [ "$(outcome)" = new ] || fail 'the next run left the old file' || return 1
        expect_clean "$@"
}

expect_kept() {
        [ "$(stat -c %u:%g "$bundle/config.json")" = 1001:1001 ] || fail 'another owner' || return 1
        python3 -c 'import os, sys; assert os.getxattr(sys.argv[1], "user.note") == b"kept"' "$bundle/config.json"
}

# calls_of BY EVERY: the system calls of a patch, one "NAME COUNT TOUCHES" a line, where this is the COUNT-th call of that
# NAME, and TOUCHES is 1 if it is about the bundle. From the first of those on, the rest of them only one in EVERY.
calls_of() {
        bundle_reset
        ASAN_OPTIONS=${ASAN_OPTIONS-}:detect_leaks=0 "$1" strace -y -o "$BATS_TEST_TMPDIR/calls" > "$BATS_TEST_TMPDIR/run.log" 2>&1 || true
        [ "$(outcome)" = new ] || fail "under strace: $(cat "$BATS_TEST_TMPDIR/run.log")" || return 1
        awk -v bundle="$bundle" -v every="$2" '
                match($0, /^[a-z0-9_]+\(/) {
                        name = substr($0, 1, RLENGTH - 1)
                        count[name]++
                        touches = name != "execve" && name != "write" && name != "read" ? index($0, bundle) > 0 : index($0, "<" bundle) > 0
                        begun = begun || touches
                        if (touches || (begun && n++ % every == 0))
                                print name, count[name], touches + 0
                }' "$BATS_TEST_TMPDIR/calls"
}

# under_strace BY INJECTION: runs the patch with it; the exit status is the patch's.
under_strace() {
        ASAN_OPTIONS=${ASAN_OPTIONS-}:detect_leaks=0 "$1" strace -o /dev/null -e trace="${2%%:*}" -e inject="$2" \
                > "$BATS_TEST_TMPDIR/run.log" 2>&1 3>&-
}
