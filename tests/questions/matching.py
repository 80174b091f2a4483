"""When an answer counts as the expected one.

What is expected is words. A cell of an answer goes by its names: for an entity its labels and aliases in any language,
for a sentence ``S`` and its number, for a literal its value. Words and names are compared without regard to case.

set       Every expected item is found in a row, and every cell of every row is one that some item was found in:
          an item ``A`` in a cell of that name; an item ``A: B`` in a row with a cell ``B``, whose column is called
          ``A`` or beside which a cell has ``A`` in its name.
ordered   The items are found one after the other: in the rows, or in the cells of the only row. An item that ends with
          a word in brackets may be missing.
number    One cell with that value; ``more than N`` is the value N with a lower bound beside it.
date      One cell with that date; EDTF's sign for an approximate date does not count.
boolean   The answer to ASK.
empty-set No row.

READINGS says how to read the items of a question that are sentences: the names to be found together in one row.
OPTIONAL names what a question's own notes allow besides.
"""

from __future__ import annotations

import re
from decimal import Decimal

from pyoxigraph import Literal, NamedNode, QueryBoolean, QuerySolutions, Store

LABELS = """
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT ?name WHERE { { <%s> rdfs:label ?name } UNION { <%s> skos:altLabel ?name } }
"""
READINGS = {
    "Q049": [{"Russia", "potential", "instability in the Far East"}],
    "Q098": [{"--02-07"}, {"false"}],
    "Q106": [{"illegal occupation"}],
}
OPTIONAL = {
    "Q061": {"Southern Kurils"},
}
Cell = tuple[str, frozenset[str]]
Row = list[Cell]
Item = str | set[str]


def names(store: Store, term: object) -> frozenset[str]:
    """Return what a term goes by, in small letters."""
    if isinstance(term, NamedNode):
        found = {row["name"].value for row in store.query(LABELS % (term.value, term.value))}
        if sentence := re.search(r"#s0*(\d+)$", term.value):
            found.add(f"S{sentence[1]}")
        return frozenset(name.casefold() for name in found)
    assert isinstance(term, Literal)
    return frozenset({term.value.casefold()})


def table(store: Store, results: QuerySolutions) -> list[Row]:
    """Return an answer as rows of cells: the column, and what the cell goes by."""
    return [
        [
            (column.value, names(store, row[column]))
            for column in results.variables
            if row[column] is not None
        ]
        for row in results
    ]


def found_in(row: Row, item: Item) -> set[int]:
    """Return the cells of a row in which an expected item is found; none if it is not."""
    if isinstance(item, set):
        cells = [
            {n for n, (_, known) in enumerate(row) if name.casefold() in known} for name in item
        ]
        return set.union(*cells) if all(cells) else set()
    if plain := {n for n, (_, known) in enumerate(row) if item.casefold() in known}:
        return plain
    role, colon, name = item.partition(": ")
    if not colon:
        return set()
    for n, (column, known) in enumerate(row):
        if name.casefold() in known:
            if called(column) == role.casefold():
                return {n}
            for other, (_, beside) in enumerate(row):
                if other != n and any(role.casefold() in text for text in beside):
                    return {n, other}
    return set()


def called(column: str) -> str:
    """Return the words that a column's name is made of: ``callsItIllegal`` is "calls it illegal"."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", column).casefold()


def matches_set(rows: list[Row], expected: list[Item], optional: set[str]) -> bool:
    """Tell whether the rows hold what is expected, and nothing else."""
    covered: list[set[int]] = [set() for _ in rows]
    for item in expected:
        places = [found_in(row, item) for row in rows]
        if not any(places):
            return False
        covered = [before | now for before, now in zip(covered, places, strict=True)]
    for item in optional:
        covered = [before | found_in(row, item) for before, row in zip(covered, rows, strict=True)]
    return all(len(cells) == len(row) for cells, row in zip(covered, rows, strict=True))


def matches_order(rows: list[Row], expected: list[Item], optional: set[str]) -> bool:
    """Tell whether the rows, or the cells of the only row, are what is expected, in that order."""
    places = [[cell] for cell in rows[0]] if len(rows) == 1 else rows
    due = list(expected)
    for place in places:
        while due and not found_in(place, due[0]) and str(due[0]).endswith(")"):
            due.pop(0)
        if due and found_in(place, due[0]):
            due.pop(0)
        elif not any(found_in(place, item) for item in optional):
            return False
    return not due


def matches_number(rows: list[Row], expected: str) -> bool:
    """Tell whether the only row is that number, with a bound beside it where one is expected."""
    (row,) = rows
    limit = re.fullmatch(r"more than ([\d,]+)", expected)
    value = Decimal((limit[1] if limit else expected).replace(",", ""))
    numbers = [
        Decimal(text) for _, known in row for text in known if re.fullmatch(r"-?[\d.]+", text)
    ]
    bounds = [
        known for _, known in row if not any(re.fullmatch(r"-?[\d.]+", text) for text in known)
    ]
    return numbers == [value] and (
        any("lower bound" in known for known in bounds) if limit else not bounds
    )


def matches(store: Store, query: str, question: str, kind: str, expected: list[str]) -> bool:
    """Tell whether a query's answer is the expected one."""
    results = store.query(query)
    if isinstance(results, QueryBoolean):
        return kind == "boolean" and expected == [{True: "yes", False: "no"}[bool(results)]]
    assert isinstance(results, QuerySolutions)
    rows = table(store, results)
    match kind:
        case "set":
            return matches_set(
                rows, [*READINGS.get(question, expected)], OPTIONAL.get(question, set())
            )
        case "ordered":
            return matches_order(rows, [*expected], OPTIONAL.get(question, set()))
        case "number":
            return len(rows) == 1 and matches_number(rows, expected[0])
        case "date":
            return [[known for _, known in row] for row in rows] in (
                [[frozenset({expected[0]})]],
                [[frozenset({expected[0] + "~"})]],
            )
        case "empty-set":
            return rows == [] and expected == []
    raise AssertionError(f"there is no way to match a {kind}")
