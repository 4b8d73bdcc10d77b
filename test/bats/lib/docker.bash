# SPDX-License-Identifier: Apache-2.0
# Debian's dockerd, started for one test file with everything it writes in one directory, and stopped after it.

# Not `docker` alone: another vendor's client may come first in PATH.
docker() {
        DOCKER_HOST=unix://$DOCKER_DIR/sock DOCKER_CONFIG=$DOCKER_DIR/client timeout -k 5 120 /usr/bin/docker "$@" < /dev/null
}

# The daemon gets mounts of its own: /run and /opt, where it and containerd leave files, are empty ones that vanish
# with it. The time limit is a last resort, should the test be killed before it can stop the daemon.
docker_spawn() {
        local config=${DOCKER_CONFIG_FILE-$DOCKER_DIR/daemon.json}
        [ -n "${DOCKER_CONFIG_FILE-}" ] || cat > "$config" <<END
{ "deprecated-key-path": "$DOCKER_DIR/key.json", "runtimes": ${DOCKER_RUNTIMES-null} }
END
        # shellcheck disable=SC2086 # words, or nothing
        timeout -k 20 3600 ${MACHINE_PID:+nsenter --mount=/proc/$MACHINE_PID/ns/mnt} unshare --mount --propagation private sh -c '
                mount -t tmpfs none /run && mount -t tmpfs none /opt && exec "$@"' sh \
                /usr/sbin/dockerd --config-file "$config" \
                --data-root "$DOCKER_DIR/data" --exec-root "$DOCKER_DIR/exec" --pidfile "$DOCKER_DIR/pid" \
                --host "unix://$DOCKER_DIR/sock" --cgroup-parent "$DOCKER_CGROUP" \
                --iptables=false --bridge=none --storage-driver=vfs \
                > "$DOCKER_DIR/log" 2>&1 < /dev/null 3>&- &
        DOCKER_PID=$!
}

# docker_start ROOTFS: starts the daemon and makes the image `world` of a root file system. DOCKER_RUNTIMES may hold
# daemon.json's runtimes, or DOCKER_CONFIG_FILE name another daemon.json. It runs on lib/machine's machine, if there is
# one.
docker_start() {
        need /usr/bin/docker /usr/sbin/dockerd containerd runc || return 1
        DOCKER_DIR=$(mktemp -d /tmp/seccompose-docker.XXXXXX)
        DOCKER_CGROUP=/seccompose-${DOCKER_DIR##*.}
        export DOCKER_DIR DOCKER_CGROUP
        docker_spawn
        export DOCKER_PID
        for ((i = 0; i < 1200; i++)); do
                [ -S "$DOCKER_DIR/sock" ] && docker version > "$DOCKER_DIR/version" 2>&1 && break
                kill -0 "$DOCKER_PID" || break
                sleep 0.1
        done
        docker version > "$DOCKER_DIR/version" 2>&1 || fail "dockerd did not start:" "$(tail -n 20 "$DOCKER_DIR/log")" || return 1
        tar -C "$1" -c . | DOCKER_HOST=unix://$DOCKER_DIR/sock /usr/bin/docker import - world > "$DOCKER_DIR/import" 2>&1 ||
                fail "docker import: $(cat "$DOCKER_DIR/import")"
}

# Ends the daemon, which ends its containers and containerd, and removes what it wrote.
docker_stop() {
        local pid i
        [ -n "${DOCKER_DIR-}" ] || return 0
        if [ -s "$DOCKER_DIR/pid" ] && pid=$(cat "$DOCKER_DIR/pid") && kill "$pid"; then
                for ((i = 0; i < 600; i++)); do
                        kill -0 "$pid" 2> "$DOCKER_DIR/kill.log" || break
                        sleep 0.1
                done
        fi
        [ ! -d "/proc/$DOCKER_PID" ] || kill "$DOCKER_PID" || true
        rmdir /sys/fs/cgroup/{,*/}"${DOCKER_CGROUP#/}" 2> "$DOCKER_DIR/rmdir.log" || true
        rm -rf "$DOCKER_DIR"
}

# docker_run OPTION… -- COMMAND…: a container of the image, removed when it ends.
docker_run() {
        local options=()
        while [ "$1" != -- ]; do
                options+=("$1")
                shift
        done
        shift
        docker run --rm --network none "${options[@]}" world "$@"
}
