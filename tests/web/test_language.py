"""The interface in three languages, and dates in words."""

import pytest
from flask import g
from jinja2.ext import extract_from_ast

from shimoda.paths import PACKAGE
from shimoda.web.language import LANGUAGES, date_in_words, messages

TEMPLATES = sorted((PACKAGE / "web" / "templates").glob("*.html"))


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.stem)
def test_every_message_of_a_template_is_said_in_every_language(connect, template):
    parsed = connect().application.jinja_env.parse(template.read_text("utf-8"))
    found = extract_from_ast(parsed)
    asked = {text for _, _, text in found if isinstance(text, str)}
    others = set(LANGUAGES) - {"en"}
    assert {text for text in asked if set(messages().get(text, ())) != others} == set()


@pytest.mark.parametrize("text", messages())
def test_a_translation_has_the_placeholders_of_its_message(text):
    for other in messages()[text].values():
        for part in ("%(n)s", "%(party)s", "%(link)s", "{0}", "{1}"):
            assert (part in other) == (part in text)


@pytest.mark.parametrize(
    ("edtf", "words"),
    [
        ("2009-11", "2009-11"),
        ("197X", "the 1970s"),
        ("2011-03-19~", "about 2011-03-19"),
        ("1999/2001", "1999 – 2001"),
        ("2009~/..", "since about 2009"),
        ("../2009", "until 2009"),
        ("[2000..2003]", "between 2000 and 2003"),
        ("[1999~..2001]", "between about 1999 and 2001"),
        ("[..1956]", "by 1956"),
        ("[2001..]", "from 2001 on"),
        ("2010-37", "early 2010"),
        ("2010-38", "mid-2010"),
        ("2010-39", "late 2010"),
        ("2004-21/..", "since spring 2004"),
        ("2008-05-XX", "2008-05"),
        ("2004-XX", "2004"),
        ("[2013,2014]", "2013 or 2014"),
    ],
)
def test_a_date_is_said_as_exactly_as_it_is_known(connect, edtf, words):
    with connect().application.test_request_context():
        g.language = "en"
        assert date_in_words(edtf) == words


@pytest.mark.parametrize("text", ["[" * 5000 + "]" * 5000, "2011" + "~" * 5000, "1/2/3", "[..", ""])
def test_what_is_no_date_is_said_as_it_stands(connect, text):
    with connect().application.test_request_context():
        g.language = "en"
        assert date_in_words(text) == text
