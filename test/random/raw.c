/* SPDX-License-Identifier: Apache-2.0 */
/* The meaning of raw rules, bit by bit as the manual page has it, against the interpreter. */
#include "raw.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bpf/bpf.h"

static bool arg_holds(const struct sc_scmp_arg *arg, const struct sc_abi *abi, uint64_t value)
{
        uint64_t width = abi->word_bits == 32 ? UINT32_MAX : UINT64_MAX, x = value & width, a = arg->a & width;

        switch (arg->op) {
        case SC_SCMP_NE:
                return x != a;
        case SC_SCMP_LT:
                return x < a;
        case SC_SCMP_LE:
                return x <= a;
        case SC_SCMP_EQ:
                return x == a;
        case SC_SCMP_GE:
                return x >= a;
        case SC_SCMP_GT:
                return x > a;
        case SC_SCMP_MASKED_EQ:
                return (x & a) == (arg->b & a);
        }
        return false;
}

bool raw_holds(const struct sc_scmp_rule *rule, const struct sc_abi *abi, const uint64_t args[6])
{
        for (unsigned i = 0; i < rule->n_args; i++)
                if (!arg_holds(&rule->args[i], abi, args[rule->args[i].index]))
                        return false;
        return true;
}

static bool is_else(const struct sc_scmp_rule *rule)
{
        return rule->n_args == 1 && rule->args[0].op == SC_SCMP_GE && rule->args[0].a == 0;
}

uint32_t raw_answer(const struct sc_scmp_filter *filter, const char *call, const struct sc_abi *abi,
                    const uint64_t args[6])
{
        for (int otherwise = 0; otherwise <= 1; otherwise++)
                for (size_t i = 0; i < filter->n_rules; i++)
                        if (!strcmp(filter->rules[i].name, call) && is_else(&filter->rules[i]) == otherwise &&
                            raw_holds(&filter->rules[i], abi, args))
                                return filter->rules[i].action;
        return filter->default_action;
}

static void fill_pool(const struct sc_scmp_filter *filter, const char *call, struct cond_pool *ret_pool)
{
        memset(ret_pool, 0, sizeof(*ret_pool));
        for (unsigned i = 0; i < 6; i++)
                cond_pool_add(ret_pool, i, 0);
        for (size_t i = 0; i < filter->n_rules; i++)
                for (unsigned k = 0; k < filter->rules[i].n_args && !strcmp(filter->rules[i].name, call); k++) {
                        const struct sc_scmp_arg *arg = &filter->rules[i].args[k];

                        cond_pool_add(ret_pool, arg->index, arg->a);
                        if (arg->op == SC_SCMP_MASKED_EQ)
                                cond_pool_add(ret_pool, arg->index, arg->b);
                }
}

enum raw_outcome raw_try(const struct sc_scmp_filter *filter, const char *call, size_t inputs, struct rng *rng,
                         struct raw_difference *ret_difference)
{
        struct sc_scmp_result result = { 0 };
        enum raw_outcome outcome = RAW_RIGHT;
        struct sc_bpf_program program;
        struct cond_pool pool;
        uint32_t nr;

        if (sc_scmp_compile(filter, &result) < 0 || result.error) {
                free(result.insns);
                return RAW_REFUSED;
        }
        program = (struct sc_bpf_program){ result.insns, result.len, filter->abis[0]->big_endian };
        fill_pool(filter, call, &pool);
        for (size_t a = 0; a < filter->n_abis; a++) {
                const struct sc_abi *abi = filter->abis[a];

                if (!sc_syscall_number(sc_syscall_find(call, strlen(call)), abi, &nr))
                        continue;
                for (size_t i = 0; i < inputs && outcome == RAW_RIGHT; i++) {
                        struct raw_difference d;
                        struct sc_bpf_data data;

                        cond_pool_input(&pool, rng, d.args);
                        data = sc_bpf_data_make(abi->audit_arch, nr, d.args, abi->big_endian);
                        d.wanted = raw_answer(filter, call, abi, d.args);
                        d.got = sc_bpf_run(&program, &data);
                        if (d.got == d.wanted)
                                continue;
                        *ret_difference = d;
                        outcome = RAW_WRONG;
                }
        }
        free(result.insns);
        return outcome;
}

enum raw_outcome raw_try_in_child(const struct sc_scmp_filter *filter, const char *call, size_t inputs, struct rng *rng,
                                  unsigned seconds, struct raw_difference *ret_difference)
{
        struct shared {
                enum raw_outcome outcome;
                struct raw_difference difference;
                struct rng rng;
        } *shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        enum raw_outcome outcome = RAW_REFUSED;
        int status;
        pid_t pid;

        if (shared == MAP_FAILED)
                return RAW_REFUSED;
        shared->outcome = RAW_HANGS;
        shared->rng = *rng;
        pid = fork();
        if (pid == 0) {
                hang_limit(seconds);
                shared->outcome = raw_try(filter, call, inputs, &shared->rng, &shared->difference);
                _exit(0);
        }
        if (pid > 0 && waitpid(pid, &status, 0) == pid) {
                outcome = shared->outcome;
                *rng = shared->rng;
                *ret_difference = shared->difference;
        }
        munmap(shared, sizeof(*shared));
        return outcome;
}

void raw_write(const struct sc_scmp_rule *rule, struct sc_strbuf *out)
{
        static const char *const ops[] = {
                [SC_SCMP_NE] = "!=", [SC_SCMP_LT] = "<", [SC_SCMP_LE] = "<=", [SC_SCMP_EQ] = "==",
                [SC_SCMP_GE] = ">=", [SC_SCMP_GT] = ">",
        };

        for (unsigned i = 0; i < rule->n_args; i++) {
                const struct sc_scmp_arg *arg = &rule->args[i];

                sc_strbuf_puts(out, i ? " && " : "");
                if (arg->op == SC_SCMP_MASKED_EQ)
                        sc_strbuf_printf(out, "a%u & %#" PRIx64 " == %#" PRIx64, arg->index, arg->a, arg->b);
                else
                        sc_strbuf_printf(out, "a%u %s %#" PRIx64, arg->index, ops[arg->op], arg->a);
        }
}
