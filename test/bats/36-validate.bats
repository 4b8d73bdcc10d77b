#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# seccompose validate: the goldens of test/validate, real profiles, the specification's schemas, what we write, hostile
# input. `UPDATE=1 SC_BUILD=… SC_SOURCE=… bats test/bats/36-validate.bats` writes the goldens (test/goldens/validate) anew.

# status and stderr of `run` apart: bats 1.5
bats_require_minimum_version 1.5.0

setup_file() {
        load lib/world
        export HERE=$BATS_FILE_TMPDIR/here OUT=$BATS_FILE_TMPDIR/out COMMANDS=$BATS_FILE_TMPDIR/commands
        cp -r "$SC_SOURCE/test/validate" "$HERE" && mkdir "$OUT" && cd "$HERE" || return
        ln -s text.json link.json
        echo '{ "$ref": "link.json" }' > link.schema.json
        grep -v '^#' commands.txt > "$COMMANDS"
        local name wanted status arguments
        while read -r name wanted arguments; do
                local -a words
                read -ra words <<< "$arguments"
                status=0
                seccompose validate "${words[@]}" > "$OUT/$name.out" 2> "$OUT/$name.err" < array.json || status=$?
                echo "$status" > "$OUT/$name.status"
                [ -s "$OUT/$name.err" ] || rm "$OUT/$name.err"
                [ -s "$OUT/$name.out" ] || { rm "$OUT/$name.out"; continue; }
                seccompose validate "${words[@]}" --format json > "$OUT/$name.json" 2> /dev/null < array.json || true
        done < "$COMMANDS"
}

setup() {
        load lib/world
        SCHEMAS=$SC_SOURCE/schema
        SPECIFICATION=/usr/share/gocode/src/github.com/opencontainers/runtime-spec/schema
        cd "$HERE" || return
}

@test "each command exits as it should" {
        local name wanted _ n=0
        while read -r name wanted _; do
                [ "$(< "$OUT/$name.status")" -eq "$wanted" ] || fail "$name: $(< "$OUT/$name.status")" || return 1
                n=$((n + 1))
        done < "$COMMANDS"
        [ "$n" -ge 30 ]
}

