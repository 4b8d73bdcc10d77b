#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The runtime wrapper under runc, crun, docker and podman: what it starts is confined, or does not start.

setup_file() {
        load lib/world
        load lib/docker
        need runc crun podman busybox jq
        export DIR=$BATS_FILE_TMPDIR
        export RUNC=/usr/sbin/runc
        rootfs_make "$DIR/rootfs"
        printf '{ "rules": [ { "allow": ["no-such-call"] } ] }\n' > "$DIR/broken.jsonc"
        export DOCKER_RUNTIMES
        DOCKER_RUNTIMES=$(jq -n --arg path "$SC_BUILD/cmd/seccompose-runtime/seccompose-runtime" --arg runc "$RUNC" \
                --arg dir "$DIR" 'def runtime($policy; $more): { path: $path,
                        runtimeArgs: (["--runtime", $runc, "--policy", $policy] + $more) };
                { confined: runtime("docker-default"; []), missing: runtime($dir + "/none.jsonc"; []),
                  broken: runtime($dir + "/broken.jsonc"; []),
                  ignoring: runtime($dir + "/broken.jsonc"; ["--on-error=ignore", "--"]) }')
        docker_start "$DIR/rootfs"
}

teardown_file() {
        load lib/docker
        docker_stop
}

setup() {
        load lib/world
        load lib/docker
        bundle=$BATS_TEST_TMPDIR/bundle
        state=$BATS_TEST_TMPDIR/state
        id=seccompose-$$-$RANDOM
}

teardown() {
        runc --root "$state" delete --force "$id" > "$BATS_TEST_TMPDIR/delete.log" 2>&1 || true
}

# make COMMAND…: the test's bundle.
make() {
        bundle_make "$bundle" "$DIR/rootfs" "$@"
        cp "$bundle/config.json" "$BATS_TEST_TMPDIR/before.json"
}

make_probe() {
        make probe-calls keyctl setns unshare clone3
}

# confined ARGUMENT…: the wrapper over runc, with a state directory of the test's own.
confined() {
        timeout -k 5 60 "$SC_BUILD/cmd/seccompose-runtime/seccompose-runtime" --runtime "$RUNC" --policy docker-default \
                --root "$state" "$@"
}

# with_policy POLICY ARGUMENT…
with_policy() {
        local policy=$1
        shift
        wrapper --runtime "$RUNC" --policy "$policy" --root "$state" "$@" < /dev/null
}

expect_confined() {
        [ "$status" -eq 0 ] || fail "$output"
        expect_line 'Seccomp: 2'
        expect_line 'keyctl -1 EPERM'
        expect_line 'setns -1 EPERM'
        expect_line 'unshare -1 EPERM'
        expect_line 'clone3 -1 ENOSYS'
}

# Nothing ran, and the bundle is as it was.
expect_refused() {
        [ "$status" -eq 1 ] || fail "status $status: $output" || return
        refuse_line '^Seccomp:' || return
        cmp "$BATS_TEST_TMPDIR/before.json" "$bundle/config.json"
}

@test "run: confined, where the same bundle was not" {
        make_probe
        run runc_run "$bundle"
        expect_line 'Seccomp: 0'
        run confined run --bundle "$bundle" "$id" < /dev/null
        expect_confined
        diff <(jq -S 'del(.linux.seccomp)' "$BATS_TEST_TMPDIR/before.json") <(jq -S 'del(.linux.seccomp)' "$bundle/config.json")
}

@test "run: the exit status is the container's, and nothing else is said" {
        make sh -c 'exit 7'
        run confined run --bundle "$bundle" "$id" < /dev/null
        [ "$status" -eq 7 ]
        [ -z "$output" ] || fail "$output"
}

@test "run: standard input reaches the container, standard output comes back" {
        make busybox cat
        [ "$(confined run --bundle "$bundle" "$id" <<< 'through and through')" = 'through and through' ]
}

@test "run: descriptors that are to be preserved are there" {
        make sh -c 'cat <&3'
        printf 'from three\n' > "$BATS_TEST_TMPDIR/three"
        sed -i 's/"cat <&3"/"busybox cat <\&3"/' "$bundle/config.json"
        run confined run --preserve-fds 1 --bundle "$bundle" "$id" 3< "$BATS_TEST_TMPDIR/three" < /dev/null
        [ "$output" = 'from three' ] || fail "$output"
}

