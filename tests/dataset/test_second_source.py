"""The tutorial for a second source, followed to the letter beside the first."""

import csv
import io
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TUTORIAL = (ROOT / "docs/second-source.md").read_text()
BLOCKS = [
    (language, re.sub(r"(?m)^   ", "", text))
    for language, text in re.findall(r"```(\w*)\n(.*?)   ```", TUTORIAL, re.DOTALL)
]


def block(language):
    return next(text for name, text in BLOCKS if name == language)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A copy of the data folders, and the text beside it, as a user has them."""
    folder = tmp_path_factory.mktemp("second")
    for name in ("ontology", "triples", "queries"):
        shutil.copytree(ROOT / name, folder / name)
    (folder / "harbour.txt").write_text(block(""))
    shimoda(folder, *block("sh").split()[1:4], "--title", "The Harbour")
    source = folder / "triples/harbour-2010"
    (source / "entities/all.ttl").write_text(block("turtle"))
    (source / "assertions/first.trig").write_text(block("trig"))
    shimoda(folder, "format", *map(str, source.rglob("*.t*")))
    return folder


def shimoda(folder, *words, status=0):
    environment = os.environ | {
        "SHIMODA_DATA": str(folder),
        "XDG_CACHE_HOME": str(folder / "cache"),
    }
    done = subprocess.run(
        [sys.executable, "-m", "shimoda", *words],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout + done.stderr


def rows(folder, query):
    return list(csv.DictReader(io.StringIO(shimoda(folder, "query", "--format", "csv", query))))


def test_its_assertions_are_found_beside_ours(place):
    sources = {row["source"].rpartition("/")[2] for row in rows(place, block("sparql"))}
    assert sources == {"harbour-2010", "panov-2011"}


def test_what_it_narrates_is_told_and_what_it_reports_is_not(place):
    query = (
        "PREFIX : <https://w3id.org/shimoda/ontology#> PREFIX event: <https://w3id.org/shimoda/id/event/> "
        "SELECT ?p { event:closure-of-east-pier ?p [] }"
    )
    told = {row["p"].rpartition("#")[2] for row in rows(place, query)}
    assert "performedBy" in told
    assert "assessedAs" not in told


def test_its_text_proves_its_digests(place):
    shimoda(place, "check", "--source", "harbour.txt")


def test_another_text_proves_nothing(place):
    (place / "other.txt").write_text(block("").replace("mistake", "scandal"))
    assert "s002" in shimoda(place, "check", "--source", "other.txt", status=1)


def test_a_name_that_is_taken_is_refused(place):
    assert "already" in shimoda(place, "new", "harbour-2010", "harbour.txt", status=1)
