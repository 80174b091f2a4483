"""What a language model can do here: search, read statements with their sources, check, prove, ask. Nothing is changed."""

from collections import Counter, defaultdict
from collections.abc import Callable
from functools import wraps
from importlib.resources import files
from string import Template
from typing import Annotated, Any

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import ToolAnnotations
from pydantic import Field

from shimoda import __version__
from shimoda.engine.axioms import prover_of
from shimoda.engine.interface import Engine, EngineStore, Query, once_a_version
from shimoda.errors import ShimodaError, UnknownName
from shimoda.mcp.answers import Answer, Explained, Found, Question, answer
from shimoda.namespaces import PREFIXES, short
from shimoda.questions import catalogue
from shimoda.questions.search import search
from shimoda.reasoning.explanation import explain, read, require

READS = ToolAnnotations(
    read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
)
EXACT = 0.95
"""The score from which on a name is taken for the thing that was found by it."""
LONGEST = 20_000
PREFIXED = (
    "PREFIX : <https://w3id.org/shimoda/ontology#> PREFIX owl: <http://www.w3.org/2002/07/owl#>"
)
TRIPLE = "?subject ?predicate ?object"
HOLDS = f"{{ {TRIPLE} }}"
STATED = f"{{ GRAPH ?assertion {{ {TRIPLE} }} ?assertion :voice ?voice }}"
CLAIMED = f"""{{ GRAPH ?assertion {{ {TRIPLE} }} ?assertion :voice ?voice ; :mode ?mode ; :standing ?standing
    FILTER(?mode != :Narrated || ?standing != :Undisputed) }}"""
DENIED = """{ GRAPH ?assertion { ?denial owl:sourceIndividual ?subject ; owl:assertionProperty ?predicate ;
    owl:targetIndividual|owl:targetValue ?object } ?assertion :voice ?voice }"""
Limit = Annotated[int, Field(ge=1, le=100, description="The most rows to return.")]
Term = Annotated[
    str | None,
    Field(
        max_length=1000,
        description="A prefixed name (place:kunashir), an IRI, a label in English, Japanese or Russian, or a quoted "
        "literal; leave it out where anything fits.",
    ),
]
Given = Annotated[str, Field(max_length=1000, description="A prefixed name, an IRI or a label.")]
View = Annotated[
    str | None, Field(description="The world of a party, such as japan or russia; none by default.")
]