@test "run: a signal to the wrapper's process reaches the container" {
        local pid
        make sh -c 'trap "echo caught; exit 9" TERM; echo ready; while :; do busybox sleep 0.1; done'
        "$SC_BUILD/cmd/seccompose-runtime/seccompose-runtime" --runtime "$RUNC" --policy docker-default --root "$state" \
                run --bundle "$bundle" "$id" > "$BATS_TEST_TMPDIR/out" 2>&1 < /dev/null 3>&- &
        pid=$!
        wait_until 'it is not ready' grep -q ready "$BATS_TEST_TMPDIR/out"
        kill -TERM "$pid"
        status=0
        wait "$pid" || status=$?
        [ "$status" -eq 9 ] || fail "$status: $(cat "$BATS_TEST_TMPDIR/out")"
        grep -qx caught "$BATS_TEST_TMPDIR/out"
}

@test "create, state, start, kill, delete: a container's life, confined as seen from outside" {
        local pid
        make busybox sleep 60
        confined create --bundle "$bundle" --pid-file "$BATS_TEST_TMPDIR/pid" "$id" > "$BATS_TEST_TMPDIR/out" 2>&1 < /dev/null 3>&-
        pid=$(cat "$BATS_TEST_TMPDIR/pid")
        [ "$(confined state "$id" | jq -r .status)" = created ]
        confined start "$id"
        diff <(runc --root "$state" state "$id") <(confined state "$id")
        [ "$(confined state "$id" | jq .pid)" -eq "$pid" ]
        wait_until 'it does not begin' grep -qx busybox "/proc/$pid/comm"
        grep -qx $'Seccomp:\t2' "/proc/$pid/status"
        run confined exec "$id" probe-calls keyctl unshare
        expect_line 'Seccomp: 2'
        expect_line 'unshare -1 EPERM'
        confined kill "$id" KILL
        stopped() { [ "$(confined state "$id" | jq -r .status)" = stopped ]; }
        wait_until 'it does not end' stopped
        confined delete "$id"
        run confined state "$id"
        [ "$status" -eq 1 ]
}

@test "run --detach: confined" {
        make busybox sleep 60
        confined run -d --bundle="$bundle" --pid-file "$BATS_TEST_TMPDIR/pid" "$id" > "$BATS_TEST_TMPDIR/out" 2>&1 < /dev/null 3>&-
        grep -qx $'Seccomp:\t2' "/proc/$(cat "$BATS_TEST_TMPDIR/pid")/status"
}

@test "the bundle is found, however runc is told of it" {
        local n=0 args spelling
        local spellings=(
                'run --bundle B I' 'run -b B I' 'run --bundle=B I' 'run --b=B I' 'run I --bundle B' 'run --keep=false I -b B'
                'run --bundle B -- I' 'run --no-pivot=false --no-new-keyring --bundle B --no-subreaper I'
                '--debug=false run --bundle B I' '-root S run --bundle B I' '-log=L --log-format=json run --bundle B I'
                '--rootless=auto --criu /bin/true -- run --bundle B I' '--root=S --systemd-cgroup=false run -pid-file P -b B I')
        make_probe
        for spelling in "${spellings[@]}" 'cwd run I' 'cwd -- run -- I'; do
                cp "$BATS_TEST_TMPDIR/before.json" "$bundle/config.json"
                read -ra args <<< "$spelling"
                args=("${args[@]/#B/$bundle}")
                args=("${args[@]/%=B/=$bundle}")
                args=("${args[@]/#I/$id-$n}")
                args=("${args[@]/%S/$state}")
                args=("${args[@]/%L/$BATS_TEST_TMPDIR/log}")
                args=("${args[@]/#P/$BATS_TEST_TMPDIR/pid}")
                if [ "${args[0]}" = cwd ]; then
                        cd "$bundle"
                        args=("${args[@]:1}")
                fi
                run confined "${args[@]}" < /dev/null
                expect_confined || fail "$spelling"
                n=$((n + 1))
        done
        [ "$n" -eq 15 ]
}

@test "--help that something follows is refused: a later --help=false takes it back" {
        local text
        make_probe
        for text in '--help --help=false' '-h -h=false' '--help'; do
                # shellcheck disable=SC2086 # words on purpose
                run with_policy docker-default run $text --bundle "$bundle" "$id"
                expect_refused || fail "$text"
        done
}

