"""The event loop in front of the application: what is asked at the same time, and what is given up."""

from __future__ import annotations

import asyncio
import subprocess
import sys

import pytest
from pyoxigraph import Store
from tests.web.rsgi import Protocol, scope

from shimoda.engine.interface import Query
from shimoda.engine.local import LocalEngine
from shimoda.errors import LimitExceeded
from shimoda.settings import Settings
from shimoda.sparql.results import Results
from shimoda.web.app import Application
from shimoda.web.server import Server

COUNT = "query=SELECT%20(COUNT(*)%20AS%20%3Fn)%20%7B%7D"
RANDOM = "query=SELECT%20(RAND()%20AS%20%3Fx)%20%7B%7D"


class SlowEngine(LocalEngine):
    """The engine in this process, which takes a moment, and counts what it is asked."""

    def __init__(self, *, fails: bool = False) -> None:
        super().__init__(Store())
        self.asked, self.fails = 0, fails

    async def query_async(self, query: Query) -> Results:
        self.asked += 1
        await asyncio.sleep(0)
        if self.fails:
            raise LimitExceeded("It took too long.", limit="time")
        return self.query(query)


def ask_together(
    engine: SlowEngine, query_string: str, times: int = 5, path: str = "/sparql"
) -> list[Protocol]:
    """Ask the same several times before the first is answered."""

    async def ask() -> list[Protocol]:
        settings = Settings(log_format="none")
        server = Server(Application(engine, settings), settings)
        server.__rsgi_init__(asyncio.get_running_loop())
        answers = [Protocol() for _ in range(times)]
        await asyncio.gather(
            *(server.__rsgi__(scope(query_string, "text/csv", path), one) for one in answers)
        )
        return answers

    return asyncio.run(ask())


def test_what_is_asked_by_many_at_once_is_evaluated_once() -> None:
    engine = SlowEngine()
    answers = ask_together(engine, COUNT)
    assert engine.asked == 1
    assert {(answer.status, answer.body) for answer in answers} == {(200, b"n\r\n1\r\n")}


def test_what_is_no_function_of_the_dataset_is_evaluated_for_each() -> None:
    engine = SlowEngine()
    answers = ask_together(engine, RANDOM)
    assert engine.asked == len({answer.body for answer in answers}) == 5


@pytest.mark.parametrize("times", [1, 5])
def test_an_error_is_told_to_each(times: int) -> None:
    answers = ask_together(SlowEngine(fails=True), COUNT, times)
    assert [answer.status for answer in answers] == [503] * times
    assert all(b'"limit": "time"' in answer.body for answer in answers)


def test_a_named_question_is_asked_on_the_loop_like_any_query() -> None:
    engine = SlowEngine()
    answers = ask_together(engine, "", path="/q/corrections-of-officials")
    assert engine.asked == 1
    assert {answer.status for answer in answers} == {200}


def test_what_parameters_take_is_asked_on_a_thread_and_then_known() -> None:
    """The first call asks for the values; the next is bound on the loop, a label in place of the IRI."""
    engine = SlowEngine()
    path, given = "/q/contacts-of-a-person", "person=Nobody"
    engine.store.update(
        "INSERT DATA { <urn:nobody> a <https://w3id.org/shimoda/ontology#Person> ; "
        "<http://www.w3.org/2000/01/rdf-schema#label> 'Nobody' }"
    )
    assert [one.status for one in ask_together(engine, given, 1, path)] == [200]
    assert engine.asked == 0
    assert [one.status for one in ask_together(engine, given, 1, path)] == [200]
    assert engine.asked == 1
    assert [one.status for one in ask_together(engine, "person=Somebody", 1, path)] == [400]
    assert engine.asked == 1


AT_ONCE = """
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from importlib import import_module
from threading import Barrier

from shimoda.questions.patterns import algebra_of
from shimoda.sparql.syntax import place
from shimoda.web.server import RARE

sys.setswitchinterval(1e-6)
work = [partial(algebra_of, "ASK {}"), partial(place, "ASK {", 1, 5)]
work += [partial(import_module, name) for name in RARE]
begin = Barrier(len(work))

def run(part):
    begin.wait()
    part()

with ThreadPoolExecutor(len(work)) as threads:
    list(threads.map(run, work))
"""


def test_what_is_imported_late_may_be_wanted_by_several_threads_at_once():
    subprocess.run([sys.executable, "-c", AT_ONCE], check=True, timeout=60)
