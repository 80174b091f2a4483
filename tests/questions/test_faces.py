"""A file in queries/ is a page, a call, an operation, a command, a tool, an example and a test; without it there is none."""

import os

import pytest
import yaml
from click.testing import CliRunner
from pyparsing import ParseException
from rdflib.plugins.sparql.parser import parseQuery

from shimoda import paths
from shimoda.authoring.checks import check_questions
from shimoda.cli import main
from shimoda.engine.local import LocalEngine
from shimoda.errors import UnknownName
from shimoda.mcp.tools import Tools
from shimoda.questions import catalogue
from shimoda.settings import Settings
from shimoda.web.app import Application

NAME = "islands-of-a-state"
TITLE = "Which islands does a state administer?"
DROPPED = f"""#+ summary: {TITLE}
#+ ja: {{summary: ある国はどの島を管理しているか。}}
#+ ru: {{summary: Какими островами управляет государство?}}
#+ tags: [territories]
#+ defaults:
#+   - state: https://w3id.org/shimoda/id/state/russia
#+ columns: [island]
#+ least: 3

PREFIX : <https://w3id.org/shimoda/ontology#>

SELECT ?island WHERE {{ ?_state_iri :administers ?island . ?island a :Island }}
ORDER BY ?island
"""
BROWSER = {"Accept": "text/html"}


@pytest.fixture(scope="module")
def engine(store):
    return LocalEngine(store)


@pytest.fixture
def client(engine):
    return Application(engine, Settings(log_format="none", cache=0)).test_client()


def page(client, engine):
    assert TITLE in client.get("/q/", headers=BROWSER).text
    return "Kunashir" in client.get(f"/q/{NAME}?state=Россия", headers=BROWSER).text


def call(client, engine):
    return b"place/kunashir" in client.get(f"/q/{NAME}.csv?state=russia").data


def operation(client, engine):
    paths = client.get("/openapi.json").json["paths"]
    return paths.get(f"/q/{NAME}", {}).get("get", {}).get("summary") == TITLE


def command(client, engine):
    told = CliRunner().invoke(main, ["query", NAME, "-p", "state=Russia", "--format", "csv"])
    return "place/kunashir" in told.stdout


def tool(client, engine):
    tools = Tools(engine)
    assert NAME in [one.name for one in tools.list_questions()]
    return bool(tools.ask(NAME, {"state": "Russia"}).rows)


def example(client, engine):
    return TITLE in client.get("/sparql", headers=BROWSER).text


def test(client, engine):
    """The build tries it: with more rows expected than there are, it would complain."""
    file = paths.data("queries") / f"{NAME}.rq"
    text = file.read_text("utf-8")
    assert not [one for one in check_questions(engine.store) if NAME in one.file]
    file.write_text(text.replace("least: 3", "least: 300"), encoding="utf-8")
    complaints = [one for one in check_questions(engine.store) if NAME in one.file]
    file.write_text(text, encoding="utf-8")
    return bool(complaints)


test.__test__ = False
FACES = (page, call, operation, command, tool, example, test)


def test_a_file_that_is_dropped_shows_all_its_faces_and_vanishes_with_them(queries, client, engine):
    file = queries / f"{NAME}.rq"
    file.write_text(DROPPED, encoding="utf-8")
    assert [face.__name__ for face in FACES if not face(client, engine)] == []
    file.unlink()
    assert client.get(f"/q/{NAME}").status_code == 404
    assert (
        TITLE
        not in client.get("/q/", headers=BROWSER).text + client.get("/sparql", headers=BROWSER).text
    )
    assert not operation(client, engine) and not command(client, engine)
    with pytest.raises(UnknownName):
        Tools(engine).ask(NAME)
    assert NAME not in [one.name for one in catalogue.read_all()]


def test_an_edited_file_is_answered_anew_and_not_from_the_answers_that_are_kept(queries, engine):
    """Until it is edited the same answer is given without asking; then, in the same version of the dataset, another."""
    application = Application(engine, Settings(log_format="none"))
    client, file = application.test_client(), queries / f"{NAME}.rq"

    def asked():
        answer = client.get(f"/q/{NAME}.csv?state=russia")
        return answer.text, answer.headers["ETag"]

    file.write_text(DROPPED, encoding="utf-8")
    first = asked()
    assert len(application.cache.answers) == 1
    assert asked() == first
    assert len(application.cache.answers) == 1
    changed = DROPPED.replace("ORDER BY ?island", "ORDER BY DESC(?island)")
    file.write_text(changed, encoding="utf-8")
    os.utime(file, (1, 1))  # an older file that is put in its place counts as well
    text, etag = asked()
    assert text.split()[1:] == first[0].split()[:0:-1] and etag != first[1]


@pytest.mark.parametrize("question", catalogue.read_all(), ids=lambda question: question.name)
def test_other_readers_of_the_convention_read_a_question_too(question):
    """As grlc does: YAML after the marks, names of letters alone, and a query that parses before values are put in."""
    lines = [line.lstrip("#+") for line in question.text.splitlines() if line.startswith("#+")]
    header = yaml.safe_load("\n".join(lines))
    assert header["summary"] == question.title and header["tags"] == list(question.tags)
    defaults = {
        name: str(value) for entry in header.get("defaults", ()) for name, value in entry.items()
    }
    assert defaults == {one.name: one.default for one in question.parameters if one.default}
    try:
        parseQuery(catalogue.without_header(question.text))
    except ParseException as error:
        pytest.fail(f"{question.name}: {error}")
