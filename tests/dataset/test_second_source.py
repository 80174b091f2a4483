"""docs/second-source.md, followed to the letter: its files are written, its commands run, and nothing is lost on the way."""

import csv
import io
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from pyoxigraph import DefaultGraph, NamedNode, Quad, Store
from werkzeug.test import Client

from shimoda.dataset import snapshot
from shimoda.engine.local import LocalEngine
from shimoda.processes.generations import Generations
from shimoda.settings import Settings
from shimoda.web.app import Application

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/second-source.md").read_text()
BLOCKS = re.findall(r"^```(\w+)(?: (\S+))?\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
SPARQL = next(text for language, _, text in BLOCKS if language == "sparql")


def environment(folder):
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    cache = {"XDG_CACHE_HOME": str(folder / "cache"), "SHIMODA_DATA": str(folder)}
    return os.environ | cache | {"PATH": path, "COLUMNS": "200"}


def run(folder, *words):
    return subprocess.run(
        words, cwd=folder, env=environment(folder), capture_output=True, text=True, check=False
    )


def shimoda(folder, *words, status=0):
    done = run(folder, sys.executable, "-m", "shimoda", *words)
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def followed(tmp_path_factory):
    """The data folders after the page was followed, and what each command said."""
    folder = tmp_path_factory.mktemp("second")
    for name in ("ontology", "triples", "queries"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("heron-2009"))
    said = {}
    for language, name, text in BLOCKS:
        if name:
            (folder / name).write_text(text)
        elif language == "sh" and "make setup" not in text:
            for line in text.splitlines():
                done = run(folder, "bash", "-c", line)
                said[line] = done.stdout + done.stderr
                assert done.returncode == 0, said[line]
    return folder, said


@pytest.fixture(scope="module")
def place(followed):
    return followed[0]


def rows(folder, *words):
    done = run(folder, sys.executable, "-m", "shimoda", "query", "--format", "csv", *words)
    return list(csv.DictReader(io.StringIO(done.stdout)))


ONLY = ("-p", "source=heron-2009")
CONTESTED = ("place:heron-island", "a", ":ContestedTerritory")


def test_every_command_of_the_page_ends_well(followed):
    """What is laid out passes the check at once, and what is written after it passes too."""
    checks = [text for line, text in followed[1].items() if line.startswith("shimoda check")]
    assert len(checks) == 2
    assert all("Nothing is wrong" in text for text in checks)
    assert "NotYetRead 11" in checks[0] and "NotYetRead" not in checks[1]


READING = """questions/test_questions.py questions/test_citations.py reasoning/test_graph.py dataset/test_description.py
  dataset/test_links.py web/site web/test_pages.py web/test_openapi.py clients"""
"""The tests that read the dataset: through the engine, as pages and documents, over HTTP with real clients."""
LONG = ("no_call_breaks", "as_many_quads", "every_entity_answers_303", "every_other_iri_of_ours")
"""Those that go through all of it for minutes; what they see of one source they see of two."""


def test_the_suite_holds_beside_it(place):
    """Whatever is expected of the first source is found as before: answers, citations, pages, descriptions, what clients get."""
    files = [str(ROOT / "tests" / name) for name in READING.split()]
    chosen = ("-k", " and ".join(f"not {name}" for name in LONG))
    settings = ("-c", str(ROOT / "pyproject.toml"), "-o", f"pythonpath={ROOT}")
    options = ("-x", "-q", "-p", "no:cacheprovider", *settings, *chosen)
    done = run(place, sys.executable, "-m", "pytest", *options, *files)
    assert done.returncode == 0, done.stdout[-4000:]


def test_its_assertions_are_found_beside_ours(place):
    sources = {row["source"].rpartition("/")[2] for row in rows(place, SPARQL)}
    assert {"heron-2009", "panov-2011"} <= sources


def test_a_question_is_limited_to_one_source(place):
    """A denial of it alone, and of all sources by default."""
    (denial,) = rows(place, "what-is-denied", *ONLY)
    assert denial["sentence"].endswith("heron-2009#s008")
    assert len(rows(place, "what-is-denied")) > 30


def test_each_of_its_entities_is_discussed_in_it(place):
    """What has the source's sentences as its own is all in it: nothing is left out silently."""
    query = """SELECT ?thing { ?thing a :Entity ; dcterms:source/:sentenceOf source:heron-2009
        FILTER NOT EXISTS { ?thing a :Participation } FILTER NOT EXISTS { ?thing :discussedIn source:heron-2009 } }"""
    assert rows(place, query) == []


def test_vague_dates_have_days_and_an_order(place):
    """A season that only begins, and a day in some month, stand on the timeline in their order; what is only predicted does not."""
    found = rows(place, "timeline", *ONLY)
    assert [(row["date"], row["earliest"], row["latest"]) for row in found] == [
        ("2004-21/..", "2004-03-01", ""),
        ("2004-05-03", "2004-05-03", "2004-05-03"),
        ("2008-05-XX", "2008-05-01", "2008-05-31"),
    ]
    after = rows(place, "SELECT ?e { event:vells-statement :precedes ?e }")
    assert [row["e"].rpartition("/")[2] for row in after] == ["vells-prediction"]


def test_what_it_narrates_is_told_and_what_voices_say_is_not(place):
    query = "SELECT ?p { { topic:heron-ferry ?p topic:unlawful } UNION { state:norland ?p place:heron-island } }"
    told = {row["p"].rpartition("#")[2] for row in rows(place, query)}
    assert "administers" in told and "assessedAs" not in told


@pytest.mark.parametrize(
    ("view", "holds"), [("sudria", "true"), ("ada-brook", "false"), ("japan", "false")]
)
def test_a_view_holds_what_is_said_for_its_party(place, view, holds):
    """By her title in the statement Vell speaks for Sudria, and for nobody else."""
    query = "ASK { state:sudria :sovereignOver place:heron-island }"
    assert shimoda(place, "query", "--format", "csv", "--view", view, query).startswith(holds)


def test_a_view_that_is_not_there_is_an_error(place):
    said = shimoda(place, "explain", *CONTESTED, "--view", "nonsense", status=1)
    assert "no such view" in said and "sudria" in said


def test_its_text_proves_its_digests_and_no_other_does(place):
    shimoda(place, "check", "--source", "heron.txt")
    (place / "other.txt").write_text((place / "heron.txt").read_text().replace("pier", "quay"))
    assert "s008" in shimoda(place, "check", "--source", "other.txt", status=1)


def test_a_build_tells_how_far_it_is(place, monkeypatch):
    """Files done and left, and triples a second, while the files are read."""
    monkeypatch.setenv("SHIMODA_DATA", str(place))
    told = []
    snapshot.build(told.append)
    steps = [
        re.match(r"reading: (\d+) files done, (\d+) left, [\d,]+ triples a second", one)
        for one in told
    ]
    counts = [(int(one[1]), int(one[2])) for one in steps if one]
    assert len(counts) > 1 and counts[-1][1] == 0
    assert len({done + left for done, left in counts}) == 1
    assert [done for done, _ in counts] == sorted(done for done, _ in counts)


def test_a_build_shows_on_a_terminal_how_far_it_is_and_starts_clean_after_it_was_killed(
    place, tmp_path
):
    """Killed while it reads, it leaves a folder in which the next one builds the whole dataset."""
    ours, theirs = pty.openpty()
    build = (sys.executable, "-m", "shimoda", "build", "--store", str(tmp_path / "store"))
    terminal = {"stdin": theirs, "stdout": theirs, "stderr": theirs}
    variables = environment(place) | {"TERM": "xterm"}
    with subprocess.Popen(build, cwd=place, env=variables, **terminal) as killed:
        shown = b""
        while b"triples a second" not in shown:
            shown += os.read(ours, 4096)
        killed.kill()
    assert re.search(rb"reading: \d+ files done, \d+ left, [\d,]+ triples a second", shown)
    generations = Generations(tmp_path / "store")
    assert generations.current() is None
    assert list(generations.folder.glob("dataset-*"))
    shimoda(place, *build[3:])
    store = Store.read_only(str(generations.path(generations.current())))
    whole = rows(place, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")
    assert len(list(store.quads_for_pattern(None, None, None, DefaultGraph()))) == int(
        whole[0]["n"]
    )
    assert len(list(generations.folder.glob("dataset-*"))) == 1


def test_a_build_that_was_killed_leaves_nothing_to_the_next(place, tmp_path, monkeypatch):
    """Killed while it writes its snapshot, it leaves a part that no build takes for whole, and the next one drops."""
    monkeypatch.setattr(snapshot.paths, "built", lambda: tmp_path)
    part = "import os, signal, sys; open(sys.argv[1] + f'.{os.getpid()}.partial', 'w').write('<urn:x> <urn'); os.kill(os.getpid(), signal.SIGKILL)"
    killed = run(place, sys.executable, "-c", part, str(tmp_path / "dataset-0123456789abcdef"))
    assert killed.returncode == -signal.SIGKILL
    assert len(list(tmp_path.glob("*.partial"))) == 1
    store = Store()
    store.add(Quad(NamedNode("urn:a"), NamedNode("urn:b"), NamedNode("urn:c")))
    snapshot.keep(store, tmp_path / "dataset-fedcba9876543210.nq")
    assert [one.name for one in tmp_path.iterdir()] == ["dataset-fedcba9876543210.nq"]


@pytest.mark.parametrize(("path", "words"), [
    ("/", "Heron"),
    ("/source/heron-2009", "Ada Brook"),
    ("/sparql", "sudria"),
    ("/view/sudria", "Heron Island"),
    ("/timeline", "since spring 2004"),
    ("/timeline?according=person/mara-vell", "by 2012"),
    ("/dispute", "Heron Island"),
    ("/q/what-is-denied", "The Quarrel over Heron Island"),
])  # fmt: skip
def test_pages_know_every_view_and_source(place, monkeypatch, path, words):
    monkeypatch.setenv("SHIMODA_DATA", str(place))
    engine, settings = LocalEngine(snapshot.load()), Settings(log_format="none")
    page = Client(Application(engine, settings)).get(path, headers={"Accept": "text/html"})
    assert words in page.get_data(as_text=True)


def test_a_name_that_is_taken_is_refused(place):
    assert "already" in shimoda(place, "new", "heron-2009", "heron.txt", status=1)


def test_what_is_laid_out_by_example_passes_the_check_once_the_marks_are_taken_off(place, tmp_path):
    """Entities and assertions, in the canonical form; nothing that they show would be complained of."""
    for name in ("ontology", "queries", "triples"):
        shutil.copytree(place / name, tmp_path / name)
    shutil.rmtree(tmp_path / "triples/heron-2009")
    shutil.copy(place / "heron.txt", tmp_path)
    shimoda(tmp_path, "new", "heron-2009", "heron.txt")
    for file in (tmp_path / "triples/heron-2009").rglob("things.*"):
        lines = file.read_text().splitlines(keepends=True)
        assert all(line.startswith("#") for line in lines)
        file.write_text("".join(line.removeprefix("#").removeprefix(" ") for line in lines))
    shimoda(tmp_path, "format", "--check")
    assert "Nothing is wrong" in shimoda(tmp_path, "check", "--only", "heron-2009")


@pytest.fixture
def damaged(place, tmp_path):
    """A copy of the data in which a test may change what one file of the source holds."""
    for name in ("ontology", "triples", "queries", "heron.txt"):
        copy = shutil.copytree if (place / name).is_dir() else shutil.copy
        copy(place / name, tmp_path / name)

    def change(file, old, new):
        path = tmp_path / "triples/heron-2009" / file
        text, count = re.subn(old, new, path.read_text(), flags=re.DOTALL)
        assert count, old
        path.write_text(text)
        return tmp_path

    return change


THINGS, ALL, SOURCE = "entities/things.ttl", "assertions/all.trig", "source.ttl"
APART = r"\n\[\] a owl:AllDifferent.*?\.\n"


@pytest.mark.parametrize(("file", "old", "new", "found"), [
    (ALL, ":bound :Approx", ":bounds :Approx", ":bounds is used as a property.*nearest: :bound"),
    (ALL, ":about agreement:heron-accord.*?;", "", "s009-accord has content.*add :about"),
    (ALL, '"2008-05-XX"', '"Y-12000"', "s010-prediction has a :date that is no date in EDTF"),
    (SOURCE, "    :author person:ada-brook ;\n", "", "s002-claims is narrated by somebody.*:author"),
    (THINGS, APART, "\n", "state:norland claims.*owl:AllDifferent"),
])  # fmt: skip
def test_what_would_be_lost_silently_is_found_once(damaged, file, old, new, found):
    """An undeclared term, a missing subject, a date that means nothing, no author, states that may be one: with a line."""
    said = shimoda(damaged(file, old, new), "check", "--only", "heron-2009", status=1)
    assert len(re.findall(rf"^ *[0-9]+  \S*{found}.*$", said, re.MULTILINE)) == 1, said


def test_a_proof_that_fails_names_what_is_not_known_to_differ(damaged):
    said = shimoda(damaged(THINGS, APART, "\n"), "explain", *CONTESTED)
    assert "state:norland owl:differentFrom state:sudria" in said


def test_a_mended_text_is_cut_again_and_what_cites_it_follows(damaged):
    """A sentence less: what is said of it has to go first; then the others get the new numbers, assertions too."""
    folder = damaged("../../heron.txt", "It carries some 1,200 passengers a year.", "")
    said = shimoda(folder, "cut", "heron-2009", "heron.txt", status=1)
    assert "s005" in said and "no longer has" in said
    source = folder / "triples/heron-2009"
    for file, gone in (
        (ALL, r"\nassertion:heron-2009-s005\S+ a .*?\n}\n"),
        (THINGS, r"\n(observation|unit):passengers? a .*?\.\n"),
    ):
        path = source / file
        path.write_text(re.sub(gone, "\n", path.read_text(), flags=re.DOTALL))
    assert "s006 is s005 now" in shimoda(folder, "cut", "heron-2009", "heron.txt")
    assert "assertion:heron-2009-s005-unlawful {" in (source / ALL).read_text()
    shimoda(folder, "check", "--only", "heron-2009", "--source", "heron.txt")


def test_a_source_is_cut_again_and_no_other_whose_name_holds_its_name(damaged):
    folder = damaged(ALL, "by 2012", "by 2012")
    home = folder / "triples/heron-2009" / SOURCE
    before = home.read_text()
    assert "s003  Norland has run it" in shimoda(folder, "new", "heron", "heron.txt")
    shimoda(folder, "cut", "heron", "heron.txt", "--join", "s003")
    assert home.read_text() == before


def test_two_assertions_never_get_one_name(damaged):
    """Joining sentences of which both have an assertion of the same name is refused, and nothing is written."""
    folder = damaged(ALL, "s007-sudrian", "s007-pier")
    path = folder / "triples/heron-2009" / ALL
    before = path.read_text()
    assert "one first" in shimoda(
        folder, "cut", "heron-2009", "heron.txt", "--join", "s007", status=1
    )
    assert path.read_text() == before


@pytest.mark.parametrize(("word", "told"), [
    ("citedIn", "takes: :Sentence"),
    ("figure", "takes: :Unit"),
    ("島", ":Island"),
])  # fmt: skip
def test_the_ontology_tells_its_terms_by_a_word(place, word, told):
    assert told in shimoda(place, "terms", word)


@pytest.mark.parametrize(("text", "told"), [
    ("2004-XX", "some time from 2004-01-01 to 2004-12-31"),
    ("2004-05-XX", "some time from 2004-05-01 to 2004-05-31"),
    ("2011-03-12", "on 2011-03-12"),
    ("[..1956]", "by 1956-12-31"),
    ("2001/2003", "begins some time from 2001-01-01 to 2001-12-31\nends some time from 2003-01-01 to 2003-12-31"),
])  # fmt: skip
def test_a_date_is_told_by_its_days(place, text, told):
    assert shimoda(place, "date", text).strip() == told


def test_a_date_that_means_nothing_is_refused_with_examples(place):
    assert "such as" in shimoda(place, "date", "Y-12000", status=1)
