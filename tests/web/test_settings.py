"""The settings: declared once, read from options and environment, shown without secrets."""

from pathlib import Path

import pytest

from shimoda.errors import InputError
from shimoda.settings import SETTINGS, Settings

RUNNING = Path(__file__).parents[2] / "docs" / "running.md"


def test_an_option_comes_before_the_environment_and_that_before_the_default():
    environ = {"SHIMODA_PORT": "81", "SHIMODA_HOST": "::1"}
    assert Settings.gather({"port": 80, "timeout": None}, environ) == Settings(port=80, host="::1")


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("FEDERATE", "wikidata, http://x/sparql,", ("wikidata", "http://x/sparql")),
        ("WRITABLE", "Yes", True),
        ("METRICS", "off", False),
        ("TIMEOUT", "2.5", 2.5),
        ("STORE", "/srv/db", Path("/srv/db")),
    ],
)
def test_the_environment_is_read_by_type(name, text, value):
    assert getattr(Settings.gather({}, {"SHIMODA_" + name: text}), name.lower()) == value


def test_a_value_of_the_wrong_type_is_one_sentence_that_names_the_setting():
    with pytest.raises(InputError, match=r"^--port \(SHIMODA_PORT\) takes a int, not 'x'\.$"):
        Settings.gather({}, {"SHIMODA_PORT": "x"})


def test_the_page_shows_every_setting_that_is_no_secret(connect):
    shown = connect(timeout=3.5).get("/-/settings").json
    assert set(shown) == {one.name for one in SETTINGS if not one.secret}
    assert shown["timeout"]["value"] == 3.5


def test_no_token_is_shown_anywhere(connect):
    secret = "s3cret-of-the-test"
    client = connect(tokens=(secret,))
    for page in ("/-/settings", "/-/version", "/-/metrics", "/", "/sparql"):
        assert secret not in client.get(page).text
    assert secret not in repr(Settings(tokens=(secret,)))


def test_the_docs_say_what_the_declarations_say():
    lines = [line for line in RUNNING.read_text("utf-8").splitlines() if line.startswith("| `--")]
    assert lines == [row(one) for one in SETTINGS]


def row(one):
    default = (
        "" if one.default in (None, ()) else ",".join(one.default) if one.many else one.default
    )
    return f"| `{one.option}` | `{one.environment}` | {default} | {one.meaning} |"
