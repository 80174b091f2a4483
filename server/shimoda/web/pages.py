"""How every page is made: its template, which asks for what it shows, in the reader's language."""

import json
from collections.abc import Collection, Iterable
from functools import lru_cache
from typing import Any
from urllib.parse import quote, urlencode

from flask import Blueprint, Response, g, render_template, request
from jinja2.runtime import Macro
from markupsafe import Markup, escape
from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from shimoda.namespaces import BASE, PREFIXES, short
from shimoda.questions.catalogue import without_header
from shimoda.sparql.formats import HTML, negotiate
from shimoda.sparql.results import Row
from shimoda.web import language
from shimoda.web.description import Description, iris_in, question_of
from shimoda.web.responses import send_body
from shimoda.web.service import service

blueprint = Blueprint("pages", __name__)
blueprint.add_app_template_filter(short)
blueprint.add_app_template_filter(language.date_in_words)
blueprint.add_app_template_global(language.say, "_")
blueprint.add_app_template_global(question_of, "question")
JSON = "application/json"
OFFERED = (*HTML, JSON)
NARRATED, UNDISPUTED = PREFIXES[""]["Narrated"], PREFIXES[""]["Undisputed"]
VALUED = {NamedNode, Literal, BlankNode}
KINDS = {NamedNode: "iri", BlankNode: "bnode", Literal: "literal", Triple: "triple"}


def html(
    template: str, *, cacheable: bool = True, about: Description | None = None, **values: Any
) -> Response:
    """Send a page; what its template asks is asked ``about`` something, or of the dataset."""
    if about:
        g.asked = about
    text = render_template(template, **values)
    response = send_body(text, "text/html", cacheable=cacheable and asked().cacheable)
    language.mark(response)
    return response


def asked() -> Description:
    """Return what the templates of this request ask."""
    # a page asks this thousands of times, and the proxy is slow
    of_request = g._get_current_object()
    found: Description | None = of_request.get("asked")
    if found is None:
        view = request.args.get("view") or None
        found = of_request.asked = Description(service().engine, BASE, view=view)
    return found


@blueprint.app_template_global()
def ask(name: str, /, **given: str) -> list[Row]:
    """Answer a query of ``queries/pages/``, and learn what the things in the answer are called."""
    rows = asked().rows(name, **given)
    learn(iris_in(rows))
    return rows


@blueprint.app_template_global()
def manners(rows: list[Row]) -> dict[str, Row]:
    """Return who states the assertions in rows, how and in which sentences, by IRI."""
    found = asked().rows_of("manners", assertions_in(rows))
    learn(iris_in(found))
    return {row["a"].value: row for row in found}


def assertions_in(rows: Iterable[Row]) -> list[str]:
    """Return the IRIs of the assertions in rows."""
    return [iri for iri in iris_in(rows) if iri.startswith(PREFIXES["assertion"])]


@blueprint.app_template_global()
def once(macro: Macro, *given: Any) -> Markup:
    """Return what a macro makes of some terms, and of what they are called, for all places that show the same."""
    found, key = asked(), (macro.name, *given)
    if key in found.kept:
        return found.kept[key]
    iris = [term.value for term in given if type(term) is NamedNode]
    made = found.kept if all(iri in found.labels for iri in iris) else found.made
    if key not in made:
        made[key] = Markup(macro(*given))
    return made[key]


@blueprint.app_template_global()
def learn(iris: Collection[str]) -> None:
    """Learn what things are called that a template did not ask for itself."""
    asked().learn(iris, language.language())


@blueprint.app_context_processor
def choices() -> dict[str, object]:
    """Return what every template knows of the reader's language, and of the dataset."""
    return {
        "language": language.language(),
        "languages": language.LANGUAGES,
        "is_empty": service().settings.empty,
    }


@blueprint.app_template_global()
def in_language(code: str) -> str:
    """Return the address of the current page in another language."""
    pairs = [pair for pair in request.args.items(multi=True) if pair[0] != language.PARAMETER]
    return quote(request.path) + "?" + urlencode([*pairs, (language.PARAMETER, code)])


@blueprint.app_template_global()
def query_link(name: str, **given: str) -> str:
    """Return the address at which the query behind a block of a page can be read, changed and run."""
    found = asked()
    parameters = {"query": without_header(found.text(name, **given))}
    parameters |= {"view": found.view} if found.view else {}
    return "/sparql?" + urlencode(parameters)


def html_or_json(
    template: str, document: object, *, cacheable: bool = True, **values: Any
) -> Response:
    """Send a page, or the document that says the same as JSON, by suffix or by Accept."""
    if request.path.endswith(".json") or negotiate(request.headers.get("Accept"), OFFERED) == JSON:
        text = json.dumps(document, ensure_ascii=False)
        return send_body(text, JSON, cacheable=cacheable)
    return html(template, cacheable=cacheable, **values)


@blueprint.app_template_filter("text")
def text_of(value: Any) -> Any:
    """Return what a page shows of an RDF term: its text; of anything else, itself."""
    return value.value if type(value) in VALUED else value


