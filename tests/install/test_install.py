"""It works from a wheel in an empty folder, and from an editable install elsewhere."""

import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
QUESTION = (
    "SELECT ?visitor { ?visit a <https://w3id.org/shimoda/ontology#Visit> ; "
    "<https://w3id.org/shimoda/ontology#visitor> ?visitor }"
)


def run(*command, cwd):
    done = subprocess.run(
        command,
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": "/usr/bin:/bin", "HOME": str(cwd), "XDG_CACHE_HOME": str(cwd / "cache")},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def place(tmp_path):
    """An environment of its own, which has this one's dependencies and not this one's Shimoda."""
    venv.create(tmp_path / "venv", with_pip=False)
    packages = next((tmp_path / "venv").glob("lib/python*/site-packages"))
    for entry in Path(sysconfig.get_path("purelib")).iterdir():
        if "shimoda" not in entry.name.lower():
            (packages / entry.name).symlink_to(entry)
    return tmp_path


@pytest.mark.parametrize("options", [[], ["--editable"]], ids=["wheel", "editable"])
def test_it_answers_where_it_is_installed(place, options):
    python = place / "venv/bin/python"
    run(
        sys.executable,
        "-m",
        "pip",
        "--python",
        python,
        "install",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "--disable-pip-version-check",
        *options,
        ROOT,
        cwd=place,
    )
    empty = place / "empty"
    empty.mkdir()
    answer = run(place / "venv/bin/shimoda", "query", "--format", "csv", QUESTION, cwd=empty)
    assert "https://w3id.org/shimoda/id/person/dmitry-medvedev" in answer.split()
    assert not list(empty.glob("*.nq")), "nothing is written where the user stands"
