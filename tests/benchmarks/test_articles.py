"""What the generator makes: sources in our own format, which hang together."""

import pytest
from pyoxigraph import NamedNode, Quad
from tests.benchmarks import articles

from shimoda.authoring.examination import examine
from shimoda.dataset import snapshot
from shimoda.namespaces import PREFIXES


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        folder = articles.write(2, tmp_path_factory.mktemp("data"))
        patch.setenv("SHIMODA_DATA", str(folder))
        yield


def test_two_articles_pass_every_check(two):
    assert examine().findings == []


def test_a_state_with_two_names_is_found_to_be_one(two):
    one, other = (PREFIXES["state"][name] for name in ("japan", "japan-0001"))
    assert Quad(other, PREFIXES["owl"]["sameAs"], one) in snapshot.load()


def test_articles_on_one_dispute_contradict_each_other(two):
    found = snapshot.load().quads_for_pattern(None, PREFIXES[""]["contradicts"], None)
    pairs = {(quad.subject.value, quad.object.value) for quad in found}
    across = [one for one, other in pairs if "article-0001" in one and "panov-2011" in other]
    assert len(across) == articles.model().contradictions


def test_the_same_articles_are_drawn_again():
    assert articles.draw(50) == articles.draw(50)
    assert articles.draw(50) != articles.draw(50, seed=1)


def test_disputes_are_drawn_unequally_and_each_has_a_first_article():
    drawn = articles.draw(400)
    firsts = [one.dispute for one in drawn if not one.before]
    assert len(firsts) == len(set(firsts)) == len({one.dispute for one in drawn}) > 10
    assert sum(one.dispute == 0 for one in drawn) > 400 / 10


def test_dates_keep_their_precision_when_a_dispute_lies_earlier():
    earlier = articles.Renaming(articles.Article(number=3, dispute=1, before=()))
    moved = {
        date: articles.YEAR.sub(earlier.shift, date)
        for date in ("2011-03-19~", "197X", "[2000..2003]", "2010-39/2011-37", "[..1956]")
    }
    assert [*moved.values()] == [
        "1991-03-19~",
        "195X",
        "[1980..1983]",
        "1990-39/1991-37",
        "[..1936]",
    ]


def test_what_belongs_to_all_keeps_its_name():
    rename = articles.Renaming(articles.Article(number=3, dispute=1, before=()))
    for name, expected in {
        "unit/ton": "unit/ton",
        "topic/important": "topic/important",
        "state/china": "state/china",
        "state/japan": "state/japan-d01",
        "observation/bilateral-trade-volume": "observation/bilateral-trade-volume-0003",
    }.items():
        node = rename.term(NamedNode(f"{articles.BASE}id/{name}"))
        assert node.value == f"{articles.BASE}id/{expected}"
