"""What pyoxigraph complains of, as the errors that a user may see."""

import re
from collections.abc import Iterator
from contextlib import suppress
from difflib import get_close_matches

from shimoda.errors import SyntaxProblem
from shimoda.namespaces import PREDEFINED
from shimoda.sparql.text import (
    NO_QUERY,
    NO_UPDATE,
    end_of_head,
    line_and_column,
    mask,
    operation_of,
)

QUERY_ERROR = re.compile(r"error at (\d+):(\d+): expected (.*)", re.DOTALL)
PLACE = re.compile(
    r"^Parser error at line \d+ (between columns \d+ and( line \d+ column)? \d+|column \d+): "
)
MEANING = re.compile(r"[A-Z]\w*(?: [\w?']+){3,}")
DECLARED = re.compile(r"\bprefix\s+([\w.-]*):", re.IGNORECASE)
USED = re.compile(r"(?<![\w?$:.@_-])([A-Za-z][\w.-]*|):[\w\\%]")
LONGEST = 20_000
ORDER = "What follows the pattern stands in this order: GROUP BY, HAVING, ORDER BY, LIMIT, OFFSET, VALUES."
HERE = {
    r"filter\b(?!\s*(\(|not\b|exists\b|\w*:|\w+\s*\())": "FILTER takes its condition in parentheses.",
    r"(order|group)\b(?!\s+by\b)": "ORDER and GROUP are followed by BY.",
    r"(limit|offset)\b(?!\s+\d)": "LIMIT and OFFSET take a whole number.",
    r"(having|group|order|limit|offset)\b": ORDER,
    r"graph\s*\{": "GRAPH takes a name or a variable before its braces.",
    r"\w+\s*\(.*\)\s*[?{w]": "An expression in SELECT stands in parentheses with a name: (COUNT(?s) AS ?n).",
    r"\)\s*[?({w]": "An expression in SELECT is given a name: (COUNT(?s) AS ?n).",
    r",": "Variables in SELECT stand without commas between them.",
    r"\^\^|@": "A datatype is written ^^xsd:date, a language @en.",
}
"""What is wrong where the text stops parsing, by what stands there."""
IN_SELECT = ("Variables in SELECT", "An expression in SELECT")
OPEN = {
    r"[\"']": "A text begins here that does not end.",
    r"<(?=\w+:)": "An IRI begins here that does not end, or has a character that no IRI may have.",
}
CALL = re.compile(r"(?<![\w?$:@.-])([A-Za-z_]\w*)\s*\(")
FIRST = re.compile(r"(?<![\w?$@:-])[A-Za-z]+(?!\w*:)")
RELATIVE = re.compile(r"<[^:<>\s]*>")
WORDS = (
    "SELECT ASK CONSTRUCT DESCRIBE PREFIX BASE WHERE FROM NAMED DISTINCT REDUCED FILTER OPTIONAL "
    "MINUS UNION GRAPH SERVICE SILENT BIND VALUES UNDEF EXISTS NOT IN AS GROUP BY HAVING ORDER "
    "ASC DESC LIMIT OFFSET"
)
FUNCTIONS = (
    "STR LANG LANGMATCHES DATATYPE BOUND IRI URI BNODE RAND ABS CEIL FLOOR ROUND CONCAT STRLEN "
    "UCASE LCASE ENCODE_FOR_URI CONTAINS STRSTARTS STRENDS STRBEFORE STRAFTER YEAR MONTH DAY "
    "HOURS MINUTES SECONDS TIMEZONE TZ NOW UUID STRUUID MD5 SHA1 SHA256 SHA384 SHA512 COALESCE IF "
    "STRLANG STRDT SAMETERM ISIRI ISURI ISBLANK ISLITERAL ISNUMERIC REGEX SUBSTR REPLACE COUNT "
    "SUM MIN MAX AVG SAMPLE GROUP_CONCAT LANGDIR STRLANGDIR HASLANG HASLANGDIR TRIPLE SUBJECT "
    "PREDICATE OBJECT ISTRIPLE ADJUST"
)
AGGREGATE = re.compile(
    r"\b(?:count|sum|min|max|avg|sample|group_concat)\s*\([^()]*(?:\([^()]*\))?[^()]*\)",
    re.IGNORECASE,
)
KEYS = re.compile(
    r"\bgroup\s+by\b(.*?)(?=\b(?:having|order|limit|offset|values)\b|$)", re.IGNORECASE | re.DOTALL
)
NAMED = re.compile(r"\bas\s+[?$](\w+)", re.IGNORECASE)
EXPRESSION = re.compile(r"\w+\s*\([^()]*\)(?!\s*as)", re.IGNORECASE)
VARIABLE = re.compile(r"[?$](\w+)")
Complaint = tuple[str, int]
"""A sentence, and where in the text."""


def syntax_problem(
    error: SyntaxError, text: str = "", *, file: str | None = None, is_query: bool = False
) -> SyntaxProblem:
    """Say where and how a query, an update or an RDF document does not parse; places count from 1."""
    found = QUERY_ERROR.match(error.msg)
    if not found:
        return SyntaxProblem(
            sentence(PLACE.sub("", error.msg)), file=file, line=error.lineno, column=error.offset
        )
    if operation_of(text) == ("update" if is_query else "query"):
        return SyntaxProblem(NO_QUERY if is_query else NO_UPDATE, line=1, column=1)
    detail, offset = complain(found[3], text, place(text, int(found[1]), int(found[2])))
    line, column = line_and_column(text, offset)
    return SyntaxProblem(detail, file=file, line=line, column=column)