@test "what could be another bundle is refused: runc's and crun's options unknown, abbreviated, doubled, without value" {
        local spelling args n=0
        make_probe
        while IFS= read -r spelling; do
                read -ra args <<< "${spelling//BUNDLE/$bundle}"
                run confined "${args[@]}" < /dev/null
                expect_refused || fail "$spelling: $output"
                n=$((n + 1))
        done <<'END'
run --bund BUNDLE x
run --bundle BUNDLE --bundle /tmp x
run --bundle= x
run --bundle
run --bundle --pid-file x
run --pid-file --bundle BUNDLE
run -bundle BUNDLE x
run -b=BUNDLE x
run -bBUNDLE x
run -db BUNDLE x
run --bundle BUNDLE
run --bundle BUNDLE x y
run --bundle BUNDLE -- x --keep
run --bundle BUNDLE --config BUNDLE/config.json x
run --bundle BUNDLE -f config.json x
run --bundle BUNDLE x --help
run --bundle BUNDLE --new-option x
run --bundle BUNDLE --policy docker-default x
--new-option run --bundle BUNDLE x
--new-option=1 create --bundle BUNDLE x
--polcy docker-default run --bundle BUNDLE x
--log --debug run --bundle BUNDLE x
--rootless run --bundle BUNDLE x
--systemd-cgroup true run --bundle BUNDLE x
--help run --bundle BUNDLE x
-v create --bundle BUNDLE x
---root run --bundle BUNDLE x
END
        [ "$n" -eq 27 ]
}

@test "all other commands are the real runtime's, to the byte, and need no policy" {
        local args n=0 line
        while IFS= read -r line; do
                read -ra args <<< "$line"
                runc "${args[@]}" > "$BATS_TEST_TMPDIR/out" 2> "$BATS_TEST_TMPDIR/err" < /dev/null && status=0 || status=$?
                wrapper --runtime "$RUNC" --policy "$DIR/broken.jsonc" "${args[@]}" \
                        > "$BATS_TEST_TMPDIR/out.ours" 2> "$BATS_TEST_TMPDIR/err.ours" < /dev/null && ours=0 || ours=$?
                [ "$status" -eq "$ours" ] || fail "$line: $ours, not $status"
                diff "$BATS_TEST_TMPDIR/out" "$BATS_TEST_TMPDIR/out.ours"
                # runc's errors have the time in them, as text and as JSON
                sed -i -E 's/time="[^"]*"|"time":"[^"]*"//' "$BATS_TEST_TMPDIR"/err{,.ours}
                diff "$BATS_TEST_TMPDIR"/err{,.ours}
                n=$((n + 1))
        done <<'END'

--version
--help
-h
features
help create
create --help
run -h
state no-such-container
kill no-such-container KILL
delete --force no-such-container
exec no-such-container run
--new-option state x
no-such-command
--log-format json delete no-such-container
END
        [ "$n" -eq 15 ]
}

@test "the runtime gets environment, working directory, descriptors and signal mask as they came" {
        make_probe
        cd "$bundle"
        : > create
        # cat and ls in the runtime's place, told to look at themselves
        local at_start=/proc/self/status
        diff <(cat create $at_start | grep -E '^(Sig[^Q]|Shd|Umask)') \
                <(wrapper --runtime /bin/cat --policy docker-default create $at_start | grep -E '^(Sig[^Q]|Shd|Umask)')
        ! cmp -s "$BATS_TEST_TMPDIR/before.json" config.json || fail "it was not patched"
        # but for bash's own variable, the name of the program that it runs
        diff <(cat create /proc/self/environ | tr '\0' '\n' | grep -v '^_=') \
                <(wrapper --runtime /bin/cat --policy docker-default create /proc/self/environ | tr '\0' '\n' | grep -v '^_=')
        ls create /proc/self/fd > "$BATS_TEST_TMPDIR/fds"
        wrapper --runtime /bin/ls --policy docker-default create /proc/self/fd > "$BATS_TEST_TMPDIR/fds.ours"
        diff "$BATS_TEST_TMPDIR/fds" "$BATS_TEST_TMPDIR/fds.ours"
        # ls has none open but for its directory: nothing of ours fills a gap
        [ "$(wrapper --runtime /bin/ls --policy docker-default create /proc/self/fd <&- 2>&- | tr '\n' ' ')" = \
                "$(ls create /proc/self/fd <&- 2>&- | tr '\n' ' ')" ]
        [ "$(wrapper --runtime /bin/readlink --policy docker-default -- create /proc/self/cwd)" = "$bundle" ]
}

