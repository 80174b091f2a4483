"""The tests of the W3C, sent to a server that is really started; they lie outside the project, if anywhere."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.conformance.failures import read_failures
from tests.serving import TOKEN, serving, writable

SHARED = Path(__file__).parents[3] / "shared"
REASONS = read_failures(Path(__file__).parent / "failures.txt")
OXIGRAPH_SERVER = 753
"""How many of the public part Oxigraph's own server passes."""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not (SHARED / "w3c" / "index.json").exists(), reason=f"the W3C tests are not at {SHARED}"
    ),
]


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory):
    folder = tmp_path_factory.mktemp("conformance")
    report = folder / "report.json"
    with serving(folder, "--empty", *writable(folder), "--store", str(folder / "store")) as server:
        subprocess.run(
            [
                sys.executable,
                str(SHARED / "tools" / "sparql_conformance.py"),
                "run",
                "--index",
                str(SHARED / "w3c"),
                "--query-url",
                server.url + "/sparql",
                "--update-url",
                server.url + "/update",
                "--gsp-url",
                server.url + "/graphs",
                "--gsp-features",
                "indirect,direct,post-create",
                "--token-env",
                "TOKEN",
                "--out",
                str(report),
            ],
            env={**os.environ, "TOKEN": TOKEN},
            check=False,
            stdout=subprocess.DEVNULL,
        )
    return json.loads(report.read_text("utf-8"))["tests"]


def test_every_failure_is_listed_and_nothing_listed_passes(outcomes):
    failed = {one["id"]: one["detail"] for one in outcomes if one["status"] in ("fail", "error")}
    assert failed.keys() == REASONS.keys(), {
        name: failed[name] for name in failed.keys() - REASONS.keys()
    }


def test_each_listed_failure_has_a_reason():
    assert all(REASONS.values())


@pytest.mark.parametrize("kind", ["protocol", "gsp", "service-description"])
def test_the_protocols_pass_whole(outcomes, kind):
    statuses = {one["status"] for one in outcomes if one["kind"] == kind}
    assert statuses == {"pass"}


def test_more_pass_than_with_the_engine_s_own_server(outcomes):
    assert sum(one["status"] == "pass" for one in outcomes) >= OXIGRAPH_SERVER


def test_each_that_passes_passes_in_every_format(outcomes):
    assert [one["id"] for one in outcomes if one["status"] == "pass" and not one["strict"]] == []
