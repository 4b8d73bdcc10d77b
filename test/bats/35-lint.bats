#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# seccompose lint: formats, exit statuses, folders, settings, comments, baselines, fixes, many files at once, pages.
# `UPDATE=1 SC_BUILD=… SC_SOURCE=… bats test/bats/35-lint.bats` writes the goldens (test/goldens/lint) anew.

# status and stderr of `run` apart: bats 1.5
bats_require_minimum_version 1.5.0

# Rules that the goldens are about: later ones must not change them.
RULES=duplicate-name,idle-errno,kill-thread,one-index-twice,clone3-hard-denied,bad-ignore,unused-ignore

setup() {
        load lib/world
        GOLDENS=$SC_SOURCE/test/goldens/lint
        cd "$BATS_TEST_TMPDIR" || return
        cp "$SC_SOURCE"/test/lint-formats/{docker,config,broken,package}.json "$SC_SOURCE/test/lint-formats/policy.jsonc" .
        # what runtimes and programs need in any case
        started='  { "names": ["execve", "exit_group", "openat", "write", "rt_sigreturn", "capset", "chdir", "getcwd", "getppid",
            "newfstatat", "prctl", "setgid", "setgroups", "setuid"], "action": "SCMP_ACT_ALLOW" }'
        # a profile with one finding, which --fix mends
        printf '{ "defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 38, "syscalls": [\n%s\n%s\n] }\n' \
                '  { "names": ["read", "read"], "action": "SCMP_ACT_ALLOW" },' "$started" > twice.json
        printf '{ "defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 38, "syscalls": [\n%s\n%s\n] }\n' \
                '  { "names": ["read", "readv"], "action": "SCMP_ACT_ALLOW" },' "$started" > clean.json
}

# lint STATUS ARGUMENT…: exits so; $output and $stderr are what it says.
lint() {
        local wanted=$1
        shift
        run --separate-stderr seccompose lint "$@"
        [ "$status" -eq "$wanted" ] || fail "status $status: $*" "$output" "$stderr"
}

# golden NAME: $output is that of the golden.
golden() {
        [ -z "${UPDATE-}" ] || { mkdir -p "$GOLDENS" && printf '%s\n' "$output" > "$GOLDENS/$1"; }
        diff "$GOLDENS/$1" - <<< "$output"
}

# tells PATTERN: stderr has a line like this.
tells() {
        grep -qE -- "$1" <<< "$stderr" || fail "not like '$1':" "$stderr"
}

# ---- Formats ----

@test "text: place, line, caret, hint, a call that shows it" {
        lint 1 --only $RULES docker.json policy.jsonc broken.json config.json --no-config --jobs 1
        golden text
        tells '^seccompose lint: 2 errors, 6 warnings, 1 note in 4 files \(4 that --fix mends; 1 ignored by comments\)$'
}

@test "text: a policy in a profile's place is no filter, and the hint says how it becomes one" {
        lint 1 --only no-filter "$SC_SOURCE/test/lint/no-filter/find-config-policy.json"
        [[ $output == *'hint: this is a policy'*"'seccompose patch BUNDLE --policy FILE'"* ]]
        lint 1 --only no-filter "$SC_SOURCE/test/lint/no-filter/find-config-null.json"
        [[ $output == *'hint: write a "defaultAction"'* ]]
}

@test "text: for all consumers, a finding names those whom it concerns" {
        lint 1 --only $RULES docker.json --for all
        golden text-all
        [[ $output == *'(for '* ]]
}

@test "json: the golden, and the schema" {
        load lib/schema
        lint 1 --only $RULES docker.json policy.jsonc broken.json config.json --format json
        golden json
        printf '%s\n' "$output" > out.json
        seccompose lint clean.json --only $RULES --format json > empty.json
        schema_holds "$SC_SOURCE/schema/lint.schema.json" "broken['findings'][0]['severity'] = 'perhaps'" out.json empty.json
        jq -e '.errors == 2 and .warnings == 6 and .notes == 1 and .ignored == 1 and .files == 4' out.json
        [ "$stderr" = '' ]
}

@test "json: an edit is what its offsets say, and the witness is what eval answers" {
        need jq
        lint 1 --only $RULES docker.json --format json
        printf '%s\n' "$output" > out.json
        [ "$(jq -r '.findings[] | select(.rule == "duplicate-name") | .edits[0] | "\(.offset) \(.length)"' out.json)" = "$(
                python3 -c 'b = open("docker.json", "rb").read(); i = b.index(b"""\"write\", \"read\""""); print(i + 7, 8)')" ]
        jq -r '.findings[] | select(.witness) | .witness | .question + "\t" + .answer' out.json > shown
        [ -s shown ]
        seccompose eval docker.json --for docker --kernel 5.10 < <(cut -f 1 shown) | sed 's/errno 1 EPERM/errno:EPERM/' | diff shown -
}

