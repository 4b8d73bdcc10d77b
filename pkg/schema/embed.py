#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes schemas as a C table: embed.py OUTPUT TABLE BASE SCHEMA.json…

TABLE is a prefix of the names: of the array TABLEs and its length TABLE_count. A schema without an id of its own has
the URI BASE and its file name."""
import json
import pathlib
import sys

BYTES_A_LINE = 16


def c_bytes(data):
    """The bytes, and a NUL behind them, as lines of a C initialiser."""
    data += b"\0"
    for at in range(0, len(data), BYTES_A_LINE):
        yield "        " + " ".join(f"{byte:#04x}," for byte in data[at:at + BYTES_A_LINE])


def main(output, table, base, *inputs):
    lines = ["/* SPDX-License-Identifier: Apache-2.0 */", "/* Written by embed.py: do not edit. */",
             '#include "schema/meta.h"', ""]
    rows = []
    for index, path in enumerate(pathlib.Path(path) for path in inputs):
        data = path.read_bytes()
        schema = json.loads(data)
        uri = schema.get("$id", schema.get("id", base + path.name)).rstrip("#")
        lines += [f"static const unsigned char text_{index}[] = {{", *c_bytes(data), "};", ""]
        rows.append(f'        {{ "{uri}", {{ "<{path.stem}>", (const char *)text_{index}, {len(data)} }} }},')
    lines += [f"const struct sc_schema_meta {table}s[] = {{", *rows, "};",
              f"const size_t {table}_count = {len(rows)};"]
    pathlib.Path(output).write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
