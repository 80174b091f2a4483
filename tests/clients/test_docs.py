"""Every block of docs/clients.md, run as it stands there, prints what stands under it."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.clients.conftest import Run
from tests.serving import Server

from shimoda.paths import CHECKOUT

DOCUMENT = (CHECKOUT / "docs" / "clients.md").read_text("utf-8")
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```\n\n```text\n(.*?)^```$", re.DOTALL | re.MULTILINE)
BLOCKS = BLOCK.findall(DOCUMENT)
HOST = "http://127.0.0.1:7878"


def prints_in_shell(text: str, run: Run, request: Any) -> str:
    for name in re.findall(r"^\w+", text, re.MULTILINE):
        if not shutil.which(name):
            pytest.skip(f"{name} is not installed")
    return run("bash", "-euo", "pipefail", "-c", text)


def prints_in_python(text: str, run: Run, request: Any) -> str:
    return run(sys.executable, "-W", "ignore", "-c", text)


def prints_in_node(text: str, run: Run, request: Any) -> str:
    *node, folder = request.getfixturevalue("node")
    file = Path(folder) / f"{abs(hash(text))}.mjs"
    file.write_text(text)
    try:
        return run(*node, str(file))
    finally:
        file.unlink()


def prints_in_jena(text: str, run: Run, request: Any) -> str:
    command, query = text.split("\n", 1)
    return run(*request.getfixturevalue("jena"), *command.split(), query)


def prints_in_r(text: str, run: Run, request: Any) -> str:
    return run("Rscript", "-e", text)


def prints_in_perl(text: str, run: Run, request: Any) -> str:
    run("perl", "-e", "1")
    if not Path("/usr/share/perl5/RDF/Trine.pm").exists():
        pytest.skip("RDF::Trine is not installed (Debian: librdf-trine-perl)")
    return run("perl", "-e", text)


def prints_in_php(text: str, run: Run, request: Any) -> str:
    if not Path("/usr/share/php/EasyRdf").exists():
        pytest.skip("EasyRdf is not installed (Debian: php-easyrdf)")
    return run("php", "-r", text)


LANGUAGES = {
    "sh": prints_in_shell,
    "python": prints_in_python,
    "js": prints_in_node,
    "jena": prints_in_jena,
    "r": prints_in_r,
    "perl": prints_in_perl,
    "php": prints_in_php,
}


@pytest.mark.parametrize(
    ("language", "text", "output"),
    BLOCKS,
    ids=[f"{number}-{block[0]}" for number, block in enumerate(BLOCKS)],
)
def test_it_prints_what_the_documentation_says(
    server: Server, run: Run, request: Any, language: str, text: str, output: str
) -> None:
    printed = LANGUAGES[language](text.replace(HOST, server.url), run, request)
    assert printed.split() == output.split()


def test_every_block_says_what_it_prints() -> None:
    assert len(BLOCKS) == len(re.findall(r"^```\w+$", DOCUMENT, re.MULTILINE)) / 2