@test "sarif: the golden, and what the standard requires" {
        need jq
        load lib/schema
        lint 1 --only $RULES docker.json policy.jsonc broken.json config.json --format sarif
        printf '%s\n' "$output" > out.sarif
        schema_holds "$SC_SOURCE/test/lint-formats/sarif-required.schema.json" \
                "del broken['runs'][0]['results'][0]['message']" out.sarif
        # each result's index leads to its rule; rules and their pages are too many for a golden
        jq -e '.runs[0] | .tool.driver.rules as $rules | all(.results[]; .ruleIndex == null or $rules[.ruleIndex].id == .ruleId) and
                any(.results[]; .ruleIndex)' out.sarif
        jq -e '.runs[0].tool.driver.rules | length >= 21 and all(.[]; .help.markdown | startswith("# "))' out.sarif
        output=$(jq 'del(.runs[0].tool.driver.rules, .runs[0].tool.driver.version) | del(.runs[0].results[].ruleIndex)' out.sarif)
        golden sarif
}

@test "sarif: columns count characters, paths are URIs" {
        need jq
        mkdir 'a b'
        printf '{ "listenerPath": "größe", "defaultAction": "SCMP_ACT_KILL", "syscalls": [] }\n' > 'a b/ü%.json'
        lint 1 --only kill-thread 'a b/ü%.json' --format sarif
        jq -e '.runs[0].results[] | select(.ruleId == "kill-thread") | .locations[0].physicalLocation |
                .artifactLocation.uri == "a%20b/%C3%BC%25.json" and .region ==
                { "startLine": 1, "startColumn": 45, "endLine": 1, "endColumn": 60 }' <<< "$output"
}

@test "sarif and json: names and words that are not UTF-8" {
        need jq
        cp twice.json $'\xff.json'
        lint 1 --only duplicate-name $'\xff.json' --format json
        jq -e '.findings[0].file == "�.json"' <<< "$output"
        lint 1 --only duplicate-name $'\xff.json' --format sarif
        jq -e '.runs[0].results[0].locations[0].physicalLocation.artifactLocation.uri == "%FF.json"' <<< "$output"
}

@test "github: annotations, with their escapes" {
        lint 1 --only $RULES docker.json policy.jsonc broken.json config.json --format github
        golden github
        cp twice.json 'a,b:c%.json'
        lint 1 --only duplicate-name 'a,b:c%.json' --format github
        [ "$output" = "::warning file=a%2Cb%3Ac%25.json,line=2,col=23,endLine=2,endColumn=29,title=duplicate-name::'read' stands in this rule already" ]
        # a line's end in a message would be a command of its own
        printf '{ "rules": [ { "allow": ["a\\n::error::x%%"] } ] }' > policy.jsonc
        lint 1 policy.jsonc --format github
        [ "$(wc -l <<< "$output")" -eq 1 ]
        [[ $output == *'a%0A::error::x%25'* ]]
        # and nothing that acts on a terminal
        printf '%s\n' '{ "defaultAction": "SCMP_ACT_ERRNO", "syscalls": [ { "names": ["re\u001b[31mad\u202e"],' \
                '"action": "SCMP_ACT_ALLOW" } ] }' > hidden.json
        lint 1 hidden.json --only unknown-syscall --format github
        [[ $output == *"'re?[31mad???'"* && $output != *$'\e'* ]] || fail "$output"
}

@test "text: no escapes of a terminal but on a terminal" {
        lint 1 --only duplicate-name twice.json
        [[ $output$stderr != *$'\033'* ]]
        script -qec "TERM=xterm '$SC_BUILD/cmd/seccompose/seccompose' lint --only duplicate-name twice.json" log > /dev/null || true
        grep -q $'\033\[1;35mwarning' log
        script -qec "NO_COLOR=1 TERM=xterm '$SC_BUILD/cmd/seccompose/seccompose' lint --only duplicate-name twice.json" log > /dev/null || true
        ! grep -q $'\033' log
        script -qec "TERM=dumb '$SC_BUILD/cmd/seccompose/seccompose' lint --only duplicate-name twice.json" log > /dev/null || true
        ! grep -q $'\033' log
}

# ---- Exit statuses ----

@test "what was found from --fail-on on is status 1" {
        lint 0 --only duplicate-name clean.json
        lint 1 --only duplicate-name twice.json
        lint 0 --only duplicate-name twice.json --fail-on error
        lint 1 --only duplicate-name twice.json --fail-on note
        lint 0 --only one-index-twice docker.json --fail-on never
        lint 0 --only unused-ignore,kill-thread policy.jsonc
        lint 1 --only unused-ignore,kill-thread policy.jsonc --fail-on note
        lint 0 broken.json --fail-on never
}

@test "what is wrong with a file is a finding; one that cannot be read is status 2" {
        lint 1 broken.json
        [[ $output == *'[json-syntax]'* ]]
        lint 1 package.json
        [[ $output == *'[unknown-file]'* ]]
        lint 2 clean.json missing.json twice.json
        tells 'missing.json: No such file or directory'
        [[ $output == *'[duplicate-name]'* ]]
        printf '\x06\0\0\0\0\0\xff\x7f' > allow.bpf
        lint 2 allow.bpf
        tells 'this is a program'
        lint 2 pid:1
        lint 1 - < broken.json
        [[ $output == '<stdin>:2:17: error:'* ]] || fail "$output"
        lint 0 docker-default
        [[ $output != *': warning: '* && $output != *': error: '* ]] || fail "$output"
}

