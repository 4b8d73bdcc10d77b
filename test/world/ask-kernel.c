/* SPDX-License-Identifier: Apache-2.0 */
/* Makes system calls by ABI, number and arguments, and prints what the kernel answers to each. */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gates.h"

static const char usage_text[] =
        "Usage: ask-kernel [--inside] ABI:NUMBER[:ARGUMENT]…\n\n"
        "Prints 'ABI:NUMBER… ANSWER' for each; the answer is ok, errno N, or killed SIGNAL. Each call is made in\n"
        "a child, which may be killed; with --inside in this process, where a filter lets it make no children.\n";

struct question {
        bool x86;
        uint64_t nr;
        uint64_t args[GATE_ARGS_MAX];
};

static long ask(const struct question *q)
{
        return q->x86 ? gate_x86(q->nr, q->args) : gate_x86_64(q->nr, q->args);
}

/* The kernel's errors are -1 to -4095; all else is a success whose value is of no interest. */
static void print_answer(const char *word, long ret)
{
        if (ret < 0 && ret >= -4095)
                printf("%s errno %ld\n", word, -ret);
        else
                printf("%s ok\n", word);
        fflush(stdout);
}

static bool ask_in_child(const char *word, const struct question *q)
{
        pid_t pid = fork();
        int status;

        if (pid < 0) {
                perror("ask-kernel: fork");
                return false;
        }
        if (pid == 0) {
                print_answer(word, ask(q));
                _exit(EXIT_SUCCESS);
        }
        if (waitpid(pid, &status, 0) != pid)
                return false;
        if (WIFSIGNALED(status)) {
                printf("%s killed %d\n", word, WTERMSIG(status));
                fflush(stdout);
        }
        return WIFSIGNALED(status) || WEXITSTATUS(status) == EXIT_SUCCESS;
}

static bool parse(const char *word, struct question *ret_question)
{
        struct question q = { .x86 = !strncmp(word, "x86:", strlen("x86:")) };
        const char *p = strchr(word, ':');
        uint64_t numbers[1 + GATE_ARGS_MAX] = { 0 };
        size_t n = 0;

        while (p && *p == ':' && n < 1 + GATE_ARGS_MAX) {
                char *end;

                errno = 0;
                numbers[n++] = strtoull(p + 1, &end, 0);
                if (errno || end == p + 1)
                        return false;
                p = end;
        }
        if (n == 0 || !p || *p)
                return false;
        q.nr = numbers[0];
        memcpy(q.args, numbers + 1, sizeof(q.args));
        *ret_question = q;
        return true;
}

int main(int argc, char **argv)
{
        bool inside = argc > 1 && !strcmp(argv[1], "--inside"), good = true;

        if (argc < 2 + inside) {
                fputs(usage_text, stderr);
                return EXIT_FAILURE;
        }
        for (int i = 1 + inside; i < argc; i++) {
                struct question q;

                if (!parse(argv[i], &q)) {
                        fprintf(stderr, "ask-kernel: not a question: %s\n", argv[i]);
                        return EXIT_FAILURE;
                }
                if (inside)
                        print_answer(argv[i], ask(&q));
                else
                        good = ask_in_child(argv[i], &q) && good;
        }
        return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
