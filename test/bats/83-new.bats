#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What `seccompose new` writes: clean, built by every target, and each example in it is valid.

# status and stderr of `run` apart: bats 1.5
bats_require_minimum_version 1.5.0

setup() {
        load lib/world
        cd "$BATS_TEST_TMPDIR" || return
}

# clean FILE OPTION…: lint has nothing to say above a note.
clean() {
        local file=$1
        shift
        run --separate-stderr seccompose lint "$file" "$@"
        [ "$status" -eq 0 ] && [[ $stderr == *': 0 errors, 0 warnings, '* ]] || fail "$file: $output" "$stderr"
}

# ignored POLICY: the rules that a shipped policy's own comments ignore; what extends it has the same findings.
ignored() {
        sed -nE 's/.*lint-ignore ([a-z-]+):.*/--ignore \1/p' "$SC_SOURCE/profiles/$1.jsonc" | sort -u
}

# examples FILE: the numbers of the lines that are examples.
examples() {
        grep -nE '^ *//[^ ]' "$1" | cut -d : -f 1
}

targets() {
        seccompose list consumers | awk -F '\t' '/^# eval/ { exit } !/^#/ { print $1 }'
}

@test "new: every shipped policy can be extended, and the result is clean and means what that one does" {
        local policy n=0
        while read -r policy; do
                seccompose new "my-$policy" --extends "$policy"
                # shellcheck disable=SC2046 # words
                clean "my-$policy.jsonc" $(ignored "$policy")
                sed 's/^    { "deny".*//' "my-$policy.jsonc" > "bare-$policy.jsonc"
                run seccompose verify "bare-$policy.jsonc" "$policy"
                [ "$status" -eq 0 ] || fail "$policy: $output"
                n=$((n + 1))
        done < <(seccompose list policies | awk '!/^#/ { print $1 }')
        [ "$n" -ge 3 ]
}

@test "new: docker-default is extended if nothing is said, and all targets build it" {
        local target n=0
        seccompose new web
        grep -qx '  "extends": \["docker-default"\],' web.jsonc
        grep -qx "  \"baseline\": \"$(seccompose --version | grep -o 'Linux [0-9.]*' | cut -d ' ' -f 2)\"," web.jsonc
        clean web.jsonc --for all
        seccompose new filter --extends stdio
        clean filter.jsonc --for all
        while read -r target; do
                for policy in web filter; do
                        run --separate-stderr seccompose build "$policy.jsonc" --for "$target" --kernel running
                        [ "$status" -eq 0 ] && [ -n "$output" ] || fail "$policy for $target: $stderr"
                done
                n=$((n + 1))
        done < <(targets)
        [ "$n" -ge 8 ]
}

@test "new: each example is valid by itself, and all of them together" {
        local policy line n=0
        for policy in docker-default stdio; do
                seccompose new "$policy-x" --extends "$policy"
                while read -r line; do
                        sed "$line s|//||" "$policy-x.jsonc" > one.jsonc
                        ! cmp -s one.jsonc "$policy-x.jsonc"
                        run seccompose eval one.jsonc <<< 'x86_64 read'
                        [ "$status" -eq 0 ] && [[ $output == *$'x86_64 read\tallow' ]] || fail "line $line of $policy: $output"
                        seccompose lint one.jsonc > lint.out 2> lint.err || fail "line $line of $policy: $(cat lint.out)"
                        n=$((n + 1))
                done < <(examples "$policy-x.jsonc")
                sed 's|^\( *\)//\([^ ]\)|\1\2|' "$policy-x.jsonc" > all.jsonc
                [ -z "$(examples all.jsonc)" ]
                run --separate-stderr seccompose build all.jsonc --for docker
                [ "$status" -eq 0 ] || fail "$policy: $stderr"
        done
        [ "$n" -ge 16 ]
}

@test "new: the example on sockets leaves packet sockets no other name" {
        seccompose new web
        sed 's|^\( *\)//\({ "deny": \["socket"\]\)|\1\2|' web.jsonc > sockets.jsonc
        ! cmp -s web.jsonc sockets.jsonc
        run seccompose eval sockets.jsonc <<< $'x86_64 socket 17 3 0x300\nx86_64 socket 2 10 0x300\nx86_64 socket 2 0x8000a\nx86_64 socket 2 0x80001\nx86_64 socket 10 2'
        [ "$(cut -f 2 <<< "$output")" = "$(printf '%s\n' 'errno 1 EPERM' 'errno 1 EPERM' 'errno 1 EPERM' allow allow)" ] || fail "$output"
}

