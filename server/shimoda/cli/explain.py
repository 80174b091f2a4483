"""``shimoda explain``: why a triple holds, or what is missing."""

import json

import click

from shimoda.dataset import snapshot
from shimoda.engine.interface import EngineStore
from shimoda.engine.remote import RemoteEngine
from shimoda.explain import explain
from shimoda.reasoning import LocalStore, RuleStore, rules_of

FORMATS = ("text", "json", "turtle")


@click.command(name="explain")
@click.argument("terms", nargs=3, metavar="SUBJECT PREDICATE OBJECT")
@click.option(
    "--view", "party", metavar="NAME", help="Explain in the world of this view: japan, russia …"
)
@click.option("--alternatives", is_flag=True, help="Show other proofs too.")
@click.option(
    "--endpoint",
    metavar="URL",
    help="Explain a triple of this endpoint, not of the embedded dataset.",
)
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True)
def command(
    terms: tuple[str, str, str],
    party: str | None,
    alternatives: bool,
    endpoint: str | None,
    form: str,
) -> None:
    """Explain a triple, in prefixed names or IRIs: ``shimoda explain place:kunashir a :ContestedTerritory``."""
    store: RuleStore = (
        EngineStore(RemoteEngine(endpoint)) if endpoint else LocalStore(snapshot.load())
    )
    found = explain(store, rules_of(store), terms, party=party, alternatives=alternatives)
    if form == "turtle":
        click.echo(found.as_turtle().decode(), nl=False)
    else:
        click.echo(
            found.as_text()
            if form == "text"
            else json.dumps(found.as_json(), ensure_ascii=False, indent=2)
        )
