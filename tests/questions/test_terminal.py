"""Questions in the terminal: by name, with parameters, completed, one after the other."""

import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner
from prompt_toolkit.application import create_app_session
from prompt_toolkit.history import FileHistory
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from shimoda.cli import main, shell
from shimoda.cli.shell import is_unfinished
from shimoda.questions import catalogue

POSITIONS = "positions-on-a-territory"


def run(*arguments, **options):
    return CliRunner().invoke(main, ["query", *arguments], **options)


def test_a_question_is_asked_by_name_with_its_parameters():
    answer = run(POSITIONS, "-p", "territory=Шикотан", "--format", "csv")
    assert answer.exit_code == 0
    assert answer.stdout.startswith("position,kind,holder") and "koizumi-demand" in answer.stdout


def test_a_table_has_neither_colours_nor_frames_that_a_pipe_cannot_take():
    answer = run("contacts-of-a-person", "--format", "table")
    assert "person:dmitry-medvedev" in answer.stdout and "\x1b[" not in answer.stdout


def test_a_pipe_gets_json():
    assert run("contacts-of-a-person").stdout.startswith('{"head":{"vars":["partner","how"]}')


def test_each_row_comes_with_its_sources_if_they_are_wanted():
    table = run("contacts-of-a-person", "--cite", "--format", "table").stdout
    assert "asserted" in table and "s129" in table
    csv = run("contacts-of-a-person", "--cite", "--format", "csv").stdout
    assert csv.startswith("partner,how,status,sentences,") and "panov-2011#s129" in csv
    assert '"citations":' in run("contacts-of-a-person", "--cite").stdout


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["contacts-of-a-persn"], 1, "contacts-of-a-person"),
        ([POSITIONS, "-p", "territory=Kunashyr"], 1, "kunashir"),
        ([POSITIONS, "-p", "island=Kunashir"], 1, "it has territory"),
        ([POSITIONS, "-p", "Kunashir"], 2, "NAME=VALUE"),
        (["nowhere.rq"], 1, "nowhere.rq"),
        (["SELECT ?x {"], 1, "1:"),
        ([POSITIONS, "--format", "pdf"], 2, "csv"),
    ],
)
def test_a_wrong_call_says_what_is_wrong_and_what_is_nearest(arguments, code, words):
    told = run(*arguments)
    assert (told.exit_code, told.stdout) == (code, "")
    assert words in told.stderr


def test_an_empty_answer_is_no_error_and_says_why():
    told = run("SELECT ?x { ?x <https://w3id.org/shimoda/ontology#destinatoin> ?y }")
    assert told.exit_code == 0 and ":destination" in told.stderr


def test_all_questions_are_listed():
    listed = run("--list", env={"COLUMNS": "200"}).stdout
    assert all(one.name in listed for one in catalogue.read_all())


@pytest.mark.parametrize(
    ("line", "begun", "completed"),
    [
        ("shimoda query conta", "conta", "contacts-of-a-person"),
        (f"shimoda query {POSITIONS} -p t", "t", "territory="),
        (f"shimoda query {POSITIONS} -p territory=ku", "territory=ku", "territory=kunashir"),
        ("shimoda query nothing -p t", "t", None),
    ],
)
def test_a_shell_completes_questions_parameters_and_values(monkeypatch, line, begun, completed):
    monkeypatch.setenv("COMP_WORDS", line)
    complete = ShellComplete(main, {}, "shimoda", "_SHIMODA_COMPLETE")
    found = [one.value for one in complete.get_completions(line.split()[1:-1], begun)]
    assert completed in found if completed else not found


@pytest.mark.parametrize("name", ["bash", "zsh", "fish"])
def test_each_shell_gets_its_script(name):
    told = CliRunner().invoke(main, ["completion", name])
    assert told.exit_code == 0 and "_SHIMODA_COMPLETE" in told.stdout


def test_one_query_after_the_other_is_answered_until_the_end(tmp_path, monkeypatch):
    """A name, a query over two lines, and a mistake, after which it goes on; all of it is in the history."""
    monkeypatch.setattr(shell, "FileHistory", lambda _: FileHistory(str(tmp_path / "history")))
    typed = "contacts-of-a-person\rASK {\r}\rASK { ?s }\rASK { ?s ?p ?o }\r\x04"
    with create_pipe_input() as keys, create_app_session(input=keys, output=DummyOutput()):
        keys.send_text(typed)
        told = run("-i")
    assert told.exit_code == 0, told.output
    assert "person:dmitry-medvedev" in told.stdout and told.stdout.count("yes") == 2
    assert "shimoda: " in told.stderr
    assert "contacts-of-a-person" in (tmp_path / "history").read_text()


@pytest.mark.parametrize(
    ("text", "unfinished"),
    [
        ("contradictions", False),
        ("ASK {", True),
        ("ASK {}", False),
        ("SELECT ?x", True),
        ("ASK { '}' ", True),
    ],
)
def test_a_query_with_open_braces_goes_on_in_the_next_line(text, unfinished):
    assert is_unfinished(text) == unfinished
