"""The examples of the documentation run."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_example_with_owlready2_runs_as_written(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "owlready2.md").read_text(encoding="utf-8")
    script = tmp_path / "example.py"
    script.write_text(
        "\n".join(re.findall(r"```python\n(.*?)```", text, re.DOTALL)), encoding="utf-8"
    )
    environment = {"PYTHONPATH": str(ROOT / "server")}
    done = subprocess.run(
        [sys.executable, script], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
