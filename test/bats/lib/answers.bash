# SPDX-License-Identifier: Apache-2.0
# What the kernel answers in a container, against what `seccompose eval` says. Needs lib/world.

kernel_answers() {
        "$SC_SOURCE/test/tools/kernel-answers" "$@"
}

# questions_make FILE ABI…: the questions to the kernel, for ask-kernel.
questions_make() {
        local file=$1
        shift
        seccompose list syscalls --arch x86_64,x86,x32 > "$file.numbers"
        kernel_answers questions "$file.numbers" "$SC_SOURCE/test/world/calls.txt" "$@" > "$file"
}

# answers_predict QUESTIONS RESULT PROFILE OPTION…: eval's word on each.
answers_predict() {
        local questions=$1 result=$2
        shift 2
        kernel_answers lines "$questions" > "$questions.lines"
        seccompose eval "$@" < "$questions.lines" > "$result"
}

# answers_compare AT_LEAST FREE CONFINED PREDICTED: all agree, and AT_LEAST of them show the filter. The counts are
# printed, as a remark in the report of the tests.
answers_compare() {
        local least=$1
        shift
        run kernel_answers compare "$@"
        printf '# %s: %s\n' "$BATS_TEST_DESCRIPTION" "${lines[-1]}" >&3
        [ "$status" -eq 0 ] || fail "$output" || return 1
        [ "${lines[-1]##* }" -ge "$least" ] || fail "too few answers show the filter: ${lines[-1]}"
}

# bundle_answers RUN ROOTFS ASK_OPTIONS QUESTIONS PROFILE RESULT: asks in a container that runc_run or crun_run starts;
# without a filter if PROFILE is empty.
bundle_answers() {
        local run=$1 rootfs=$2 options=$3 questions=$4 profile=$5 result=$6 bundle=$6.bundle
        # shellcheck disable=SC2046,SC2086 # words
        bundle_make "$bundle" "$rootfs" ask-kernel $options $(cat "$questions")
        [ -z "$profile" ] || bundle_set_profile "$bundle" "$profile"
        $run "$bundle" > "$result" || fail "$run: status $?" "$(tail -n 5 "$result")"
}

# bundles_agree AT_LEAST RUN CONSUMER ROOTFS POLICY ASK_OPTIONS ABI…: in a container that RUN starts with the profile
# that `build --for CONSUMER` makes of the policy, the kernel answers what `eval --for CONSUMER` says of that profile.
bundles_agree() {
        local least=$1 run=$2 consumer=$3 rootfs=$4 policy=$5 options=$6 dir=$BATS_TEST_TMPDIR/agree
        shift 6
        mkdir "$dir"
        questions_make "$dir/questions" "$@"
        seccompose build "$policy" --for "$consumer" --kernel running --caps none -o "$dir/profile.json"
        answers_predict "$dir/questions" "$dir/predicted" "$dir/profile.json" --for "$consumer"
        bundle_answers "$run" "$rootfs" "$options" "$dir/questions" '' "$dir/free"
        bundle_answers "$run" "$rootfs" "$options" "$dir/questions" "$dir/profile.json" "$dir/confined"
        answers_compare "$least" "$dir/free" "$dir/confined" "$dir/predicted"
}
