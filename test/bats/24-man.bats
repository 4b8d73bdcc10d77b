#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The manual pages say what the programs' tables say: verbs, options, keys.

setup() {
        load lib/world
        MAN=$SC_SOURCE/docs/man
        PAGE=$MAN/seccompose.1.scd
}

verbs() {
        seccompose --help | awk '/^  [a-z]/ { print $1 }'
}

# The options of a verb as --help has them: "--for TARGET", and with its letter "-o, --output FILE".
help_options() {
        seccompose "$1" --help | sed -n 's/^ \{2,\}\(-.*\)$/\1/p' | sed 's/   *.*//'
}

# section NAME PAGE: the lines of a section.
section() {
        awk -v name="# $1" '/^# / { on = $0 == name; next } on' "$2"
}

# The page's words without its marks.
plain() {
        sed 's/[*_]//g; s/\.\.\./…/g'
}

# The options that the page says a verb takes.
page_options() {
        section VERBS "$PAGE" | awk -v verb="*$1*" '/^\*/ { on = $0 == verb } on' |
                awk '/^\tOptions: / { on = 1 } on && /^$/ { on = 0 } on' | grep -o -- '--[a-z-]*'
}

@test "scdoc takes every page" {
        local page
        need scdoc
        for page in "$MAN"/*.scd; do
                run scdoc < "$page"
                [ "$status" -eq 0 ] || fail "$page: $output"
                [[ $output == *'.SH NAME'* ]] || fail "$page has no name"
        done
}

@test "the page has the verbs of --help, and no others" {
        diff <(verbs) <(section VERBS "$PAGE" | sed -n 's/^\*\(.*\)\*$/\1/p')
        [ "$(verbs | wc -l)" -ge 4 ]
}

@test "each verb has its options" {
        local verb
        for verb in $(verbs); do
                diff <(help_options "$verb" | grep -o -- '--[a-z-]*' | sort) <(page_options "$verb" | sort) ||
                        fail "$verb: --help and the page differ"
                [ -n "$(page_options "$verb")" ] || fail "$verb has no options on the page"
        done
}

@test "each option is described once, with its letter and value" {
        diff <(for verb in $(verbs); do help_options "$verb"; done | sed 's/^ *//' | sort -u) \
                <(section OPTIONS "$PAGE" | grep '^\*' | plain | sort)
}

@test "the synopsis has the usage of each verb" {
        local verb
        for verb in $(verbs); do
                section SYNOPSIS "$PAGE" | sed 's/++$//' | plain |
                        grep -qxF -- "$(seccompose "$verb" --help | sed -n '1s/^Usage: //p')" ||
                        fail "the usage of $verb is not in the synopsis"
        done
}

@test "the hook's page has its usage" {
        section SYNOPSIS "$MAN/seccompose-hook.8.scd" | sed 's/++$//' | plain |
                grep -qxF -- "$(hook --help | sed -n '1s/^Usage: //p')"
}

# The hook's own and shared options, as --help has them: "--late HOW".
hook_options() {
        hook --help | sed -n 's/^  \(--[a-z0-9-]* [^ ]*\).*/\1/p'
}

# The options that a page describes, but for help and version.
described() {
        section OPTIONS "$1" | grep '^\*-' | plain | grep -v -- '--help$\|^--version$'
}

@test "the hook's page has its options" {
        diff <(hook_options | grep -v '^--help,' | sort) <(described "$MAN/seccompose-hook.8.scd" | sort)
        [ "$(hook_options | wc -l)" -ge 13 ]
}

@test "the wrapper's page has the options that it shares with the hook, and its own" {
        diff <({ hook_options | grep -v '^--\(help,\|late\|log\)'; echo '--runtime PATH'; echo '--config FILE'; echo '--gate HOW'; } | sort) \
                <(described "$MAN/seccompose-runtime.8.scd" | sort)
}

@test "the wrapper's page has its usage" {
        section SYNOPSIS "$MAN/seccompose-runtime.8.scd" | plain |
                grep -qxF -- "$(wrapper 2>&1 | sed -n '1s/^Usage: //p')"
}

probe() {
        "$SC_BUILD/cmd/seccompose-probe/seccompose-probe" "$@"
}

@test "the probe's page has its usage and its options" {
        local page=$MAN/seccompose-probe.1.scd
        [ "$(uname -m)" = x86_64 ] || skip 'the probe is for x86_64'
        section SYNOPSIS "$page" | plain | grep -qxF -- "$(probe --help | sed -n '1s/^Usage: //p')"
        diff <(probe --help | sed -n 's/^  \(--[^ ]*\( [^ ]\+\)\?\)  .*/\1/p' | sort) <(described "$page" | sed 's/,\.\.\./,…/g' | sort)
        [ "$(described "$page" | wc -l)" -ge 7 ]
}

@test "the policy's page has the keys of the schema" {
        need jq
        local schema=$SC_SOURCE/schema/policy.schema.json page=$MAN/seccompose-policy.5.scd
        diff <(jq -r '.properties | keys_unsorted[]' "$schema") <(section KEYS "$page" | sed -n 's/^\*\(.*\)\*$/\1/p')
        diff <(jq -r '.definitions.rule.properties | keys_unsorted[]' "$schema" | sort) \
                <(section RULES "$page" | grep -o '\*[a-z-]*\*' | tr -d '*' | grep -vx fallback | sort -u)
}

@test "the policy in the page builds" {
        section EXAMPLES "$MAN/seccompose-policy.5.scd" | sed '/^```$/d' > "$BATS_TEST_TMPDIR/example.jsonc"
        seccompose build "$BATS_TEST_TMPDIR/example.jsonc" --for docker -o "$BATS_TEST_TMPDIR/example.json"
        [ -s "$BATS_TEST_TMPDIR/example.json" ]
}

@test "what docker makes of a profile: the page's commands, and its answer" {
        cd "$BATS_TEST_TMPDIR" || return
        section EXAMPLES "$PAGE" | sed -n 's/^\t\$ \(.*profile\.json.*\)/\1/p' | grep -E '^seccompose build|seccompose eval' > commands
        [ "$(wc -l < commands)" -eq 2 ] || fail "$(< commands)" || return 1
        # shellcheck source=/dev/null
        . ./commands > out 2> notes
        [ "$(< out)" = $'x86_64 clone3\terrno 38 ENOSYS' ] || fail "$(< out)" "$(< notes)"
        grep -q 'its answer is errno 38 ENOSYS' "$PAGE"
}

@test "no command of an example is broken at 80 columns" {
        local width=67 # of the 78 that man leaves, 11 are before it
        [ "$(cat "$MAN"/*.scd | grep -cP '^\t\$ ')" -ge 12 ]
        ! grep -nP "^\t\\$ .{$((width - 1)),}" "$MAN"/*.scd || fail 'too wide'
}
