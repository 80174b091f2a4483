"""The lists of known failures: a test and, behind ``#!``, its reason on each line."""

from pathlib import Path


def read_failures(path: Path) -> dict[str, str]:
    """Return the reason of each test in the list; lines that begin with ``#`` are comments."""
    lines = [
        line for line in path.read_text("utf-8").splitlines() if line and not line.startswith("#")
    ]
    return {
        name.strip(): reason.strip() for name, _, reason in (line.partition("#!") for line in lines)
    }
