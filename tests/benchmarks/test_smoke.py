"""That the measurements work: what they measure is told by a run in quiet."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from shimoda import paths


@pytest.mark.skipif(not shutil.which("wrk"), reason="wrk is not installed")
def test_a_short_run_compares_and_reports():
    command = [sys.executable, "-m", "tests.benchmarks", "--smoke"]
    home = Path(__file__).parents[2]
    done = subprocess.run(command, cwd=home, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    folder = paths.built() / "benchmarks"
    results = json.loads((folder / "results.json").read_text())
    questions = results["growth"]["1"]["questions"]
    differing = {
        name for name, row in questions.items() if isinstance(row["Oxigraph, memory"], str)
    }
    assert len(questions) > 50
    assert len(differing) < 5
    assert {"Shimoda", "Oxigraph, memory"} == {*results["mix"]}
    assert all(run[3] == 0 for runs in results["mix"].values() for run in runs)
    assert "greatest growth" in (folder / "report.md").read_text()
    assert all((folder / name).stat().st_size > 0 for name in ("growth.png", "ratios.svg"))