@test "a policy that is missing, broken or not given: refused, on stderr and in the log in runc's forms" {
        make_probe
        local log=$BATS_TEST_TMPDIR/log policy
        for policy in "$DIR/none.jsonc" "$DIR/broken.jsonc" no-such-policy none.jsonc; do
                rm -f "$log"
                run with_policy "$policy" --log "$log" --log-format json run --bundle "$bundle" "$id"
                expect_refused
                [ "$(wc -l < "$log")" -eq 1 ]
                jq -e --arg policy "$policy" --arg id "$id" --arg bundle "$bundle" '.level == "error" and (.time | fromdate) > 0 and
                        (.msg | contains($policy) and contains($id) and contains($bundle) and contains("refused"))' "$log"
                expect_line "$(jq -r .msg "$log")"
                run with_policy "$policy" --log="file:$log.text" create --bundle "$bundle" "$id"
                expect_refused
                grep -E '^time="[0-9T:-]+Z" level=error msg="seccompose-runtime: container .*refused' "$log.text"
        done
        with_policy "$DIR/broken.jsonc" run --bundle "$bundle" "$id" 2>&1 | grep -F "$DIR/broken.jsonc:1:26: error: no system call"
        run wrapper --runtime "$RUNC" --root "$state" run --bundle "$bundle" "$id"
        expect_refused
}

@test "a bundle that is not there, or whose config.json is broken or a link, is refused" {
        make_probe
        run confined run --bundle "$BATS_TEST_TMPDIR/none" "$id"
        [ "$status" -eq 1 ]
        mv "$bundle/config.json" "$bundle/other.json"
        ln -s other.json "$bundle/config.json"
        run confined run --bundle "$bundle" "$id"
        expect_refused
        rm "$bundle/config.json"
        head -c 100 "$bundle/other.json" | tee "$bundle/config.json" > "$BATS_TEST_TMPDIR/before.json"
        run confined run --bundle "$bundle" "$id"
        expect_refused
}

@test "the log's line is JSON whatever the names are" {
        make_probe
        local log=$BATS_TEST_TMPDIR/log
        run with_policy no-such-policy --log "$log" --log-format json run --bundle "$bundle" $'a"b\\c\nd\te\xff\x01\xc3\xa9'
        expect_refused
        [ "$(wc -l < "$log")" -eq 1 ]
        jq -e '.msg | contains("container a\"b\\c\\x0ad\\x09e\\xff\\x01\\xc3\\xa9,")' "$log" || fail "$(cat "$log")"
}

@test "--on-error ignore: runs without the policy, and says so as a warning" {
        make_probe
        local log=$BATS_TEST_TMPDIR/log
        run wrapper --runtime "$RUNC" --policy "$DIR/broken.jsonc" --on-error ignore --root "$state" --log "$log" \
                --log-format json run --bundle "$bundle" "$id" < /dev/null
        [ "$status" -eq 0 ]
        expect_line 'Seccomp: 0'
        expect_line "$(jq -r 'select(.level == "warning") | .msg' "$log")"
        [[ $output == *'WITHOUT the policy'* ]]
}

@test "the runtime: not there 127, not executable 126, none, relative or the wrapper itself 2" {
        local log=$BATS_TEST_TMPDIR/log self=$SC_BUILD/cmd/seccompose-runtime/seccompose-runtime
        status=0
        wrapper --runtime /no/such/runtime --log "$log" state x || status=$?
        [ "$status" -eq 127 ]
        grep 'No such file' "$log"
        run wrapper --runtime /etc/passwd state x
        [ "$status" -eq 126 ]
        ln -s "$self" "$BATS_TEST_TMPDIR/link"
        for args in "--policy docker-default" "--runtime runc" "--runtime ./runc" "--runtime $self" "--runtime $BATS_TEST_TMPDIR/link" \
                    "--runtime $RUNC --runtime $RUNC --bogus" "--runtime" "--runtime=" ""; do
                # shellcheck disable=SC2086 # words
                PATH=/usr/sbin:$PATH run wrapper $args
                [ "$status" -eq 2 ] || [[ $args == *bogus ]] || fail "$args: $status $output"
                [ -n "$output" ]
        done
}

