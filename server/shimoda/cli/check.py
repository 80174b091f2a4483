"""``shimoda check``: tell what is wrong with the files."""

import json
import sys
from collections import Counter
from itertools import groupby
from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape

from shimoda.authoring.checks import Finding
from shimoda.authoring.examination import Examination, examine
from shimoda.namespaces import short

TEXT = "Prove offsets and digests of the sentences against this copy of the text."
ONLY = "Tell only what is wrong in triples/NAME, or has no place in a file."


@click.command("check")
@click.option("--json", "as_json", is_flag=True, help="Write the result as JSON.")
@click.option("--source", type=click.Path(path_type=Path), metavar="FILE", help=TEXT)
@click.option("--only", metavar="NAME", help=ONLY)
def check_command(as_json: bool, source: Path | None, only: str | None) -> None:
    """Check the files: syntax, form, shapes, coverage, graphs, consistency, questions.

    Exit codes: 0 nothing is wrong; 1 something is, or the files cannot be read; 2 the command was called wrongly.
    """
    with Console(stderr=True).status("checking") as status:
        result = examine(source, lambda stage: status.update(f"checking {stage}"), only=only)
    if as_json:
        click.echo(json.dumps(result.members(), ensure_ascii=False, indent=2))
    else:
        show(result, Console())
    sys.exit(0 if result.sound else 1)


def show(result: Examination, console: Console) -> None:
    """Write the result for a person: what is wrong, or how much there is."""
    for file, findings in groupby(result.findings, key=lambda finding: finding.file):
        console.print(f"\n[bold]{escape(file) or 'no file'}[/]", soft_wrap=True)
        for finding in findings:
            console.print(line(finding), soft_wrap=True)
    if not result.sound:
        counts = Counter(finding.check for finding in result.findings).most_common()
        words = ", ".join(f"{number} {name}" for name, number in counts)
        console.print(f"\n[bold red]✘ Found wrong: {len(result.findings)}.[/] {words}.")
        return
    for name, value in result.figures.items():
        shown = (
            ", ".join(f"{one} {n}" for one, n in value.items()) if name.startswith("by") else value
        )
        console.print(f"[dim]{name}[/] {shown}")
    console.print(f"\n[bold green]✔ Nothing is wrong.[/] Checked: {', '.join(result.checked)}.")


def line(finding: Finding) -> str:
    """Write a finding in one line: where in the file, what it is about, what is wrong."""
    place = f"[cyan]{finding.line:>6}[/]" if finding.line else " " * 6
    name = f"[yellow]{escape(short(finding.subject))}[/] " if finding.subject else ""
    return f"{place}  {name}{escape(finding.message)} [dim]\\[{finding.check}][/]"
