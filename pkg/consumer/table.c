/* SPDX-License-Identifier: Apache-2.0 */
/* The consumers, a row each. Facts and sources: docs/consumers.md. */
#include <string.h>

#include "base/util.h"
#include "consumer/consumer.h"

/* runc names its ABIs itself; these it never did, or not yet at the version. */
static const char *const runc_refuses[] = {
        "SCMP_ARCH_M68K", "SCMP_ARCH_SH", "SCMP_ARCH_SHEB", "SCMP_ARCH_PARISC", "SCMP_ARCH_PARISC64", NULL,
};
static const char *const runc_1_1_5_refuses[] = {
        "SCMP_ARCH_M68K",   "SCMP_ARCH_SH",      "SCMP_ARCH_SHEB",        "SCMP_ARCH_PARISC",
        "SCMP_ARCH_PARISC64", "SCMP_ARCH_RISCV64", "SCMP_ARCH_LOONGARCH64", NULL,
};

/* Debian 12's runc refuses every flag, but docker 20.10 hands it none. */
static const char *const current_flags[] = {
        "SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_SPEC_ALLOW", "SECCOMP_FILTER_FLAG_TSYNC",
        "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV", NULL,
};
static const char *const no_flags[] = { NULL };

static const struct sc_consumer consumers[] = {
        {
                .name = "containerd",
                .summary = "containerd (nerdctl, ctr) with runc: plain OCI, whatever the form of the file",
                .scmptable = "debian12",
                .reads_default_errno = true,
                .reads_flags = true,
                .empty_is_off = true,
                .enosys_stub = true,
                .refuses_empty_names = true,
                .tree_above = 32,
                .refused_abis = runc_refuses,
                .flags = current_flags,
        },
        {
                .name = "cri-o",
                .summary = "CRI-O with crun: Docker's format, but minKernel is ignored",
                .scmptable = "debian12",
                .docker_format = true,
                .reads_default_errno = true,
                .ignores_min_kernel = true,
                .reads_errno_names = true,
                .reads_flags = true,
                .empty_is_off = true,
                .refuses_idle_errno = true,
                .strict_schema = true,
                .loose_abis = true,
                .args_max = 6,
                .flags = current_flags,
        },
        {
                .name = "crun",
                .summary = "crun by itself: plain OCI, no stub",
                .scmptable = "debian12",
                .reads_default_errno = true,
                .reads_flags = true,
                .refuses_idle_errno = true,
                .strict_schema = true,
                .loose_abis = true,
                .args_max = 6,
                .flags = current_flags,
        },
        {
                .name = "docker",
                .summary = "Docker 21 and later with runc",
                .scmptable = "debian12",
                .docker_format = true,
                .reads_default_errno = true,
                .reads_flags = true,
                .empty_is_off = true,
                .enosys_stub = true,
                .refuses_empty_names = true,
                .tree_above = 32,
                .refused_abis = runc_refuses,
                .flags = current_flags,
        },
        {
                .name = "docker@20.10",
                .summary = "Docker 20.10 (Debian 12) with runc 1.1.5: ignores defaultErrnoRet and flags",
                .scmptable = "debian12",
                .docker_format = true,
                .empty_is_off = true,
                .enosys_stub = true,
                .refuses_empty_names = true,
                .stub_as_listed = true,
                .refused_abis = runc_1_1_5_refuses,
                .flags = no_flags,
        },
        {
                .name = "kubernetes",
                .summary = "Kubernetes' localhost profiles, with containerd and runc",
                .scmptable = "debian12",
                .reads_default_errno = true,
                .reads_flags = true,
                .empty_is_off = true,
                .enosys_stub = true,
                .refuses_empty_names = true,
                .tree_above = 32,
                .refused_abis = runc_refuses,
                .flags = current_flags,
        },
        {
                .name = "podman",
                .summary = "Podman with runc: Docker's format, but minKernel is ignored",
                .scmptable = "debian12",
                .docker_format = true,
                .reads_default_errno = true,
                .ignores_min_kernel = true,
                .reads_errno_names = true,
                .reads_flags = true,
                .empty_is_off = true,
                .enosys_stub = true,
                .refuses_empty_names = true,
                .tree_above = 32,
                .refused_abis = runc_refuses,
                .flags = current_flags,
        },
        {
                .name = "podman-crun",
                .summary = "Podman with crun",
                .scmptable = "debian12",
                .docker_format = true,
                .reads_default_errno = true,
                .ignores_min_kernel = true,
                .reads_errno_names = true,
                .reads_flags = true,
                .empty_is_off = true,
                .refuses_idle_errno = true,
                .strict_schema = true,
                .loose_abis = true,
                .args_max = 6,
                .flags = current_flags,
        },
        {
                .name = "runc",
                .summary = "runc by itself: plain OCI, answers ENOSYS above the highest number named",
                .scmptable = "debian12",
                .reads_default_errno = true,
                .reads_flags = true,
                .empty_is_off = true,
                .enosys_stub = true,
                .refuses_empty_names = true,
                .tree_above = 32,
                .refused_abis = runc_refuses,
                .flags = current_flags,
        },
        {
                .name = "runc@1.1",
                .summary = "runc 1.1 (Debian 12): as runc, but refuses flags, and its stub covers listed ABIs only",
                .scmptable = "debian12",
                .reads_default_errno = true,
                .reads_flags = true,
                .empty_is_off = true,
                .enosys_stub = true,
                .refuses_empty_names = true,
                .stub_as_listed = true,
                .refused_abis = runc_1_1_5_refuses,
                .flags = no_flags,
        },
};

size_t sc_consumer_count(void)
{
        return SC_COUNT(consumers);
}

const struct sc_consumer *sc_consumer_at(size_t index)
{
        return &consumers[index];
}

const struct sc_consumer *sc_consumer_find(const char *name, size_t len)
{
        for (size_t i = 0; i < SC_COUNT(consumers); i++)
                if (strlen(consumers[i].name) == len && !memcmp(consumers[i].name, name, len))
                        return &consumers[i];
        return NULL;
}
