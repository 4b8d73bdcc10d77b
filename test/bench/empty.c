/* SPDX-License-Identifier: Apache-2.0 */
/* A program that does nothing: what it costs to start any dynamically linked one. */
int main(void)
{
        return 0;
}
