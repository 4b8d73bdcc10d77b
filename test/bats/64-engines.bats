#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The samples as they are installed, under the engines that they are for: what they start is confined, or refused.

setup_file() {
        load lib/world
        load lib/machine
        load lib/docker
        need podman runc crun containerd ctr busybox jq
        export DIR=$BATS_FILE_TMPDIR
        rootfs_make "$DIR/rootfs"
        machine_start "$DIR/machine"
        machine_podman "$DIR/rootfs"
        install_sample docker/daemon.json docker/daemon.json
        install_sample containerd/config.toml containerd/config.toml
        # the one setting that is this machine's need: it has no CAP_SYS_RESOURCE
        printf '[plugins."io.containerd.grpc.v1.cri"]\n  restrict_oom_score_adj = true\n' >> "$MACHINE_DIR/etc/containerd/config.toml"
        install_sample runtime/seccompose-runtime.jsonc seccompose/seccompose-runtime.jsonc
        export DOCKER_CONFIG_FILE=/etc/docker/daemon.json
        docker_start "$DIR/rootfs"
        containerd_start
        pause_image
}

teardown_file() {
        load lib/docker
        load lib/machine
        docker_stop
        [ -z "${CONTAINERD_PID-}" ] || kill "$CONTAINERD_PID"
        machine_stop
}

setup() {
        load lib/world
        load lib/machine
        load lib/docker
        HOOKS=$(dirname "$(sample podman/seccompose.json)")
        name=seccompose-$BATS_TEST_NUMBER-$RANDOM
        bundle=$BATS_TEST_TMPDIR/bundle
}

# install_sample SAMPLE FILE: as an administrator would, into the machine's /etc.
install_sample() {
        mkdir -p "$MACHINE_DIR/etc/$(dirname "$2")"
        machine cp "$(sample "$1")" "/etc/$2"
}

# changed_sample SAMPLE FILTER: a sample that jq has changed, in this test's directory of the same name.
changed_sample() {
        mkdir -p "$BATS_TEST_TMPDIR/$(dirname "$1")"
        jq "$2" "$MACHINE_DIR/tree$(sample "$1")" > "$BATS_TEST_TMPDIR/$1"
}

containerd_start() {
        machine_spawn containerd > "$MACHINE_DIR/containerd.log" 2>&1 < /dev/null 3>&-
        export CONTAINERD_PID=$MACHINE_SPAWNED
        wait_until 'containerd did not start' machine ctr version > "$MACHINE_DIR/ctr.log" 2>&1 ||
                fail "$(tail -n 5 "$MACHINE_DIR/containerd.log")"
}

# The image of which containerd makes pods, by the name that it asks for.
pause_image() {
        local image
        image=$(machine containerd config dump | sed -n 's/^ *sandbox_image = "\(.*\)"$/\1/p')
        { tar -C "$DIR/rootfs" -c . | machine podman import --change 'ENTRYPOINT ["/bin/busybox", "sleep", "60"]' - "$image" &&
                machine podman save --format docker-archive -o /var/tmp/pause.tar "$image" &&
                machine ctr -n k8s.io images import /var/tmp/pause.tar; } > "$MACHINE_DIR/pause.log" 2>&1 ||
                fail "pause image: $(cat "$MACHINE_DIR/pause.log")"
}

# podman_run OPTION… COMMAND…: with the sample among its hooks; HOOKS may be another directory.
podman_run() {
        machine podman --hooks-dir "$HOOKS" run --rm "${@:1:$#-1}" docker.io/library/busybox sh -c "${!#}" < /dev/null
}

podman_probe() {
        podman_run "$@" 'probe-calls keyctl setns unshare clone3'
}

expect_confined() {
        [ "$status" -eq 0 ] || fail "$output" || return
        expect_line 'Seccomp: 2' || return
        expect_line 'keyctl -1 EPERM' || return
        expect_line 'setns -1 EPERM' || return
        expect_line 'unshare -1 EPERM' || return
        expect_line 'clone3 -1 ENOSYS'
}

expect_refused() {
        [ "$status" -ne 0 ] || fail "it ran: $output" || return
        refuse_line '^Seccomp:'
}

