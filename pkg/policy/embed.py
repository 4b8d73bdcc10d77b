#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the shipped policies as a C table: embed.py OUTPUT POLICY.jsonc…"""
import pathlib
import sys

BYTES_A_LINE = 16


def c_bytes(data):
    """The bytes of a file, and a NUL behind them, as lines of a C initialiser."""
    data += b"\0"
    for at in range(0, len(data), BYTES_A_LINE):
        yield "        " + " ".join(f"{byte:#04x}," for byte in data[at:at + BYTES_A_LINE])


def main(output, *inputs):
    policies = sorted((pathlib.Path(path) for path in inputs), key=lambda path: path.stem)
    lines = ["/* SPDX-License-Identifier: Apache-2.0 */",
             "/* Written by embed.py from profiles/: do not edit. */",
             '#include "policy/embedded.h"', ""]
    rows = []
    for index, path in enumerate(policies):
        data = path.read_bytes()
        lines += [f"static const unsigned char policy_{index}[] = {{", *c_bytes(data), "};", ""]
        rows.append(f'        {{ "{path.stem}", (const char *)policy_{index}, {len(data)} }},')
    lines += ["const struct sc_shipped policy_embedded[] = {", *rows, "};",
              f"const size_t policy_embedded_count = {len(rows)};"]
    pathlib.Path(output).write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
