# SPDX-License-Identifier: Apache-2.0
# The probe in containers of each engine, and its answers against a FILE. Needs lib/world and lib/docker.
# PROBED is the file's directory: its rootfs is made by probed_rootfs.

probed_rootfs() {
        export PROBED=$1 DOCKER_RUNTIMES
        rootfs_make "$1/rootfs"
        cp "$SC_BUILD/cmd/seccompose-probe/seccompose-probe" "$1/rootfs/bin/"
        DOCKER_RUNTIMES=$(jq -n --arg path "$SC_BUILD/cmd/seccompose-runtime/seccompose-runtime" \
                '{ probed: { path: $path, runtimeArgs: ["--runtime", "/usr/sbin/runc", "--gate", "probe"] } }')
}

# probed_bundle RUN PROFILE OPTION…: the probe in a container of runc_run or crun_run, started behind the gate.
probed_bundle() {
        local start=$1 profile=$2 bundle
        bundle=$(mktemp -d "$BATS_TEST_TMPDIR/bundle.XXXXXX")
        shift 2
        bundle_make "$bundle" "$PROBED/rootfs" seccompose-probe --format json "$@"
        bundle_set_profile "$bundle" "$profile"
        # shellcheck disable=SC2016 # the other shell's
        seccompose probe -- bash -c '. "$SC_SOURCE/test/bats/lib/world.bash" && "$@"' bash "$start" "$bundle"
}

# probed_docker, probed_podman: the same; without a profile, under the engine's own. NO_NEW_PRIVILEGES may be set.
probed_docker() {
        local profile=$1
        shift
        docker_run --runtime probed ${profile:+--security-opt "seccomp=$profile"} \
                ${NO_NEW_PRIVILEGES:+--security-opt no-new-privileges} -v "$PROBED/rootfs/tmp:/tmp:ro" -- \
                seccompose-probe --format json "$@"
}

probed_podman() {
        local profile=$1
        shift
        seccompose probe -- timeout -k 5 120 podman --root "$PROBED/store" --runroot "$PROBED/run" --storage-driver vfs \
                --cgroup-manager cgroupfs --runtime runc run --rm --network none --ulimit nofile=1024:1024 \
                --ulimit nproc=1024:1024 ${profile:+--security-opt "seccomp=$profile"} \
                ${NO_NEW_PRIVILEGES:+--security-opt no-new-privileges} --rootfs "$PROBED/rootfs" \
                seccompose-probe --format json "$@" < /dev/null
}

probed_runc() {
        probed_bundle runc_run "$@"
}

probed_crun() {
        probed_bundle crun_run "$@"
}

# What the podman of the tests gives its containers.
PODMAN_CAPS=chown,dac_override,fowner,fsetid,kill,net_bind_service,setfcap,setgid,setpcap,setuid,sys_chroot

# probed_circumstances ENGINE: the options with which `verify` takes a profile as that engine's containers have it.
probed_circumstances() {
        case $1 in
        runc | crun) echo "--for $1 --caps none" ;;
        docker) echo "--for docker@20.10" ;;
        podman) echo "--for podman --caps $PODMAN_CAPS" ;;
        esac
}

# probed_ask ENGINE PROFILE RESULT OPTION…: appends the answers to RESULT. Where a question kills the probe, as no child
# can be made, it goes on behind it: 20 times at most; with ROUNDS as often, if then no question at all was answered.
probed_ask() {
        local engine=$1 profile=$2 result=$3 rounds=0 asked=0 status part
        shift 3
        part=$(mktemp "$BATS_TEST_TMPDIR/part.XXXXXX")
        until tail -n 1 "$part" | grep -q '^{"end":'; do
                if [ "$rounds" -eq "${ROUNDS-20}" ]; then
                        [ -n "${ROUNDS-}" ] && ! grep -q '"action"' "$part" && break
                        fail "$engine: killed $rounds times" || return 1
                fi
                status=0
                "probed_$engine" "$profile" "$@" --skip "$asked" > "$part.next" 2> "$part.err" || status=$?
                # a question without an answer is the last line then, without an end
                [ "$status" -eq 0 ] || grep -q 'no child can be made' "$part.err" ||
                        fail "$engine: $status: $(tail -n 3 "$part.err")" || return 1
                awk 1 "$part.next" >> "$part"
                asked=$(grep -c '"nr"' "$part")
                rounds=$((rounds + 1))
        done
        cat "$part" >> "$result"
}

# probed_agrees ENGINE PROFILE FILE OPTION…: asks all vectors, and the questions made from FILE, and holds the answers
# against FILE. What is counted is printed. OPTIONs are the probe's, for the vectors.
probed_agrees() {
        local engine=$1 profile=$2 file=$3 result questions circumstances
        shift 3
        result=$(mktemp "$BATS_TEST_TMPDIR/result.XXXXXX")
        questions=$(mktemp "$PROBED/rootfs/tmp/questions.XXXXXX")
        read -ra circumstances <<< "$(probed_circumstances "$engine")"
        seccompose questions "$file" "${circumstances[@]}" > "$questions" 2> "$result.err" || fail "$(cat "$result.err")" || return 1
        chmod 644 "$questions"
        # what may be killed goes first: an output that is whole must come last
        ROUNDS=3 probed_ask "$engine" "$profile" "$result" --abi x32 "$@" &&
                grep '^x32 ' "$questions" > "$questions.x32" && grep -v '^x32 ' "$questions" > "$questions.others" &&
                ROUNDS=2 probed_ask "$engine" "$profile" "$result" --questions "/tmp/${questions##*/}.x32" &&
                probed_ask "$engine" "$profile" "$result" --questions "/tmp/${questions##*/}.others" &&
                probed_ask "$engine" "$profile" "$result" --abi x86_64,x86 "$@" || return 1
        RESULT=$result
        run seccompose verify --probe "$result" "$file" "${circumstances[@]}"
        printf '# %s: %s\n' "$engine" "$(grep -m 1 -E '^(agrees|differs)' <<< "$output")" >&3
        [ "$status" -eq 0 ] || fail "$engine:" "$output"
}
