/* SPDX-License-Identifier: Apache-2.0 */
/* Random conditions, and inputs around the values that they name. */
#include <errno.h>
#include <linux/seccomp.h>
#include <string.h>

#include "base/util.h"
#include "condition.h"
#include "syscall/constant.h"
#include "syscall/param.h"

#define TRIES 40
#define DEPTH 3

/* Calls with narrow and wide parameters, of different orders, split in halves, and carried by multiplexers. */
static const char *const calls[] = {
        "socket", "clone", "mmap", "mprotect", "ioctl", "prctl", "personality", "lseek", "fcntl", "keyctl",
        "semctl", "setsockopt", "pread64", "fallocate", "openat", "mknodat", "kill", "madvise", "unshare", "ftruncate",
        "sync_file_range", "fadvise64", "ptrace", "flock", "setns", "getpriority", "shmget", "mremap", "bpf",
        "prlimit64", "epoll_ctl", "chmod", "timerfd_create", "splice", "rt_sigaction", "setuid", "readahead",
};

static const char *const caps[] = { "CAP_SYS_ADMIN", "CAP_NET_RAW", "CAP_MKNOD" };

static uint64_t width(unsigned bits)
{
        return UINT64_MAX >> (64 - bits);
}

/* An atom's argument on all ABIs that have the call. */
struct extent {
        const struct sc_abi *abis[COND_ABIS_MAX];
        size_t n_abis;
        unsigned min, max; /* bits that count */
        bool pointer;
        const char *family;
};

static bool find_extent(const struct cond_case *c, const struct cond_node *atom, struct extent *ret_extent)
{
        struct extent e = { .n_abis = cond_callable(c, e.abis), .min = 64 };

        for (size_t i = 0; i < e.n_abis; i++) {
                struct cond_spot spot;

                if (!cond_locate(c, atom, e.abis[i], &spot))
                        return false;
                e.min = spot.bits < e.min ? spot.bits : e.min;
                e.max = spot.bits > e.max ? spot.bits : e.max;
                e.pointer |= spot.pointer;
        }
        if (atom->param >= 0)
                e.family = sc_param_family(c->call, (size_t)atom->param);
        *ret_extent = e;
        return e.n_abis > 0;
}

static void choose_argument(struct rng *rng, const struct cond_case *c, struct cond_node *atom, struct extent *extent)
{
        size_t n = sc_param_count(c->call);

        for (int i = 0; i < TRIES; i++) {
                atom->param = rng_percent(rng, 75) ? (int)rng_below(rng, n) : -1;
                atom->position = (unsigned)rng_below(rng, rng_percent(rng, 90) ? n : 6);
                atom->raw = atom->param < 0 && rng_percent(rng, 10);
                if (atom->param >= 0 && !strncmp(sc_param_at(c->call, (size_t)atom->param).name, "arg", 3))
                        atom->param = -1; /* reached by position only */
                if (find_extent(c, atom, extent) && (!extent->pointer || rng_percent(rng, 10)))
                        return;
        }
        atom->param = -1;
        atom->position = 5;
        atom->raw = true;
        find_extent(c, atom, extent);
}

/* Numbers that people compare with: mostly small or a bit, seldom wide. */
static uint64_t choose_number(struct rng *rng, const struct extent *e)
{
        unsigned bits = e->max > 32 && !rng_percent(rng, 8) ? 32 : e->max;
        uint64_t number;

        switch (rng_below(rng, 8)) {
        case 0:
        case 1:
        case 2:
                number = rng_below(rng, 24);
                break;
        case 3:
        case 4:
                number = UINT64_C(1) << rng_below(rng, bits);
                break;
        case 5:
                number = (UINT64_C(1) << rng_below(rng, bits)) - 1;
                break;
        case 6:
                number = rng_next(rng) & rng_next(rng) & width(bits);
                break;
        default:
                number = rng_below(rng, 70000);
                break;
        }
        return number & width(e->max);
}

/* A constant of the parameter's family that every ABI has, within the bits that count there; -1 if none is found. */
static int choose_constant(struct rng *rng, const struct extent *e, bool positive)
{
        for (int tries = 0; e->family && tries < 2000; tries++) {
                size_t i = rng_below(rng, sc_constant_count());
                bool good = !strcmp(sc_constant_family(i), e->family);

                for (size_t k = 0; good && k < e->n_abis; k++) {
                        int64_t value;

                        good = sc_constant_value(i, e->abis[k], &value) == 0 &&
                               (value < 0 ? !positive : (uint64_t)value <= width(e->min));
                }
                if (good)
                        return (int)i;
        }
        return -1;
}

static struct cond_value plain(uint64_t n)
{
        return (struct cond_value){ .kind = COND_PLAIN, .n = n, .other = -1 };
}

/* A value to be equal to. */
static struct cond_value choose_equal(struct rng *rng, const struct extent *e)
{
        int constant = rng_percent(rng, 50) ? choose_constant(rng, e, false) : -1;

