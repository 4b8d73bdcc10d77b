#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Real work in containers: servers, compilers, interpreters and TeX do it under the policies that jobs.tsv of
# test/world/work names, and fail without a call that they need. Jobs whose programs are in no package of plain ./check
# wait for --world.

setup_file() {
        load lib/world
        load lib/work
        load lib/docker
        need runc crun jq
        export DIR=$BATS_FILE_TMPDIR
        work_rootfs "$DIR/rootfs"
}

setup() {
        load lib/world
        load lib/work
        load lib/docker
}

# Docker's daemon is started by one test, which alone knows of it.
teardown() {
        docker_stop
}

# in_world PROGRAM…: the rest of this test is for ./check --world, where a program that is not there is a failure.
in_world() {
        [ -n "${SC_WORLD-}" ] || skip 'for ./check --world'
        need "$@"
}

# does JOB ROWS: every row of the job under runc and crun; plain ./check leaves crun and some policies out. ROWS is how
# many there are at least: a test of no row would be none.
does() {
        local rows=0 runs=0 row run engines=(runc_run crun_run) policies='.*'
        [ -n "${SC_WORLD-}" ] || { engines=(runc_run); policies='docker-default|agent-offline'; }
        while IFS=$'\t' read -r -a row; do
                for run in "${engines[@]}"; do
                        work_row work_in_bundle "oci --kernel running --arch x86_64" "$run" -- "${row[@]}" || return 1
                done
                rows=$((rows + 1))
        done < <(work_rows 1 "$1( .*)?" | awk -F '\t' -v policies="^($policies)\$" '$3 ~ policies')
        [ "$rows" -ge "$2" ] || fail "only $rows rows for $1"
        printf '# %s: %d rows, %d containers\n' "$BATS_TEST_DESCRIPTION" "$rows" "$runs" >&3
}

@test "shell: pipelines, archives, signals" {
        does shell 1
}

@test "gcc builds a program with threads" {
        need gcc
        does gcc 1
}

@test "Python: threads, subprocesses, a pool of processes" {
        need python3
        does python 1
}

@test "Node: worker threads" {
        in_world node
        does node 1
}

@test "Go builds a program: goroutines, sockets, a program that is executed" {
        in_world go
        does go 1
}

@test "nginx serves pages" {
        in_world nginx
        does nginx 2
}

@test "PostgreSQL: a new cluster, and pgbench" {
        in_world psql pg_lsclusters
        does postgresql 1
}

@test "Redis: redis-benchmark, and a snapshot" {
        in_world redis-server redis-benchmark
        does redis 1
}

@test "pdflatex makes a document with a figure" {
        in_world pdflatex
        does latex 3
}

# engine_does RUN TARGET ROWS POLICY…: the rows of these policies under docker or podman, ROWS of them at least.
engine_does() {
        local rows=0 runs=0 row policies
        policies=$(IFS='|' && echo "${*:4}")
        while IFS=$'\t' read -r -a row; do
                work_row "$1" "$2" -- "${row[@]}" || return 1
                rows=$((rows + 1))
        done < <(work_rows 3 "$policies")
        [ "$rows" -ge "$3" ] || fail "only $rows rows"
        printf '# %s, %s: %d rows, %d containers\n' "$BATS_TEST_DESCRIPTION" "$policies" "$rows" "$runs" >&3
}

# in_engine RUN TARGET: as an engine starts most containers, and with noNewPrivileges, which policies may need.
in_engine() {
        engine_does "$1" "$2" 19 docker-default podman-default || return 1
        WORK_PRIVILEGES=no-new-privileges engine_does "$1" "$2" 9 latex latex-clone3 agent-offline
}

@test "the same in podman's containers" {
        in_world podman
        in_engine work_in_podman 'podman --kernel running --arch x86_64'
}

@test "the same in docker's containers" {
        in_world docker
        docker_start "$DIR/rootfs"
        in_engine work_in_docker 'docker@20.10 --arch x86_64'
}

@test "docs/work.md has the same table, and tells of each job" {
        local table=$BATS_TEST_TMPDIR/table doc=$SC_SOURCE/docs/work.md
        "$SC_SOURCE/test/tools/work-table" > "$table"
        [ "$(wc -l < "$table")" -ge 14 ]
        diff "$table" <(sed -n '/^| job | as |/,/^$/ { /./p }' "$doc")
        # shellcheck disable=SC2016 # Markdown's marks of code
        diff <(work_rows | sed 's/[ \t].*//' | sort -u) \
                <(sed -n '/^| job | what it does |/,/^$/ s/^| `\([a-z]*\)` .*/\1/p' "$doc")
}

@test "every row of the table can be run" {
        local row n=0
        while IFS=$'\t' read -r -a row; do
                [ "${#row[@]}" -eq 7 ] || fail "not seven columns: ${row[*]}" || return 1
                [ -x "$SC_SOURCE/test/world/work/${row[0]%% *}" ] || fail "no job ${row[0]}" || return 1
                [ -s "$(work_expected "${row[0]}")" ] || fail "nothing is expected of ${row[0]}" || return 1
                [ -f "$SC_SOURCE/profiles/${row[2]}.jsonc" ] || fail "no policy ${row[2]}" || return 1
                [[ ${row[1]} =~ ^(root|nobody)$ && ${row[5]} =~ ^[1-9][0-9]*$ && -n ${row[6]} ]] ||
                        fail "${row[*]}" || return 1
                n=$((n + 1))
        done < <(work_rows)
        [ "$n" -ge 12 ]
}