def written(value: object) -> Markup:
    """Return what a page shows of anything as markup: of a text, or an RDF term, its text escaped."""
    return value if type(value) is Markup else escape(text_of(value))


@blueprint.app_template_filter("kind")
def kind_of(term: object) -> str:
    """Return the kind of an RDF term, as a page tells them apart; "" for anything else."""
    return KINDS.get(type(term), "")


@blueprint.app_template_test("dated")
def is_dated(term: Literal) -> bool:
    """Tell whether a literal is a date."""
    return term.datatype.value.endswith(("#date", "#dateTime", "#gYear", "#gYearMonth", "/EDTF"))


@blueprint.app_template_filter("encoded")
@lru_cache(maxsize=10_000)
def encoded(text: str) -> str:
    """Return a text as the value of a parameter; pages hold the same ones many times."""
    return quote(text, safe="")


@blueprint.app_template_filter("here")
def here(iri: object) -> str:
    """Return where an IRI is to be found: one of ours on this server, as a path."""
    return path_of(str(text_of(iri)))


@lru_cache(maxsize=10_000)
def path_of(iri: str) -> str:
    """Return the path of an IRI of ours; another as it is."""
    if not iri.startswith(BASE):
        return iri
    return quote(f"/{iri.removeprefix(BASE)}", safe="/#:@!$&'()*+,;=?%~")


@blueprint.app_template_filter("page")
def page_of(iri: object) -> str:
    """Return where the page about an IRI is, without the way over a redirect."""
    path = here(iri)
    return path.replace("/id/", "/doc/", 1).replace("/ontology#", "/ontology/", 1)


@blueprint.app_template_filter("called")
def called(iri: object, found: Description | None = None) -> Literal:
    """Return what a thing is called: in the reader's language, else in English, else by its IRI."""
    text = str(text_of(iri))
    if label := (found or asked()).labels.get(text):
        return label
    plain = local(text) if text.startswith(BASE) and "#" in text else short(text)
    return Literal(plain, language=language.language())


@blueprint.app_template_filter("name")
def name_of(iri: object, known: Description | None = None) -> Markup:
    """Return what a thing is called as markup, which says when it is in another language."""
    found, text = known or asked(), str(text_of(iri))
    made = found.kept if text in found.labels else found.made
    if text not in made:
        made[text] = worded(called(text, found))
    return made[text]


@blueprint.app_template_filter("thing")
def link_to(iri: object) -> Markup:
    """Return the link to the page about a thing; of an IRI that no browser opens, the name alone."""
    found, text = asked(), str(text_of(iri))
    made = found.kept if text in found.labels else found.made
    if ("thing", text) not in made:
        name = name_of(text, found)
        link = Markup(f'<a href="{escape(page_of(text))}">{name}</a>')
        made["thing", text] = link if text.startswith(("http:", "https:")) else name
    return made["thing", text]


@blueprint.app_template_global()
def why(subject: str, relation: str, thing: str) -> Markup:
    """Return the link to the proof of a triple; a page has hundreds of them."""
    names = zip("spo", (subject, relation, thing), strict=True)
    address = "&amp;".join(f"{name}={encoded(text)}" for name, text in names)
    title, text = language.say("This follows: see the proof"), language.say("why?")
    return Markup(f'<a class="chip why" href="/explain?{address}" title="{title}">∴ {text}</a>')


@blueprint.app_template_filter("worded")
def worded(text: Literal) -> Markup:
    """Return a literal as markup, which says when it is in another language than the page."""
    if text.language in (None, language.language()):
        return Markup.escape(text.value)
    return Markup('<span lang="{}">{}</span>').format(text.language, text.value)


@blueprint.app_template_filter("local")
def local(iri: object) -> str:
    """Return the last part of an IRI."""
    text = str(text_of(iri))
    return text[max(text.rfind("/"), text.rfind("#")) + 1 :]


@blueprint.app_template_filter("listed")
def listed(iris: Literal) -> list[str]:
    """Return the IRIs of a ``GROUP_CONCAT`` in their order."""
    return sorted(iris.value.split())


@blueprint.app_template_filter("grouped")
def grouped(rows: list[Row], *columns: str) -> dict[Any, list[Row]]:
    """Put rows that agree in a column together, or in several, by a tuple then; in the order in which they came."""
    groups: dict[Any, list[Row]] = {}
    for row in rows:
        key = [row[name].value if name in row else "" for name in columns]
        groups.setdefault(key[0] if len(key) == 1 else tuple(key), []).append(row)
    return groups


@blueprint.app_template_test("claim")
def is_claim(row: Row) -> bool:
    """Tell whether an assertion is a claim: not both narrated and undisputed; background has neither mode nor standing."""
    mode, standing = row.get("mode") or NARRATED, row.get("standing") or UNDISPUTED
    return bool(mode != NARRATED or standing != UNDISPUTED)