@test "what is said is that of the goldens, as text and as JSON" {
        local golden=$SC_SOURCE/test/goldens/validate
        [ -z "${UPDATE-}" ] || { mkdir -p "$golden"; rm -f "$golden"/*; cp "$OUT"/*.{out,err,json} "$golden"; }
        diff -r -x '*.status' "$golden" "$OUT"
}

@test "the JSON is that of the schema" {
        load lib/schema
        schema_holds "$SCHEMAS/validate.schema.json" "broken['files'][0]['result'] = 'perhaps'" "$OUT"/*.json
}

@test "our schemas are schemas, and give the same answers as files and from within" {
        local file
        echo '{ "$ref": "http://json-schema.org/draft-04/schema#" }' > meta.json
        run seccompose validate --schema meta.json "$SCHEMAS"/*.json
        [ "$status" -eq 0 ] || fail "$output" || return 1
        [[ ${lines[-1]} =~ ^([0-9]+)\ files:\ ([0-9]+)\ valid,\ 0\ not\ valid$ ]]
        [ "${BASH_REMATCH[1]}" -ge 9 ]
        for file in typos:oci docker:docker state:state what:policy; do
                diff <(seccompose validate --schema "$SCHEMAS/${file#*:}.schema.json" "${file%:*}.json" | grep -v valid) \
                        <(seccompose validate --as "${file#*:}" "${file%:*}.json" | grep -v -e valid) || return 1
        done
}

@test "real profiles and every policy and profile of ours are valid" {
        run seccompose validate --as docker /usr/share/containers/seccomp.json ${SC_MOBY+"$SC_MOBY"}
        [ "$status" -eq 0 ] || fail "$output"
        run seccompose validate "$SC_SOURCE"/profiles/*.jsonc "$SC_SOURCE"/test/profiles/[a-df-z]*.json
        [ "$status" -eq 0 ] || fail "$output"
        # one has nothing in it, of which nobody can tell what it is
        run seccompose validate --as docker "$SC_SOURCE"/test/profiles/empty.json
        [ "$status" -eq 1 ] || fail "$output"
        expect_line "$SC_SOURCE/test/profiles/empty.json: not valid as a profile in Docker's form: 1 finding"
}

@test "what build writes for each target is valid, and so are merge's policies and patch's config.json" {
        local target form n=0 policy
        for policy in stdio docker-default; do
                for target in $(seccompose list consumers | sed '/^# eval/,$d' | awk -F '\t' '!/^#/ { print $1 }'); do
                        seccompose build "$policy" --for "$target" --kernel 6.1 -o built.json 2> built.err || fail "$target: $(< built.err)" || return 1
                        form=$(jq -r 'if .archMap then "docker" else "oci" end' built.json)
                        run seccompose validate --as "$form" built.json
                        [ "$status" -eq 0 ] || fail "$policy $target:" "$output" || return 1
                        n=$((n + 1))
                done
        done
        [ "$n" -ge 10 ]
        seccompose merge --union stdio docker-default -o merged.jsonc 2> merged.err
        seccompose merge --intersect docker-default "$SC_SOURCE/test/profiles/podman.json" -o both.jsonc 2> both.err
        mkdir bundle
        jq '.linux = {}' config.json | jq '{ ociVersion, linux }' > bundle/config.json
        seccompose patch bundle --policy stdio
        run seccompose validate merged.jsonc both.jsonc bundle/config.json
        [ "$status" -eq 0 ] || fail "$output" || return 1
        [[ ${lines[0]} == *'taken for a policy' && ${lines[2]} == *"taken for a bundle's config.json" ]]
}

@test "every JSON output is as its schema says, by our own validator" {
        local verb n=0
        cp "$SC_SOURCE/test/goldens/lint/json" lint.json
        run seccompose validate --schema "$SCHEMAS/lint.schema.json" lint.json
        [ "$status" -eq 0 ] || fail "$output" || return 1
        for verb in verify diff explain validate; do
                run seccompose validate --schema "$SCHEMAS/$verb.schema.json" "$SC_SOURCE/test/goldens/$verb"/*.json
                [ "$status" -eq 0 ] || fail "$output" || return 1
                n=$((n + ${#lines[@]} - 1))
        done
        echo "# $n outputs" >&3
        [ "$n" -ge 60 ]
}

@test "the specification's own schemas say the same, but for what is listed" {
        local seed=${SC_SEED-1}
        run "$SC_SOURCE/test/tools/compare-schemas" "$SC_BUILD/cmd/seccompose/seccompose" "$SPECIFICATION" \
                "$SC_SOURCE/test/schema/rows.txt" 4000 "$seed" "$SC_SOURCE"/test/profiles/[a-df-z]*.json
        [ "$status" -eq 0 ] || fail "SC_SEED=$seed" "$output" || return 1
        echo "# ${lines[-1]}" >&3
        [[ ${lines[-1]} =~ ^([0-9]+)\ rows.*\ ([0-9]+)\ both\ take,\ ([0-9]+)\ both\ refuse ]]
        [ "${BASH_REMATCH[1]}" -ge 200 ] && [ "${BASH_REMATCH[2]}" -ge 200 ] && [ "${BASH_REMATCH[3]}" -ge 200 ]
        # and it finds what is not
        sed '/^oci\ty\tn/ { s/^oci\ty\tn/oci\ty\ty/; }' "$SC_SOURCE/test/schema/rows.txt" > rows.txt
        run "$SC_SOURCE/test/tools/compare-schemas" "$SC_BUILD/cmd/seccompose/seccompose" "$SPECIFICATION" rows.txt 0 1
        [ "$status" -eq 1 ] || fail "$output" || return 1
        [[ $output == *'; 3 complaints'* ]]
}

@test "the README's example prints what the README says" {
        local line
        awk '/^```jsonc$/ { on = !n++; next } /^```$/ { on = 0 } on' "$SC_SOURCE/README.md" > web.jsonc.new
        mkdir readme && mv web.jsonc.new readme/web.jsonc && cd readme || return
        seccompose build web.jsonc --for docker -o web.json
        awk '/^```console$/ { getline; on = /slip\.json$/ } /^```$/ { on = 0 } on' "$SC_SOURCE/README.md" > expected
        [ "$(grep -c '^\$ ' expected)" -eq 2 ]
        while IFS= read -r line; do
                printf '$ %s\n' "$line"
                eval "$line" 2>&1 || true
        done < <(sed -n 's/^\$ //p' expected) > actual
        diff expected actual
}

@test "docs/schemas.md: the table has all schemas, which are installed and inside; docs/json.md: its rows are there" {
        local row
        diff <(cd "$SCHEMAS" && ls ./*.json | cut -c 3-) \
                <(sed -n 's/^| `\([a-z-]*\.schema\.json\)`.*/\1/p' "$SC_SOURCE/docs/schemas.md" | sort)
        diff <(cd "$SCHEMAS" && ls ./*.json | cut -c 3-) <(grep -o "'[a-z-]*.schema.json'" "$SCHEMAS/meson.build" | tr -d "'" | sort)
        diff <(cd "$SCHEMAS" && ls ./*.json | cut -c 3-) \
                <(grep -o "schema/[a-z-]*.schema.json'" "$SC_SOURCE/pkg/schema/meson.build" | sed "s/.*\///; s/'//" | sort)
        grep -o '^i_[a-z0-9A-Z_]*' "$SC_SOURCE/test/json/table.txt" > decided
        cp decided left
        for row in $(grep -o '`i_[a-z][a-z0-9_]*`' "$SC_SOURCE/docs/json.md" | tr -d '`'); do
                grep -q "^$row" decided || fail "no row $row" || return 1
                sed -i "/^$row/d" left
        done
        [ ! -s left ] || fail "not in docs/json.md:" "$(< left)"
        row=$(for row in y n i; do grep -c "^${row}_" "$SC_SOURCE/test/json/table.txt"; done | tr '\n' ' ')
        [ "$row" = "$(tr '\n' ' ' < "$SC_SOURCE/docs/json.md" | grep -oE '[0-9]+ that (must|were)' | grep -o '[0-9]*' | tr '\n' ' ')" ]
}

@test "10 MB and 100,000 levels: clear words, little memory" {
        local limit=unlimited
        # the sanitizers' own memory is without bounds
        ldd "$SC_BUILD/cmd/seccompose/seccompose" | grep -q libasan || limit=600000
        python3 - << 'END'
rule = '{ "names": ["read", "write"], "action": "SCMP_ACT_ALLOW", "args": [{ "index": 0, "value": %d, "op": "SCMP_CMP_EQ" }] }'
text = lambda rules: '{ "defaultAction": "SCMP_ACT_ERRNO", "syscalls": [\n' + ",\n".join(rules) + '\n] }\n'
rules = [rule % n for n in range(85000)]
open("large.json", "w").write(text(rules))
rules[70000] = rules[70000].replace("SCMP_CMP_EQ", "SCMP_CMP_EW")
open("large-wrong.json", "w").write(text(rules))
open("large-all-wrong.json", "w").write(text(rules).replace("SCMP_ACT_ALLOW", "SCMP_ACT_ALOW"))
open("deep.json", "w").write('{ "defaultAction": ' + "[" * 100000 + "]" * 100000 + " }\n")
open("deep-objects.json", "w").write('{ "syscalls": ' * 100000)
open("huge.json", "w").write(" " * (16 * 1024 * 1024) + "{}")
END
        [ "$(stat -c %s large.json)" -gt 10000000 ]
        large() (ulimit -v "$limit" && seccompose validate "$@")
        run large large.json
        [ "$status" -eq 0 ] && [ "$output" = 'large.json: valid, taken for an OCI profile' ] || fail "$output" || return 1
        run large large-wrong.json
        [ "$status" -eq 1 ] || fail "$output" || return 1
        [[ ${lines[0]} == 'large-wrong.json:70002:'*'found "SCMP_CMP_EW" [schema-value]' ]] || fail "$output" || return 1
        [ "${lines[-2]}" = '  hint: did you mean "SCMP_CMP_EQ"?' ]
        run large large-all-wrong.json
        [ "$status" -eq 1 ] || fail "$output" || return 1
        [[ ${lines[-1]} == 'large-all-wrong.json: not valid, taken for an OCI profile: 101 findings' ]] || fail "${lines[-1]}" || return 1
        expect_line 'large-all-wrong.json:1:1: error: there are more findings than are told at once [schema-limit]'
        run large deep.json deep-objects.json
        [ "$status" -eq 1 ] || fail "$output" || return 1
        [ "$(grep -c '\[json-depth\]$' <<< "$output")" -eq 2 ] || fail "$output" || return 1
        [ "${lines[-1]}" = '2 files: 0 valid, 2 not valid' ]
        [ ${#output} -lt 3000 ]
        run large huge.json
        [ "$status" -eq 2 ] && [ "$output" = 'seccompose validate: error: huge.json: File too large' ] || fail "$output"
}

@test "a schema that refers to too much, or to itself for ever, is refused" {
        local n
        mkdir -p many && cd many || return
        { printf '{ "allOf": ['; for n in {1..65}; do printf '{ "$ref": "%s.json" },' "$n"; echo '{}' > "$n.json"; done; echo '{}] }'; } > many.json
        run seccompose validate --schema many.json ../right.json
        [ "$status" -eq 2 ]
        [[ $output == *'it refers to too many files'* ]] || fail "$output" || return 1
        echo '{ "$ref": "b.json" }' > a.json
        echo '{ "$ref": "a.json" }' > b.json
        run seccompose validate --schema a.json ../right.json
        [ "$status" -eq 2 ] || fail "$output" || return 1
        head -c 17000000 /dev/zero | tr '\0' ' ' > large.json
        echo '{ "$ref": "large.json" }' > to-large.json
        run seccompose validate --schema to-large.json ../right.json
        [ "$status" -eq 2 ]
        [[ $output == *'all that it refers to is too large'* ]] || fail "$output" || return 1
        mkfifo pipe.json
        echo '{ "$ref": "pipe.json" }' > to-pipe.json
        run timeout 20 "$SC_BUILD/cmd/seccompose/seccompose" validate --schema to-pipe.json ../right.json
        [ "$status" -eq 2 ]
}