class Tools:
    """The tools, over an engine; each raises :class:`ShimodaError` for what cannot be used."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def search(
        self,
        text: Annotated[str, Field(max_length=200, description="A name, in any of three scripts.")],
        kind: Annotated[
            str | None, Field(description="Only this kind: person, place, event, term, question …")
        ] = None,
        limit: Limit = 10,
    ) -> Found:
        """Find entities, terms of the ontology, assertions and named questions by name, misspelt or not. Start here."""
        hits = search(self.engine, text, limit, [kind] if kind else ())
        return Found([hit.as_json() for hit in hits])

    def statements(
        self, subject: Term = None, predicate: Term = None, object: Term = None, limit: Limit = 50
    ) -> Answer:
        """List what nobody in the article disputes, as triples, without sources: cheap. Claims are not in it."""
        return self.ask_pattern(HOLDS, "", (subject, predicate, object), limit, cited=False)

    def sourced_statements(
        self, subject: Term = None, predicate: Term = None, object: Term = None, limit: Limit = 20
    ) -> Answer:
        """List who states what, and in which sentences of the article: facts as it tells them, and claims alike."""
        return self.ask_pattern(STATED, "?voice", (subject, predicate, object), limit)

    def check_fact(
        self, subject: Term = None, predicate: Term = None, object: Term = None, limit: Limit = 20
    ) -> Answer:
        """Tell whether a statement holds, is only claimed, or is denied, by whom and where; leave out what is asked for."""
        marked = " UNION ".join(
            f'{{ {pattern} BIND("{how}" AS ?how) }}'
            for how, pattern in (("holds", HOLDS), ("claimed", CLAIMED), ("denied", DENIED))
        )
        found = self.ask_pattern(marked, "?how ?voice", (subject, predicate, object), limit)
        count = Counter(row.values["how"] for row in found.rows)
        verdict = ", ".join(f"{number} {how}" for how, number in count.items())
        nothing = "Nothing here says so; that does not make it false."
        found.notice = f"{verdict}. {found.notice}".strip() if verdict else nothing
        return found

    def explain(
        self, subject: Given, predicate: Given, object: Given, view: View = None
    ) -> Explained:
        """Prove a triple from rules and sentences; if it does not hold, tell what is missing."""
        terms = self.term(subject), self.term(predicate, "term"), self.term(object)
        found = explain(prover_of(self.engine, view), terms)
        steps = found.proof.steps() if found.proof else ()
        cited = {one.graph: one for step in steps for one in found.cited(step)}
        sentences = {short(name) for one in cited.values() for name in one.sentences}
        return Explained(
            found.proof is not None,
            found.as_text()[:LONGEST],
            sorted(sentences),
            sorted({short(voice) for one in cited.values() for voice in one.voices}),
        )

    def list_questions(self, topic: str | None = None) -> list[Question]:
        """List the named questions, which ``ask`` answers, with their parameters; of one topic, if it is given."""
        return [
            Question(
                one.name,
                one.title,
                one.topic,
                {part.name: f"{part.kind}, by default {part.default}" for part in one.parameters},
            )
            for one in catalogue.read_all()
            if topic in (None, one.topic)
        ]

    def ask(
        self,
        name: Annotated[str, Field(description="The name of a question in list_questions.")],
        parameters: Annotated[
            dict[str, str], Field(description="Values by parameter: a label, a slug or an IRI.")
        ] = {},  # noqa: B006 (nobody changes it)
        sources: Annotated[bool, Field(description="Whether rows come with sources.")] = True,
        limit: Limit = 20,
    ) -> Answer:
        """Answer a named question, each row with its status, voices and sentences."""
        query = Query(catalogue.find(name).bind(parameters, self.engine))
        return answer(self.engine, query, limit, cited=sources)

    def sparql(
        self,
        query: Annotated[str, Field(description="SPARQL 1.1; see shimoda://schema.")],
        view: View = None,
        sources: Annotated[bool, Field(description="Whether rows come with sources.")] = True,
        limit: Limit = 50,
    ) -> Answer:
        """Answer a SPARQL query, within the limits of the service, each row with what it rests on."""
        return answer(self.engine, Query(query, view=view), limit, cited=sources)

    def schema(self) -> str:
        """Tell in one page how the graph is laid out: graphs, prefixes, classes, properties."""
        page = Template(files("shimoda.mcp").joinpath("schema.md").read_text("utf-8"))
        terms: defaultdict[str, list[str]] = defaultdict(list)
        for row in self.engine.rows(catalogue.text_of("vocabulary")):
            line = f"* `{short(row['term'].value)}` {row['definition'].value}"
            terms[short(row["kind"].value)].append(line)
        prefixes = "\n".join(f"PREFIX {name}: <{iri}>" for name, iri in PREFIXES.items())
        return page.substitute(
            prefixes=prefixes,
            classes="\n".join(terms["owl:Class"]),
            properties="\n".join(terms["owl:ObjectProperty"] + terms["owl:DatatypeProperty"]),
        )

    def ask_pattern(
        self,
        pattern: str,
        more: str,
        terms: tuple[str | None, str | None, str | None],
        limit: int,
        *,
        cited: bool = True,
    ) -> Answer:
        """Answer a pattern of a subject, a predicate and an object, of which some are given."""
        names = ("subject", "predicate", "object")
        kinds = (None, "term", None)
        given = " ".join(
            f"VALUES ?{name} {{ {self.term(term, kind)} }}"
            for name, term, kind in zip(names, terms, kinds, strict=True)
            if term is not None
        )
        query = f"{PREFIXED} SELECT DISTINCT {TRIPLE} {more} WHERE {{ {given} {pattern} }}"
        return answer(self.engine, Query(query), limit, cited=cited)

    def term(self, text: str, kind: str | None = None) -> str:
        """Return the term that a name means, as SPARQL writes it; UnknownName with the nearest if there is none."""
        if ":" in text or text == "a" or text.startswith('"'):
            found = read(text)
            require(EngineStore(self.engine), found)
            return found
        hits = search(self.engine, text, 5, [kind] if kind else ())
        if hits and hits[0].score >= EXACT:
            return f"<{hits[0].iri}>"
        nearest = [short(hit.iri) for hit in hits]
        raise UnknownName(f"Nothing here is called {text[:100]}.", nearest=nearest or None)


def told(tool: Callable[..., Any]) -> Callable[..., Any]:
    """Tell a model what is wrong with a call, in a sentence that says what to do."""

    @wraps(tool)
    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            return tool(*args, **kwargs)
        except ShimodaError as error:
            nearest = ", ".join(error.where.get("nearest", ()))
            hint = f" The nearest: {nearest}." if nearest else ""
            raise ToolError(f"{error}{hint}") from error

    return call


@once_a_version
def make_server(engine: Engine) -> MCPServer[Any]:
    """Make the server of an engine's tools; the transport is up to whoever runs it."""
    tools = Tools(engine)
    server: MCPServer[Any] = MCPServer(
        "shimoda",
        title="Shimoda",
        instructions=str(Tools.__doc__),
        version=__version__,
        log_level="ERROR",
        subscriptions=False,
    )
    for tool in (
        tools.search,
        tools.statements,
        tools.sourced_statements,
        tools.check_fact,
        tools.explain,
        tools.list_questions,
        tools.ask,
        tools.sparql,
    ):
        server.add_tool(told(tool), annotations=READS, structured_output=True)
    server.resource("shimoda://schema", mime_type="text/markdown")(tools.schema)
    return server
