/* SPDX-License-Identifier: Apache-2.0 */
/* A library that holds nothing. */
typedef int sc_empty;
