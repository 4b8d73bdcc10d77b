# SPDX-License-Identifier: Apache-2.0
# Root file systems, OCI bundles and a docker daemon of the tests' own. Meson hands over SC_BUILD, the build directory.

seccompose() {
        "$SC_BUILD/cmd/seccompose/seccompose" "$@"
}

hook() {
        "$SC_BUILD/cmd/seccompose-hook/seccompose-hook" "$@"
}

wrapper() {
        "$SC_BUILD/cmd/seccompose-runtime/seccompose-runtime" "$@"
}

# What a test says when it fails. Returns failure.
fail() {
        printf '%s\n' "$@" >&2
        return 1
}

# expect_line LINE: $output has exactly this line.
expect_line() {
        grep -qxF -- "$1" <<< "$output" || fail "no line '$1' in:" "$output"
}

# refuse_line PATTERN: no line of $output matches.
refuse_line() {
        ! grep -E -- "$1" <<< "$output" || fail "a line matches '$1' in:" "$output"
}

# wait_until MESSAGE COMMAND…: until the command succeeds; if it never does, the message is what the test says. Nothing
# here takes a minute but on a machine that is busy beyond measure.
wait_until() {
        local message=$1 end=$((SECONDS + 120))
        shift
        until "$@"; do
                [ "$SECONDS" -lt "$end" ] || fail "$message" || return 1
                sleep 0.02
        done
}

# processor_time PID: how many ticks it has computed.
processor_time() {
        sed 's/.*) //' "/proc/$1/stat" | cut -d ' ' -f 12
}

# computes PID TICKS: it has computed longer than so many.
computes() {
        [ "$(processor_time "$1")" -gt "$2" ]
}

# process_is PID LETTERS: it is in one of these states, as /proc/PID/status has them. One that is gone is in Z.
process_is() {
        local state
        state=$(sed -n 's/^State:.\(.\).*/\1/p' "/proc/$1/status" 2> /dev/null) || true
        [[ ${state:-Z} == [$2] ]]
}

# world_only: the rest of the test is a campaign for ./check --world.
world_only() {
        [ -n "${SC_WORLD-}" ] || skip 'with SC_WORLD=1'
}

# need PROGRAM…: a runtime that is not here fails the test.
need() {
        local program
        for program in "$@"; do
                command -v "$program" > /dev/null || fail "$program is not installed" || return 1
        done
}

# A file that a dynamic program needs, at the same place in the root file system.
copy_library() {
        local root=$1 file=$2
        mkdir -p "$root$(dirname "$file")"
        cp -L "$file" "$root$file"
}

# rootfs_make DIRECTORY: busybox, the programs of test/world, and what the dynamic one of them needs.
rootfs_make() {
        local root=$1 world=$SC_BUILD/test/world file
        mkdir -p "$root"/{bin,dev,etc,proc,sys,tmp}
        cp "$(command -v busybox)" "$root/bin/busybox"
        ln -s busybox "$root/bin/sh"
        cp "$world"/{ask-kernel,probe-calls,libc-fallback,libc-fallback-static} "$root/bin/"
        while read -r file; do
                copy_library "$root" "$file"
        done < <(ldd "$world/libc-fallback" | grep -o '/[^ ]*')
}

# bundle_make DIRECTORY ROOTFS COMMAND…: a bundle as `runc spec` makes it, which runs COMMAND (words of one line) without a terminal.
bundle_make() {
        local bundle=$1 rootfs=$2 spec words
        shift 2
        mkdir -p "$bundle"
        words=$(printf '%s\n' "$@" | jq -Rn '[inputs]')
        spec=$(cd "$bundle" && runc spec && cat config.json)
        jq --arg root "$rootfs" --argjson words "$words" \
                '.process.terminal = false | .root.path = $root | .process.args = $words' <<< "$spec" > "$bundle/config.json"
}

# bundle_set_profile BUNDLE PROFILE: linux.seccomp becomes the profile, by a tool that is not ours.
bundle_set_profile() {
        local spec
        spec=$(jq --slurpfile profile "$2" '.linux.seccomp = $profile[0]' "$1/config.json") &&
                printf '%s\n' "$spec" > "$1/config.json"
}

# runc_run BUNDLE [OPTION…]: runs the bundle under runc, with a state directory of its own, and leaves nothing behind. No
# other process that runs at the same time has the name: those of one test draw the same $RANDOM, and all have its $$.
# The time limit (RUN_LIMIT and RUN_GRACE, in seconds) is there because runc hangs on some profiles. The input is empty, or what the
# descriptor RUN_INPUT is.
runc_run() {
        local bundle=$1 id status=0
        shift
        id=seccompose-$BASHPID-$RANDOM
        timeout -k "${RUN_GRACE:-5}" "${RUN_LIMIT:-60}" runc --root "$bundle/state" run --bundle "$bundle" "$@" "$id" \
                9< /dev/null <&"${RUN_INPUT:-9}" 9<&- || status=$?
        runc --root "$bundle/state" delete --force "$id" > "$bundle/delete.log" 2>&1 || true
        return $status
}

# crun_run BUNDLE: the same under crun, which takes no hybrid cgroup hierarchy: in a mount namespace without one.
crun_run() {
        local bundle=$1 id status=0
        id=seccompose-$BASHPID-$RANDOM
        timeout -k "${RUN_GRACE:-5}" "${RUN_LIMIT:-60}" unshare --mount --propagation private sh -c '
                umount -l -R /sys/fs/cgroup && mount -t tmpfs none /sys/fs/cgroup && exec "$@"' sh \
                crun --root "$bundle/state" --cgroup-manager=disabled run --bundle "$bundle" "$id" \
                9< /dev/null <&"${RUN_INPUT:-9}" 9<&- || status=$?
        crun --root "$bundle/state" delete --force "$id" > "$bundle/delete.log" 2>&1 || true
        return $status
}

# starting_pid: prints the number of a process whose parent has just started, as a container's first process and its
# runtime have. The clock of processes has ticks of 10 ms: what was changed before is earlier by more than one.
starting_pid() {
        local file
        file=$(mktemp -p "$BATS_TEST_TMPDIR")
        sleep 0.03
        bash -c 'sleep 120 & echo $! > "$1"; wait' - "$file" > "$file.log" 2>&1 3>&- 4>&- < /dev/null &
        wait_until 'no process was started' test -s "$file"
        cat "$file"
}

# program FILE CODE,JT,JF,K…: instructions, in hexadecimal, in this machine's order of bytes.
program() {
        python3 -c '
import struct, sys
with open(sys.argv[1], "wb") as f:
    for insn in sys.argv[2:]:
        f.write(struct.pack("=HBBI", *(int(part, 16) for part in insn.split(","))))' "$@"
}

# merged_is_no_profile RUN: an engine, started by RUN OPTION… -- COMMAND…, refuses merge's policy for its first line.
merged_is_no_profile() {
        seccompose merge --union stdio -o "$DIR/policy.jsonc"
        run "$1" --security-opt "seccomp=$DIR/policy.jsonc" -- probe-calls
        [ "$status" -eq 125 ] || fail "$status: $output"
        [[ $output == *"invalid character '/'"* ]] || fail "$output"
        refuse_line '^Seccomp'
        sed 1d "$DIR/policy.jsonc" > "$DIR/bare.jsonc"
        run "$1" --security-opt "seccomp=$DIR/bare.jsonc" -- probe-calls
        [ "$status" -eq 0 ]
        expect_line 'Seccomp: 0'
}