@test "wrong usage is status 2, with a hint" {
        lint 2
        tells 'which files'
        lint 2 clean.json --only duplicate-nam
        tells "did you mean 'duplicate-name'"
        lint 2 clean.json --ignore ''
        lint 2 clean.json --for dokcer
        tells "did you mean 'docker'"
        lint 2 clean.json --fail-on sometimes
        lint 2 clean.json --min-kernel new
        lint 2 clean.json --format xml
        tells 'text, json, sarif and github'
        lint 2 clean.json --jobs 0
        lint 2 clean.json --jobs 3x
        lint 2 clean.json --diff
        lint 2 - --fix < clean.json
        lint 2 docker-default --fix
        lint 2 clean.json --config x --no-config
        lint 2 --explain duplicate-nam
        tells "did you mean 'duplicate-name'"
}

@test "a full disk and a reader who goes away are status 3" {
        local format
        for format in text json sarif github; do
                run bash -c "\"\$0\" lint --only duplicate-name twice.json --format $format > /dev/full" "$SC_BUILD/cmd/seccompose/seccompose"
                [ "$status" -eq 3 ] || fail "$format: $status"
                [[ $output == *'No space left'* ]]
        done
        run bash -c '"$0" lint --only duplicate-name twice.json clean.json --jobs 2 2> err | true; exit "${PIPESTATUS[0]}"' "$SC_BUILD/cmd/seccompose/seccompose"
        # the reader may be there long enough
        [ "$status" -eq 3 ] || [ "$status" -eq 1 ]
        # the only reader of the pipe has gone
        mkfifo pipe
        true < pipe &
        exec {pipe}> pipe
        wait "$!"
        run -3 bash -c '"$0" lint --only duplicate-name twice.json 2> err >&"$1"' "$SC_BUILD/cmd/seccompose/seccompose" "$pipe"
        exec {pipe}>&-
        grep -q 'Broken pipe' err
        lint 3 --only duplicate-name twice.json --write-baseline /dev/full/x || lint 2 --only duplicate-name twice.json --write-baseline /dev/full/x
}

# ---- Folders ----

# The foreign settings that have keys of ours.
@test "folders: what is ours by its keys, in order; the rest is counted" {
        mkdir -p in/sub/deeper in/.git in/.hidden
        cp twice.json in/b.json
        cp twice.json in/sub/a.json
        cp policy.jsonc in/sub/deeper/p.jsonc
        cp config.json in/sub/config.json
        cp broken.json in/z-broken.json
        cp twice.json in/.git/x.json
        cp twice.json in/.hidden/x.json
        cp twice.json in/not-json.txt
        ln -s ../twice.json in/link.json
        echo '{ "extends": "eslint:recommended", "rules": { "semi": 2 } }' > in/eslint.json
        echo '{ "default": [{ "type": "insecureAcceptAnything" }] }' > in/policy.json
        echo '{ "rules": [ { "host": "x" } ], "name": 1 }' > in/others.json
        echo '{ "linux": { "target": "deb" } }' > in/electron.json
        echo '[1, 2' > in/broken-other.json
        echo '[]' > in/array.json
        lint 1 in --only duplicate-name,kill-thread --format json
        need jq
        diff - <(jq -r '.findings[].file' <<< "$output") << 'END'
in/b.json
in/sub/a.json
in/sub/config.json
in/z-broken.json
END
        [ "$(jq -r '"\(.files) \(.passed_over)"' <<< "$output")" = '5 6' ] || fail "$(jq '.files, .passed_over' <<< "$output")"
        # a file that is named is looked at, whatever it is
        lint 1 in/eslint.json
        # twice on the command line is once
        lint 1 --only duplicate-name in/b.json in/b.json in/
        [ "$(grep -c duplicate-name <<< "$output")" -eq 2 ]
        lint 0 in/.git/.. --only kill-thread --ignore kill-thread --fail-on never
}

# GitHub puts an annotation to a line only where its name is the repository's.
@test "folders: files below . are called as the repository calls them" {
        local folder
        mkdir -p dot/sub
        cp twice.json dot/sub/
        cp twice.json 'dot/oci:twice.json'
        cd dot
        for folder in . ./ ././; do
                lint 1 "$folder" --only duplicate-name --format github
                [[ $output == *'file=sub/twice.json,'* ]] || fail "$output"
        done
        lint 1 ./sub --only duplicate-name --format github
        [[ $output == *'file=sub/twice.json,'* ]] || fail "$output"
        # a name with a colon is not taken for one with a consumer
        lint 1 . --only duplicate-name
        [ "$(grep -c 'duplicate-name\]' <<< "$output")" -eq 2 ] || fail "$output"
}

@test "folders: those that cannot be read, and those that are too deep" {
        local deep=deep i
        mkdir shut && chmod 0 shut
        # root reads everything unless it lacks the capabilities for it
        run --separate-stderr -2 setpriv --bounding-set=-dac_override,-dac_read_search --inh-caps=-all \
                "$SC_BUILD/cmd/seccompose/seccompose" lint shut
        [[ $stderr == *'shut: Permission denied'* ]] || fail "$stderr"
        chmod 700 shut
        for i in {1..70}; do
                deep+=/d
        done
        mkdir -p "$deep"
        run --separate-stderr -2 seccompose lint deep
        [[ $stderr == *'is more than 64 folders deep' ]] || fail "$stderr"
}