        if (e->pointer)
                return plain(0);
        if (constant >= 0)
                return (struct cond_value){ .kind = COND_NAMED, .n = (uint64_t)constant, .other = -1 };
        if (rng_percent(rng, 5))
                return (struct cond_value){ .kind = COND_MINUS, .n = 1 + rng_below(rng, 100), .other = -1 };
        if (rng_percent(rng, 3))
                return (struct cond_value){ .kind = COND_TILDE, .n = rng_below(rng, 64), .other = -1 };
        return plain(choose_number(rng, e));
}

static bool zero_somewhere(const struct cond_value *value, const struct extent *e)
{
        for (size_t i = 0; i < e->n_abis; i++)
                if (!(cond_value_on(value, e->abis[i], e->min) & width(e->min)))
                        return true;
        return false;
}

static struct cond_value choose_mask(struct rng *rng, const struct extent *e)
{
        int constant = rng_percent(rng, 50) ? choose_constant(rng, e, true) : -1;
        struct cond_value mask = plain(0);

        if (constant >= 0)
                mask = (struct cond_value){ .kind = COND_NAMED, .n = (uint64_t)constant,
                                            .other = rng_percent(rng, 50) ? choose_constant(rng, e, true) : -1 };
        else if (rng_percent(rng, 10))
                mask = (struct cond_value){ .kind = COND_TILDE, .n = 1 + rng_below(rng, 63), .other = -1 };
        else if (rng_percent(rng, 50))
                mask = plain((UINT64_C(1) << rng_below(rng, e->min)) | (UINT64_C(1) << rng_below(rng, e->min)));
        else
                mask = plain(choose_number(rng, e));
        return zero_somewhere(&mask, e) ? plain(1 + rng_below(rng, 7)) : mask;
}

static bool is_ordered(enum cond_op op)
{
        return op != COND_EQ && op != COND_NE;
}

/* `top`: the largest that the argument can be where most bits count. */
static void choose_comparison(struct rng *rng, struct cond_node *atom, const struct extent *e, uint64_t top)
{
        atom->kind = COND_COMPARE;
        atom->op = (enum cond_op)rng_below(rng, e->pointer || rng_percent(rng, 45) ? 2 : 6);
        atom->turned = rng_percent(rng, 20);
        if (atom->masked || is_ordered(atom->op))
                atom->value = plain(choose_number(rng, e));
        else
                atom->value = choose_equal(rng, e);
        if (is_ordered(atom->op) && top > 1)
                atom->value.n = atom->value.n % (top - 1) + 1;
        else if (is_ordered(atom->op))
                atom->op = COND_EQ;
        if (atom->masked && !is_ordered(atom->op))
                atom->value.n &= top;
}

static void choose_set(struct rng *rng, struct cond_node *atom, const struct extent *e, uint64_t top)
{
        atom->kind = COND_IN;
        atom->not_in = rng_percent(rng, 45);
        atom->n_ranges = e->pointer ? 1 : 1 + rng_below(rng, COND_RANGES_MAX);
        for (size_t i = 0; i < atom->n_ranges; i++) {
                struct cond_value *first = &atom->first[i], *last = &atom->last[i];

                *first = atom->masked ? plain(choose_number(rng, e) & top) : choose_equal(rng, e);
                *last = *first;
                if (e->pointer || first->kind != COND_PLAIN || !rng_percent(rng, 15) || first->n >= top)
                        continue;
                last->n += 1 + rng_below(rng, rng_percent(rng, 60) ? 12 : 3000);
                last->n = last->n > top ? top : last->n;
                if (first->n == 0 && last->n == top)
                        first->n = 1;
        }
}

static int add_atom(struct rng *rng, struct cond_case *c)
{
        int index = c->n_nodes++;
        struct cond_node *atom = &c->nodes[index];
        struct extent e = { 0 };
        uint64_t top;

        if (rng_percent(rng, 4)) {
                const char *name = caps[rng_below(rng, SC_COUNT(caps))];

                atom->kind = COND_CAP;
                atom->cap = (unsigned)sc_cap_find(name, strlen(name));
                return index;
        }
        choose_argument(rng, c, atom, &e);
        top = width(e.max);
        atom->masked = !e.pointer && rng_percent(rng, 35);
        if (atom->masked) {
                atom->mask = choose_mask(rng, &e);
                for (size_t i = 0; i < e.n_abis; i++)
                        top &= cond_value_on(&atom->mask, e.abis[i], e.max);
        }
        if (atom->masked && rng_percent(rng, 35))
                atom->kind = COND_ANY;
        else if (rng_percent(rng, 35))
                choose_set(rng, atom, &e, top);
        else
                choose_comparison(rng, atom, &e, top);
        return index;
}

