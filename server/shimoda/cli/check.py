"""``shimoda check``: tell what is wrong with the files."""

import json
import sys
from collections import Counter
from itertools import groupby
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from shimoda.authoring.checks import Finding
from shimoda.authoring.examination import Examination, examine

TEXT = "Prove offsets and digests of the sentences against this copy of the text."
WIDTH, ROWS = 24, 12
LINES = {
    "sentences": "{sentences cited} cited, {sentences marked} marked as stating nothing",
    "assertions": "{assertions with content} ({share with content:.1%}) with triples between entities",
    "corrections": "of what departs from the record or from itself",
    "backgrounds": "sets of facts from elsewhere, each with its source",
}


@click.command("check")
@click.option("--json", "as_json", is_flag=True, help="Write the result as JSON.")
@click.option("--source", type=click.Path(path_type=Path), metavar="FILE", help=TEXT)
def check_command(as_json: bool, source: Path | None) -> None:
    """Check the files: syntax, form, shapes, coverage, graphs, consistency, questions.

    Exit codes: 0 nothing is wrong; 1 something is, or the files cannot be read; 2 the command was called wrongly.
    """
    with Console(stderr=True).status("checking") as status:
        result = examine(source, lambda stage: status.update(f"checking {stage}"))
    if as_json:
        click.echo(json.dumps(result.members(), ensure_ascii=False, indent=2))
    else:
        show(result, Console())
    sys.exit(0 if result.sound else 1)


def show(result: Examination, console: Console) -> None:
    """Write the result for a person."""
    if result.figures:
        console.print(summary(result.figures))
        for name in ("mode", "standing", "polarity", "voice"):
            console.print(chart(f"Assertions by {name}", result.figures[f"by {name}"]))
    for file, findings in groupby(result.findings, key=lambda finding: finding.file):
        console.print(f"\n[bold]{escape(file) or 'no file'}[/]", soft_wrap=True)
        for finding in findings:
            console.print(line(finding), soft_wrap=True)
    if result.sound:
        console.print(f"\n[bold green]✔ Nothing is wrong.[/] Checked: {', '.join(result.checked)}.")
    else:
        counts = Counter(finding.check for finding in result.findings).most_common()
        words = ", ".join(f"{number} {name}" for name, number in counts)
        console.print(f"\n[bold red]✘ Found wrong: {len(result.findings)}.[/] {words}.")


def line(finding: Finding) -> str:
    """Write a finding in one line: where in the file, what it is about, what is wrong."""
    place = f"[cyan]{finding.line:>6}[/]" if finding.line else " " * 6
    name = f"[yellow]{escape(finding.name)}[/] " if finding.name else ""
    return f"{place}  {name}{escape(finding.message)} [dim]\\[{finding.check}][/]"


def summary(figures: dict[str, Any]) -> Table:
    """Lay out the totals."""
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    for name, words in LINES.items():
        table.add_row(name, f"[bold]{figures[name]}[/]", words.format_map(figures))
    return table


def chart(title: str, counts: dict[str, int]) -> Table:
    """Draw counts as bars, the longest for the most frequent; what comes after twelve rows is summed up."""
    table = Table(title=f"[bold]{title}[/]", title_justify="left", box=None, show_header=False)
    rows = list(counts.items())
    most = max(counts.values(), default=1)
    for name, number in rows[:ROWS]:
        bar = "█" * max(1, round(WIDTH * number / most))
        table.add_row(name, str(number), f"[blue]{bar}[/]")
    if others := [number for _, number in rows[ROWS:]]:
        table.add_row(f"{len(others)} more", str(sum(others)), "")
    return table