@test "new: the commands that its comments name work" {
        local n=0 line
        seccompose new web
        while IFS= read -r line; do
                line=${line%     *} # what it is for
                line=${line/COMMAND/true}
                run eval "$line"
                [ "$status" -eq 0 ] || fail "$line: $output"
                n=$((n + 1))
        done < <(sed -n 's|^//   \(seccompose.*\)|\1|p' web.jsonc)
        [ "$n" -eq 6 ]
        [ -s web.json ]
}

@test "new: the ends of a policy that is extended are the new one's, and its baseline" {
        local base n=0
        while read -r base; do
                n=$((n + 1))
                echo "$base" > base.jsonc
                seccompose new "mine$n" --extends ./base.jsonc
                sed 's/^    { "deny".*//' "mine$n.jsonc" > bare.jsonc
                run seccompose verify bare.jsonc base.jsonc
                [ "$status" -eq 0 ] || fail "$base: $output"
        done << 'END'
{ "baseline": "6.1", "default": "errno:EACCES", "newer": "kill", "fallback": "errno:EPERM", "rules": [ { "allow": ["@basic-io"] } ] }
{ "baseline": "6.1", "default": "kill", "newer": "errno:ENOSYS", "rules": [ { "allow": ["@basic-io"] } ] }
{ "baseline": "6.1", "default": "kill", "rules": [ { "allow": ["@basic-io"] } ] }
{ "baseline": "6.1", "default": "log", "newer": "errno:ENOSYS", "rules": [ { "deny": ["@clock"] } ] }
{ "baseline": "6.1", "default": "allow", "rules": [ { "deny": ["@clock"] } ] }
{ "baseline": "6.1", "default": "errno:EPERM", "newer": "errno:EACCES", "complain": true, "rules": [ { "kill": ["@clock"] } ] }
END
        [ "$n" -eq 6 ]
        grep -qx '  // The newest kernel whose calls were judged. What came later gets kill.' mine1.jsonc
        grep -qx '  // Calls that no rule decides. Of those, programs that know another way get errno:EPERM ("fallback").' mine1.jsonc
        ! grep -qE '"(newer|fallback)":' mine3.jsonc mine5.jsonc || fail "$(cat mine3.jsonc mine5.jsonc)"
}

@test "new: a path, a file of -o, standard output" {
        mkdir sub
        echo '{ "architectures": ["x86_64"], "default": "kill", "rules": [ { "allow": ["@default"] } ] }' > sub/base.jsonc
        seccompose new mine --extends ./base.jsonc -o sub/mine.jsonc
        grep -qx '  "extends": \["./base.jsonc"\],' sub/mine.jsonc
        grep -qx '  "architectures": \["x86_64"\],' sub/mine.jsonc
        grep -qx '  "default": "kill",' sub/mine.jsonc
        seccompose eval sub/mine.jsonc <<< 'x86_64 socket' | grep -qx $'x86_64 socket\tkill-process'
        seccompose new mine --extends stdio -o - > out
        seccompose new mine --extends stdio
        diff out mine.jsonc
}

# refused PATTERN ARG…: exit 2, and nothing is written.
refused() {
        local pattern=$1
        shift
        run --separate-stderr -2 seccompose new "$@"
        [[ $stderr == *$pattern* ]] || fail "not '$pattern':" "$stderr"
        [ -z "$output" ]
}

@test "new: names that are none, files that are there, policies that are not" {
        local name
        mkdir here # bats puts files of its own where we are
        cd here || return
        for name in a/b ../a .a '' 'a b' $'a\nb' "$(printf 'x%.0s' {1..65})"; do
                refused 'is no name for a policy' "$name"
        done
        refused 'leave out the ending .jsonc' web.jsonc
        refused "'stdio' is the name of a policy that is shipped" stdio
        refused "no shipped policy" web --extends nothing
        refused 'no name of a policy' web --extends 'a"b'
        refused 'No such file' web -o none/web.jsonc
        [ -z "$(ls)" ] || fail "$(ls)"
        echo mine > web.jsonc
        refused "'web.jsonc' is there already" web
        [ "$(cat web.jsonc)" = mine ]
        rm web.jsonc
        ln -s elsewhere web.jsonc
        refused "'web.jsonc' is there already" web
        [ ! -e elsewhere ]
        refused 'something is missing'
}
