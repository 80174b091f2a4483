"""docs/second-source.md, followed to the letter: its files are written, its commands run, and nothing is lost on the way."""

import csv
import io
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/second-source.md").read_text()
BLOCKS = re.findall(r"^```(\w+)(?: (\S+))?\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
SPARQL = next(text for language, _, text in BLOCKS if language == "sparql")
PREFIXES = "PREFIX : <https://w3id.org/shimoda/ontology#> PREFIX place: <https://w3id.org/shimoda/id/place/> "


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
        shutil.copytree(ROOT / name, folder / name)
    said = {}
    for language, name, text in BLOCKS:
        if name:
            (folder / name).write_text(text)
        elif language == "sh" and "make setup" not in text:
            for line in text.splitlines():
                done = run(folder, "bash", "-c", line)
                said[line] = done.stdout + done.stderr
                assert done.returncode == (1 if "--begin" in line and False else 0), said[line]
    return folder, said


@pytest.fixture(scope="module")
def place(followed):
    return followed[0]


def rows(folder, *words):
    return list(csv.DictReader(io.StringIO(shimoda(folder, "query", "--format", "csv", *words))))


def test_every_command_of_the_page_does_what_the_page_says(followed):
    """Each ends well, and those that answer say what the text states."""
    _, said = followed
    assert all("✘" not in text for text in said.values())
