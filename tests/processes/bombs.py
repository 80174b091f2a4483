"""Requests that would take for ever, fill the memory or overflow the stack."""

from __future__ import annotations

DEEP = 5_000
PATTERN = "?s ?p ?o"


def nested(opening: str, inner: str, closing: str, depth: int = DEEP) -> str:
    return opening * depth + inner + closing * depth


def doubled(function: str, head: str = "SELECT (STRLEN(?x40) AS ?length)") -> str:
    steps = (f"BIND({function.format(f'?x{step}')} AS ?x{step + 1})" for step in range(40))
    return f'{head} {{ BIND("{"a" * 64}" AS ?x0) {" ".join(steps)} }}'


def crossed(count: int) -> str:
    return " . ".join(f"?s{n} ?p{n} ?o{n}" for n in range(count))


DIGITS = "VALUES ?d {n} {{ 0 1 2 3 4 5 6 7 8 9 }}"
VALUES = " ".join(DIGITS.replace("?d ", "?d").format(n=f"{n}") for n in range(12))
LONG_ENOUGH = " ".join(
    VALUES.split(" VALUES ")[:1] + [f"VALUES {one}" for one in VALUES.split(" VALUES ")[1:6]]
)
"""A million solutions: long enough to be set aside, far from any limit."""

ANY = "(!<http://e/none>)"
TOO_LONG = {
    "cross product": f"SELECT (COUNT(*) AS ?n) {{ {crossed(5)} }}",
    "values": f"SELECT (COUNT(*) AS ?n) {{ {VALUES} }}",
    "property path": f"SELECT (COUNT(*) AS ?n) {{ ?a ({ANY}|^{ANY})* ?b . ?c {ANY}* ?d }}",
    "regex": f'SELECT (COUNT(*) AS ?n) {{ {crossed(4)} FILTER(REGEX(CONCAT(STR(?o0), STR(?o3)), "(a|aa)+$")) }}',
    "big integers": f"SELECT (SUM(?d0 * 999999999999999999) AS ?n) {{ {VALUES} }}",
    "exists": f"SELECT (COUNT(*) AS ?n) {{ {crossed(4)} FILTER NOT EXISTS {{ {crossed(5)} FILTER(?s3 = 1) }} }}",
}
TOO_BIG = {
    "replace": doubled('REPLACE({}, "a", "aa")'),
    "string doubling": doubled("CONCAT({0}, {0})"),
    "group concat": f"SELECT (GROUP_CONCAT(CONCAT(STR(?s0), STR(?s1), STR(?s2))) AS ?x) {{ {crossed(4)} }}",
    "order by": f"SELECT * {{ {crossed(4)} }} ORDER BY ?s0 ?o1",
    "distinct": f"SELECT DISTINCT * {{ {crossed(4)} }}",
    "rows": f"SELECT * {{ {crossed(3)} }}",
    "triples": f"CONSTRUCT {{ ?s0 ?p1 ?o2 }} {{ {crossed(3)} }}",
}
TOO_DEEP = {
    "sub-select": f"SELECT * {nested('{ SELECT * ', '{ ?s ?p ?o }', '}')}",
    "groups": f"SELECT * {nested('{', PATTERN, '}')}",
    "parentheses": f"SELECT * {{ ?s ?p ?o FILTER({nested('(', '1', ')')}) }}",
    "sums": f"SELECT * {{ ?s ?p ?o FILTER(?o = {'1+' * (20 * DEEP)}1) }}",
    "union": f"SELECT * {{ {nested('{ ?s ?p ?o } UNION { ', PATTERN, ' }')} }}",
    "flat union": f"SELECT * {{ {'{ ?s ?p ?o } UNION ' * (4 * DEEP)} {{ ?s ?p ?o }} }}",
    "optional": f"SELECT * {{ {nested('OPTIONAL { ?s ?p ?o ', '', '}')} }}",
    "collections": f"SELECT * {{ {nested('(', '1', ')')} ?p ?o }}",
    "blank nodes": f"SELECT * {{ {nested('[ ?p ', '1', ']')} ?p ?o }}",
    "triple terms": f"SELECT * {{ ?s ?p {nested('<<( <http://e/s> <http://e/p> ', '1', ' )>>')} }}",
    "paths": f"SELECT * {{ ?s {nested('(', '<http://e/p>', ')*')} ?o }}",
    "exists in exists": f"SELECT * {{ {nested('FILTER EXISTS { ?s ?p ?o ', '', '}')} }}",
}
UPDATES = {
    "cross product": f"INSERT {{ ?s0 ?p1 ?o2 }} WHERE {{ {crossed(5)} }}",
    "string doubling": doubled("CONCAT({0}, {0})", "INSERT { <s:s> <s:p> ?x40 } WHERE"),
    "sub-select": f"INSERT {{ ?s ?p ?o }} WHERE {nested('{ SELECT * ', '{ ?s ?p ?o }', '}')}",
    "triple terms": f"INSERT DATA {{ <s:s> <s:p> {nested('<<( <http://e/s> <http://e/p> ', '1', ' )>>')} }}",
}
DATA = "\n".join(
    f'<http://e/{n}> <http://e/p{n % 7}> <http://e/{n * 7 % 1000}> , "{"ab" * 9}{n}" .'
    for n in range(1000)
)
