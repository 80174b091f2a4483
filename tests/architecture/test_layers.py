"""Imports go one way, from cli and web down to sparql: each room imports only those below it."""

import re

import pytest

from shimoda.paths import CHECKOUT, PACKAGE

LAYERS = [
    "sparql",
    "reasoning",
    "dataset",
    "engine",
    "processes",
    "questions",
    "authoring",
    "mcp",
    "web",
    "cli",
]
EVERYWHERE = {"errors", "namespaces", "paths", "settings"}
HEIGHT = {name: height for height, name in enumerate(LAYERS)}
IMPORT = re.compile(
    r"^\s*(?:from|import) shimoda\.(\w+)|^\s*from shimoda import (.+)$", re.MULTILINE
)


DOCUMENT = CHECKOUT / "docs" / "architecture.md"


def parts():
    """Return the modules and packages below ``shimoda``, but for those that every layer may use."""
    names = {
        path.stem
        for path in PACKAGE.iterdir()
        if path.suffix == ".py" or (path / "__init__.py").is_file()
    }
    return sorted(name for name in names - EVERYWHERE if not name.startswith("__"))


def imports(part):
    """Return the layers that one imports."""
    files = [PACKAGE / f"{part}.py", *(PACKAGE / part).rglob("*.py")]
    text = "\n".join(file.read_text() for file in files if file.is_file())
    names = {
        name.strip() for one, many in IMPORT.findall(text) for name in (one or many).split(",")
    }
    return names & set(HEIGHT) - {part}


def picture():
    """Draw the imports between rooms; what is also reached through another room needs no arrow."""
    direct = {part: imports(part) for part in LAYERS}
    reached = {}
    for part in LAYERS:  # from below, so that what a room reaches is known before it is needed
        reached[part] = direct[part] | {far for near in direct[part] for far in reached[near]}
    arrows = [
        f"    {part} --> {near}"
        for part in reversed(LAYERS)
        for near in sorted(direct[part], key=HEIGHT.get, reverse=True)
        if not any(near in reached[other] for other in direct[part])
    ]
    return "\n".join(["graph TD", *arrows])


def test_every_part_has_its_layer():
    assert set(parts()) == set(HEIGHT)


@pytest.mark.parametrize("part", parts())
def test_nothing_imports_from_above(part):
    assert not {name for name in imports(part) if HEIGHT[name] > HEIGHT[part]}


def test_the_picture_in_the_documentation_is_true():
    drawn = re.search(r"```mermaid\n(.*?)\n```", DOCUMENT.read_text(), re.DOTALL)
    assert drawn and drawn[1] == picture()
