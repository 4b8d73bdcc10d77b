#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The generator of pkg/syscall: the same data give the same bytes, and a bad row is named with its place.

setup() {
        load lib/world
        GENERATOR=$SC_SOURCE/pkg/syscall/gen-tables.py
        DATA=$BATS_TEST_TMPDIR/data
        cp -r "$SC_SOURCE/pkg/syscall/data" "$DATA"
}

generate() {
        run python3 "$GENERATOR" "$BATS_TEST_TMPDIR/out.c" "$DATA"
}

# breaks FILE SED WORDS: after the edit, the generator fails, writes nothing and says FILE:LINE: …WORDS….
breaks() {
        local file=$DATA/$1 line
        cp "$file" "$BATS_TEST_TMPDIR/whole"
        sed -i "$2" "$file"
        ! cmp -s "$file" "$BATS_TEST_TMPDIR/whole" || fail "the edit '$2' changes nothing" || return 1
        line=$(diff --unchanged-line-format= --old-line-format= --new-line-format='%dn ' "$BATS_TEST_TMPDIR/whole" "$file") ||
                [ -n "$line" ] || fail "the edit '$2' adds no line" || return 1
        generate
        cp "$BATS_TEST_TMPDIR/whole" "$file"
        [ "$status" -eq 1 ] || fail "status $status after '$2'" || return 1
        [ ! -e "$BATS_TEST_TMPDIR/out.c" ] || fail "output after '$2'" || return 1
        [[ $output = "$file:${line%% *}: "*"$3"* ]] || fail "after '$2':" "$output"
}

@test "the output depends on the data only" {
        for seed in 1 2 3; do
                (cd / && PYTHONHASHSEED=$seed python3 "$GENERATOR" "$BATS_TEST_TMPDIR/$seed.c" "$DATA")
        done
        cmp "$BATS_TEST_TMPDIR/1.c" "$BATS_TEST_TMPDIR/2.c"
        cmp "$BATS_TEST_TMPDIR/1.c" "$BATS_TEST_TMPDIR/3.c"
        LC_ALL=C python3 "$GENERATOR" "$BATS_TEST_TMPDIR/4.c" "$SC_SOURCE/pkg/syscall/data"
        cmp "$BATS_TEST_TMPDIR/1.c" "$BATS_TEST_TMPDIR/4.c"
}

@test "a bad row of syscalls.tsv is named" {
        breaks syscalls.tsv 's/^accept4/a4/' "is not sorted after the row before it"
        breaks syscalls.tsv 's/^accept4/accept/' "'accept' is not sorted"
        breaks syscalls.tsv 's/^accept4\t288/accept4\t43/' "x86_64 number 43 is also that of accept"
        breaks syscalls.tsv 's/^accept4\t288/accept4\t0288/' "'0288' is not a number"
        breaks syscalls.tsv 's/^accept4\t288/accept4\t/' "'' is not a number"
        breaks syscalls.tsv 's/^accept4\t288/accept4\t288@7/' "'7' is not a kernel version"
        breaks syscalls.tsv 's/^accept4\t288/accept4\t288@/' "'' is not a kernel version"
        breaks syscalls.tsv 's/^accept4\t288/accept4\t288@9.1/' "newer than the newest kernel"
        breaks syscalls.tsv 's/^accept4\t288/accept4/' "18 cells, not 19"
        breaks syscalls.tsv 's/^accept4.*$/&\t7/' "20 cells, not 19"
        breaks syscalls.tsv 's/^accept4.*$/& /' "white space at the end"
        breaks syscalls.tsv 's/^accept4/accept 4/' "'accept 4' is not a name"
        breaks syscalls.tsv '/^accept4/s/\t[0-9@.]*/\t-/g' "no ABI has this call"
        breaks syscalls.tsv 's/^newest.*/newest\tsix/' "'six' is not a kernel version"
        breaks syscalls.tsv 's/^newest/latest/' "the first row is not 'newest VERSION'"
}

