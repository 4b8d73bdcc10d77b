// SPDX-License-Identifier: Apache-2.0
/* The part of the program that is compiled by itself: the numerical integral of sin over one of several strips. */
#include <math.h>

double strip(int i, int n);

double strip(int i, int n) {
        enum { STEPS = 100000 };
        double width = M_PI / n, sum = 0;

        for (int k = 0; k < STEPS; k++)
                sum += sin(width * (i + (k + 0.5) / STEPS)) * width / STEPS;
        return sum;
}
