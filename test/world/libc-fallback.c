/* SPDX-License-Identifier: Apache-2.0 */
/* Does what glibc first tries clone3 for: starts a thread and a process. Prints "thread ok" and "spawn ok". */
#include <pthread.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHILD_STATUS 42

static void *thread_main(void *arg)
{
        *(int *)arg = CHILD_STATUS;
        return arg;
}

static bool report(const char *what, int error)
{
        printf("%s %s\n", what, error ? strerror(error) : "ok");
        return error == 0;
}

static bool try_thread(void)
{
        int value = 0, error;
        void *result = NULL;
        pthread_t thread;

        error = pthread_create(&thread, NULL, thread_main, &value);
        if (error == 0)
                error = pthread_join(thread, &result);
        return report("thread", error) && result == &value && value == CHILD_STATUS;
}

static bool try_spawn(void)
{
        char self[] = "/proc/self/exe", child[] = "child";
        char *const args[] = { self, child, NULL };
        int error, status = 0;
        pid_t pid;

        error = posix_spawn(&pid, self, NULL, NULL, args, environ);
        if (!report("spawn", error))
                return false;
        return waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == CHILD_STATUS;
}

int main(int argc, char **argv)
{
        bool thread, spawn;

        if (argc > 1 && !strcmp(argv[1], "child"))
                return CHILD_STATUS;
        thread = try_thread();
        spawn = try_spawn();
        return thread && spawn ? EXIT_SUCCESS : EXIT_FAILURE;
}