def place(text: str, line: int, column: int) -> int:
    """Return where a query or an update stops parsing, given the place that pyoxigraph names.

    That is as far as it looked ahead, a word or two late; rdflib's grammar knows where the clause begins.
    """
    from pyparsing import ParseException

    from shimoda.sparql.grammar import parseQuery, parseUpdate

    late = sum(len(before) + 1 for before in text.split("\n")[: line - 1]) + column - 1
    places = []
    for parse in (parseQuery, parseUpdate) if len(text) < LONGEST else ():
        with suppress(RecursionError):
            try:
                parse(text)
                return late
            except ParseException as error:
                places.append(error.loc)
    return max((one for one in places if one <= late), default=late)


def complain(expected: str, text: str, offset: int) -> Complaint:
    """Say what is wrong with a text that stops parsing at a place."""
    plain = mask(text)
    if "IRI parsing" in expected and (found := RELATIVE.search(text)):
        return f"{found[0]} is no absolute IRI, and no BASE stands before it.", found.start()
    if expected == "<unreported>" and "_:" in plain:
        return "A blank node may stand in one group only; take a variable.", plain.rindex("_:")
    for look in (misused, undeclared, unended, misplaced, misspelt):
        if (complaint := next(look(expected, plain, offset), None)) is not None:
            return complaint
    rest = re.match(r"\S{1,40}", text[offset:])
    return (f"It does not parse from “{rest[0]}” on." if rest else "It ends too early."), offset


def misused(expected: str, plain: str, offset: int) -> Iterator[Complaint]:
    """Say what the grammar allows and the rules on variables do not (section 19.8, notes)."""
    said, start = MEANING.search(expected), end_of_head(plain)
    if said and "unbound" in said[0]:
        yield from unbound(plain, start)
    twice = "AS gives a value to ?{0}, which has one already; choose another name."
    for name in NAMED.finditer(plain):
        before = plain[start : name.start()] if name.start() > start else plain[start:]
        if (expected == "[_]" or (said and "overrides" in said[0])) and is_used(name[1], before):
            yield twice.format(name[1]), name.start()
    if "SELECT * " in expected:
        yield "SELECT * shows no groups: name the variables of GROUP BY.", offset
    if said:
        yield f"{said[0]}.", offset
    if expected == "UNDEF" and (values := plain.lower().rfind("values")) >= 0:
        yield "A row of VALUES has a value for each variable; UNDEF stands for none.", values


def unbound(plain: str, start: int) -> Iterator[Complaint]:
    """Name the variables that SELECT shows and of which a group has many."""
    head = AGGREGATE.sub(lambda found: " " * len(found[0]), plain[:start])
    keys = KEYS.search(plain, start)
    bound = VARIABLE.findall(EXPRESSION.sub("", keys[1])) if keys else []
    bound += NAMED.findall(plain[:start])
    for name in VARIABLE.finditer(head):
        if name[1] not in bound:
            hint = f"add it to GROUP BY, or take SAMPLE(?{name[1]})"
            yield f"SELECT shows ?{name[1]}, of which a group has many: {hint}.", name.start()


def is_used(name: str, plain: str) -> bool:
    """Tell whether a variable stands in a part of a query."""
    return re.search(rf"[?$]{name}\b", plain) is not None


def undeclared(_: str, plain: str, __: int) -> Iterator[Complaint]:
    """Name the prefixes that are not declared."""
    declared = {*PREDEFINED, *DECLARED.findall(plain)}
    missing = [name for name in USED.finditer(plain) if name[1] not in declared]
    if missing:
        names = ", ".join(f"{name}:" for name in dict.fromkeys(name[1] for name in missing))
        yield f"No PREFIX declares {names}.", missing[0].start()


def unended(_: str, plain: str, offset: int) -> Iterator[Complaint]:
    """Name what is opened and not closed, or closed and not opened."""
    for pattern, detail in OPEN.items():
        if found := re.search(pattern, plain):
            yield detail, found.start()
    opened: list[int] = []
    for bracket in re.finditer(r"[{}()\[\]]", plain):
        if bracket[0] in "{([":
            opened.append(bracket.start())
        elif not opened or plain[opened.pop()] + bracket[0] not in ("{}", "()", "[]"):
            yield f"This {bracket[0]} closes nothing.", bracket.start()
    if opened:
        line, column = line_and_column(plain, opened[-1])
        yield f"The {plain[opened[-1]]} of line {line}, column {column} is not closed.", offset


def misplaced(_: str, plain: str, offset: int) -> Iterator[Complaint]:
    """Say what should stand at a place instead."""
    in_select = offset < end_of_head(plain)
    for pattern, detail in HERE.items():
        if re.match(pattern, plain[offset:], re.IGNORECASE) and (
            in_select or not detail.startswith(IN_SELECT)
        ):
            yield detail, offset


def misspelt(_: str, plain: str, offset: int) -> Iterator[Complaint]:
    """Name a word or a function that SPARQL does not have."""
    calls = ((found[1], FUNCTIONS, found.start()) for found in CALL.finditer(plain))
    here = FIRST.match(plain, offset)
    for word, words, start in [*calls, *([(here[0], WORDS, offset)] if here else [])]:
        if word.upper() not in f"{FUNCTIONS} {WORDS}".split():
            near = get_close_matches(word.upper(), words.split(), 1)
            yield f"SPARQL knows no {word}{f'; perhaps {near[0]} is meant' if near else ''}.", start


def sentence(text: str) -> str:
    """Make a sentence of a message."""
    words = text.strip().rstrip(".")
    return f"{words[:1].upper()}{words[1:]}."