@test "many processes say what one says, in the same order" {
        local i
        mkdir many
        for i in {10..40}; do
                cp docker.json "many/$i.json"
                cp twice.json "many/$i-twice.json"
        done
        seccompose lint many --only $RULES --jobs 1 > one 2> one.err || true
        seccompose lint many --only $RULES --jobs 7 > seven 2> seven.err || true
        seccompose lint many --only $RULES --format json > all.json || true
        diff one seven && diff one.err seven.err
        need jq
        [ "$(jq .files all.json)" -eq 62 ]
        # how far it is, on a terminal only
        script -qec "'$SC_BUILD/cmd/seccompose/seccompose' lint many --only $RULES > /dev/null" log > /dev/null || true
        grep -q '62/62 files' log
        ! grep -q '/62 files' one.err
}

@test "--skip-others passes over named files too" {
        lint 0 --skip-others package.json clean.json --only duplicate-name
        tells 'in 1 file \(1 other file passed over\)'
        lint 1 --skip-others package.json twice.json broken.json --only duplicate-name
}

# ---- For whom ----

@test "socket-packet-alias: the call that shows it, with flags where only those are open; a note without CAP_NET_RAW" {
        local cases=$SC_SOURCE/test/lint/socket-packet-alias
        lint 1 --only socket-packet-alias "$cases/find-denied.json"
        [[ $output == *'x86_64 socket(family=0x2 AF_INET, type=0xa SOCK_PACKET, protocol=0x300): allow, wanted: errno:EPERM'* ]] ||
                fail "$output"
        lint 1 --only socket-packet-alias "$cases/find-flags.json" --format json
        seccompose eval "$cases/find-flags.json" --for docker <<< 'x86_64 socket 2 10' | grep -q 'EPERM$'
        [[ $(jq -r '.findings[].witness.question' <<< "$output") =~ ^'x86_64 socket 0x2 '(0x80a|0x8000a|0x8080a)$ ]] || fail "$output"
        lint 0 --only socket-packet-alias --caps none "$cases/find-denied.json"
        [[ $output == *' note: '*'[socket-packet-alias]'* ]] || fail "$output"
}

@test "hints name what the file's form has: a policy's keys, a profile's, a command that takes a profile" {
        need jq
        echo '{ "architectures": ["x86_64"], "fallback": "errno:EPERM", "rules": [{ "allow": ["read"] }] }' > p.jsonc
        lint 1 --only clone3-hard-denied,new-calls-hard-denied p.jsonc
        [[ $output == *'hint: deny clone3 with ENOSYS ("with": "errno:ENOSYS")'* ]] || fail "$output"
        [[ $output == *'hint: leave "fallback" at errno:ENOSYS'* ]] || fail "$output"
        [[ $output == *'hint: write as "baseline" the newest kernel'*'such as "5.10"'* ]] || fail "$output"
        [[ $output != *errnoRet* && $output != *defaultErrnoRet* ]] || fail "$output"
        sed -i 's/{/{ "baseline": "5.10",/; s/"fallback": "errno:EPERM",//' p.jsonc
        lint 0 --only clone3-hard-denied,new-calls-hard-denied p.jsonc
        [ -z "$output" ] || fail "$output"
        lint 1 "$SC_SOURCE"/test/lint/docker-fields-ignored/find-caps.json --for kubernetes --only docker-fields-ignored
        [[ $output == *"'seccompose merge --union FILE --for kubernetes --caps "* ]] || fail "$output"
        seccompose merge --union "$SC_SOURCE"/test/lint/docker-fields-ignored/find-caps.json --for kubernetes \
                --caps KILL --kernel 6.1 -o resolved.json 2> /dev/null
        lint 0 resolved.json --for kubernetes --only docker-fields-ignored
}

@test "severities: no container starts is an error; what the kernel denies for want of a capability is a note" {
        lint 1 --only cannot-start "$SC_SOURCE"/test/lint/cannot-start/find-*.json
        need jq
        echo '{ "defaultAction": "SCMP_ACT_ERRNO" }' > nothing.json
        lint 1 --only cannot-start nothing.json --format json
        [ "$(jq -r '[.findings[] | select(.message | test("execve")).severity] | join(" ")' <<< "$output")" = error ]
        [ "$(jq -r '[.findings[] | select(.message | test("noNew")).severity] | join(" ")' <<< "$output")" = warning ]
        lint 0 --only kernel-code "$SC_SOURCE/test/lint/kernel-code/find-module.json"
        [[ $output == *' note: '*'[kernel-code]'* ]] || fail "$output"
        lint 1 --only kernel-code "$SC_SOURCE/test/lint/kernel-code/find-module.json" --cap-add SYS_MODULE
        [[ $output == *' warning: '*'[kernel-code]'* ]] || fail "$output"
}

@test "the bounding set is the config.json's, unless --caps says another" {
        # includes.caps in a config.json is nobody's: another way to see the set is what docker keeps of its rules
        cat > caps.json << 'END'
{ "ociVersion": "1.0.2", "process": { "capabilities": { "bounding": ["CAP_SYS_ADMIN"] } }, "linux": { "seccomp": {
  "defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 1, "syscalls": [
    { "names": ["clone3"], "action": "SCMP_ACT_ALLOW", "includes": { "caps": ["CAP_SYS_ADMIN"] } } ] } } }
