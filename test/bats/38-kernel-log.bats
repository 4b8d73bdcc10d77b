#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# seccompose explain: the records that the kernel itself writes. It drops nearly all of them while others, such as the
# probe's kills, make thousands, so that no other test runs beside this file.

# status and stderr of `run` apart: bats 1.5
bats_require_minimum_version 1.5.0

setup() {
        load lib/world
        cp "$SC_SOURCE"/test/explain/{p,base}.jsonc "$BATS_TEST_TMPDIR" && cd "$BATS_TEST_TMPDIR" || return
}

# kernel_line ACTION NR: the record that the kernel writes of a call under a filter that answers so, and logs it. The
# process is known by a name of its own: numbers come again, and are others in a PID namespace.
kernel_line() {
        local i k name
        for ((i = 0; i < 100; i++)); do
                name=sc$i-$BASHPID-$RANDOM
                name=${name::15}
                python3 "$SC_SOURCE/test/tools/filtered" "$1" "$2" "$name" 2> err || true
                for ((k = 0; k < 10; k++)); do
                        dmesg | grep -a "type=1326 .* comm=\"$name\" .* syscall=$2 " && return
                        sleep 0.1
                done
        done
        fail "the kernel wrote no record of $name; see if it drops them: $(cat err; dmesg | tail -n 3)"
}

@test "the kernel's own records: log, errno and kill" {
        need python3 dmesg
        kernel_line 0x7ffc0000 16 > record.txt
        run --separate-stderr -0 seccompose explain p.jsonc --audit - --kernel 6.1 < record.txt
        expect_line "  the line does not have all arguments; its result is that of a case above"
        [[ $output == *"x86_64 ioctl under p.jsonc (policy): "*"log: p.jsonc:12:5: log when cmd in {TIOCSTI, TIOCLINUX}"* ]]
        kernel_line 0x50001 165 > record.txt
        run --separate-stderr -0 seccompose explain p.jsonc --audit - --kernel 6.1 < record.txt
        expect_line "x86_64 mount under p.jsonc (policy): errno:EPERM"
        expect_line "  the record's action (code) is this filter's"
        kernel_line 0x80000000 41 > record.txt
        run --separate-stderr -0 seccompose explain p.jsonc --audit - --kernel 6.1 < record.txt
        expect_line "  the line does not have all arguments; its result is that of a case above"
}
