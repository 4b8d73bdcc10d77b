/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a fuzzer over every file of the directories it is given, and prints TAP. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "fuzz/fuzz.h"

#define INPUT_MAX ((size_t)64 * 1024 * 1024)

static int run_file(int dirfd, const char *name, int n)
{
        char *text;
        size_t len;
        int r = sc_file_read(dirfd, name, INPUT_MAX, &text, &len);

        if (r == 0) {
                LLVMFuzzerTestOneInput((const uint8_t *)text, len);
                free(text);
        }
        printf("%sok %d - %s\n", r < 0 ? "not " : "", n, name);
        return r;
}

int main(int argc, char **argv)
{
        int n = 0, failures = 0;

        for (int i = 1; i < argc; i++) {
                DIR *dir = opendir(argv[i]);
                const struct dirent *entry;

                if (!dir) {
                        perror(argv[i]);
                        return EXIT_FAILURE;
                }
                while ((entry = readdir(dir)))
                        if (entry->d_name[0] != '.')
                                failures += run_file(dirfd(dir), entry->d_name, ++n) < 0;
                closedir(dir);
        }
        printf("1..%d\n", n);
        return failures || !n ? EXIT_FAILURE : EXIT_SUCCESS;
}