END
        lint 0 --only clone3-hard-denied --for docker caps.json
        lint 1 --only clone3-hard-denied --for docker caps.json --caps none
        sed -i 's/CAP_SYS_ADMIN"\] } },/CAP_KILL"] } },/' caps.json
        lint 1 --only clone3-hard-denied --for docker caps.json
        lint 0 --only clone3-hard-denied --for docker caps.json --caps SYS_ADMIN
}

@test "the machine is this one, or the first that the file names, or those of --arch" {
        printf '{ "defaultAction": "SCMP_ACT_ERRNO", "architectures": ["SCMP_ARCH_S390X"], "syscalls": [] }' > s390x.json
        lint 1 --only clone3-hard-denied s390x.json
        [[ $output == *'s390x clone3'* ]]
        lint 1 --only clone3-hard-denied "$SC_SOURCE/test/lint/clone3-hard-denied/find-rule.json" --arch aarch64
        [[ $output == *'aarch64 clone3'* ]]
}

@test "the kernel is that of --min-kernel" {
        cat > kernel.json << 'END'
{ "defaultAction": "SCMP_ACT_ERRNO", "archMap": [], "syscalls": [
  { "names": ["clone3"], "action": "SCMP_ACT_ALLOW", "includes": { "minKernel": "5.15" } } ] }
END
        lint 1 --only clone3-hard-denied kernel.json
        lint 0 --only clone3-hard-denied kernel.json --min-kernel 5.15
}

# ---- Rules ----

@test "--ignore, --enable and --only choose the rules" {
        lint 0 twice.json --only idle-errno
        lint 1 twice.json --only idle-errno,duplicate-name
        lint 0 twice.json --only duplicate-name --ignore duplicate-name
        seccompose lint twice.json --ignore duplicate-name | { ! grep duplicate-name; }
        seccompose lint --list-rules > rules
        awk -F '\t' 'NF != 4 || $2 !~ /^(error|warning|note)$/ || $4 !~ /^(-|fix|opt-in|fix, opt-in)$/' rules > odd
        [ ! -s odd ] && [ "$(wc -l < rules)" -ge 21 ]
}

# page_block N FILE: the N-th example of a page.
page_block() {
        awk -v n="$1" '/^```jsonc?$/ { i++; on = i == n; next } /^```$/ { on = 0 } on' "$2"
}