# expect_filtered PID N: the kernel's word on a container's process, from outside.
expect_filtered() {
        grep -qx $'Seccomp:\t2' "/proc/$1/status" || fail "$(grep Seccomp "/proc/$1/status")" || return
        grep -qx $'Seccomp_filters:\t'"$2" "/proc/$1/status" || fail "$(grep Seccomp "/proc/$1/status")"
}

# A profile that a user might bring.
no_getpid() {
        printf '{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [%s]}\n' \
                '{"names": ["getpid"], "action": "SCMP_ACT_ERRNO", "errnoRet": 11}' > "$BATS_TEST_TMPDIR/no-getpid.json"
}

last_log() {
        tail -n 1 "$MACHINE_DIR/var/log/seccompose.log"
}

@test "podman: without the hook, its own profile lets calls through that ours denies" {
        HOOKS=$DIR podman_run 'probe-calls keyctl setns unshare' > "$BATS_TEST_TMPDIR/out"
        grep -qx 'unshare 0 -' "$BATS_TEST_TMPDIR/out"
}

@test "podman: the sample confines, as seen from inside; the log says so" {
        run podman_probe
        expect_confined
        [ "$(last_log | jq -r .level)" = info ]
        [[ $(last_log) == *'policy docker-default: it gets the policy'* ]]
}

@test "podman: finds the hook by the other sample, and no hook without it" {
        run machine podman run --rm docker.io/library/busybox probe-calls unshare < /dev/null
        expect_line 'unshare 0 -'
        install_sample podman/seccompose.json seccompose/hooks.d/seccompose.json
        install_sample podman/seccompose.conf containers/containers.conf.d/seccompose.conf
        run machine podman run --rm docker.io/library/busybox probe-calls keyctl setns unshare clone3 < /dev/null
        rm "$MACHINE_DIR/etc/containers/containers.conf.d/seccompose.conf"
        expect_confined
}

@test "podman: the sample confines, as seen from outside: one filter" {
        machine podman --hooks-dir "$HOOKS" run -d --name "$name" docker.io/library/busybox busybox sleep 60 \
                > "$BATS_TEST_TMPDIR/id" 2>&1 < /dev/null 3>&-
        expect_filtered "$(machine podman inspect -f '{{.State.Pid}}' "$name")" 1
        run machine podman exec "$name" probe-calls keyctl setns unshare clone3
        expect_confined
        machine podman rm -f -t 0 "$name"
}

# values CODE FILE: what Python makes of the config, with every digit of its numbers, after CODE has changed `c`.
values() {
        python3 -c 'import json, sys
c = json.load(open(sys.argv[2]))
exec(sys.argv[1])
print(json.dumps(c, indent=1, sort_keys=True))' "$1" "$2"
}

@test "podman: what it writes anew has the values that it had, but for linux.seccomp, which is the hook's" {
        local config others ours
        machine podman create --name "$name" docker.io/library/busybox busybox true
        machine podman start -a "$name"
        config=$(machine podman inspect -f '{{.OCIConfigPath}}' "$name")
        machine cat "$config" > "$BATS_TEST_TMPDIR/before.json"
        machine podman --hooks-dir "$HOOKS" start -a "$name"
        machine cat "$config" > "$BATS_TEST_TMPDIR/after.json"
        machine podman rm "$name"
        # podman puts its mounts into another order at every start, and writes an empty object if it has read hooks
        others='del c["linux"]["seccomp"]; c["mounts"].sort(key=str); c.setdefault("hooks", {})'
        diff <(values "$others" "$BATS_TEST_TMPDIR/before.json") <(values "$others" "$BATS_TEST_TMPDIR/after.json")
        hook precreate --policy docker-default --combine intersect < "$BATS_TEST_TMPDIR/before.json" > "$BATS_TEST_TMPDIR/hook.json"
        # it leaves out a valueTwo of 0
        ours='c = c["linux"]["seccomp"]; [a.setdefault("valueTwo", 0) for r in c["syscalls"] for a in r.get("args", [])]'
        diff <(values "$ours" "$BATS_TEST_TMPDIR/hook.json") <(values "$ours" "$BATS_TEST_TMPDIR/after.json")
        [ "$(jq -S .linux.seccomp "$BATS_TEST_TMPDIR/before.json")" != "$(jq -S .linux.seccomp "$BATS_TEST_TMPDIR/after.json")" ]
}

