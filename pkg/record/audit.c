/* SPDX-License-Identifier: Apache-2.0 */
/* SECCOMP records of the audit log: "type=1326 audit(…): … arch=c000003e syscall=41 compat=0 ip=… code=0x50000". */
#include <errno.h>
#include <linux/seccomp.h>
#include <string.h>

#include "base/util.h"
#include "record/internal.h"
#include "syscall/syscall.h"

bool record_is_audit(struct record_text line)
{
        return record_find(line, "type=1326") || record_find(line, "type=SECCOMP") ||
               (record_find(line, " arch=") && record_find(line, " syscall="));
}

/* The last value of a key: those of what a program can choose (comm=, exe=) stand in front of the ones wanted here. */
static bool find_value(struct record_text line, const char *key, struct record_text *ret_value)
{
        const char *at = NULL;

        for (const char *p = line.p; (p = record_find((struct record_text){ p, line.end }, key)); p++)
                at = p;
        if (!at)
                return false;
        at += strlen(key);
        ret_value->p = ret_value->end = at;
        while (ret_value->end < line.end && *ret_value->end != ' ' && *ret_value->end != '\t' &&
               *ret_value->end != '\x1d') /* behind which auditd repeats in words, with its format "enriched" */
                ret_value->end++;
        return ret_value->end > at;
}

/* Hexadecimal without 0x, as the kernel prints arch=. */
static bool read_hex(struct record_text text, uint64_t *ret_value)
{
        uint64_t value = 0;

        if (text.end - text.p > 16)
                return false;
        for (; text.p < text.end; text.p++) {
                const char *digit = strchr("0123456789abcdef", *text.p | 32);

                if (!digit || !*digit)
                        return false;
                value = value << 4 | (uint64_t)(digit - "0123456789abcdef");
        }
        *ret_value = value;
        return true;
}

/* A call's number as the kernel prints it, an int with its sign. Others are no number, and no name either. */
static bool read_decimal(struct record_text text, uint64_t *ret_value)
{
        bool minus = text.p < text.end && *text.p == '-';
        uint64_t value = 0;

        text.p += minus;
        if (text.p == text.end || text.end - text.p > 10)
                return false;
        for (; text.p < text.end; text.p++) {
                if (*text.p < '0' || *text.p > '9')
                        return false;
                value = value * 10 + (uint64_t)(*text.p - '0');
        }
        if (value > UINT32_MAX || (minus && value > INT32_MAX))
                return false;
        *ret_value = minus ? (uint32_t)-value : value;
        return true;
}

/* Machines that ausearch -i names otherwise than the ABI (lib/machinetab.h). */
static const struct {
        const char *machine, *abi;
} machines[] = {
        { "i386", "x86" },      { "i486", "x86" },     { "i586", "x86" },   { "i686", "x86" },
        { "armv5tejl", "arm" }, { "armv5tel", "arm" }, { "armv6l", "arm" }, { "armv7l", "arm" },
};

static const struct sc_abi *named_abi(struct record_text arch)
{
        size_t len = (size_t)(arch.end - arch.p);

        for (size_t i = 0; i < SC_COUNT(machines); i++)
                if (strlen(machines[i].machine) == len && !memcmp(machines[i].machine, arch.p, len))
                        return sc_abi_find(machines[i].abi, strlen(machines[i].abi));
        return sc_abi_find(arch.p, len);
}

/* The ABI of a value of arch= and a number: x32's have the architecture of x86_64's. */
static const struct sc_abi *find_abi(struct record_text arch, uint64_t nr)
{
        const struct sc_abi *named = named_abi(arch);
        uint64_t audit = named ? named->audit_arch : 0;

        if (!named && !read_hex(arch, &audit))
                return NULL;
        for (size_t i = 0; i < sc_abi_count(); i++)
                if (sc_abi_at(i)->audit_arch == audit && sc_abi_owns(sc_abi_at(i), (uint32_t)nr))
                        return sc_abi_at(i);
        return NULL;
}

