# SPDX-License-Identifier: Apache-2.0
# Containers in which this machine's own programs do real work, under a policy as it is and with one call taken out of
# it. Needs lib/world; lib/docker for docker. $DIR is the test file's directory.

# The job files' user who is not root: every Debian has it.
WORK_NOBODY=65534

# work_rows [COLUMN REGEX]: the rows of jobs.tsv, without comments, where that column matches as a whole.
work_rows() {
        awk -F '\t' -v column="${1:-1}" -v regex="^(${2:-.*})\$" '/^#/ || !NF { next } $column ~ regex' \
                "$SC_SOURCE/test/world/work/jobs.tsv"
}

# work_rootfs DIRECTORY: names to mount this machine's directories on, and Debian's links into /usr.
work_rootfs() {
        local link
        mkdir -p "$1"/{usr,etc,work,proc,sys,dev,tmp,run,var/lib/texmf,var/tmp,root}
        chmod 1777 "$1/tmp" "$1/var/tmp"
        for link in bin sbin lib lib64; do
                ln -s "usr/$link" "$1/$link"
        done
}

# What a container sees of this machine, all of it to be read only: "SOURCE DESTINATION" lines.
work_mounts() {
        printf '%s\n' '/usr /usr' '/etc /etc' "$SC_SOURCE/test/world/work /work"
        [ ! -d /var/lib/texmf ] || echo '/var/lib/texmf /var/lib/texmf'
}

# work_profile POLICY ADDED WITHOUT TARGET: prints the name of a profile of the policy for that target (--for, and
# options), with the calls ADDED as --allow adds them, and WITHOUT denied as the policy denies what it does not name.
# Each is made once.
work_profile() {
        local file=$1,$2,$3,$4 options=()
        file=$DIR/profiles/${file//[ \/]/_}.json
        if [ ! -s "$file" ]; then
                mkdir -p "$DIR/profiles"
                [ "$2" = - ] || options=(--allow "$2")
                if [ "$3" = - ]; then
                        # shellcheck disable=SC2086 # words
                        seccompose build "$1" --for $4 "${options[@]}" -o "$file" > "$file.log" 2>&1
                else
                        work_narrow "$1" "$2" "$3" > "$file.jsonc"
                        # shellcheck disable=SC2086 # words
                        seccompose build "$file.jsonc" --for $4 -o "$file" > "$file.log" 2>&1
                fi || fail "build $1 +$2 -$3 --for $4: $(cat "$file.log")" || return 1
        fi
        echo "$file"
}

# work_narrow POLICY ADDED WITHOUT: a policy that extends it. Its default is the extended one's, as the answer to a call
# shows that all of them deny.
work_narrow() {
        local default
        default=$(seccompose eval "$1" --arch x86_64 <<< 'x86_64 kexec_load' | cut -f 2)
        case $default in
                'errno 1 EPERM') default=errno:EPERM ;;
                kill-process) default='kill' ;;
                *) fail "$1 answers kexec_load with '$default'" || return 1 ;;
        esac
        jq -n --arg policy "$1" --arg added "$2" --arg without "$3" --arg default "$default" '
                { extends: [$policy], architectures: ["x86_64"], default: $default,
                  rules: ([ { deny: [$without] } ] +
                        ($added | split(",") - ["-", $without] | if . == [] then [] else [ { allow: . } ] end)) }'
}

