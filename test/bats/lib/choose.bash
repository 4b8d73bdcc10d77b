# SPDX-License-Identifier: Apache-2.0
# Containers as config.json files, and what `seccompose eval` says of what was put on them. Needs lib/world.

# config [FILTER]: a small config.json, changed by jq's FILTER.
config() {
        jq "${1:-.}" <<< '{ "ociVersion": "1.0.2", "hostname": "box", "root": { "path": "rootfs" },
                "process": { "args": ["x"], "cwd": "/", "user": { "uid": 0, "gid": 0 }, "noNewPrivileges": true,
                        "capabilities": { "bounding": ["CAP_CHOWN", "CAP_KILL"], "effective": ["CAP_CHOWN"] } },
                "linux": { "namespaces": [ { "type": "mount" } ] } }'
}

# asking NAME [FILTER]: one whose annotation asks for NAME.
asking() {
        config ".annotations = {\"io.seccompose.policy\": \"$1\"} | ${2:-.}"
}

# questions FILE: some hundred calls, with the arguments that profiles look at.
questions() {
        seccompose list syscalls --arch x86_64,x86 | awk 'NR > 2 && $2 != "-" { print "x86_64", $1 }
                NR > 2 && $3 != "-" { print "x86", $1 }' > "$1"
        printf '%s\n' 'x86_64 #5000' 'x86 #5000' 'x86_64 #0x40000001' 'x86_64 clone 0x10000000' 'x86_64 clone 0x11' \
                'x86_64 socket 38' 'x86_64 socket 40' 'x86_64 socket 2' 'x86_64 personality 8' \
                'x86_64 personality 0x400000' 'x86_64 fcntl 1 4' 'x86_64 fcntl 1 5' 'x86_64 dup 5' 'x86_64 dup 6' \
                'x86_64 dup 9' 'x86_64 dup 0x100000005' >> "$1"
}

# answers FILE [OPTION…]: eval's answers to $QUESTIONS, a line each.
answers() {
        seccompose eval "$@" < "$QUESTIONS" 2> "$BATS_TEST_TMPDIR/eval.err" || fail "eval $*: $(cat "$BATS_TEST_TMPDIR/eval.err")"
}

# strictest FILE…: of answers to the same questions, the strictest of each, as its rank in the kernel's order.
strictest() {
        paste -d '|' "$@" | awk -F '|' 'function rank(line, word) {
                        sub(/^.*\t/, "", line); split(line, word, " ")
                        return index("kill-process kill-thread  trap         errno        notify       trace        log          allow", word[1]) }
                { low = rank($1); for (i = 2; i <= NF; i++) if (rank($i) < low) low = rank($i); print (low - 1) / 13, NR }'
}

# no_looser RESULT PART…: each answer of RESULT is as strict as the strictest of the parts.
no_looser() {
        local result=$1
        shift
        [ "$(wc -l < "$result")" -gt 700 ] || fail "only $(wc -l < "$result") answers" || return
        paste <(strictest "$result") <(strictest "$@") "$result" | awk '$1 > $3 { print; bad = 1 } END { exit bad }' \
                || fail "looser than one of: $*"
}

# as_strict RESULT PART…: the same rank as the strictest of the parts.
as_strict() {
        local result=$1
        shift
        diff <(strictest "$result") <(strictest "$@")
}
