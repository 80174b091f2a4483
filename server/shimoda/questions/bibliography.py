"""Bibliography entries for assertions, answers and sources, as CSL-JSON and BibTeX.

https://docs.citationstyles.org/en/stable/specification.html, http://tug.ctan.org/info/bibtex/tamethebeast/ttb_en.pdf
"""

import json
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from pyoxigraph import NamedNode

from shimoda import __version__
from shimoda.engine.interface import Engine, EngineStore
from shimoda.namespaces import PREFIXES, local_name
from shimoda.questions import catalogue
from shimoda.questions.parameters import substitute

if TYPE_CHECKING:
    from shimoda.reasoning.explanation import Citation

CSL, BIBTEX = "application/vnd.citationstyles.csl+json", "application/x-bibtex"
BIBLIOGRAPHY = {"bib": BIBTEX, "csl.json": CSL}
"""The formats, by the suffix that asks for each."""
PEOPLE = str(PREFIXES["person"])
SPECIAL = re.compile(r"[{}%&#$_\\~^]")
OTHERS = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
Item = dict[str, Any]
"""An entry as CSL has it."""


def assertion_items(engine: Engine, iri: str) -> list[Item]:
    """Return the entry of an assertion, and those of the sources that it is drawn from."""
    from shimoda.reasoning.explanation import cite_graphs, labels

    store = EngineStore(engine)
    told = cite_graphs(store, [iri])[iri]
    called = labels(store, [(f"<{voice}>",) * 3 for voice in told.voices])
    return [assertion_item(told, called), *source_items(engine, told.sentences)]


def assertion_item(told: "Citation", called: dict[str, str]) -> Item:
    """Return the entry of an assertion, with its voice as the author and its sentences in a note."""
    numbers = ", ".join(local_name(sentence) for sentence in told.sentences)
    how = ", ".join(local_name(part).lower() for part in (told.mode, told.standing) if part)
    authors = [name_of(called.get(f"<{voice}>", voice), voice) for voice in told.voices]
    note = "; ".join(filter(None, (how, numbers, *told.sources)))
    item = own_item("entry", local_name(told.graph), told.words, told.graph, note)
    return item | ({"author": authors} if authors else {})


def answer_item(name: str, title: str, address: str, sentences: Iterable[str]) -> Item:
    """Return the entry of an answer to a named question."""
    note = ", ".join(local_name(sentence) for sentence in sentences)
    return own_item("dataset", name, title, address, note)


def own_item(kind: str, name: str, title: str, address: str, note: str) -> Item:
    """Return the entry of something that stands here."""
    own = {"container-title": "Shimoda", "version": __version__}
    return {"id": name, "type": kind, "title": title, **own, "URL": address, "note": note}


def source_items(engine: Engine, sentences: Iterable[str]) -> list[Item]:
    """Return the entries of the sources of sentences."""
    sources = sorted({sentence.partition("#")[0] for sentence in sentences})
    return [item for source in sources for item in source_item(engine, source)]


def source_item(engine: Engine, iri: str) -> list[Item]:
    """Return the entry of a source; none where its title is not known."""
    rows = engine.rows(substitute(catalogue.text_of("reference"), {"this": str(NamedNode(iri))}))
    if not rows:
        return []
    told = {name: term.value for row in rows for name, term in row.items()}
    authors = dict.fromkeys(row["author"].value for row in rows if "author" in row)
    issue = re.search(r"No\. (\d+)", told.get("issue", ""))
    item = {
        "id": local_name(iri),
        "type": "article-journal",
        "title": told["title"],
        "author": [name_of(author, PEOPLE) for author in authors],
        "container-title": told.get("publisher"),
        "issue": issue[1] if issue else told.get("issue"),
        "issued": {"date-parts": [[int(told["year"])]]} if "year" in told else None,
    }
    return [{name: value for name, value in item.items() if value}]


def name_of(label: str, iri: str) -> dict[str, str]:
    """Return a name as CSL has it: that of a person in its parts."""
    given, _, family = label.rpartition(" ")
    is_person = iri.startswith(PEOPLE) and given and label.istitle()
    return {"family": family, "given": given} if is_person else {"literal": label}


def write(items: list[Item], media_type: str) -> str:
    """Write entries in one of the two formats."""
    if media_type == CSL:
        return json.dumps(items, ensure_ascii=False, indent=1)
    return "\n".join(map(bibtex, items))


def bibtex(item: Item) -> str:
    """Write an entry as BibTeX."""
    is_article = item["type"] == "article-journal"
    authors = (
        f"{escape(one['family'])}, {escape(one['given'])}"
        if "family" in one
        else f"{{{escape(one['literal'])}}}"
        for one in item.get("author", ())
    )
    fields = {
        "author": " and ".join(authors),
        "title": f"{{{escape(item['title'])}}}",
        "journal" if is_article else "howpublished": escape(item.get("container-title", "")),
        "number": escape(item.get("issue", "")),
        "year": str(item["issued"]["date-parts"][0][0]) if "issued" in item else "",
        "version": item.get("version", ""),
        "url": item.get("URL", ""),
        "note": escape(item.get("note", "")),
    }
    lines = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items() if value)
    return f"@{'article' if is_article else 'misc'}{{{item['id']},\n{lines}}}\n"


def escape(text: str) -> str:
    """Write a text so that TeX takes it as it is."""
    return SPECIAL.sub(lambda found: OTHERS.get(found[0], f"\\{found[0]}"), text)
