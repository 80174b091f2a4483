"""Exports: each comes back as the dataset that went out, in the tools that it is made for."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from collections import Counter

import pytest
from nanopub import Nanopub
from pyoxigraph import (
    CanonicalizationAlgorithm,
    Dataset,
    DefaultGraph,
    Quad,
    RdfFormat,
    Store,
    Triple,
    parse,
    serialize,
)
from rdflib import Dataset as RdflibDataset

from shimoda.authoring.exports import EXPORTS
from shimoda.namespaces import BASE, NEUTRAL, PREFIXES

REIFIES = PREFIXES["rdf"]["reifies"]
ASSERTION = BASE + "assertion/"


@pytest.fixture(scope="module")
def quads(store: Store) -> set[str]:
    return canonical(store)


def canonical(quads) -> set[str]:
    dataset = Dataset(quads)
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return {str(quad) for quad in dataset}


def in_assertions(store: Store) -> list[Quad]:
    return [quad for quad in store if f"<{ASSERTION}" in str(quad.graph_name)]


def test_trig_comes_back_as_the_dataset(store, quads) -> None:
    assert canonical(parse(EXPORTS["trig"](store), RdfFormat.TRIG)) == quads


def test_nquads_are_canonical(store, quads) -> None:
    """The same dataset under other blank node labels and in another order is the same bytes."""
    data = EXPORTS["nquads"](store)
    assert canonical(parse(data, RdfFormat.N_QUADS)) == quads
    other = Store()
    other.extend(
        reversed(list(parse(EXPORTS["trig"](store), RdfFormat.TRIG, rename_blank_nodes=True)))
    )
    assert EXPORTS["nquads"](other) == data


def test_neutral_has_no_default_graph_and_loses_nothing(store) -> None:
    moved = Counter(quad.graph_name for quad in parse(EXPORTS["neutral"](store), RdfFormat.N_QUADS))
    there = Counter(quad.graph_name for quad in store)
    assert DefaultGraph() not in moved
    there[NEUTRAL] = there.pop(DefaultGraph())
    assert moved == there


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_rdflib_reads_as_many_quads(store) -> None:
    """What the docs show: from our store to rdflib in one line."""
    dataset = RdflibDataset()
    dataset.parse(data=EXPORTS["nquads"](store), format="nquads")
    assert sum(1 for _ in dataset.quads()) == len(store)


def test_rdf12_annotates_what_is_asserted_and_only_names_what_is_claimed(store) -> None:
    triples = [quad.triple for quad in parse(EXPORTS["rdf12"](store), RdfFormat.TURTLE)]
    reified = {(triple.subject, triple.object) for triple in triples if triple.predicate == REIFIES}
    asserted = {triple for triple in triples if triple.predicate != REIFIES}
    default = {quad.triple for quad in store.quads_for_pattern(None, None, None, DefaultGraph())}
    # a blank node has another label after parsing; all else must be the same
    named = [{one for one in each if "_:" not in str(one)} for each in (asserted, default)]
    assert named[0] == named[1] and len(asserted) == len(default)
    spoken = {(quad.graph_name, quad.triple) for quad in in_assertions(store)}
    assert len(reified) == len(spoken)
    assert {pair for pair in spoken if "_:" not in str(pair[1])} <= reified
    claims = {triple for _, triple in reified if isinstance(triple, Triple)} - asserted
    assert any(triple.predicate == PREFIXES[""]["sovereignOver"] for triple in claims)


def test_jsonld_comes_back_as_the_dataset(store, quads) -> None:
    data = EXPORTS["jsonld"](store)
    assert canonical(parse(data, RdfFormat.JSON_LD)) == quads
    assert json.loads(data)["@context"] == json.loads(EXPORTS["context"](store))["@context"]


def test_geojson_has_every_place_with_its_outline_where_it_belongs(store) -> None:
    features = {one["id"]: one for one in json.loads(EXPORTS["geojson"](store))["features"]}
    located = {
        quad.subject.value
        for quad in store.quads_for_pattern(None, PREFIXES[""]["latitude"], None, DefaultGraph())
    }
    assert set(features) >= located != set()
    kunashir = features[BASE + "id/place/kunashir"]
    assert kunashir["properties"]["name:ja"] == "国後島"
    ring = kunashir["geometry"]["coordinates"]
    while isinstance(ring[0][0], list):
        ring = ring[0]
    assert ring[0] == ring[-1] and len(ring) > 10
    assert all(145.3 < longitude < 146.6 and 43.6 < latitude < 44.6 for longitude, latitude in ring)


def test_csv_has_a_row_for_each_triple_that_somebody_states(store) -> None:
    rows = list(csv.DictReader(io.StringIO(EXPORTS["csv"](store).decode())))
    cited = {
        quad.subject for quad in store.quads_for_pattern(None, PREFIXES[""]["citedIn"], None, None)
    }
    expected = Counter(
        quad.graph_name.value for quad in in_assertions(store) if quad.graph_name in cited
    )
    assert Counter(row["assertion"] for row in rows) == expected
    assert all(row["voices"] and row["mode"] and row["sentences"] for row in rows)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_nanopublications_are_valid_for_the_nanopub_package(store, tmp_path) -> None:
    found: dict[str, list[Quad]] = {}
    for quad in parse(EXPORTS["nanopub"](store), RdfFormat.TRIG):
        found.setdefault(quad.graph_name.value.partition("#")[0], []).append(quad)
    contents = Counter(quad.graph_name.value for quad in in_assertions(store))
    assert {name.removesuffix(".nanopub") for name in found} == set(contents)
    for name in sorted(found)[::25]:
        file = tmp_path / "one.trig"
        file.write_bytes(serialize(found[name], format=RdfFormat.TRIG))
        one = Nanopub(rdf=file)
        assert one.is_valid
        assert len(one.assertion) == contents[name.removesuffix(".nanopub")]
        assert any("wasAttributedTo" in p or "source" in p.lower() for _, p, _ in one.provenance)


def test_the_command_writes_a_file_and_refuses_another_format(tmp_path) -> None:
    command = [sys.executable, "-m", "shimoda", "export"]
    file = tmp_path / "places.geojson"
    subprocess.run([*command, "geojson", "-o", str(file)], check=True, env=os.environ)
    assert json.loads(file.read_text(encoding="utf-8"))["type"] == "FeatureCollection"
    wrong = subprocess.run([*command, "docx"], check=False, capture_output=True, text=True)
    assert wrong.returncode == 2 and "nquads" in wrong.stderr and "Traceback" not in wrong.stderr


def test_pandas_reads_the_table_in_one_line(store) -> None:
    pandas = pytest.importorskip("pandas", reason="pandas is not installed; the docs show the line")
    frame = pandas.read_csv(io.BytesIO(EXPORTS["csv"](store)))
    assert len(frame) > 500 and {"voices", "mode", "sentences"} <= set(frame.columns)
