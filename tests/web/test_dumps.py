"""``/dump``: the whole dataset as one file, which every reader reads back to the same quads."""

import gzip
from base64 import b64encode
from hashlib import sha256

import pytest
import rdflib
import zstandard
from pyoxigraph import (
    BlankNode,
    CanonicalizationAlgorithm,
    Dataset,
    NamedNode,
    Quad,
    RdfFormat,
    Store,
    parse,
)

UNPACK = {
    "": lambda body: body,
    ".gz": gzip.decompress,
    ".zst": lambda body: zstandard.ZstdDecompressor().decompressobj().decompress(body),
}
FORMATS = {"nq": RdfFormat.N_QUADS, "trig": RdfFormat.TRIG}
READABLE = {"nq": "nquads", "trig": "trig"}


@pytest.fixture(autouse=True)
def blank(engine):
    """Put blank nodes into two graphs, one of them in both."""
    node, other = BlankNode(), BlankNode()
    for graph in ("http://example.org/g", "http://example.org/h"):
        engine.store.add(Quad(node, NamedNode("http://x/p"), other, NamedNode(graph)))


def canonical(quads):
    dataset = Dataset(quads)
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return set(dataset)


@pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib")  # of itself
@pytest.mark.parametrize("packing", UNPACK)
@pytest.mark.parametrize("syntax", FORMATS)
def test_a_dump_is_read_back_to_the_same_quads_by_oxigraph_and_rdflib(
    client, engine, syntax, packing
):
    body = UNPACK[packing](client.get(f"/dump.{syntax}{packing}").data)
    assert canonical(parse(body, FORMATS[syntax])) == canonical(engine.store)
    dataset = rdflib.Dataset()
    dataset.parse(data=body, format=READABLE[syntax])
    again = dataset.serialize(format="nquads", encoding="utf-8")
    assert canonical(parse(again, RdfFormat.N_QUADS)) == canonical(engine.store)


@pytest.mark.parametrize("name", ["nq", "trig.zst"])
def test_a_dump_comes_in_ranges_and_says_its_digest(client, name):
    whole = client.get(f"/dump.{name}", headers={"Accept-Encoding": "gzip"})
    assert (
        whole.headers["Repr-Digest"]
        == f"sha-256=:{b64encode(sha256(whole.data).digest()).decode()}:"
    )
    assert "Content-Encoding" not in whole.headers
    assert 'filename="shimoda-' in whole.headers["Content-Disposition"]
    begun = {"Range": "bytes=10-", "If-Range": whole.headers["ETag"]}
    rest = client.get(f"/dump.{name}", headers=begun)
    assert (rest.status_code, rest.data) == (206, whole.data[10:])
    assert client.get(f"/dump.{name}").headers["ETag"] == whole.headers["ETag"]


def test_a_dump_that_did_not_change_since_is_not_sent_again(connect, engine, monkeypatch):
    monkeypatch.setattr(type(engine), "changed", 1_700_000_000.0)
    client = connect(cache=0)
    changed = client.get("/dump.nq").headers["Last-Modified"]
    assert changed == "Tue, 14 Nov 2023 22:13:20 GMT"
    for header, date, status in (
        ("If-Modified-Since", changed, 304),
        ("If-Modified-Since", "Tue, 14 Nov 2023 22:13:19 GMT", 200),
        ("If-Unmodified-Since", "Tue, 14 Nov 2023 22:13:19 GMT", 412),
        ("If-Unmodified-Since", changed, 200),
        ("If-Modified-Since", "yesterday", 200),
    ):
        assert client.get("/dump.nq", headers={header: date}).status_code == status


def test_without_a_suffix_the_accept_header_chooses(client):
    assert client.get("/dump").mimetype == "application/n-quads"
    assert (
        client.get("/dump", headers={"Accept": "application/trig"}).mimetype == "application/trig"
    )
    assert client.get("/dump", headers={"Accept": "image/png"}).status_code == 406
    assert client.get("/dump.ttl").status_code == 404


def test_the_description_and_the_sitemap_name_every_dump_there_is(client):
    void = client.get("/.well-known/void", headers={"Accept": "application/n-triples"}).data
    for name in ("void#dataDump", "dcat#downloadURL"):
        places = {
            quad.object.value
            for quad in parse(void, RdfFormat.N_TRIPLES)
            if quad.predicate.value.endswith(name)
        }
        dumps = [place for place in places if "/dump" in place]
        assert len(dumps) == 6
        for place in places:
            assert client.get(place.removeprefix("http://localhost")).status_code == 200
    assert all(place in client.get("/sitemap.xml").text for place in dumps)
    assert 'href="/dump.trig.zst"' in client.get("/").text


def test_the_prefixes_are_a_context_and_declarations(client):
    context = client.get("/prefixes", headers={"Accept": "application/ld+json"}).json["@context"]
    assert context["rdfs"] == "http://www.w3.org/2000/01/rdf-schema#"
    assert context["@vocab"] == "https://w3id.org/shimoda/ontology#"
    assert client.get("/prefixes.jsonld").json["@context"] == context
    store = Store()
    store.load(client.get("/prefixes").data, RdfFormat.TURTLE)
    rows = store.query(
        "SELECT ?n { [] sh:declare [ sh:prefix 'rdfs' ; sh:namespace ?n ] }",
        prefixes={"sh": "http://www.w3.org/ns/shacl#"},
    )
    assert [row["n"].value for row in rows] == [context["rdfs"]]
