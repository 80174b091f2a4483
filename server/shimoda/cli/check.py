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

from shimoda.authoring.check import Examination, examine
from shimoda.authoring.findings import Finding

CHART = 24


@click.command(name="check")
@click.option("--json", "as_json", is_flag=True, help="Write the result as JSON.")
@click.option(
    "--source",
    "text",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Prove offsets and digests of the sentences against this copy of the text.",
)
def command(as_json: bool, text: Path | None) -> None:
    """Check the files: syntax, form, shapes, coverage, graphs, consistency, questions.

    Exit codes: 0 nothing is wrong; 1 something is, or the files cannot be read; 2 the command was called wrongly.
    """
    console = Console(stderr=True)
    with console.status("checking") as status:
        result = examine(text, lambda stage: status.update(f"checking {stage}"))
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
        console.print(f"\n[bold green]✔ Nothing is wrong.[/] Checked: {', '.join(result.stages)}.")
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
    share = f"{figures['assertions with content']} ({figures['share with content']:.1%})"
    for name, words in {
        "sentences": f"{figures['sentences cited']} cited, {figures['sentences marked']} marked as stating nothing",
        "assertions": f"{share} with triples between entities",
        "corrections": "of what departs from the record or from itself",
        "backgrounds": "sets of facts from elsewhere, each with its source",
    }.items():
        table.add_row(name, f"[bold]{figures[name]}[/]", words)
    return table


def chart(title: str, counts: dict[str, int], rows: int = 12) -> Table:
    """Draw counts as bars, the longest for the most frequent; what comes after ``rows`` is summed up."""
    table = Table(
        title=title, title_justify="left", title_style="bold", box=None, show_header=False
    )
    shown = list(counts.items())[:rows]
    most = max(counts.values(), default=1)
    for name, number in shown:
        table.add_row(
            name, str(number), "[blue]" + "█" * max(1, round(CHART * number / most)) + "[/]"
        )
    if len(counts) > rows:
        table.add_row(
            f"{len(counts) - rows} more", str(sum(counts.values()) - sum(dict(shown).values())), ""
        )
    return table
