/* SPDX-License-Identifier: Apache-2.0 */
/* Formats of strings: each says 1 or 0; -ENOMEM where one needs memory. */
#pragma once

#include <stddef.h>

typedef int sc_schema_format_fn(const char *text, size_t len);

/* format-uri.c: names and addresses (RFC 3986, RFC 1123, RFC 5321, RFC 4291, RFC 6570) */
sc_schema_format_fn sc_schema_is_hostname, sc_schema_is_email, sc_schema_is_ipv4, sc_schema_is_ipv6, sc_schema_is_uri,
        sc_schema_is_uri_reference, sc_schema_is_uri_template;