@test "a bad row of abis.tsv is named" {
        breaks abis.tsv 's/^x86\ti386/x86\tamd64/' "'amd64' names two ABIs"
        breaks abis.tsv '/^x86\t/s/SCMP_ARCH_X86/X86/' "does not begin with SCMP_ARCH_"
        breaks abis.tsv '/^x86\t/s/\tlittle\t/\tsmall\t/' "'small' is not one of little, big"
        breaks abis.tsv '/^x86\t/s/\tyes\tx86/\tmaybe\tx86/' "'maybe' is not one of yes, no"
        breaks abis.tsv '/^x86\t/s/\t32\t/\t16\t/' "'16' is not one of 32, 64"
        breaks abis.tsv '/^x86\t/s/\tx86\t-/\tx87\t-/' "no column 'x87' in syscalls.tsv"
        breaks abis.tsv 's/x86,x32/x86,x33/' "no ABI named 'x33'"
        breaks abis.tsv 's/x86,x32/x86,x86/' "a family lists an ABI twice"
        breaks abis.tsv 's/x86,x32/x86_64,x86/' "a family lists its own head"
        breaks abis.tsv '/^x86\t/s/-\tno$/-\tyes/' "an archMap entry, but no family"
        breaks abis.tsv '/^x86\t/s/0x40000003/0x140000003/' "is above 4294967295"
        breaks abis.tsv 's/^name\talias/name\tnick/' "the header is not"
}

@test "a bad row of groups.txt is named" {
        breaks groups.txt 's/^@basic-io: /@abasic: /' "'@abasic' is not sorted after the group before it"
        breaks groups.txt 's/^@aio: .*/@aio/' "neither '@NAME: DESCRIPTION' nor an indented list"
        breaks groups.txt 's/^    io_cancel /    io_cancle /' "no call named 'io_cancle'"
        breaks groups.txt 's/^    io_cancel /    io_cancel io_cancel /' "is not sorted after 'io_cancel'"
        breaks groups.txt 's/^    io_cancel /    io_cancel @sync /' "'@sync' is not sorted after"
        breaks groups.txt 's/^    io_cancel /    @sink io_cancel /' "no group named '@sink'"
        breaks groups.txt 's/^    io_cancel /    @aio io_cancel /' "'@aio' contains itself"
}

@test "a cycle of groups is named" {
        sed -i 's/^    io_cancel /    @system-service io_cancel /' "$DATA/groups.txt"
        generate
        [ "$status" -eq 1 ]
        [[ $output = *"groups.txt:"*": '@aio' contains itself" ]] || fail "$output"
}

@test "a bad row of the other tables is named" {
        breaks fallbacks.tsv 's/^clone3/clone4/' "no call named 'clone4'"
        breaks fallbacks.tsv 's/^clone3/accept/' "not sorted after the row before it"
        breaks fallbacks.tsv 's/^clone3\tglibc/clone3\t/' "an empty cell"
        breaks carriers.tsv 's/^socketcall\t2\t/socketcall\t1\t/' "socketcall 1 stands twice"
        breaks carriers.tsv 's/^socketcall\t2\tbind/socketcall\t2\tsocket/' "'socket' is carried twice"
        breaks libseccomp.tsv 's/^since\tclone3/sense\tclone3/' "'sense' is not one of table, since, abi, gap"
        breaks libseccomp.tsv 's/^since\tclone3\t.*/since\tclone3\t2.4.9/' "no release '2.4.9' above"
        breaks libseccomp.tsv 's/^abi\tm68k/abi\tm68000/' "no ABI named 'm68000'"
        breaks libseccomp.tsv 's/^abi\tsheb/abi\tsh/' "'sh' stands twice"
        breaks libseccomp.tsv 's/^gap\tmap_shadow_stack\tx32/gap\tmap_shadow_stack\tx33/' "no ABI named 'x33'"
        breaks libseccomp.tsv 's/^gap\tmap_shadow_stack/gap\tshadow_stack/' "no call named 'shadow_stack'"
        breaks libseccomp.tsv 's/^table\t2.4.2/table\t2.3.2/' "releases are not in ascending order"
        breaks libseccomp.tsv 's/^table\t2.4.2/table\t2.4.1/' "'2.4.1' stands twice"
        breaks capabilities.tsv 's/^3\t/5\t/' "5 is not the next number"
        breaks capabilities.tsv '/CAP_KILL/s/CAP_KILL/KILL/' "'KILL' does not begin with CAP_"
        breaks errno.tsv 's/^38\t/37\t/' "37 is not above the number before it"
        breaks errno.tsv 's/^38\tENOSYS/38\tEPERM/' "'EPERM' stands twice"
}