static int add_tree(struct rng *rng, struct cond_case *c, int depth)
{
        size_t what = depth ? rng_below(rng, 100) : 0;
        int index;

        if (what < 60)
                return add_atom(rng, c);
        index = c->n_nodes++;
        c->nodes[index].kind = what < 74 ? COND_AND : what < 91 ? COND_OR : COND_NOT;
        c->nodes[index].left = add_tree(rng, c, depth - 1);
        if (what < 91)
                c->nodes[index].right = add_tree(rng, c, depth - 1);
        return index;
}

static uint32_t choose_action(struct rng *rng, const struct cond_case *c)
{
        static const uint32_t actions[] = { SECCOMP_RET_ALLOW, SECCOMP_RET_ERRNO | EPERM };
        uint32_t action;

        do
                action = rng_percent(rng, 8) ? SECCOMP_RET_ERRNO | EACCES : actions[rng_below(rng, SC_COUNT(actions))];
        while (c->shape == COND_OPEN && action == SECCOMP_RET_ALLOW && !c->n_rules);
        return action;
}

/* What a rule answers, the next does not: else it would seldom matter. */
static void add_rule(struct rng *rng, struct cond_case *c)
{
        struct cond_rule *rule = &c->rules[c->n_rules];

        do
                rule->action = choose_action(rng, c);
        while (c->n_rules && rule->action == rule[-1].action);
        rule->when = add_tree(rng, c, DEPTH);
        c->n_rules++;
}

void cond_generate(struct rng *rng, struct cond_case *c)
{
        const struct sc_abi *abis[COND_ABIS_MAX];
        size_t n = rng_percent(rng, 80) ? 1 : 2 + rng_below(rng, 2);

        c->n_rules = 0;
        c->n_nodes = 0;
        memset(c->nodes, 0, sizeof(c->nodes));
        do {
                const char *name = calls[rng_below(rng, SC_COUNT(calls))];

                c->call = sc_syscall_find(name, strlen(name));
        } while (!cond_callable(c, abis));
        c->shape = rng_percent(rng, 85) ? COND_JUDGED : rng_percent(rng, 50) ? COND_DEFAULT : COND_OPEN;
        c->caps = rng_next(rng) & rng_next(rng) & sc_caps_all();
        for (size_t i = 0; i < n; i++)
                add_rule(rng, c);
        do
                c->last = choose_action(rng, c);
        while (c->last == c->rules[n - 1].action);
}

void cond_pool_add(struct cond_pool *pool, unsigned arg, uint64_t value)
{
        if (pool->n[arg] < COND_POOL_MAX)
                pool->values[arg][pool->n[arg]++] = value;
}

static void add_number(struct cond_pool *pool, const struct cond_spot *spot, uint64_t value)
{
        cond_pool_add(pool, spot->low, spot->split ? value & UINT32_MAX : value);
        if (spot->split)
                cond_pool_add(pool, spot->high, value >> 32);
}

void cond_pool_fill(const struct cond_case *c, const struct sc_abi *abi, struct cond_pool *ret_pool)
{
        memset(ret_pool, 0, sizeof(*ret_pool));
        for (unsigned arg = 0; arg < 6; arg++) {
                cond_pool_add(ret_pool, arg, 0);
                cond_pool_add(ret_pool, arg, UINT64_MAX);
        }
        for (int i = 0; i < c->n_nodes; i++) {
                const struct cond_node *atom = &c->nodes[i];
                struct cond_spot spot;

                if (atom->kind < COND_COMPARE || !cond_locate(c, atom, abi, &spot))
                        continue;
                if (atom->masked)
                        add_number(ret_pool, &spot, cond_value_on(&atom->mask, abi, spot.bits));
                if (atom->kind == COND_COMPARE)
                        add_number(ret_pool, &spot, cond_value_on(&atom->value, abi, spot.bits));
                for (size_t k = 0; k < atom->n_ranges && atom->kind == COND_IN; k++) {
                        add_number(ret_pool, &spot, cond_value_on(&atom->first[k], abi, spot.bits));
                        add_number(ret_pool, &spot, cond_value_on(&atom->last[k], abi, spot.bits));
                }
        }
}

void cond_pool_input(const struct cond_pool *pool, struct rng *rng, uint64_t ret_args[6])
{
        for (unsigned arg = 0; arg < 6; arg++) {
                uint64_t value = pool->values[arg][rng_below(rng, pool->n[arg])];

                switch (rng_below(rng, 10)) {
                case 0:
                        value -= 1;
                        break;
                case 1:
                        value += 1;
                        break;
                case 2:
                        value ^= UINT64_C(1) << rng_below(rng, 64);
                        break;
                case 3:
                        value |= rng_next(rng) << 32; /* what a 32-bit parameter does not see */
                        break;
                case 4:
                        value |= pool->values[arg][rng_below(rng, pool->n[arg])];
                        break;
                case 5:
                        value &= ~pool->values[arg][rng_below(rng, pool->n[arg])];
                        break;
                case 6:
                        value = rng_next(rng);
                        break;
                default:
                        break;
                }
                ret_args[arg] = value;
        }
}