# work_bundle DIRECTORY USER PROFILE JOB…: a bundle that runs the job with Docker's default capabilities as root, or
# with none as somebody else.
work_bundle() {
        local bundle=$1 user=$2 profile=$3 spec caps=()
        shift 3
        [ "$user" != 0 ] || caps=(CAP_{CHOWN,DAC_OVERRIDE,FOWNER,FSETID,KILL,MKNOD,NET_BIND_SERVICE,NET_RAW} \
                CAP_{SETFCAP,SETGID,SETPCAP,SETUID,SYS_CHROOT})
        bundle_make "$bundle" "$DIR/rootfs" /work/start "$@"
        spec=$(jq --argjson user "$user" --arg caps "${caps[*]}" --arg mounts "$(work_mounts)" '
                ($caps | split(" ")) as $caps |
                .process.user = { uid: $user, gid: $user } |
                .process.env += ["HOME=/tmp", "LC_ALL=C.UTF-8"] |
                .process.capabilities |= with_entries(
                        .value = (if .key == "inheritable" or .key == "ambient" then [] else $caps end)) |
                .mounts += [ $mounts | split("\n")[] | split(" ") |
                        { source: .[0], destination: .[1], type: "bind", options: ["rbind", "ro"] } ] |
                .mounts += [ "/tmp", "/run", "/var/tmp" | . as $where |
                        { source: "tmpfs", destination: $where, type: "tmpfs",
                          options: ["nosuid", "nodev", "mode=1777"] } ]
                ' "$bundle/config.json") && printf '%s\n' "$spec" > "$bundle/config.json"
        bundle_set_profile "$bundle" "$profile"
}

# Ways to run a job: RUN is a function of these words, and USER PROFILE JOB….
# work_in_bundle RUNC_RUN: with runc_run or crun_run.
work_in_bundle() {
        local run=$1 bundle
        shift
        bundle=$(mktemp -d -p "$BATS_TEST_TMPDIR" bundle.XXXXXX)
        work_bundle "$bundle" "$@" && "$run" "$bundle"
}

# work_engine_options USER PROFILE: what docker and podman have in common, in the array `options`. WORK_PRIVILEGES may be
# no-new-privileges.
work_engine_options() {
        local source destination
        options=(--user "$1:$1" --security-opt "seccomp=$2" --env HOME=/tmp --env LC_ALL=C.UTF-8
                --tmpfs '/tmp:rw,exec,mode=1777')
        [ -z "${WORK_PRIVILEGES-}" ] || options+=(--security-opt "$WORK_PRIVILEGES")
        while read -r source destination; do
                options+=(-v "$source:$destination:ro")
        done < <(work_mounts)
}

# In a container of docker's image `world`, which lib/docker made of the root file system.
work_in_docker() {
        local options
        work_engine_options "$1" "$2"
        docker_run "${options[@]}" -- /work/start "${@:3}"
}

# In podman's, with stores of its own. The limits are those of a machine without CAP_SYS_RESOURCE.
work_in_podman() {
        local options
        work_engine_options "$1" "$2"
        timeout -k 5 60 podman --root "$DIR/store" --runroot "$DIR/run" --storage-driver vfs --cgroup-manager cgroupfs \
                --runtime runc run --rm --network none --ulimit nofile=1024:1024 --ulimit nproc=1024:1024 \
                "${options[@]}" --rootfs "$DIR/rootfs" /work/start "${@:3}" < /dev/null
}

# work_row RUN TARGET [WORD…] -- ROW…: a row of jobs.tsv by RUN WORD…: the work is done under the policy, unless the row
# says that it does not fit; and it fails as the row says without the call. Adds to $runs.
work_row() {
        local way=() job as policy added without exits says user target=$2
        way=("$1")
        shift 2
        while [ "$1" != -- ]; do
                way+=("$1")
                shift
        done
        shift
        job=$1 as=$2 policy=$3 added=$4 without=$5 exits=$6 says=$7
        user=0
        [ "$as" = root ] || user=$WORK_NOBODY
        [ "$without" = - ] || work_done "$policy" "$added" - "$target" 0 || return 1
        work_done "$policy" "$added" "$without" "$target" "$exits" "$says"
}

# work_done POLICY ADDED WITHOUT TARGET STATUS [TEXT]: of work_row, whose variables it sees: runs the job once. Its
# output has TEXT, or, if there is none, every line that is expected of it.
work_done() {
        local profile expected what="$job, $as: $1 +$2 -$3, ${way[*]}:"
        profile=$(work_profile "$1" "$2" "$3" "$4") || return 1
        # shellcheck disable=SC2086 # words
        run "${way[@]}" "$user" "$profile" $job
        runs=$((runs + 1))
        [ "$status" -eq "$5" ] || fail "$what status $status, not $5:" "$output" || return 1
        expect_line $'Seccomp:\t2' || return 1
        if [ -n "${6-}" ]; then
                [[ $output == *"$6"* ]] || fail "$what no '$6' in:" "$output"
                return
        fi
        while read -r expected; do
                grep -qxE -- "$expected" <<< "$output" || fail "$what no line '$expected' in:" "$output" || return 1
        done < <(grep -v '^#' "$(work_expected "$job")")
}

# work_expected JOB: the file of lines that it prints.
work_expected() {
        local file=$SC_SOURCE/test/world/work/${1// /-}.expected
        [ -f "$file" ] || file=$SC_SOURCE/test/world/work/${1%% *}.expected
        echo "$file"
}