@test "mistakes in the options refuse containers, and let the others be stopped" {
        local args
        make_probe
        for args in '--policy' '--policy=' '--policy --on-error=fail' '--on-error perhaps' '--policy stdio --policy stdio' \
                    '--config /no/such/file.jsonc' '--policy relative/path.jsonc'; do
                # shellcheck disable=SC2086 # words
                run wrapper --runtime "$RUNC" $args -- --root "$state" run --bundle "$bundle" "$id"
                expect_refused || fail "$args"
                # shellcheck disable=SC2086 # words
                run wrapper --runtime "$RUNC" $args -- --root "$state" list -q
                [ "$status" -eq 0 ] && [ -z "$output" ] || fail "$args: $output"
        done
}

@test "a misspelt option of ours refuses containers with a hint, also in the log, and lets the others be stopped" {
        local args word log=$BATS_TEST_TMPDIR/log n=0
        make_probe
        confined create --bundle "$bundle" "$id" > "$BATS_TEST_TMPDIR/out" 2>&1 < /dev/null 3>&-
        cp "$BATS_TEST_TMPDIR/before.json" "$bundle/config.json"
        while read -r word args; do
                rm -f "$log"
                # shellcheck disable=SC2086 # words
                run wrapper --runtime "$RUNC" $args --root "$state" --log "$log" --log-format json run --bundle "$bundle" "$id-2"
                expect_refused || fail "$args"
                expect_line "$(jq -r .msg "$log")"
                [[ $output == *"refused: there is no option '"*"' [bad-option]; did you mean '$word'?"* ]] || fail "$args: $output"
                # shellcheck disable=SC2086 # words
                run wrapper --runtime "$RUNC" $args --root "$state" state "$id"
                [ "$status" -eq 0 ] && [ "$(jq -r .status <<< "$output")" = created ] || fail "$args: $output"
                n=$((n + 1))
        done <<'END'
--combine --policy docker-default --combin intersect
--combine --combin=intersect --policy docker-default
--policy --polcy docker-default --
--on-error --on-eror --policy docker-default
--config --confg /etc/x.jsonc --policy docker-default
END
        [ "$n" -eq 5 ]
        wrapper --runtime "$RUNC" --combin intersect --root "$state" delete --force "$id"
        run runc --root "$state" state "$id"
        [ "$status" -eq 1 ]
        # the one that would have named the runtime: nobody else is asked for it
        run wrapper --runtme "$RUNC" --root "$state" state "$id"
        [ "$status" -eq 2 ]
        [[ $output == *"did you mean '--runtime'?"* ]] || fail "$output"
}

@test "a misspelt option of the runtime's, and what is near no option, are the runtime's" {
        local arg
        for arg in --new-option --rooot --rootles --systemd --bogus=1 --; do
                [ "$(wrapper --runtime /bin/echo --policy docker-default "$arg" x y)" = "$([ "$arg" = -- ] || echo "$arg ")x y" ] ||
                        fail "$arg"
        done
}

@test "--help without settings: usage, and what to give" {
        ln -s "$SC_BUILD/cmd/seccompose-runtime/seccompose-runtime" "$BATS_TEST_TMPDIR/no-settings-here"
        run "$BATS_TEST_TMPDIR/no-settings-here" --help
        [ "$status" -eq 2 ]
        [[ $output == *'Usage: seccompose-runtime '*'/etc/seccompose/no-settings-here.jsonc cannot be read'*'give --runtime PATH'* ]] ||
                fail "$output"
}

# settings TEXT: a file of settings for --config.
settings() {
        config=$BATS_TEST_TMPDIR/etc/wrapper.jsonc
        mkdir -p "${config%/*}"
        printf '%s\n' "$1" > "$config"
}

good_settings() {
        settings "{ \"runtime\": \"$RUNC\", // the real one
                \"policy\": \"docker-default\" }"
}

@test "settings from a file; options win" {
        make_probe
        good_settings
        run wrapper --config "$config" --root "$state" run --bundle "$bundle" "$id" < /dev/null
        expect_confined
        run wrapper --policy complain --config="$config" --root "$state" run --bundle "$bundle" "$id" < /dev/null
        expect_line 'unshare 0 -'
        status=0
        wrapper --config "$config" --runtime /no/such state "$id" || status=$?
        [ "$status" -eq 127 ]
}