@test "a bad row of the tables of parameters is named" {
        breaks parameters.tsv 's/^accept4/accept5/' "no call named 'accept5'"
        breaks parameters.tsv 's/^accept4/accept/' "'accept' is not sorted after the row before it"
        breaks parameters.tsv 's/^close\tfd unsigned int/close\tfd unsigned/' "no type 'unsigned' in types.tsv"
        breaks parameters.tsv 's/^close\tfd unsigned int/&\/32/' "only a word can be cut"
        breaks parameters.tsv 's/^close\t.*/&\tfd int/' "'fd' stands twice"
        breaks parameters.tsv 's/^mmap\t.*/&\tmore int/' "more than six parameters"
        breaks parameters.tsv 's/^chown32\t.*/chown32\t= getpid/' "the other call has no parameters of its own"
        breaks types.tsv 's/^pid_t\tint/pid_t\tnumber/' "'number' is not one of int, word, 64, pointer"
        breaks types.tsv 's/^pid_t\tint\t32/pid_t\tint\t65/' "65 is above 64"
        breaks layouts.tsv 's/^mmap2\ts390\t/mmap2\ts391\t/' "no ABI named 's391'"
        breaks layouts.tsv 's/^clone\ts390\*/clone\ts390*,x86/' "clone has a row for one of these ABIs already"
        breaks layouts.tsv 's/newsp clone_flags/newsp flags/' "clone has no parameter 'flags'"
        breaks layouts.tsv 's/newsp clone_flags/tls clone_flags/' "a parameter twice"
        breaks layouts.tsv 's/user\/16/user\/15/' "'15' is not one of"
        breaks layouts.tsv 's/^mmap\t/abort\t/' "'abort' is not sorted after the row before it"
        breaks narrow.tsv 's/\tioctl /\tioctrl /' "no call named 'ioctrl'"
        breaks passing.tsv 's/^x86\tpairs/x86\todd/' "'odd' is not one of whole, pairs, even"
        breaks passing.tsv 's/^x86\t/x87\t/' "no ABI named 'x87'"
        breaks families.tsv 's/^ioctl\tcmd/ioctl\tcommand/' "ioctl has no parameter 'command'"
        breaks families.tsv 's/^ioctl\tcmd\tioctl/ioctl\tcmd\tIOCTL/' "no family 'IOCTL' in constants.tsv"
        breaks families.tsv 's/^ioctl\tcmd/ioctl,ioctl\tcmd/' "ioctl's cmd has a family already"
}

@test "a bad row of constants.tsv is named" {
        breaks constants.tsv 's/^AF\tAF_ALG\t38/AF\tAF_ALG\t038/' "'038' is not a number"
        breaks constants.tsv 's/^AF\tAF_ALG\t38/AF\tAF_ALG\t0x8000000000000000/' "does not fit into 64 bits with a sign"
        breaks constants.tsv 's/^AF\tAF_APPLETALK/AF\tAF_A/' "'AF_A' is not sorted after the row before it"
        breaks constants.tsv 's/^AF\tAF_ALG/AF\tAF ALG/' "'AF ALG' is not a name"
        breaks constants.tsv 's/^\(AF\tAF_ALG\t38\t\)-/\1mips/' "'mips' is not ABIS=VALUE"
        breaks constants.tsv 's/^\(AF\tAF_ALG\t38\t\)-/\1vax=3/' "no ABI named 'vax'"
        breaks constants.tsv 's/^W\tWCONTINUED/W\tAF_UNIX/' "'AF_UNIX' stands twice"
}
