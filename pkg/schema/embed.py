#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the drafts' own schemas as a C table: embed.py OUTPUT DRAFT.json…; each says its URI by its own id."""
import json
import pathlib
import sys

BYTES_A_LINE = 16


def c_bytes(data):
    """The bytes, and a NUL behind them, as lines of a C initialiser."""
    data += b"\0"
    for at in range(0, len(data), BYTES_A_LINE):
        yield "        " + " ".join(f"{byte:#04x}," for byte in data[at:at + BYTES_A_LINE])


def main(output, *inputs):
    lines = ["/* SPDX-License-Identifier: Apache-2.0 */", "/* Written by embed.py: do not edit. */",
             '#include "schema/meta.h"', ""]
    rows = []
    for index, path in enumerate(pathlib.Path(path) for path in inputs):
        data = path.read_bytes()
        schema = json.loads(data)
        uri = schema.get("$id", schema.get("id")).rstrip("#")
        lines += [f"static const unsigned char text_{index}[] = {{", *c_bytes(data), "};", ""]
        rows.append(f'        {{ "{uri}", {{ "<{path.stem}>", (const char *)text_{index}, {len(data)} }} }},')
    lines += ["const struct sc_schema_meta sc_schema_metas[] = {", *rows, "};",
              f"const size_t sc_schema_meta_count = {len(rows)};"]
    pathlib.Path(output).write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