/* code=0x50000, or what ausearch -i makes of it. */
static void read_code(struct record_text code, struct sc_record *record)
{
        static const struct {
                const char *name;
                uint32_t action;
        } names[] = {
                { "kill-process", SECCOMP_RET_KILL_PROCESS }, { "kill-thread", SECCOMP_RET_KILL_THREAD },
                { "kill", SECCOMP_RET_KILL_THREAD },          { "trap", SECCOMP_RET_TRAP },
                { "errno", SECCOMP_RET_ERRNO },               { "user-notif", SECCOMP_RET_USER_NOTIF },
                { "trace", SECCOMP_RET_TRACE },               { "log", SECCOMP_RET_LOG },
                { "allow", SECCOMP_RET_ALLOW },
        };
        size_t len = (size_t)(code.end - code.p);
        uint64_t value;

        record->answered = record_number(code, &value) && value <= UINT32_MAX;
        record->action = record->answered ? (uint32_t)value & SECCOMP_RET_ACTION_FULL : 0;
        for (size_t i = 0; i < SC_COUNT(names) && !record->answered; i++)
                if (strlen(names[i].name) == len && !memcmp(names[i].name, code.p, len)) {
                        record->answered = true;
                        record->action = names[i].action;
                }
}

/* "unknown-syscall(9999)", as ausearch -i writes a number without a name, or the number itself. */
static bool read_number(struct record_text syscall, uint64_t *ret_number)
{
        static const char unknown[] = "unknown-syscall(";
        const size_t len = sizeof(unknown) - 1;

        if ((size_t)(syscall.end - syscall.p) > len && !memcmp(syscall.p, unknown, len) && syscall.end[-1] == ')') {
                syscall.p += len;
                syscall.end--;
        }
        return read_decimal(syscall, ret_number);
}

/* A call by number, or by name as ausearch -i writes it. */
static int read_call(struct record_text arch, struct record_text syscall, struct sc_record *record,
                     const char **ret_why)
{
        const struct sc_abi *abi;
        uint64_t number;
        uint32_t nr;
        int call;

        if (read_number(syscall, &number)) {
                abi = find_abi(arch, number);
                if (abi)
                        record_call(record, abi, (uint32_t)number);
                *ret_why = "no ABI is known by this arch=";
                return abi ? 0 : -EINVAL;
        }
        abi = find_abi(arch, 0);
        *ret_why = "arch= or syscall= has a name that is not known";
        call = sc_syscall_find(syscall.p, (size_t)(syscall.end - syscall.p));
        if (!abi || call < 0 || !sc_syscall_number(call, abi, &nr))
                return -EINVAL;
        record_call(record, abi, nr);
        return 0;
}

/*
 * Where auditd's format "enriched" begins to repeat in words: behind a control character, which terminals and copies
 * show as ^] or not at all. What a program calls itself may have that too, but stands in front of the record's arch=.
 */
static const char *enriched_at(struct record_text line)
{
        static const char *const marks[] = { "\x1d", "^]ARCH=", "ARCH=" };

        for (size_t i = 0; i < SC_COUNT(marks); i++)
                for (const char *p = line.p; (p = record_find((struct record_text){ p, line.end }, marks[i])); p++)
                        if (!record_find((struct record_text){ p, line.end }, " arch="))
                                return p;
        return line.end;
}

int record_audit(struct record_text line, struct sc_record *record, const char **ret_why)
{
        struct record_text arch, syscall, code;
        line.end = enriched_at(line);
        if (!find_value(line, " arch=", &arch) || !find_value(line, " syscall=", &syscall)) {
                *ret_why = "an audit record without arch= or syscall=";
                return -EINVAL;
        }
        if (record_find(line, "type=1300") || record_find(line, "type=SYSCALL")) {
                *ret_why = "a record of a call (type=SYSCALL), not of a filter's answer (type=SECCOMP, 1326)";
                return -EINVAL;
        }
        if (find_value(line, " code=", &code))
                read_code(code, record);
        return read_call(arch, syscall, record, ret_why);
}