@test "podman: a profile of the user's stays as strict as it was, and ours comes on top" {
        no_getpid
        run podman_run --security-opt "seccomp=$BATS_TEST_TMPDIR/no-getpid.json" 'probe-calls getpid unshare'
        [ "$status" -eq 0 ] || fail "$output"
        expect_line 'getpid -1 EAGAIN'
        expect_line 'unshare -1 EPERM'
}

@test "podman: the sample leaves --privileged and seccomp=unconfined alone" {
        for option in --privileged --security-opt=seccomp=unconfined; do
                run podman_probe "$option"
                [ "$status" -eq 0 ]
                expect_line 'Seccomp: 0'
                [[ $(last_log) == *'left alone: it came without a profile'* ]]
        done
}

@test "podman: refused if the policy is missing or broken; podman says by whom, the log why" {
        printf '{ "rules": [ { "allow": ["no-such-call"] } ] }\n' > "$BATS_TEST_TMPDIR/broken.jsonc"
        for policy in "$BATS_TEST_TMPDIR/none.jsonc" "$BATS_TEST_TMPDIR/broken.jsonc"; do
                changed_sample podman/seccompose.json ".hook.args[3] = \"$policy\""
                HOOKS=$BATS_TEST_TMPDIR/podman run podman_probe
                expect_refused
                [[ $output == *"[seccompose-hook precreate --policy $policy "*'exit status 2'* ]] || fail "$output"
                [ "$(last_log | jq -r .level)" = error ]
                [[ $(last_log) == *"policy $policy: refused: "* ]] || fail "$(last_log)"
        done
        grep -q "broken.jsonc:1:26: error: no system call named 'no-such-call'" "$MACHINE_DIR/var/log/seccompose.log"
}

@test "podman: createRuntime refuses every start, and names precreate" {
        changed_sample podman/seccompose.json '.stages = ["createRuntime"] | .hook.args[1] = "createRuntime"'
        machine podman --hooks-dir "$BATS_TEST_TMPDIR/podman" create --name "$name" docker.io/library/busybox probe-calls unshare
        for ((n = 0; n < 3; n++)); do
                run machine podman --hooks-dir "$BATS_TEST_TMPDIR/podman" start -a "$name"
                expect_refused
                [[ $output == *'created without the policy'*precreate* ]] || fail "$output"
        done
        machine podman rm "$name"
}

# The containers of `podman build` get no precreate hooks: what docs/engines/podman.md says.
@test "podman build: not confined" {
        mkdir "$BATS_TEST_TMPDIR/context"
        printf 'FROM docker.io/library/busybox\nRUN ["/bin/probe-calls", "unshare"]\n' > "$BATS_TEST_TMPDIR/context/Containerfile"
        run machine podman --hooks-dir "$HOOKS" build --isolation oci --no-cache "$BATS_TEST_TMPDIR/context"
        [ "$status" -eq 0 ] || fail "$output"
        expect_line 'unshare 0 -'
}

@test "docker: the sample confines every container, as seen from inside and outside" {
        local pid
        run docker_run -- probe-calls keyctl setns unshare clone3 600
        expect_confined
        docker run -d --network none --name "$name" world busybox sleep 60 > "$BATS_TEST_TMPDIR/id"
        pid=$(docker inspect -f '{{.State.Pid}}' "$name")
        expect_filtered "$pid" 1
        [ "$(docker inspect -f '{{.HostConfig.Runtime}}' "$name")" = seccompose ]
        docker rm -f "$name"
}

@test "docker: io_uring_setup, which docker's own profile lets through, is gone" {
        run docker_run --runtime runc -- probe-calls 425
        expect_line '425 -1 EFAULT'
        run docker_run -- probe-calls 425
        expect_line '425 -1 ENOSYS'
}

@test "docker: a profile of the user's stays as strict as it was, and ours comes on top" {
        no_getpid
        run docker_run --security-opt "seccomp=$BATS_TEST_TMPDIR/no-getpid.json" -- probe-calls getpid unshare
        expect_line 'getpid -1 EAGAIN'
        expect_line 'unshare -1 EPERM'
}

@test "docker: the sample leaves seccomp=unconfined alone" {
        run docker_run --security-opt seccomp=unconfined -- probe-calls unshare
        expect_line 'Seccomp: 0'
}

