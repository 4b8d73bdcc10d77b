// SPDX-License-Identifier: Apache-2.0
/* The program that the job gcc builds: four threads share an integral, whose value is 2. */
#include <pthread.h>
#include <stdio.h>

double strip(int i, int n);

enum { THREADS = 4 };

struct part {
        int index;
        double sum;
};

static void *work(void *data) {
        struct part *part = data;

        part->sum = strip(part->index, THREADS);
        return NULL;
}

int main(void) {
        pthread_t threads[THREADS];
        struct part parts[THREADS];
        double sum = 0;

        for (int i = 0; i < THREADS; i++) {
                parts[i] = (struct part){ .index = i };
                if (pthread_create(&threads[i], NULL, work, &parts[i]) != 0)
                        return 1;
        }
        for (int i = 0; i < THREADS; i++) {
                if (pthread_join(threads[i], NULL) != 0)
                        return 1;
                sum += parts[i].sum;
        }
        printf("integral: %.6f\n", sum);
        return 0;
}
