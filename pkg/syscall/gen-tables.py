#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Turns the data files of this room into one C file of constant tables (declared in tables.h).

usage: gen-tables.py OUTPUT.c DATA-DIRECTORY

Every row is checked; a bad one ends the run with FILE:LINE: what is wrong. The output depends on the data only.
A new table is a class with a reader (`__init__`) and a writer (`emit`), a line in main(), and its arrays in tables.h.
"""
import fnmatch
import os
import re
import sys

ABI_MAX = 24  # SC_ABI_MAX in abi.h
NONE = 'UINT32_MAX'
RANK_NEVER = 255


class BadRow(Exception):
    """Something wrong at a place in a data file."""

    def __init__(self, place, message):
        super().__init__(f'{place}: {message}')


class Row:
    """The cells of a line, and where it stands."""

    def __init__(self, place, cells):
        self.place = place
        self.cells = cells

    def check(self, condition, message):
        if not condition:
            raise BadRow(self.place, message)

    def number(self, text, limit):
        """A decimal or 0x number below or at the limit, without leading zeros."""
        self.check(re.fullmatch(r'0|[1-9][0-9]*|0x[0-9a-f]+', text), f"'{text}' is not a number")
        value = int(text, 0)
        self.check(value <= limit, f'{text} is above {limit}')
        return value

    def choice(self, text, values):
        self.check(text in values, f"'{text}' is not one of {', '.join(values)}")
        return values[text] if isinstance(values, dict) else text

    def flag(self, text):
        return self.choice(text, {'yes': True, 'no': False})

    def name(self, text):
        self.check(re.fullmatch(r'[A-Za-z_][A-Za-z0-9_]*', text), f"'{text}' is not a name")
        return text

    def kernel(self, text):
        match = re.fullmatch(r'([1-9][0-9]*)\.(0|[1-9][0-9]*)', text)
        self.check(match, f"'{text}' is not a kernel version")
        return int(match[1]) << 16 | int(match[2])


def lines_of(directory, name):
    """(place, line) for each line that is neither empty nor a comment."""
    path = os.path.join(directory, name)
    with open(path, encoding='utf-8') as file:
        for i, line in enumerate(file, 1):
            line = line.rstrip('\n')
            place = f'{path}:{i}'
            if line != line.rstrip():
                raise BadRow(place, 'white space at the end of the line')
            if line and not line.startswith('#'):
                yield place, line


def rows_of(directory, name):
    return [Row(place, line.split('\t')) for place, line in lines_of(directory, name)]


def table_of(directory, name, header):
    """The rows below a header line; each has as many cells as the header, none empty."""
    rows = rows_of(directory, name)
    if not rows:
        raise BadRow(os.path.join(directory, name), 'no rows')
    rows[0].check(rows[0].cells == header.split(), f'the header is not: {header}')
    for row in rows[1:]:
        row.check(len(row.cells) == len(rows[0].cells), f'{len(row.cells)} cells, not {len(rows[0].cells)}')
        row.check(all(row.cells), 'an empty cell')
    return rows[1:]


def c_string(text):
    if text is None or text == '-':
        return 'NULL'
    return '"' + text.replace('\\', '\\\\').replace('"', '\\"') + '"'


class Text:
    """All strings of the large tables in one array: a table of places in it needs no relocation, one of pointers does."""

    def __init__(self):
        self.places = {}
        self.bytes = [0]  # place 0 is nobody's: NULL

    def at(self, text):
        if text is None or text == '-':
            return '0'
        if text not in self.places:
            self.places[text] = len(self.bytes)
            self.bytes += [*text.encode(), 0]
        return str(self.places[text])

    def emit(self):
        yield c_array('const char sc_table_text[]', [str(b) if b < 128 else f"'\\x{b:02x}'" for b in self.bytes])


TEXT = Text()


def c_bool(value):
    return 'true' if value else 'false'


def c_array(declaration, items):
    """An array definition, its items wrapped. C has no empty arrays: without items there is one zero."""
    out = [declaration + ' = {']
    line = '       '
    for item in items or ['0']:
        if len(line) + len(item) + 2 > 116:
            out.append(line)
            line = '       '
        line += f' {item},'
    return '\n'.join(out + [line, '};\n'])


class Syscalls:
    """data/syscalls.tsv: names, and the numbers and first kernels of each column."""

    def __init__(self, directory):
        rows = rows_of(directory, 'syscalls.tsv')
        newest, header = rows[0], rows[1]
        newest.check(newest.cells[0] == 'newest' and len(newest.cells) == 2, "the first row is not 'newest VERSION'")
        header.check(header.cells[0] == 'name', "the second row is not the header 'name COLUMN…'")
        self.newest = newest.kernel(newest.cells[1])
        self.columns = header.cells[1:]
        self.names = []
        self.numbers = [[] for _ in self.columns]
        taken = [{} for _ in self.columns]
        for row in rows[2:]:
            row.check(len(row.cells) == len(header.cells), f'{len(row.cells)} cells, not {len(header.cells)}')
            self.read_row(row, taken)
        self.index = {name: i for i, name in enumerate(self.names)}

    def read_row(self, row, taken):
        name = row.name(row.cells[0])
        row.check(not self.names or self.names[-1] < name, f"'{name}' is not sorted after the row before it")
        row.check(any(cell != '-' for cell in row.cells[1:]), 'no ABI has this call')
        self.names.append(name)
        for i, cell in enumerate(row.cells[1:]):
            pair = self.read_cell(row, cell)
            self.numbers[i].append(pair)
            if pair:
                other = taken[i].setdefault(pair[0], name)
                row.check(other == name, f'{self.columns[i]} number {pair[0]} is also that of {other}')

    def read_cell(self, row, cell):
        if cell == '-':
            return None
        number, at, kernel = cell.partition('@')
        since = row.kernel(kernel) if at else 0
        row.check(since <= self.newest, f'{kernel} is newer than the newest kernel')
        return row.number(number, 0xfffff), since

    def call(self, row, name):
        row.check(name in self.index, f"no call named '{name}' in syscalls.tsv")
        return self.index[name]

    def letters(self):
        """Where the names that begin with each of '_' to 'z' start, and the end."""
        first = [ord(name[0]) for name in self.names]
        return [str(sum(c < letter for c in first)) for letter in range(ord('_'), ord('z') + 2)]

    def emit(self):
        yield f'const sc_kernel sc_table_newest = {self.newest:#x};\n'
        yield f'const size_t sc_table_call_count = {len(self.names)};\n'
        yield c_array('const sc_text sc_table_calls[]', [TEXT.at(name) for name in self.names])
        yield c_array('const uint16_t sc_table_call_letters[]', self.letters())
        columns = []
        for name, cells in zip(self.columns, self.numbers):
            pairs = [f'{{ {pair[0]}, {pair[1]:#x} }}' if pair else f'{{ {NONE}, 0 }}' for pair in cells]
            order = sorted((pair[0], call) for call, pair in enumerate(cells) if pair)
            yield c_array(f'static const struct sc_table_number {name}_numbers[]', pairs)
            yield c_array(f'static const uint16_t {name}_calls[]', [str(call) for _, call in order])
            columns.append(f'{{ {name}_numbers, {name}_calls, {len(order)} }}')
        yield c_array('const struct sc_table_column sc_table_columns[]', columns)


class Abis:
    """data/abis.tsv."""

    HEADER = ('name alias oci docker audit_arch scmp_arch nr_base bits endian multiplexed numbers family archmap')

    def __init__(self, directory, syscalls):
        self.rows = table_of(directory, 'abis.tsv', self.HEADER)
        self.index = {}
        names = set()
        for i, row in enumerate(self.rows):
            row.check(i + 1 < ABI_MAX, f'SC_ABI_MAX ({ABI_MAX}) is too small')
            self.index[row.cells[0]] = i
            for name in {cell for cell in row.cells[:3] if cell != '-'}:
                row.check(name not in names, f"'{name}' names two ABIs")
                names.add(name)
        self.abis = [self.abi(i, row) for i, row in enumerate(self.rows)]
        self.more = [self.abi_more(row, syscalls) for row in self.rows]

    @staticmethod
    def abi(i, row):
        name, alias, oci, docker, audit, scmp, base, bits, endian, multiplexed = row.cells[:10]
        row.name(name)
        row.check(oci.startswith('SCMP_ARCH_'), f"'{oci}' does not begin with SCMP_ARCH_")
        fields = [str(i), c_string(name), c_string(alias), c_string(oci), c_string(docker),
                  f'{row.number(audit, 0xffffffff):#x}', f'{row.number(scmp, 0xffffffff):#x}',
                  f'{row.number(base, 0x40000000):#x}', row.choice(bits, ['32', '64']),
                  c_bool(row.choice(endian, {'little': False, 'big': True})), c_bool(row.flag(multiplexed))]
        return '\n        { ' + ', '.join(fields) + ' }'

    def abi_more(self, row, syscalls):
        numbers, family, archmap = row.cells[10:]
        members = [] if family in ('-', 'alone') else family.split(',')
        for member in members:
            row.check(member in self.index, f"no ABI named '{member}'")
            row.check(member != row.cells[0], 'a family lists its own head')
        row.check(len(set(members)) == len(members), 'a family lists an ABI twice')
        row.check(family != '-' or not row.flag(archmap), 'an archMap entry, but no family')
        row.check(numbers in syscalls.columns, f"no column '{numbers}' in syscalls.tsv")
        places = ', '.join(str(self.index[member]) for member in members) or '0'
        return (f'\n        {{ {syscalls.columns.index(numbers)}, {c_bool(family != "-")}, '
                f'{c_bool(row.flag(archmap))}, {len(members)}, {{ {places} }} }}')

    def mask(self, row, patterns):
        """A bit for each ABI that is named or that a pattern with '*' matches; '32' and '64' are those with such words."""
        mask = 0
        for pattern in patterns.split(','):
            found = [i for name, i in self.index.items()
                     if fnmatch.fnmatchcase(name, pattern) or pattern == self.rows[i].cells[7]]
            row.check(found, f"no ABI named '{pattern}'")
            for i in found:
                mask |= 1 << i
        return mask

    def emit(self):
        yield f'_Static_assert(SC_ABI_MAX == {ABI_MAX}, "ABI_MAX of gen-tables.py");\n'
        yield f'const size_t sc_table_abi_count = {len(self.abis)};\n'
        yield c_array('const struct sc_abi sc_table_abis[]', self.abis)
        yield c_array('const struct sc_table_abi sc_table_abi_more[]', self.more)


class Fallbacks:
    """data/fallbacks.tsv: one sentence for each call."""

    def __init__(self, directory, syscalls):
        self.texts = [None] * len(syscalls.names)
        last = ''
        for row in table_of(directory, 'fallbacks.tsv', 'call who where instead'):
            name, who, where, instead = row.cells
            row.check(last < name, f"'{name}' is not sorted after the row before it")
            self.texts[syscalls.call(row, name)] = f'{who}: {where} → {instead}'
            last = name

    def emit(self):
        yield c_array('const sc_text sc_table_fallbacks[]', [TEXT.at(text) for text in self.texts])


class Carriers:
    """data/carriers.tsv."""

    def __init__(self, directory, syscalls):
        self.rows = {}
        pairs = set()
        for row in table_of(directory, 'carriers.tsv', 'carrier subcall call'):
            carrier = syscalls.call(row, row.cells[0])
            subcall = row.number(row.cells[1], 0xffff)
            call = syscalls.call(row, row.cells[2])
            row.check(call not in self.rows, f"'{row.cells[2]}' is carried twice")
            row.check((carrier, subcall) not in pairs, f'{row.cells[0]} {subcall} stands twice')
            self.rows[call] = (carrier, subcall)
            pairs.add((carrier, subcall))

    def emit(self):
        items = [f'{{ {call}, {carrier}, {subcall} }}' for call, (carrier, subcall) in sorted(self.rows.items())]
        yield f'const size_t sc_table_carried_count = {len(items)};\n'
        yield c_array('const struct sc_table_carried sc_table_carried[]', items)


class Groups:
    """data/groups.txt: groups, opened to the calls they hold."""

    def __init__(self, directory, syscalls):
        self.syscalls = syscalls
        self.descriptions = {}
        self.members = {}
        current = None
        for place, line in lines_of(directory, 'groups.txt'):
            row = Row(place, line.split())
            if line.startswith('    '):
                row.check(current, 'members before the first group')
                self.members[current] += [(row, word) for word in row.cells]
            else:
                current = self.begin(row, line)
        self.calls = {name: sorted(self.open(name, [])) for name in self.members}

    def begin(self, row, line):
        match = re.fullmatch(r'(@[a-z0-9-]+): (\S.*)', line)
        row.check(match, "neither '@NAME: DESCRIPTION' nor an indented list of members")
        row.check(not self.members or max(self.members) < match[1], f"'{match[1]}' is not sorted after the group before it")
        self.descriptions[match[1]] = match[2]
        self.members[match[1]] = []
        return match[1]

    def open(self, name, above):
        calls = set()
        seen = []
        for row, word in self.members[name]:
            row.check(not seen or (seen[-1][0] != '@', seen[-1]) < (word[0] != '@', word),
                      f"'{word}' is not sorted after '{seen[-1] if seen else ''}'")
            seen.append(word)
            if word == '*':
                calls |= set(self.syscalls.index.values())
            elif word.startswith('@'):
                row.check(word in self.members, f"no group named '{word}'")
                row.check(word not in above + [name], f"'{word}' contains itself")
                calls |= self.open(word, above + [name])
            else:
                calls.add(self.syscalls.call(row, word))
        return calls

    def emit(self):
        names = sorted(self.members)
        items = []
        for i, name in enumerate(names):
            yield c_array(f'static const uint16_t group_{i}[]', [str(call) for call in self.calls[name]])
            items.append(f'\n        {{ {c_string(self.descriptions[name])}, group_{i}, {len(self.calls[name])} }}')
        yield f'const size_t sc_table_group_count = {len(names)};\n'
        yield c_array('const sc_text sc_table_group_names[]', [TEXT.at(name) for name in names])
        yield c_array('const struct sc_table_group sc_table_groups[]', items)


class Notes:
    """data/notes.tsv: what each call gives and risks, by itself or by the first of its groups."""

    def __init__(self, directory, syscalls, groups):
        self.texts = []
        self.own = {}
        by_group = {}
        row = None
        for row in table_of(directory, 'notes.tsv', 'call gives risks'):
            for name in row.cells[0].split(','):
                if name.startswith('@'):
                    row.check(name in groups.calls, f"no group named '{name}'")
                    for call in groups.calls[name]:
                        by_group.setdefault(call, len(self.texts))
                else:
                    call = syscalls.call(row, name)
                    row.check(call not in self.own, f"'{name}' stands twice")
                    self.own[call] = len(self.texts)
            self.texts.append(row.cells[1:])
        self.index = [self.own.get(call, by_group.get(call)) for call in range(len(syscalls.names))]
        row.check(None not in self.index, 'a call has no note; the last row is for @known')

    def emit(self):
        notes = [f'\n        {{ {c_string(gives)}, {c_string(risks)} }}' for gives, risks in self.texts]
        yield c_array('const struct sc_note sc_table_notes[]', notes)
        yield c_array('const uint16_t sc_table_note_of[]', [str(i) for i in self.index])


class Libseccomp:
    """data/libseccomp.tsv."""

    def __init__(self, directory, syscalls, abis):
        self.ranks = {}
        self.packages = []
        self.first = [0] * len(syscalls.names)
        self.abis = abis
        self.abi_first = [0] * len(abis.index)
        self.gaps = []
        for row in rows_of(directory, 'libseccomp.tsv'):
            kind = row.choice(row.cells[0], {'table': self.read_table, 'since': self.read_since, 'abi': self.read_abi,
                                             'gap': self.read_gap})
            row.check(len(row.cells) >= 3, 'fewer than three cells')
            kind(row, syscalls)

    def read_table(self, row, syscalls):
        name, base = row.cells[1:3]
        row.check(name not in self.ranks and name not in (p[0] for p in self.packages), f"'{name}' stands twice")
        if base == '-':
            row.check(len(row.cells) == 3, 'a release has no extra names')
            row.check(all(self.version(row, other) < self.version(row, name) for other in self.ranks),
                      'releases are not in ascending order')
            self.ranks[name] = len(self.ranks)
            row.check(self.ranks[name] < RANK_NEVER, 'too many releases')
        else:
            extra = sorted(syscalls.call(row, call) for call in row.cells[3:])
            self.packages.append((name, self.rank(row, base), extra))

    @staticmethod
    def version(row, text):
        row.check(re.fullmatch(r'[0-9]+(\.[0-9]+){2}', text), f"'{text}' is not a release")
        return [int(part) for part in text.split('.')]

    def rank(self, row, name):
        row.check(name in self.ranks, f"no release '{name}' above")
        return self.ranks[name]

    def read_since(self, row, syscalls):
        call = syscalls.call(row, row.cells[1])
        row.check(len(row.cells) == 3, f'{len(row.cells)} cells, not 3')
        row.check(self.first[call] == 0, f"'{row.cells[1]}' stands twice")
        self.first[call] = RANK_NEVER if row.cells[2] == 'never' else self.rank(row, row.cells[2])

    def abi(self, row, name):
        row.check(name in self.abis.index, f"no ABI named '{name}'")
        return self.abis.index[name]

    def read_abi(self, row, _):
        row.check(len(row.cells) == 3, f'{len(row.cells)} cells, not 3')
        abi = self.abi(row, row.cells[1])
        row.check(self.abi_first[abi] == 0, f"'{row.cells[1]}' stands twice")
        self.abi_first[abi] = self.rank(row, row.cells[2])

    def read_gap(self, row, syscalls):
        row.check(len(row.cells) == 4, f'{len(row.cells)} cells, not 4')
        call, abi = syscalls.call(row, row.cells[1]), self.abi(row, row.cells[2])
        self.gaps.append(f'{{ {call}, {abi}, {self.rank(row, row.cells[3])} }}')

    def newest(self):
        """The first of those that have most names."""
        tables = [(rank, []) for rank in self.ranks.values()] + [(rank, extra) for _, rank, extra in self.packages]
        known = [len(set(extra) | {call for call, first in enumerate(self.first) if first <= rank})
                 for rank, extra in tables]
        return known.index(max(known))

    def emit(self):
        items = [f'\n        {{ {c_string(name)}, {rank}, NULL, 0 }}' for name, rank in self.ranks.items()]
        for i, (name, rank, extra) in enumerate(self.packages):
            yield c_array(f'static const uint16_t scmp_extra_{i}[]', [str(call) for call in extra])
            items.append(f'\n        {{ {c_string(name)}, {rank}, scmp_extra_{i}, {len(extra)} }}')
        yield f'const size_t sc_table_scmp_count = {len(items)};\n'
        yield f'const size_t sc_table_scmp_newest = {self.newest()};\n'
        yield c_array('const struct sc_scmptable sc_table_scmps[]', items)
        yield c_array('const uint8_t sc_table_scmp_first[]', [str(rank) for rank in self.first])
        yield c_array('const uint8_t sc_table_scmp_abis[]', [str(rank) for rank in self.abi_first])
        yield f'const size_t sc_table_scmp_gap_count = {len(self.gaps)};\n'
        yield c_array('const struct sc_table_scmp_gap sc_table_scmp_gaps[]', self.gaps)


class Capabilities:
    """data/capabilities.tsv."""

    def __init__(self, directory):
        self.names = []
        self.docker = 0
        for row in table_of(directory, 'capabilities.tsv', 'number name docker'):
            number = row.number(row.cells[0], 62)  # so that all of them are a 64-bit set
            row.check(number == len(self.names), f'{number} is not the next number')
            row.check(row.name(row.cells[1]).startswith('CAP_'), f"'{row.cells[1]}' does not begin with CAP_")
            row.check(row.cells[1] not in self.names, f"'{row.cells[1]}' stands twice")
            self.names.append(row.cells[1])
            self.docker |= row.flag(row.cells[2]) << number

    def emit(self):
        yield f'const unsigned sc_table_cap_count = {len(self.names)};\n'
        yield c_array('const char *const sc_table_caps[]', [c_string(name) for name in self.names])
        yield f'const uint64_t sc_table_caps_docker = {self.docker:#x};\n'


class Errnos:
    """data/errno.tsv."""

    def __init__(self, directory):
        self.by_number = {}
        self.by_name = {}
        last = 0
        for row in table_of(directory, 'errno.tsv', 'number name synonyms'):
            number = row.number(row.cells[0], 4094)
            row.check(number > last, f'{number} is not above the number before it')
            synonyms = [] if row.cells[2] == '-' else row.cells[2].split(',')
            for name in [row.cells[1]] + synonyms:
                row.check(row.name(name) not in self.by_name, f"'{name}' stands twice")
                self.by_name[name] = number
            self.by_number[number] = row.cells[1]
            last = number

    def emit(self):
        names = sorted(self.by_name)
        numbers = range(max(self.by_number) + 1)
        yield f'const size_t sc_table_errno_count = {len(numbers)};\n'
        yield c_array('const sc_text sc_table_errnos[]', [TEXT.at(self.by_number.get(n)) for n in numbers])
        yield f'const size_t sc_table_errno_name_count = {len(names)};\n'
        yield c_array('const sc_text sc_table_errno_names[]', [TEXT.at(name) for name in names])
        yield c_array('const uint16_t sc_table_errno_numbers[]', [str(self.by_name[name]) for name in names])


class Parameters:
    """data/parameters.tsv with types.tsv and families.tsv: what each call takes."""

    KINDS = {'int': 'SC_PARAM_INT', 'word': 'SC_PARAM_WORD', '64': 'SC_PARAM_64', 'pointer': 'SC_PARAM_POINTER'}

    def __init__(self, directory, syscalls):
        self.syscalls = syscalls
        self.types = {}
        for row in table_of(directory, 'types.tsv', 'type kind bits'):
            row.check(row.cells[0] not in self.types, f"'{row.cells[0]}' stands twice")
            self.types[row.cells[0]] = (row.choice(row.cells[1], self.KINDS), row.number(row.cells[2], 64))
        self.flat = []
        self.signatures = {}  # call → (first, names)
        self.families = {}
        last = ''
        aliases = []
        for row in rows_of(directory, 'parameters.tsv'):
            call = syscalls.call(row, row.cells[0])
            row.check(last < row.cells[0], f"'{row.cells[0]}' is not sorted after the row before it")
            last = row.cells[0]
            if row.cells[1].startswith('= '):
                aliases.append((row, call, syscalls.call(row, row.cells[1][2:])))
            else:
                self.read_row(row, call)
        for row, call, other in aliases:
            if other in self.signatures:  # else neither has parameters
                self.signatures[call] = self.signatures[other]
            else:
                row.check(False, 'the other call has no parameters of its own')
        self.read_families(directory)

    def read_row(self, row, call):
        names = []
        row.check(len(row.cells) <= 7, 'more than six parameters')
        first = len(self.flat)
        for cell in row.cells[1:]:
            name, _, rest = cell.partition(' ')
            ctype, cut, _ = rest.partition('/32')
            row.check(row.name(name) not in names, f"'{name}' stands twice")
            names.append(name)
            if ctype.endswith('*'):
                kind, bits = self.KINDS['pointer'], 64
            else:
                row.check(ctype in self.types, f"no type '{ctype}' in types.tsv")
                kind, bits = self.types[ctype]
            row.check(not cut or kind == self.KINDS['word'], 'only a word can be cut')
            self.flat.append((name, ctype, kind, 32 if cut else bits))
        self.signatures[call] = (first, names)

    def read_families(self, directory):
        for row in table_of(directory, 'families.tsv', 'calls parameter family'):
            for name in row.cells[0].split(','):
                call = self.syscalls.call(row, name)
                place = self.signatures[call][0] + self.position(row, call, row.cells[1])
                row.check(place not in self.families, f"{name}'s {row.cells[1]} has a family already")
                self.families[place] = (row, row.cells[2])

    def position(self, row, call, name):
        names = self.signatures.get(call, (0, []))[1]
        row.check(name in names, f"{self.syscalls.names[call]} has no parameter '{name}'")
        return names.index(name)

    def emit(self, layouts):
        items = [f'\n        {{ {TEXT.at(name)}, {TEXT.at(ctype)}, {kind}, {bits} }}'
                 for name, ctype, kind, bits in self.flat]
        yield c_array('const struct sc_table_param sc_table_params[]', items)
        families = [TEXT.at(self.families[i][1] if i in self.families else None) for i in range(len(self.flat))]
        yield c_array('const sc_text sc_table_param_families[]', families)
        items = []
        for call in range(len(self.syscalls.names)):
            first, names = self.signatures.get(call, (0, []))
            items.append(f'{{ {first}, {len(names)}, {layouts.first(call)} }}')
        yield c_array('const struct sc_table_signature sc_table_signatures[]', items)


class Layouts:
    """data/layouts.tsv, passing.tsv and narrow.tsv: how ABIs pass parameters."""

    WIDE = {'whole': 'SC_TABLE_WHOLE', 'pairs': 'SC_TABLE_PAIRS', 'even': 'SC_TABLE_EVEN'}

    def __init__(self, directory, abis, parameters):
        self.parameters = parameters
        self.rows = []  # (call, mask, item)
        taken = {}
        last = ''
        for row in table_of(directory, 'layouts.tsv', 'calls abis order'):
            row.check(last <= row.cells[0], f"'{row.cells[0]}' is not sorted after the row before it")
            last = row.cells[0]
            mask = abis.mask(row, row.cells[1])
            for name in row.cells[0].split(','):
                call = parameters.syscalls.call(row, name)
                row.check(not taken.get(call, 0) & mask, f'{name} has a row for one of these ABIs already')
                taken[call] = taken.get(call, 0) | mask
                self.rows.append((call, mask, self.order(row, call, mask)))
        self.rows.sort(key=lambda item: item[:2])
        self.passing = self.read_passing(directory, abis)
        self.narrow = [0] * len(parameters.syscalls.names)
        for row in table_of(directory, 'narrow.tsv', 'abis calls'):
            for name in row.cells[1].split(' '):
                self.narrow[parameters.syscalls.call(row, name)] |= abis.mask(row, row.cells[0])

    def order(self, row, call, mask):
        words = row.cells[2].split(' ')
        behind = words == ['behind']
        params, bits = [], []
        for word in [] if behind or words == ['none'] else words:
            name, _, width = word.partition('/')
            params.append('SC_TABLE_UNUSED' if name == '-' else str(self.parameters.position(row, call, name)))
            bits.append(row.choice(width, ['', '16', '64']) or '0')
        named = [param for param in params if param != 'SC_TABLE_UNUSED']
        row.check(len(set(named)) == len(named) and len(params) <= 6, 'a parameter twice, or more than six registers')
        return (f'\n        {{ {call}, {mask:#x}, {c_bool(behind)}, {len(params)}, {{ {", ".join(params) or "0"} }}, '
                f'{{ {", ".join(bits) or "0"} }} }}')

    def read_passing(self, directory, abis):
        rows = table_of(directory, 'passing.tsv', 'abi wide register pointer')
        items = {}
        for row in rows:
            row.check(row.cells[0] in abis.index, f"no ABI named '{row.cells[0]}'")
            items[abis.index[row.cells[0]]] = (f'{{ {row.choice(row.cells[1], self.WIDE)}, '
                                               f'{row.number(row.cells[2], 64)}, {row.number(row.cells[3], 64)} }}')
        rows[-1].check(len(items) == len(abis.index), 'not every ABI has a row')
        return [items[i] for i in sorted(items)]

    def first(self, call):
        return next((i for i, row in enumerate(self.rows) if row[0] == call), len(self.rows))

    def emit(self):
        yield f'const size_t sc_table_layout_count = {len(self.rows)};\n'
        yield c_array('const struct sc_table_layout sc_table_layouts[]', [item for _, _, item in self.rows])
        yield c_array('const struct sc_table_passing sc_table_passing[]', self.passing)
        yield c_array('const uint32_t sc_table_narrow[]', [f'{mask:#x}' for mask in self.narrow])


class Constants:
    """data/constants.tsv: numbers that the kernel's headers give names to, by ABI."""

    def __init__(self, directory, abis):
        self.rows = {}
        self.exceptions = []
        self.families = set()
        last = []
        for row in table_of(directory, 'constants.tsv', 'family name value exceptions'):
            family, name, value, exceptions = row.cells
            row.check(last < row.cells[:2], f"'{name}' is not sorted after the row before it")
            last = row.cells[:2]
            row.check(row.name(name) not in self.rows, f"'{name}' stands twice")
            self.families.add(row.name(family))
            first = len(self.exceptions)
            words = [] if exceptions == '-' else exceptions.split(' ')
            for word in ['*=-'] * (value == '-') + words:
                patterns, equals, other = word.partition('=')
                row.check(equals, f"'{word}' is not ABIS=VALUE")
                self.exceptions.append(f'{{ {abis.mask(row, patterns):#x}, {c_bool(other == "-")}, '
                                       f'{0 if other == "-" else self.value(row, other)} }}')
            count = len(self.exceptions) - first
            common = 0 if value == '-' else self.value(row, value)
            self.rows[name] = f'\n        {{ {common}, {TEXT.at(family)}, {first}, {count} }}'

    @staticmethod
    def value(row, text):
        row.check(re.fullmatch(r'-?[1-9][0-9]*|0|0x[0-9a-f]+', text), f"'{text}' is not a number")
        row.check(-2**63 < int(text, 0) < 2**63, f'{text} does not fit into 64 bits with a sign')
        return text

    def emit(self):
        names = sorted(self.rows)
        yield f'const size_t sc_table_constant_count = {len(names)};\n'
        yield c_array('const sc_text sc_table_constant_names[]', [TEXT.at(name) for name in names])
        yield c_array('const struct sc_table_constant sc_table_constants[]', [self.rows[name] for name in names])
        yield c_array('const struct sc_table_exception sc_table_exceptions[]', self.exceptions)


