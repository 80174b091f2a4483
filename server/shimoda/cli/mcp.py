"""``shimoda mcp``: the tools for language models, over standard input and output."""

import click

from shimoda.dataset import snapshot
from shimoda.engine.local import LocalEngine
from shimoda.engine.remote import RemoteEngine

THERE = "Ask the store behind this SPARQL endpoint, within its limits, not the embedded dataset."


@click.command("mcp")
@click.option("--endpoint", metavar="URL", help=THERE)
def mcp_command(endpoint: str | None) -> None:
    """Serve search, cited answers, checks and proofs to a language model that starts this command."""
    from shimoda.mcp.tools import make_server  # takes a second to import

    make_server(RemoteEngine(endpoint) if endpoint else LocalEngine(snapshot.load())).run("stdio")