@test "docker: refused if the policy is missing or broken, with the reason in docker's words; and mended by a reload" {
        local config=$MACHINE_DIR/etc/docker/daemon.json
        printf '{ "rules": [ { "allow": ["no-such-call"] } ] }\n' > "$BATS_TEST_TMPDIR/broken.jsonc"
        for policy in "$BATS_TEST_TMPDIR/none.jsonc" "$BATS_TEST_TMPDIR/broken.jsonc"; do
                changed_sample docker/daemon.json ".runtimes.seccompose.runtimeArgs[3] = \"$policy\""
                cp "$BATS_TEST_TMPDIR/docker/daemon.json" "$config"
                docker_reload
                run docker_run -- probe-calls unshare
                expect_refused
                [[ $output == *"seccompose-runtime: container "*"policy $policy: refused: "* ]] || fail "$output"
        done
        [[ $output == *"broken.jsonc:1:26: error: no system call named 'no-such-call'"* ]] || fail "$output"
        install_sample docker/daemon.json docker/daemon.json
        docker_reload
        run docker_run -- probe-calls keyctl setns unshare clone3
        expect_confined
}

# The daemon reads its file again, and says so.
docker_reload() {
        local before
        before=$(grep -c 'Reloaded configuration' "$DOCKER_DIR/log") || true
        kill -HUP "$(cat "$DOCKER_DIR/pid")"
        reloaded() { [ "$(grep -c 'Reloaded configuration' "$DOCKER_DIR/log")" -gt "$before" ]; }
        wait_until 'dockerd did not reload' reloaded || fail "$(tail -n 3 "$DOCKER_DIR/log")"
}

# BuildKit starts runc itself: what docs/engines/docker.md says.
@test "docker build: not by the wrapper under BuildKit" {
        mkdir "$BATS_TEST_TMPDIR/context"
        printf 'FROM world\nRUN ["/bin/probe-calls", "425"]\n' > "$BATS_TEST_TMPDIR/context/Dockerfile"
        DOCKER_BUILDKIT=1 run docker build --network none --no-cache --progress plain "$BATS_TEST_TMPDIR/context"
        [ "$status" -eq 0 ] || fail "$output"
        [[ $output == *'425 -1 EFAULT'* ]] || fail "$output"
        DOCKER_BUILDKIT=0 run docker build --network none --no-cache "$BATS_TEST_TMPDIR/context"
        [[ $output == *'425 -1 ENOSYS'* ]] || fail "$output"
}

# runc_bundle COMMAND…: a bundle with the sample in its config.json.
runc_bundle() {
        bundle_make "$bundle" "$DIR/rootfs" "$@"
        jq -s '.[0] * .[1]' "$bundle/config.json" "$MACHINE_DIR/tree$(sample runc/config.json)" > "$BATS_TEST_TMPDIR/merged.json"
        cp "$BATS_TEST_TMPDIR/merged.json" "$bundle/config.json"
}

# lasting_bundle RUN MESSAGE: with the sample in config.json, RUN's first start is refused with the message, all later
# ones are confined.
lasting_bundle() {
        runc_bundle probe-calls keyctl setns unshare clone3
        run machine_function "$1" "$bundle"
        expect_refused
        [[ $output == *"$2"* ]] || fail "$output"
        diff <(jq -S 'del(.linux.seccomp)' "$BATS_TEST_TMPDIR/merged.json") <(jq -S 'del(.linux.seccomp)' "$bundle/config.json")
        for ((n = 0; n < 2; n++)); do
                run machine_function "$1" "$bundle"
                expect_confined
        done
}

# broken_bundle RUN MESSAGE: refused for ever, with the message, and the file stays as it is.
broken_bundle() {
        runc_bundle probe-calls unshare
        sed -i 's/"docker-default"/"\/nowhere.jsonc"/' "$bundle/config.json"
        cp "$bundle/config.json" "$BATS_TEST_TMPDIR/broken.json"
        for ((n = 0; n < 2; n++)); do
                run machine_function "$1" "$bundle"
                expect_refused
                [[ $output == *"$2"* ]] || fail "$output"
        done
        cmp "$BATS_TEST_TMPDIR/broken.json" "$bundle/config.json"
}

