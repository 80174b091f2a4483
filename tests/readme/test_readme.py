"""What the README tells people to type works."""

import re
import subprocess
import time
from pathlib import Path

import httpx
import pytest
from tests.serving import free_port

from shimoda.engine.interface import Query
from shimoda.engine.local import LocalEngine

ROOT = Path(__file__).parents[2]
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
SHELL = [block for language, block in BLOCKS if language == "sh"]
SPARQL = [block for language, block in BLOCKS if language == "sparql"]
DEFAULT = "http://127.0.0.1:7878"


@pytest.fixture
def served(tmp_path):
    """The address of the server as ``make serve`` starts it, on a free port."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    with (tmp_path / "log").open("w") as log:
        command = ["make", "serve", f"PORT={port}"]
        process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)
        try:
            wait_for(f"{address}/-/ready", process)
            yield address
        finally:
            process.terminate()
            process.wait(20)


def wait_for(address, process):
    for _ in range(240):
        assert process.poll() is None, "make serve ended"
        try:
            if httpx.get(address).status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.5)
    raise AssertionError("not ready after two minutes")


def test_make_serve_answers_what_the_readme_asks(served):
    command = next(block for block in SHELL if block.startswith("curl")).replace(DEFAULT, served)
    answer = subprocess.run(
        ["bash", "-c", command], capture_output=True, text=True, check=True
    ).stdout
    assert int(answer.split()[1]) > 5_000


def test_make_test_is_a_target():
    assert (
        subprocess.run(
            ["make", "--dry-run", "test"], cwd=ROOT, capture_output=True, check=False
        ).returncode
        == 0
    )


def test_the_terminal_answers_without_a_server():
    command = next(block for block in SHELL if "shimoda query" in block)
    answer = subprocess.run(
        ["bash", "-c", command], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert "place/kunashir" in answer


@pytest.mark.parametrize("text", SPARQL)
def test_the_queries_answer(text, store):
    view = "rdf12" if "{|" in text else None
    assert LocalEngine(store).query(Query(text, view=view)).count > 0


def test_every_command_is_told_of_and_exists():
    table = (ROOT / "README.md").read_text().partition("| command |")[2].partition("##")[0]
    told = set(re.findall(r"`(?:shimoda )?([a-z]+)`", table))
    listed = subprocess.run(
        [ROOT / ".venv/bin/shimoda", "--help"], capture_output=True, text=True, check=True
    ).stdout
    assert told == set(re.findall(r"^  ([a-z]+) ", listed.partition("Commands:")[2], re.MULTILINE))


def test_every_folder_it_names_is_there():
    assert all(
        (ROOT / name).is_dir()
        for name in re.findall(r"`([a-z]+)/`", (ROOT / "README.md").read_text())
    )
