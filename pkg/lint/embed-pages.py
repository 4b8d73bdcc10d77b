#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the rules' pages as a C table, and on what it depends: embed-pages.py OUTPUT DEPFILE DIRECTORY.

The licence line at the top of a page is left out. A page added to the directory is found by the directory's own time.
"""
import pathlib
import re
import sys

BYTES_A_LINE = 16


def c_bytes(text):
    """The bytes of a page, and a NUL behind them, as lines of a C initialiser."""
    data = text.encode() + b"\0"
    for at in range(0, len(data), BYTES_A_LINE):
        yield "        " + " ".join(f"{byte:#04x}," for byte in data[at:at + BYTES_A_LINE])


def main(output, depfile, directory):
    pages = sorted(path for path in pathlib.Path(directory).glob("*.md") if path.stem not in ("README", "findings"))
    lines = ["/* SPDX-License-Identifier: Apache-2.0 */",
             "/* Written by embed-pages.py from docs/lint: do not edit. */",
             '#include "lint/pages.h"', ""]
    rows = []
    for index, path in enumerate(pages):
        text = re.sub(r"\A(<!--.*?-->\n)+", "", path.read_text(), flags=re.S)
        lines += [f"static const unsigned char page_{index}[] = {{", *c_bytes(text), "};", ""]
        rows.append(f'        {{ "{path.stem}", (const char *)page_{index} }},')
    lines += ["const struct lint_page lint_pages[] = {", *rows, "};", f"const size_t lint_pages_count = {len(rows)};"]
    pathlib.Path(output).write_text("\n".join(lines) + "\n")
    pathlib.Path(depfile).write_text(f"{output}: {directory} " + " ".join(map(str, pages)) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
