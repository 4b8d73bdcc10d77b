#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The pages of docs/engines, word for word: each command is run as root would run it, and prints what the page says.

setup() {
        load lib/world
        load lib/machine
        need podman runc busybox jq
        DAEMONS=$BATS_TEST_TMPDIR/daemons
        rootfs_make "$BATS_TEST_TMPDIR/rootfs"
        for applet in grep true mkdir unshare sleep; do
                ln -s busybox "$BATS_TEST_TMPDIR/rootfs/bin/$applet"
        done
        machine_start "$BATS_TEST_TMPDIR/machine"
        mkdir -p "$DAEMONS" "$MACHINE_DIR/var/home"
        export DOCKER_CGROUP=/seccompose-docs-$RANDOM
}

teardown() {
        for pid in "$DAEMONS"/*.pid; do
                [ ! -e "$pid" ] || kill "$(cat "$pid")" || true
        done
        for ((i = 0; i < 600; i++)); do
                [ -e "$DAEMONS/docker.pid" ] && [ -d "/proc/$(cat "$DAEMONS/docker.pid")" ] || break
                sleep 0.1
        done
        rmdir /sys/fs/cgroup/{,*/}"${DOCKER_CGROUP#/}" 2> "$BATS_TEST_TMPDIR/rmdir.log" || true
        machine_stop
}

# There is no systemd in the machine. What it does with `systemctl restart docker` is to end the daemon and to start it
# with its settings in /etc; the options are those that a daemon needs here.
systemctl_make() {
        mkdir "$BATS_TEST_TMPDIR/bin"
        cat > "$BATS_TEST_TMPDIR/bin/systemctl" <<END
#!/bin/bash
pid=$DAEMONS/\$2.pid
end() {
        [ ! -e "\$pid" ] || kill "\$(cat "\$pid")"
        while [ -e "\$pid" ] && [ -d "/proc/\$(cat "\$pid")" ]; do sleep 0.1; done
}
start() {
        timeout -k 20 3600 "\$@" > "$DAEMONS/log" 2>&1 < /dev/null 3>&- &
        echo \$! > "\$pid"
}
answers() {
        for ((i = 0; i < 600; i++)); do ! "\$@" > /dev/null 2>&1 || exit 0; sleep 0.1; done
        cat "$DAEMONS/log"
        exit 1
}
case \$1\ \$2 in
        restart\ docker)
                end
                start dockerd --iptables=false --bridge=none --storage-driver=vfs --cgroup-parent "$DOCKER_CGROUP"
                answers docker version ;;
        reload\ docker)
                n=\$(grep -c 'Reloaded configuration' "$DAEMONS/log")
                kill -HUP "\$(cat /run/docker.pid)"
                reloaded() { [ "\$(grep -c 'Reloaded configuration' "$DAEMONS/log")" -gt "\$n" ]; }
                answers reloaded ;;
        restart\ containerd)
                end
                start containerd
                answers ctr version ;;
        *) exit 1 ;;
esac
END
        chmod +x "$BATS_TEST_TMPDIR/bin/systemctl"
}

# page_holds PAGE: the console blocks of docs/engines/PAGE.md, run in one shell of the machine, give themselves. A build
# with another prefix than the page's has it in its place.
page_holds() {
        awk '$0 == "```console" { on = 1; next } /^```$/ { on = 0 } on' "$SC_SOURCE/docs/engines/$1.md" |
                sed "s|/usr/local|$MACHINE_PREFIX|g" > "$BATS_TEST_TMPDIR/expected"
        sed -n 's/^\$ //p' "$BATS_TEST_TMPDIR/expected" > "$BATS_TEST_TMPDIR/commands"
        [ "$(wc -l < "$BATS_TEST_TMPDIR/commands")" -ge 8 ]
        cat > "$BATS_TEST_TMPDIR/replay" <<'END'
cd /var/home
while IFS= read -r line <&9; do
        printf '$ %s\n' "$line"
        eval "$line" 2>&1 9<&-
done 9< "$0"
END
        PATH=$BATS_TEST_TMPDIR/bin:$PATH machine bash -c "$(< "$BATS_TEST_TMPDIR/replay")" "$BATS_TEST_TMPDIR/commands" \
                > "$BATS_TEST_TMPDIR/actual" < /dev/null
        diff "$BATS_TEST_TMPDIR/expected" "$BATS_TEST_TMPDIR/actual"
}

@test "docs/engines/podman.md" {
        machine_podman "$BATS_TEST_TMPDIR/rootfs"
        page_holds podman
}

@test "docs/engines/docker.md" {
        need dockerd docker
        systemctl_make
        machine "$BATS_TEST_TMPDIR/bin/systemctl" restart docker
        tar -C "$BATS_TEST_TMPDIR/rootfs" -c . | machine docker import - busybox
        page_holds docker
}

@test "docs/engines/runc.md" {
        page_holds runc
}

@test "docs/engines/containerd.md" {
        need containerd ctr
        systemctl_make
        page_holds containerd
}