@test "settings: what is wrong has its place, and refuses" {
        local text n=0
        make_probe
        while IFS=$'\t' read -r where text; do
                settings "{ \"runtime\": \"$RUNC\",
                $text }"
                run wrapper --config "$config" --root "$state" run --bundle "$bundle" "$id"
                [[ $output == *"$config:2:$where: "* ]] || fail "$text: $output"
                expect_refused || [ "$status" -eq 2 ] || fail "$text"
                n=$((n + 1))
        done <<'END'
17	"polcy": "docker-default"
17	"Policy": "docker-default"
17	"config": "/etc/x"
27	"policy": 7
27	"policy": ["docker-default"]
27	"policy": null
27	"policy": ""
27	"policy": "docker\u0000default"
56	"policy": "stdio", "on-error": "fail", "policy": "stdio"
17	x
END
        [ "$n" -eq 10 ]
        settings '[]'
        run wrapper --config "$config" state x
        [ "$status" -eq 2 ]
}

@test "settings that others could have written are not used" {
        local etc
        make_probe
        # distrusted TEXT COMMAND…: after the command they are not, and the reason has TEXT in it.
        distrusted() {
                local text=$1
                shift
                rm -rf "${BATS_TEST_TMPDIR:?}"/{etc,elsewhere}
                good_settings
                etc=${config%/*}
                wrapper --config "$config" --root "$state" list -q || fail "$config is not used as it is" || return
                "$@"
                run wrapper --config "$config" --root "$state" run --bundle "$bundle" "$id"
                [ "$status" -eq 2 ] || fail "$*: $output" || return
                [[ $output == *"$text"*'[untrusted-file]'* ]] || fail "$*: $output"
        }
        move_and_link() {
                mv "$1" "$BATS_TEST_TMPDIR/elsewhere"
                ln -s "$BATS_TEST_TMPDIR/elsewhere" "$1"
        }
        make_fifo() {
                rm "$1"
                mkfifo "$1"
        }
        etc=$BATS_TEST_TMPDIR/etc config=$etc/wrapper.jsonc
        distrusted "$config can be written by others" chmod g+w "$config"
        distrusted "$config can be written by others" chmod o+w "$config"
        distrusted "$config belongs to another user" chown nobody "$config"
        distrusted "$config is a symbolic link" move_and_link "$config"
        distrusted "$config is no regular file" make_fifo "$config"
        distrusted "$etc can be written by others" chmod g+w "$etc"
        distrusted "$etc can be written by others" chmod o+w "$etc"
        distrusted "$etc belongs to another user" chown nobody "$etc"
        distrusted "$etc is a symbolic link" move_and_link "$etc"
        for path in etc/wrapper.jsonc "$config/" "$etc" /; do
                run wrapper --config "$path" state x
                [ "$status" -eq 2 ] || fail "$path: $output"
        done
}

# in_etc NAME TEXT COMMAND…: runs the command where /etc/seccompose/NAME.jsonc has that text; elsewhere /etc stays as it is.
in_etc() {
        local name=$1 text=$2
        shift 2
        cp -a /etc "$BATS_TEST_TMPDIR/etc"
        mkdir -p "$BATS_TEST_TMPDIR/etc/seccompose"
        printf '%s\n' "$text" > "$BATS_TEST_TMPDIR/etc/seccompose/$name.jsonc"
        unshare --mount --propagation private sh -c 'mount --bind "$0" /etc && exec "$@"' "$BATS_TEST_TMPDIR/etc" "$@"
}

@test "the file in /etc has the name that the program was called by; it is not read if an option is given" {
        local text='{ "runtime": "/usr/sbin/runc", "policy": "docker-default" }' self=$SC_BUILD/cmd/seccompose-runtime/seccompose-runtime
        make_probe
        ln -s "$self" "$BATS_TEST_TMPDIR/second"
        run in_etc second "$text" "$BATS_TEST_TMPDIR/second" --root "$state" run --bundle "$bundle" "$id" < /dev/null
        expect_confined
        rm -r "${BATS_TEST_TMPDIR:?}/etc"
        run in_etc second "$text" "$self" state x
        [ "$status" -eq 2 ]
        [[ $output == *'no-settings'*seccompose-runtime.jsonc* || $output == */etc/seccompose/seccompose-runtime.jsonc* ]] || fail "$output"
        rm -r "${BATS_TEST_TMPDIR:?}/etc"
        run in_etc second "$text" "$BATS_TEST_TMPDIR/second" --policy docker-default state x
        [ "$status" -eq 2 ]
}