@test "runc: the sample in a lasting bundle: the first start refused, later ones confined" {
        lasting_bundle runc_run 'start it again'
}

@test "runc: the sample confines, as seen from outside: one filter" {
        runc_bundle busybox sleep 60
        seccompose patch "$bundle" --policy docker-default
        sleep 0.02
        machine runc --root "$bundle/state" run -d --bundle "$bundle" --pid-file "$bundle/pid" "$name" \
                > "$bundle/out" 2>&1 < /dev/null 3>&-
        expect_filtered "$(cat "$bundle/pid")" 1
        machine runc --root "$bundle/state" delete --force "$name"
}

@test "runc: refused every time if the policy is missing" {
        broken_bundle runc_run 'refused: /nowhere.jsonc cannot be read'
}

# crun says nothing of what a hook says but its status.
@test "crun: the sample in a lasting bundle: the first start refused, later ones confined" {
        lasting_bundle crun_run "seccompose-hook\` (exit code: 1)"
}

@test "crun: refused every time if the policy is missing" {
        broken_bundle crun_run "seccompose-hook\` (exit code: 2)"
}

# ctr_run COMMAND…: as containerd's runtime v2 does with options.BinaryName.
ctr_run() {
        local binary
        binary=$(machine containerd config dump | sed -n 's/^ *BinaryName = "\(.*seccompose.*\)"$/\1/p')
        machine ctr run --rm --runtime io.containerd.runc.v2 --runc-binary "$binary" --rootfs "$DIR/rootfs" "$name" "$@" < /dev/null
}

@test "containerd: takes the sample, and its wrapper as runtime" {
        run machine containerd config dump
        expect_line "            BinaryName = \"$MACHINE_PREFIX/libexec/seccompose/seccompose-runtime\""
        run machine ctr plugins ls
        grep -E '^io.containerd.grpc.v1 +cri +linux/amd64 +ok' <<< "$output" || fail "$output"
}

@test "containerd: confined with the samples, as seen from inside and outside; without them not" {
        run machine ctr run --rm --rootfs "$DIR/rootfs" "$name" /bin/probe-calls unshare < /dev/null
        expect_line 'Seccomp: 0'
        run ctr_run /bin/probe-calls keyctl setns unshare clone3
        expect_confined
        machine ctr run -d --runc-binary "$MACHINE_PREFIX/libexec/seccompose/seccompose-runtime" --rootfs "$DIR/rootfs" \
                "$name" /bin/busybox sleep 60 < /dev/null 3>&-
        expect_filtered "$(machine ctr task ls | awk -v name="$name" '$1 == name { print $2 }')" 1
        machine ctr task rm --force "$name"
        machine ctr container rm "$name"
}

cri_pod() {
        machine "$SC_SOURCE/test/tools/cri-pod" "$@"
}

# pod_pid ID
pod_pid() {
        machine ctr -n k8s.io task ls | awk -v id="$1" '$1 == id { print $2 }'
}

@test "containerd: a pod with the sample's handler is confined, one with runc's is not" {
        local pod
        pod=$(cri_pod run "$name" seccompose)
        expect_filtered "$(pod_pid "$pod")" 1
        cri_pod remove "$pod"
        pod=$(cri_pod run "$name-runc" runc)
        grep -qx $'Seccomp:\t0' "/proc/$(pod_pid "$pod")/status"
        cri_pod remove "$pod"
}

@test "containerd: refused if the settings' policy is missing, with the reason in ctr's words and in the answer to Kubernetes" {
        sed -i 's/"docker-default"/"\/nowhere.jsonc"/' "$MACHINE_DIR/etc/seccompose/seccompose-runtime.jsonc"
        run ctr_run /bin/probe-calls unshare
        expect_refused
        [[ $output == *'seccompose-runtime: container '*'refused: /nowhere.jsonc cannot be read'* ]] || fail "$output"
        run cri_pod run "$name" seccompose
        [ "$status" -ne 0 ]
        [[ $output == *'seccompose-runtime: container '*'refused: /nowhere.jsonc cannot be read'* ]] || fail "$output"
        install_sample runtime/seccompose-runtime.jsonc seccompose/seccompose-runtime.jsonc
        run ctr_run /bin/probe-calls keyctl setns unshare clone3
        expect_confined
}
