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
# options), with the calls ADDED as --allow adds them, and WITHOUT denied as the policy denies what it does not name. Each
# is made once.
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
                kill-process) default=kill ;;
                *) fail "$1 answers kexec_load with '$default'" || return 1 ;;
        esac
        jq -n --arg policy "$1" --arg added "$2" --arg without "$3" --arg default "$default" '
                { extends: [$policy], architectures: ["x86_64"], default: $default,
                  rules: ([ { deny: [$without] } ] +
                        ($added | split(",") - ["-", $without] | if . == [] then [] else [ { allow: . } ] end)) }'
}

# work_bundle DIRECTORY USER PROFILE JOB…: a bundle that runs the job with Docker's default capabilities as root, or with
# none as somebody else.
work_bundle() {
        local bundle=$1 user=$2 profile=$3 spec caps=()
        shift 3
        [ "$user" != 0 ] || caps=(CAP_{CHOWN,DAC_OVERRIDE,FOWNER,FSETID,KILL,MKNOD,NET_BIND_SERVICE,NET_RAW,SETFCAP,SETGID,SETPCAP,SETUID,SYS_CHROOT})
        bundle_make "$bundle" "$DIR/rootfs" /work/start "$@"
        spec=$(jq --argjson user "$user" --arg caps "${caps[*]}" --arg mounts "$(work_mounts)" '
                ($caps | split(" ")) as $caps |
                .process.user = { uid: $user, gid: $user } |
                .process.env += ["HOME=/tmp", "LC_ALL=C.UTF-8"] |
                .process.capabilities |= with_entries(.value = (if .key == "inheritable" or .key == "ambient" then [] else $caps end)) |
                .mounts += [ $mounts | split("\n")[] | split(" ") |
                        { source: .[0], destination: .[1], type: "bind", options: ["rbind", "ro"] } ] |
                .mounts += [ "/tmp", "/run", "/var/tmp" | . as $where |
                        { source: "tmpfs", destination: $where, type: "tmpfs", options: ["nosuid", "nodev", "mode=1777"] } ]
                ' "$bundle/config.json") && printf '%s\n' "$spec" > "$bundle/config.json"
        bundle_set_profile "$bundle" "$profile"
}

# work_under RUN BUNDLE: runs it, output and errors in $output, its status in $status.
work_under() {
        run "$1" "$2"
}
