# SPDX-License-Identifier: Apache-2.0
# A machine on which seccompose is installed, as far as mounts make one: `meson install` at its prefix, an /etc and a /var
# of its own. Nothing of it is seen outside. Needs lib/world.

# machine_start DIRECTORY: what the machine writes goes there. The time limit is a last resort, as in lib/docker.
machine_start() {
        export MACHINE_DIR=$1 MACHINE_PREFIX MACHINE_PID
        need meson jq unshare nsenter || return 1
        MACHINE_PREFIX=$(jq -r '.[] | select(.name == "prefix").value' "$SC_BUILD/meson-info/intro-buildoptions.json")
        [ "$MACHINE_PREFIX" != /usr ] || fail 'the tests mount over the prefix, which cannot be /usr' || return 1
        mkdir -p "$1"/{tree,var/{log,lib,cache,tmp}}
        DESTDIR=$1/tree meson install -C "$SC_BUILD" --no-rebuild --quiet > "$1/install.log" 2>&1 ||
                fail "meson install: $(tail -n 5 "$1/install.log")" || return 1
        cp -a /etc "$1/etc"
        mkdir -p "$1/etc/seccompose" "$1/etc/docker"
        ln -s /run "$1/var/run"
        unshare --mount --propagation private sh -c '
                mount --bind "$0/tree$1" "$1" && mount --bind "$0/etc" /etc && mount --bind "$0/var" /var &&
                        mount -t tmpfs none /run && mount -t tmpfs none /opt && : > "$0/ready" && exec sleep 3600' \
                "$1" "$MACHINE_PREFIX" > "$1/machine.log" 2>&1 < /dev/null 3>&- &
        MACHINE_PID=$!
        wait_until 'no machine' test -e "$1/ready" || fail "$(cat "$1/machine.log")"
}

machine_stop() {
        [ -z "${MACHINE_PID-}" ] || kill "$MACHINE_PID"
}

# machine COMMAND…: runs it there.
machine() {
        PATH=$MACHINE_PREFIX/bin:$PATH timeout -k 5 120 nsenter --mount="/proc/$MACHINE_PID/ns/mnt" "$@"
}

# machine_spawn COMMAND…: in the background; the process to kill is MACHINE_SPAWNED.
machine_spawn() {
        PATH=$MACHINE_PREFIX/bin:$PATH timeout -k 20 3600 nsenter --mount="/proc/$MACHINE_PID/ns/mnt" "$@" &
        export MACHINE_SPAWNED=$!
}

# machine_function NAME ARGUMENT…: a function of lib/world, there.
machine_function() {
        # shellcheck disable=SC2016 # the other shell's
        machine bash -c '. "$SC_SOURCE/test/bats/lib/world.bash" && "$@"' bash "$@"
}

# sample FILE: where the machine has this sample.
sample() {
        printf '%s/share/seccompose/samples/%s\n' "$MACHINE_PREFIX" "$1"
}

# machine_podman ROOTFS: the settings that let root's podman run here, without CAP_SYS_RESOURCE and systemd, and
# ROOTFS as the image busybox.
machine_podman() {
        mkdir -p "$MACHINE_DIR/etc/containers"
        printf '[storage]\ndriver = "vfs"\nrunroot = "/run/containers"\ngraphroot = "/var/lib/containers"\n' \
                > "$MACHINE_DIR/etc/containers/storage.conf"
        cat > "$MACHINE_DIR/etc/containers/containers.conf" <<'END'
[containers]
netns = "none"
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
[engine]
cgroup_manager = "cgroupfs"
runtime = "runc"
events_logger = "file"
END
        tar -C "$1" -c . | machine podman import - docker.io/library/busybox > "$MACHINE_DIR/import.log" 2>&1 ||
                fail "podman import: $(cat "$MACHINE_DIR/import.log")"
}
