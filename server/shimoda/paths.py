"""Where the data folders and what is built from them lie, in a checkout and in an install."""

import os
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parent
CHECKOUT = PACKAGE.parents[1]


@cache
def in_checkout() -> bool:
    """Tell whether this package is run from a source tree (or an editable install of one)."""
    return (CHECKOUT / "pyproject.toml").is_file() and (CHECKOUT / "ontology").is_dir()


def data(name: str) -> Path:
    """Return the folder ``ontology``, ``triples`` or ``queries``; ``SHIMODA_DATA`` names another place for all."""
    elsewhere = os.environ.get("SHIMODA_DATA")
    home = CHECKOUT if in_checkout() else PACKAGE / "data"
    return (Path(elsewhere) if elsewhere else home) / name


def built() -> Path:
    """Return the folder for what is built, made if missing: the checkout's, or the user's cache."""
    if in_checkout():
        folder = CHECKOUT / "build"
    else:
        folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "shimoda"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
