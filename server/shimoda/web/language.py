"""The reader's language: which one it is, and what the interface says in it."""

import re
import tomllib
from functools import cache

from flask import Response, g, request
from markupsafe import Markup, escape

from shimoda.paths import PACKAGE

LANGUAGES = {"en": "English", "ja": "日本語", "ru": "Русский"}
PARAMETER = "lang"
"""The name of the parameter that chooses a language, and of the cookie that remembers the choice."""
PARTS = {"21": "spring {0}", "22": "summer {0}", "23": "autumn {0}", "24": "winter {0}"}
PARTS |= {"37": "early {0}", "38": "mid-{0}", "39": "late {0}"}
"""Seasons and thirds of a year, as EDTF numbers them."""
YEAR = 365 * 24 * 3600


def language() -> str:
    """Return the language of the page: as chosen in the address, as remembered, or as the browser prefers."""
    # a page asks this hundreds of times, and the proxy is slow
    of_request = g._get_current_object()
    found: str | None = of_request.get("language")
    if found is None:
        chosen = request.args.get(PARAMETER), request.cookies.get(PARAMETER)
        preferred = request.accept_languages.best_match(LANGUAGES, "en")
        found = next((name for name in chosen if name in LANGUAGES), preferred)
        of_request.language = found
    return found


def say(message: str, **values: object) -> Markup:
    """Return a message of the interface, known by its English text, in the reader's language, with values in their places."""
    text = messages_in(language()).get(message) or escape(message)
    return text % values if values else text


@cache
def messages_in(spoken: str) -> dict[str, Markup]:
    """Return the messages in a language, by their English text."""
    return {text: Markup(others.get(spoken, text)) for text, others in messages().items()}


def messages() -> dict[str, dict[str, str]]:
    """Read the messages: for each English text the others, by language."""
    return tomllib.loads((PACKAGE / "web" / "messages.toml").read_text("utf-8"))


def date_in_words(edtf: str) -> str:
    """Say a date (EDTF, https://www.loc.gov/standards/datetime/), as exactly as it is known and no more exactly."""
    if span := re.fullmatch(r"\[([^]]*)\.\.([^]]*)\]", edtf):
        first, last = map(date_in_words, span.groups())
        message = "between {0} and {1}" if first and last else "from {0} on" if first else "by {1}"
        return say(message).format(first, last)
    if several := re.fullmatch(r"\[([^][]+)\]", edtf):
        return f" {say('or')} ".join(map(date_in_words, several[1].split(",")))
    if edtf.count("/") == 1:
        first, last = edtf.split("/")
        message = "since {0}" if last == ".." else "until {1}" if first == ".." else "{0} – {1}"
        return say(message).format(date_in_words(first), date_in_words(last))
    if qualified := re.fullmatch(r"(.*[^~?])([~?])", edtf):
        date, sign = qualified.groups()
        return say("about {0}" if sign == "~" else "perhaps {0}").format(date_in_words(date))
    edtf = re.sub(r"(-XX)+$", "", edtf)
    if edtf.endswith("X"):
        return say("the {0}s").format(edtf.replace("X", "0"))
    year, _, part = edtf.partition("-")
    return say(PARTS[part]).format(year) if part in PARTS else edtf


def mark(response: Response) -> None:
    """Say in which language a page is, and on what that depends; remember a choice."""
    response.content_language = [language()]
    response.vary.update(("Accept", "Accept-Language", "Cookie"))
    if request.args.get(PARAMETER) in LANGUAGES:
        response.set_cookie(
            PARAMETER, language(), max_age=YEAR, httponly=True, samesite="Lax", path="/"
        )