# crun_confined ARGUMENT…: the wrapper over crun, which takes no hybrid cgroup hierarchy.
crun_confined() {
        timeout -k 5 60 unshare --mount --propagation private sh -c '
                umount -l -R /sys/fs/cgroup && mount -t tmpfs none /sys/fs/cgroup && exec "$@"' sh \
                "$SC_BUILD/cmd/seccompose-runtime/seccompose-runtime" --runtime /usr/bin/crun --policy docker-default -- \
                --root "$state" --cgroup-manager=disabled "$@" < /dev/null
}

@test "crun: confined" {
        make_probe
        run crun_confined run -b "$bundle" --no-new-keyring "$id"
        crun --root "$state" delete --force "$id" > "$BATS_TEST_TMPDIR/delete.log" 2>&1 || true
        expect_confined
}

@test "crun: the bundle is found, however crun is told of it, or crun refuses" {
        local spelling args n=0
        make_probe
        for spelling in 'run --bundle B I' 'run -b B I' 'run --bundle=B I' 'run --b B I' 'run -b B -- I' 'run I --bundle B' \
                        '--log file:L --log-format json run --bundle B I' 'run --d=x --bundle B I'; do
                cp "$BATS_TEST_TMPDIR/before.json" "$bundle/config.json"
                read -ra args <<< "$spelling"
                args=("${args[@]/%B/$bundle}")
                args=("${args[@]/#I/$id-$n}")
                run crun_confined "${args[@]/%L/$BATS_TEST_TMPDIR/log}"
                case $spelling in
                        *--d=x* | 'run I'*) [ "$status" -ne 0 ] && refuse_line '^Seccomp' ;;
                        *) expect_confined || fail "$spelling" ;;
                esac
                n=$((n + 1))
        done
        [ "$n" -eq 8 ]
}

# random_arguments N: words that a create might have, in an order that it would not, in the array `args`.
random_arguments() {
        local words=("--bundle $bundle" "-b $bundle.other" "--bundle=$bundle" "-bundle $bundle" "--b=$bundle.other" -- I I I \
                "--bundle $bundle" "-b$bundle.other" --no-pivot=false --keep --detach -d "--pid-file $BATS_TEST_TMPDIR/pid" \
                "-pid-file=$BATS_TEST_TMPDIR/pid" "--preserve-fds 0" --no-new-keyring "$bundle" --bundle --help "--bund=$bundle")
        local globals=(--debug=false "--root $state" "-root=$state" "--log $BATS_TEST_TMPDIR/log" --rootless=auto -- --rootless)
        local i line=
        for ((i = RANDOM % 3; i > 0; i--)); do
                line+=" ${globals[RANDOM % ${#globals[@]}]}"
        done
        line+=' run'
        for ((i = RANDOM % 4; i > 0; i--)); do
                line+=" ${words[RANDOM % ${#words[@]}]}"
        done
        ((RANDOM % 4 == 0)) || line+=' I'
        ((RANDOM % 4 != 0)) || line+=" ${words[RANDOM % ${#words[@]}]}"
        read -ra args <<< "$line"
        args=("${args[@]/#I/$id-$1}")
}

# never_free COMMAND: with random arguments and three bundles to take for one another, nothing runs that is not confined.
# Seed 60 has a container that is called "-d".
never_free() {
        local args n ran=0 dir count=150 seed=${SC_SEED-60}
        [ -z "${SC_WORLD-}" ] || count=600
        echo "# seed $seed" >&3
        make_probe
        cp -r "$bundle" "$bundle.other"
        cp -r "$bundle" "$bundle.here"
        cd "$bundle.here" || return
        RANDOM=$seed
        for ((n = 0; n < count; n++)); do
                for dir in "$bundle"{,.other,.here}; do
                        cp "$BATS_TEST_TMPDIR/before.json" "$dir/config.json"
                done
                random_arguments "$n"
                run "$1" "${args[@]}" < /dev/null
                refuse_line '^Seccomp: 0' || fail "${args[*]}" || return
                ! grep -qx 'Seccomp: 2' <<< "$output" || ran=$((ran + 1))
        done
        echo "# $ran of $n ran, confined" >&3
        [ "$ran" -ge $((n / 20)) ]
}

