"""Imports go one way, from cli and web down to sparql: each room imports only those below it."""

import re

import pytest

from shimoda.paths import PACKAGE

LAYERS = [
    "sparql",
    "reasoning",
    "dataset",
    "engine",
    "explain",
    "processes",
    "questions",
    "authoring",
    "web",
    "cli",
]
EVERYWHERE = {"errors", "namespaces", "paths", "settings"}
HEIGHT = {name: height for height, name in enumerate(LAYERS)}
IMPORT = re.compile(
    r"^\s*(?:from|import) shimoda\.(\w+)|^\s*from shimoda import (.+)$", re.MULTILINE
)


def parts():
    """Return the modules and packages below ``shimoda``, but for those that every layer may use."""
    names = {
        path.stem
        for path in PACKAGE.iterdir()
        if path.suffix == ".py" or (path / "__init__.py").is_file()
    }
    return sorted(name for name in names - EVERYWHERE if not name.startswith("__"))


def test_every_part_has_its_layer():
    assert set(parts()) == set(HEIGHT)


@pytest.mark.parametrize("part", parts())
def test_nothing_imports_from_above(part):
    files = [PACKAGE / f"{part}.py", *(PACKAGE / part).rglob("*.py")]
    text = "\n".join(file.read_text() for file in files if file.is_file())
    imported = {
        name.strip() for one, many in IMPORT.findall(text) for name in (one or many).split(",")
    }
    assert not {name for name in imported & set(HEIGHT) if HEIGHT[name] > HEIGHT[part]}
