"""Sentences are cut where a reader would cut them, and proved by offset and digest."""

import pytest

from shimoda.dataset.sentences import Sentence, cut, digest, disagreements

TEXT = "First point. The U.S. embassy (No. 3) replied.\n\n“Never!” she said. “Why?” Nobody knew…\n"


def texts(text):
    return [text[sentence.start : sentence.end] for sentence in cut(text)]


def test_abbreviations_and_speech_do_not_end_a_sentence():
    assert texts(TEXT) == [
        "First point.", "The U.S. embassy (No. 3) replied.", "“Never!” she said.", "“Why?”", "Nobody knew…",
    ]  # fmt: skip


def test_paragraphs_are_counted_at_blank_lines():
    assert [sentence.paragraph for sentence in cut(TEXT)] == [1, 1, 2, 2, 2]


@pytest.mark.parametrize(("text", "expected"), [
    ("島は四つある。誰のものか？答えはない。", ["島は四つある。", "誰のものか？", "答えはない。"]),
    ("Остров велик. Спор долог.", ["Остров велик.", "Спор долог."]),
    ("", []),
])  # fmt: skip
def test_other_scripts_are_cut_too(text, expected):
    assert texts(text) == expected


def test_an_offset_counts_code_points():
    sentence = list(cut("𠮷野家。 B."))[1]
    assert (sentence.start, sentence.end) == (5, 7)


def test_a_changed_letter_is_found_in_its_sentence_only():
    found = list(disagreements(TEXT.replace("Never", "Newer"), cut(TEXT)))
    assert [name for name, _ in found] == ["s003"]


def test_a_text_that_is_cut_short_is_no_proof():
    whole = Sentence(1, 1, 0, 12, digest("First point."))
    assert "ends at 5" in next(disagreements("First", [whole]))[1]
