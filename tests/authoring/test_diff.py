"""``shimoda diff``: what changed is told in sentences; what did not, or only follows, is not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from pyoxigraph import Quad, RdfFormat, serialize

from shimoda import paths
from shimoda.authoring.comparison import compare, load
from shimoda.authoring.exports import EXPORTS
from shimoda.dataset.assembly import files, read
from shimoda.dataset.files import parse

CLAIM = "assertion/panov-2011-s085-very-regrettable"


@pytest.fixture(scope="module")
def quads() -> list[Quad]:
    return list(read(files()))


def edited(quads: list[Quad], tmp_path: Path, *changes: tuple[str, str]) -> list[Quad]:
    """Return the quads after textual edits of their N-Quads, each of which must hit."""
    text = serialize(quads, format=RdfFormat.N_QUADS).decode()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    file = tmp_path / "edited.nq"
    file.write_text(text, encoding="utf-8")
    return list(parse(file))


def test_a_version_does_not_differ_from_itself(quads, tmp_path) -> None:
    assert list(compare(quads, edited(quads, tmp_path))) == []


def test_what_is_derived_is_no_difference(quads, store, tmp_path) -> None:
    """A built dump and the files it was built from state the same: labels of blank nodes, inference and views aside."""
    dump = tmp_path / "dump.nq"
    dump.write_bytes(EXPORTS["nquads"](store))
    assert list(compare(quads, load(dump))) == []


def test_a_changed_axiom_is_told_though_it_has_no_name(quads, tmp_path) -> None:
    """Restrictions stand at blank nodes: three claimants instead of two change the class."""
    two = '"2"^^<http://www.w3.org/2001/XMLSchema#nonNegativeInteger>'
    told = list(compare(quads, edited(quads, tmp_path, (two, two.replace("2", "3", 1)))))
    assert any(
        "ontology#ContestedTerritory" in line and "lost 11 and gained 11" in line for line in told
    )
    assert all(line.startswith("Changed: term of the ontology") for line in told)


def test_a_changed_voice_a_new_label_and_a_lost_triple_are_told(quads, tmp_path) -> None:
    base = "https://w3id.org/shimoda/"
    voice = f"<{base}{CLAIM}> <{base}ontology#voice> <{base}id/person/"
    label = f'<{base}id/place/kunashir> <http://www.w3.org/2000/01/rdf-schema#label> "国後島"@ja'
    content = f"<{base}ontology#assessedAs> <{base}id/topic/regrettable> <{base}{CLAIM}>"
    new = edited(
        quads,
        tmp_path,
        (voice + "naoto-kan>", voice + "seiji-maehara>"),
        (label, label.replace("国後島", "国後")),
        (content, content.replace("regrettable>", "unforgivable>", 1)),
    )
    told = list(compare(quads, new))
    assert len(told) == 2
    claim = next(line for line in told if CLAIM in line)
    assert "voice was id/person/naoto-kan, is id/person/seiji-maehara" in claim
    assert "its content lost 1 and gained 1 triples" in claim
    assert "国後島" in next(line for line in told if "id/place/kunashir" in line)


def test_what_came_and_what_went_is_called_by_what_it_says(quads) -> None:
    without = [one for one in quads if CLAIM not in f"{one.subject} {one.object} {one.graph_name}"]
    assert any(line.startswith(f"Gone: assertion {CLAIM} (“") for line in compare(quads, without))
    assert any(line.startswith(f"New: assertion {CLAIM} (“") for line in compare(without, quads))


def test_the_command_tells_and_says_by_its_exit_code(tmp_path) -> None:
    command = [sys.executable, "-m", "shimoda", "diff", str(paths.CHECKOUT)]
    same = subprocess.run(
        [*command, str(paths.CHECKOUT)], check=False, capture_output=True, text=True
    )
    assert (same.returncode, same.stdout) == (0, "Nothing that is stated changed.\n")
    other = tmp_path / "other.trig"
    other.write_text("@prefix : <https://w3id.org/shimoda/ontology#> .\n:Nonsense a :Thing .\n")
    differs = subprocess.run([*command, str(other)], check=False, capture_output=True, text=True)
    assert (
        differs.returncode == 1 and "New: term of the ontology ontology#Nonsense." in differs.stdout
    )
    broken = tmp_path / "broken.trig"
    broken.write_text("<a> <b> .")
    failed = subprocess.run([*command, str(broken)], check=False, capture_output=True, text=True)
    assert (
        failed.returncode == 1
        and "broken.trig:1" in failed.stderr
        and "Traceback" not in failed.stderr
    )