def main(output, directory):
    try:
        syscalls = Syscalls(directory)
        abis = Abis(directory, syscalls)
        parameters = Parameters(directory, syscalls)
        layouts = Layouts(directory, abis, parameters)
        constants = Constants(directory, abis)
        for row, family in parameters.families.values():
            row.check(family in constants.families, f"no family '{family}' in constants.tsv")
        groups = Groups(directory, syscalls)
        tables = [syscalls, abis, Fallbacks(directory, syscalls), Carriers(directory, syscalls),
                  groups, Notes(directory, syscalls, groups), Libseccomp(directory, syscalls, abis),
                  Capabilities(directory), Errnos(directory), layouts, constants]
    except BadRow as error:
        sys.exit(f'{error}')
    parts = ['/* SPDX-License-Identifier: Apache-2.0 */\n/* Made by gen-tables.py from data/; do not edit. */\n'
             '#include "syscall/tables.h"\n']
    for table in tables:
        parts.extend(table.emit())
    parts.extend(parameters.emit(layouts))
    parts.extend(TEXT.emit())
    with open(output, 'w', encoding='utf-8') as file:
        file.write('\n'.join(parts))


if __name__ == '__main__':
    if len(sys.argv) != 3:
        sys.exit('usage: gen-tables.py OUTPUT.c DATA-DIRECTORY')
    main(sys.argv[1], sys.argv[2])