@test "every rule has a page with its parts, and the examples are what they say" {
        local rule page part file options n=0
        for rule in $(seccompose lint --list-rules | cut -f 1); do
                page=$SC_SOURCE/docs/lint/$rule.md
                [ -e "$page" ] || fail "no page for $rule" || return
                diff <(printf '%s\n' "# $rule" '## What' '## Why' '## Before and after' '## Sources') <(grep '^#' "$page" | grep -v '^#!') || fail "$page"
                for part in What Why 'Before and after' Sources; do
                        [ -n "$(awk -v part="## $part" '/^## / { on = $0 == part; next } on && NF' "$page")" ] || fail "$page: $part is empty"
                done
                [ "$(seccompose lint --explain "$rule")" = "$(sed '1{/^<!--/d}' "$page")" ] || fail "$rule: another page" || return
                read -ra options < <(sed -n 's/^<!-- options: \(.*\) -->$/\1/p' "$page") || true
                for file in before after; do
                        grep -q '^```jsonc' "$page" && file+=.jsonc || file+=.json
                        page_block $([[ $file == before* ]] && echo 1 || echo 2) "$page" > $file
                        run --separate-stderr seccompose lint --only "$rule" "${options[@]}" $file --format json
                        if [[ $file == before* ]]; then
                                jq -e --arg rule "$rule" 'any(.findings[]; .rule == $rule)' <<< "$output" > /dev/null || fail "$page: nothing found before: $output"
                        else
                                jq -e '.findings == []' <<< "$output" > /dev/null || fail "$page: found after: $output"
                        fi
                done
                n=$((n + 1))
        done
        for page in "$SC_SOURCE"/docs/lint/*.md; do
                rule=$(basename "$page" .md)
                [[ $rule = README || $rule = findings ]] || seccompose lint --list-rules | cut -f 1 | grep -qxF "$rule" || fail "$page: no such rule"
        done
        echo "# $n pages" >&3
        [ "$n" -ge 21 ]
}

# What a page quotes of docs/consumers.md stands there; quotations may go over the ends of lines.
@test "pages: what they quote of the facts is there" {
        local facts page quote n=0
        facts=$(tr -s '[:space:]' ' ' < "$SC_SOURCE/docs/consumers.md")
        for page in "$SC_SOURCE"/docs/lint/*.md; do
                while read -r quote; do
                        [[ $facts == *"$quote"* ]] || fail "$page: \"$quote\" is not in docs/consumers.md"
                        n=$((n + 1))
                done < <(tr -s '[:space:]' ' ' < "$page" | grep -oP 'docs/consumers\.md, "[^"]*"( and "[^"]*")*' | grep -oP '"\K[^"]+(?=")' |
                        grep -v '^ and $')
        done
        echo "# $n quotations" >&3
        [ "$n" -ge 9 ]
}

# ---- Settings ----

@test "settings: the nearest above the file, up to a .git" {
        mkdir -p top/mid/low top/repo/.git top/repo/in
        cp twice.json top/mid/low/
        cp twice.json top/repo/in/
        echo '{ "ignore": ["duplicate-name"] }' > top/.seccompose.json
        # --only does not make up for it: lists add up
        lint 0 --only duplicate-name top/mid/low/twice.json
        lint 1 --only duplicate-name top/mid/low/twice.json --no-config
        # beyond .git nothing is looked for
        lint 1 --only duplicate-name top/repo/in/twice.json
        printf '// nearer\n{ "fail-on": "never" }\n' > top/mid/.seccompose.jsonc
        lint 0 --only duplicate-name top/mid/low/twice.json
        [[ $output == *duplicate-name* ]]
        lint 1 --only duplicate-name top/mid/low/twice.json --fail-on warning
        lint 0 --only duplicate-name top/repo/in/twice.json --config top/.seccompose.json
        # each file has its own
        lint 1 --only duplicate-name top
        [ "$(grep -c '\[duplicate-name\]' <<< "$output")" -eq 2 ]
        cd top/mid/low
        lint 0 --only duplicate-name twice.json
}

@test "settings: every key does what its option does" {
        mkdir set
        cp "$SC_SOURCE/test/lint/clone3-hard-denied/find-default.json" set/
        echo '{ "severity": { "clone3-hard-denied": "note" } }' > set/.seccompose.json
        lint 0 --only clone3-hard-denied set/find-default.json
        [[ $output == *': note: '* ]]
        echo '{ "severity": { "clone3-hard-denied": "error" }, "fail-on": "error" }' > set/.seccompose.json
        lint 1 --only clone3-hard-denied set/find-default.json
        echo '{ "for": "containerd", "min-kernel": "6.1", "caps": ["CAP_KILL", "SYS_ADMIN"], "enable": [], "$schema": "x" }' > set/.seccompose.json
        lint 1 --only clone3-hard-denied set/find-default.json --format json
        [ "$(jq -r '.findings[0].consumers[0]' <<< "$output")" = containerd ]
        echo '{ "for": "all" }' > set/.seccompose.json
        cp "$SC_SOURCE"/test/lint/name-and-names/find-*.json set/
        lint 1 --only archmap-ignored set
        [[ $output == *'(for containerd, '* ]] || fail "$output"
}

@test "settings: mistakes are told with their place, and nothing is looked at" {
        mkdir set && cp twice.json set
        printf '{\n  "ingore": [],\n  "ignore": ["duplicate-nam"],\n  "for": "dokcer",\n  "caps": ["CAP_X"],\n  "min-kernel": 5,\n' > set/.seccompose.json
        printf '  "fail-on": "maybe",\n  "severity": { "kill-thread": "bad" },\n  "enable": "kill-thread"\n}\n' >> set/.seccompose.json
        lint 2 set/twice.json
        [ -z "$output" ]
        diff - <(sed -nE 's/^.*\.seccompose\.json:([0-9]+):[0-9]+: error: .*\[(.*)\]$/\1 \2/p' <<< "$stderr") << 'END'
2 bad-setting
3 bad-setting
4 bad-setting
5 bad-setting
6 bad-setting
7 bad-setting
8 bad-setting
9 bad-setting
END
        tells "did you mean 'ignore'"
        tells "did you mean 'duplicate-name'"
        echo '[' > set/.seccompose.json
        lint 2 set/twice.json
        lint 2 clean.json --config nothing.json
}

# ---- Comments ----

@test "comments in a policy take findings away, of one line and one rule" {
        lint 0 --only clone3-hard-denied policy.jsonc
        tells '1 ignored by comments'
        sed -i 's/clone3-hard-denied/default-allow/' policy.jsonc
        lint 1 --only clone3-hard-denied policy.jsonc
        # an error for which the policy cannot be read is told all the same
        printf '{ "rules": [\n  { "allow": ["raed"] } // lint-ignore bad-ignore: x\n] }' > wrong.jsonc
        lint 1 wrong.jsonc
        [[ $output == *unknown-syscall* ]]
        # CRLF and several rules
        printf '// lint-ignore default-allow,clone3-hard-denied : because\r\n\r\n// more\r\n{ "fallback": "errno:EPERM" }\r\n' > crlf.jsonc
        lint 0 --only clone3-hard-denied,bad-ignore crlf.jsonc
        tells '1 ignored by comments'
}

# ---- Baselines ----

@test "baseline: old findings do not block, new ones do, gone ones are told" {
        mkdir proj
        cp twice.json docker.json policy.jsonc proj/
        lint 0 --only $RULES proj --write-baseline proj/base.json
        jq -e '.version == 1 and (.findings | length >= 5) and all(.findings[]; .file | startswith("proj/") | not)' proj/base.json
        lint 0 --only $RULES proj --baseline proj/base.json
        [ -z "$output" ]
        tells "[0-9] in the baseline"
        # moved lines and other places to call from do not matter
        sed -i '1s/^/\n\n/' proj/docker.json proj/twice.json
        (cd proj/.. && seccompose lint --only $RULES ./proj/../proj --baseline proj/base.json)
        cd proj
        lint 0 --only $RULES twice.json docker.json --baseline base.json
        # a second one of the same kind is new
        sed -i 's/"read", "read"/"read", "read", "read"/' twice.json
        lint 1 --only $RULES . --baseline base.json
        [ "$(grep -c '\[duplicate-name\]' <<< "$output")" -eq 1 ]
        # one that is gone is told, with the file and the rule; also of a file that is gone
        sed -i 's/"read", "read", "read"/"read"/' twice.json
        rm docker.json
        lint 0 --only $RULES . --baseline base.json
        tells "base.json: duplicate-name in twice.json does not occur any more"
        tells "in docker.json does not occur any more"
        # files that were not looked at are not told of
        lint 0 --only $RULES policy.jsonc --baseline base.json
        ! grep -q 'twice.json does not occur' <<< "$stderr"
}

@test "baseline: one that is none is refused" {
        lint 2 clean.json --baseline missing.json
        echo '{}' > bad.json
        lint 2 clean.json --baseline bad.json
        tells 'bad-baseline'
        echo '{ "version": 2, "findings": [] }' > bad.json
        lint 2 clean.json --baseline bad.json
        echo '{ "version": 1, "findings": [{ "file": "x" }] }' > bad.json
        lint 2 clean.json --baseline bad.json
        lint 2 clean.json --write-baseline no/such/folder.json
}

# ---- Fixes ----

@test "--fix: what has one right answer, every other byte kept" {
        # tabs, CRLF, characters, no line feed at the end
        printf '{\t"defaultAction": "SCMP_ACT_ERRNO",\r\n\t"defaultErrnoRet": 38,\r\n\t"syscalls": [\r\n' > odd.json
        printf '\t\t{ "names": ["read",\t"write",\t"read"], "comment": "größer 漢字", "action": "SCMP_ACT_ALLOW", "errnoRet": 1 }\r\n\t]\r\n}' >> odd.json
        sed 's/,\t"read"\]/]/; s/, "errnoRet": 1//' odd.json > wanted.json
        ! cmp -s odd.json wanted.json
        chmod 640 odd.json
        lint 0 --only duplicate-name,idle-errno odd.json --fix
        [ -z "$output" ]
        tells '2 mended'
        cmp odd.json wanted.json
        [ "$(stat -c %a odd.json)" = 640 ]
        [ "$(ls -A | grep -c tmp)" -eq 0 ]
        # what cannot be mended is still told
        lint 1 --only $RULES docker.json --fix
        [[ $output == *one-index-twice* && $output != *duplicate-name* ]]
        tells 'mended'
        # and again there is nothing to do
        cp docker.json before.json
        lint 1 --only $RULES docker.json --fix
        cmp docker.json before.json
}

@test "--fix: many that touch each other, in one go" {
        local names
        names=$(printf '"read", %.0s' {1..150})
        printf '{ "defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 38, "syscalls": [ { "names": [%s], "action": "SCMP_ACT_ALLOW" } ] }' "${names%, }" > long.json
        lint 0 --only duplicate-name long.json --fix
        [ "$(< long.json)" = '{ "defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 38, "syscalls": [ { "names": ["read"], "action": "SCMP_ACT_ALLOW" } ] }' ]
        tells '149 mended'
}

@test "--fix: every broken profile of the rules' cases becomes one that is not" {
        local rule file n=0
        cp -r "$SC_SOURCE/test/lint" cases
        for rule in $(seccompose lint --list-rules | awk -F '\t' '$4 ~ /fix/ { print $1 }'); do
                for file in cases/"$rule"/find-*.json*; do
                        case $file in *.options) continue ;; esac
                        local -a options=()
                        [ ! -e "$file.options" ] || read -ra options < "$file.options"
                        cp "$file" before
                        seccompose lint --only "$rule" "${options[@]}" "$file" --format json > before.json 2> err || true
                        jq -e 'any(.findings[]; .edits)' before.json > /dev/null || continue
                        seccompose lint --only "$rule" "${options[@]}" "$file" --fix > /dev/null 2>&1 || true
                        # what was removed and added is what the edits say, or what edits of later rounds add
                        ! cmp -s before "$file" || fail "$file is as it was"
                        seccompose lint --only "$rule" "${options[@]}" "$file" --format json > after.json 2> err || true
                        jq -e --slurpfile before before.json 'all(.findings[]; .edits == null)' after.json > /dev/null || fail "$file: $(< after.json)"
                        n=$((n + 1))
                done
        done
        echo "# $n files" >&3
        [ "$n" -ge 8 ]
}

@test "--fix --diff: what patch takes, and nothing is changed" {
        local file
        mkdir d
        cp docker.json twice.json d/
        printf '{ "defaultAction": "SCMP_ACT_KILL", "syscalls": [ { "names": ["read", "read"], "action": "SCMP_ACT_ALLOW" } ] }' > d/line.json
        cp -r d copy
        seccompose lint d --only $RULES --fix --diff > out.diff || [ $? -eq 1 ]
        diff -r d copy
        seccompose lint copy --only $RULES --fix > /dev/null || [ $? -eq 1 ]
        need patch
        patch -p1 -s < out.diff
        diff -r d copy
        # the same hunks as diff -u has
        cp "$SC_SOURCE/test/lint-formats/docker.json" d/docker.json
        seccompose lint d/docker.json --only $RULES --fix --diff | tail -n +3 > ours || true
        diff -u d/docker.json copy/docker.json | tail -n +3 | diff ours -
}

@test "--fix: links, and files that cannot be written, stay as they are" {
        ln -s twice.json link.json
        cp twice.json before.json
        lint 2 --only duplicate-name link.json --fix
        tells 'link'
        cmp twice.json before.json && [ -L link.json ]
        [ "$EUID" -eq 0 ] || { mkdir shut && cp twice.json shut/ && chmod 500 shut; lint 3 --only duplicate-name shut/twice.json --fix; chmod 700 shut; cmp shut/twice.json before.json; }
}

# ---- Large and hostile files ----

@test "a profile of 10 MB, and one that is nested 100,000 deep" {
        python3 - << 'END'
rule = '{ "names": ["read", "read"], "action": "SCMP_ACT_KILL" }'
with open('large.json', 'w') as f:
    f.write('{ "defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 38, "syscalls": [\n')
    f.write(',\n'.join([rule] * (10_000_000 // len(rule))))
    f.write('] }')
with open('deep.json', 'w') as f:
    f.write('[' * 100_000 + ']' * 100_000)
END
        lint 1 --only duplicate-name,kill-thread large.json
        tells 'more findings are not shown'
        [ "$(grep -cE '\[(duplicate-name|kill-thread)\]' <<< "$output")" -ge 900 ]
        lint 1 deep.json
        [[ $output == *'[json-depth]'* ]]
}

# ---- In the pipelines of others ----

@test "pre-commit runs it: what is found stops a commit, what is not ours is passed over" {
        need pre-commit git
        local hooks=$PWD/hooks
        export PRE_COMMIT_HOME=$PWD/home HOME=$PWD GIT_CONFIG_NOSYSTEM=1 PATH=$SC_BUILD/cmd/seccompose:$PATH
        git config --global user.name t && git config --global user.email t@example.org
        # not a clone of the sources, which are large: what pre-commit reads of them
        git init -q "$hooks" && cp "$SC_SOURCE/.pre-commit-hooks.yaml" "$hooks/"
        git -C "$hooks" add -A && git -C "$hooks" commit -qm hooks
        git init -q user && cp twice.json package.json user/ && cd user
        printf 'repos:\n  - repo: %s\n    rev: %s\n    hooks:\n      - id: seccompose-lint\n' "$hooks" \
                "$(git -C "$hooks" rev-parse HEAD)" > .pre-commit-config.yaml
        printf '        args: [--only, duplicate-name]\n' >> .pre-commit-config.yaml
        git add -A
        pre-commit install > /dev/null
        run git commit -m one
        [ "$status" -eq 1 ] || fail "$output"
        [[ $output == *'twice.json:2:23: warning: '*'[duplicate-name]'* ]] || fail "$output"
        [[ $output == *'1 warning, 0 notes in 1 file (1 that --fix mends; 1 other file passed over)'* ]] || fail "$output"
        seccompose lint --only duplicate-name --fix twice.json
        git add -A
        run git commit -m two
        [ "$status" -eq 0 ] || fail "$output"
        [[ $output == *Passed* ]]
}

@test "action.yml: its steps, run as a runner would, annotate the right lines" {
        need python3
        export SEEN=$PWD
        mkdir repo && cp twice.json package.json repo/
        cat > steps.py << 'END'
import os, subprocess, sys, yaml
action = yaml.safe_load(open(os.environ['SC_SOURCE'] + '/action.yml'))
assert action['runs']['using'] == 'composite' and action['name'] and action['description']
given = {'files': 'repo/twice.json\nrepo\n', 'options': '--only\nduplicate-name'}
assert set(given) <= set(action['inputs'])
path = os.environ['SC_BUILD'] + '/cmd/seccompose:' + os.environ['PATH']
for step in action['runs']['steps']:
    assert step['shell'] == 'bash' and '${{' not in step['run'], 'inputs go by the environment, not into the script'
    env = dict(os.environ, PATH=path, GITHUB_ACTION_PATH=os.environ['SC_SOURCE'], GITHUB_PATH=os.path.abspath('path'))
    for name, value in step.get('env', {}).items():
        key = value.removeprefix('${{ inputs.').removesuffix(' }}')
        env[name] = given.get(key, action['inputs'][key].get('default', '')) if value.startswith('${{') else value
    done = subprocess.run(['bash', '--noprofile', '--norc', '-eo', 'pipefail', '-c', step['run']], env=env)
    if done.returncode:
        sys.exit(done.returncode)
END
        run --separate-stderr python3 steps.py
        [ "$status" -eq 1 ] || fail "$output" "$stderr"
        [ "$output" = "::warning file=repo/twice.json,line=2,col=23,endLine=2,endColumn=29,title=duplicate-name::'read' stands in this rule already" ]
        # where it is not installed, it is built: the step asks for what .ci/install and meson do
        grep -q '.ci/install build' "$SC_SOURCE/action.yml"
        cp clean.json repo/twice.json
        run python3 steps.py
        [ "$status" -eq 0 ] || fail "$output"
}

@test "the README's section prints what it says" {
        local line
        awk '/^## / { on = $0 == "## In CI" } on' "$SC_SOURCE/README.md" > section
        awk '$0 == "```json" { on = 1; next } /^```$/ { on = 0 } on' section > review.json
        awk '$0 == "```console" { on = 1; next } /^```$/ { on = 0 } on' section > expected
        [ "$(grep -c '^\$ ' expected)" -ge 3 ]
        while IFS= read -r line; do
                printf '$ %s\n' "$line"
                eval "$line" 2>&1 || true
        done < <(sed -n 's/^\$ //p' expected) > actual
        diff expected actual
}