# delete_all RUNTIME: every container in the test's state. Behind "--" a word like "-d" is a container's name.
delete_all() {
        local name names
        names=$("$1" --root "$state" list -q)
        for name in $names; do
                "$1" --root "$state" delete --force -- "$name"
        done
}

@test "runc: random arguments never start a container without the policy" {
        never_free confined
        delete_all runc
}

@test "crun: random arguments never start a container without the policy" {
        never_free crun_confined
        delete_all crun
}

@test "docker: confined inside, where docker was told to leave it unconfined" {
        run docker_run --security-opt seccomp=unconfined -- probe-calls keyctl setns unshare clone3
        expect_line 'Seccomp: 0'
        run docker_run --runtime confined --security-opt seccomp=unconfined -- probe-calls keyctl setns unshare clone3
        expect_confined
        run docker_run --runtime confined -- sh -c 'exit 5'
        [ "$status" -eq 5 ]
}

@test "docker: a container with a terminal, detached, stopped, and run in again" {
        local name=seccompose-$RANDOM pid
        docker run -d -t --network none --name "$name" --runtime confined world sh -c 'trap "exit 3" TERM; echo ready; while :; do busybox sleep 0.1; done'
        ready() { docker logs "$name" | grep -q ready; }
        wait_until 'it is not ready' ready
        pid=$(docker inspect -f '{{.State.Pid}}' "$name")
        grep -qx $'Seccomp:\t2' "/proc/$pid/status"
        run docker exec "$name" probe-calls unshare
        expect_line 'unshare -1 EPERM'
        docker stop -t 60 "$name"
        [ "$(docker inspect -f '{{.State.ExitCode}}' "$name")" -eq 3 ]
        docker start "$name"
        grep -qx $'Seccomp:\t2' "/proc/$(docker inspect -f '{{.State.Pid}}' "$name")/status"
        docker rm -f "$name"
}

@test "docker: refused with the reason in docker's own words, if the policy is missing or broken" {
        run docker_run --runtime missing -- probe-calls unshare
        [ "$status" -ne 0 ]
        refuse_line '^Seccomp'
        [[ $output == *'seccompose-runtime: container '*refused*"$DIR/none.jsonc"* ]] || fail "$output"
        run docker_run --runtime broken -- probe-calls unshare
        [ "$status" -ne 0 ]
        refuse_line '^Seccomp'
        [[ $output == *"broken.jsonc:1:26: error: no system call named 'no-such-call'"* ]] || fail "$output"
}

@test "docker: --on-error=ignore runs it" {
        run docker_run --runtime ignoring --security-opt seccomp=unconfined -- probe-calls unshare
        [ "$status" -eq 0 ]
        expect_line 'Seccomp: 0'
}

# podman_run POLICY OPTION… -- COMMAND…: with the wrapper as runtime, set up by a file.
podman_run() {
        local policy=$1 options=()
        shift
        while [ "$1" != -- ]; do
                options+=("$1")
                shift
        done
        shift
        rm -rf "${BATS_TEST_TMPDIR:?}/etc"
        in_etc seccompose-runtime "{ \"runtime\": \"$RUNC\", \"policy\": \"$policy\" }" \
                timeout -k 5 60 podman --root "$DIR/store" --runroot "$DIR/run" --storage-driver vfs --cgroup-manager cgroupfs \
                --runtime "$SC_BUILD/cmd/seccompose-runtime/seccompose-runtime" run --rm --network none \
                --ulimit nofile=1024:1024 --ulimit nproc=1024:1024 "${options[@]}" --rootfs "$DIR/rootfs" "$@" < /dev/null
}

@test "podman: confined inside, where podman was told to leave it unconfined" {
        run podman_run docker-default --security-opt seccomp=unconfined -- probe-calls keyctl setns unshare clone3
        expect_confined
        run podman_run docker-default -- sh -c 'exit 5'
        [ "$status" -eq 5 ]
}

@test "podman: refused with the reason in podman's own words" {
        run podman_run "$DIR/broken.jsonc" -- probe-calls unshare
        [ "$status" -ne 0 ]
        refuse_line '^Seccomp'
        [[ $output == *"no system call named 'no-such-call'"* ]] || fail "$output"
}
