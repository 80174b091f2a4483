"""``shimoda serve``: an option for each setting."""

import os
from typing import Any

import click

from shimoda.processes import supervisor
from shimoda.settings import SETTINGS, Settings


def options(function: Any) -> Any:
    """Give a command an option for each setting."""
    for one in reversed(SETTINGS):
        name = f"{one.option}/--no-{one.option[2:]}" if one.kind is bool else one.option
        metavar = None if one.kind is bool else one.kind.__name__.upper()
        shown = "" if one.default in (None, False, ()) else f" [{one.default}]"
        option = click.option(
            name, one.name, default=None, help=one.meaning + shown, metavar=metavar
        )
        function = option(function)
    return function


@click.command("serve")
@options
def serve_command(**given: Any) -> None:
    """Serve the dataset over HTTP: SPARQL, pages, downloads."""
    settings = Settings.gather(given, os.environ)
    supervisor.check_address(settings.host, settings.port)
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    click.echo(f"Shimoda serves http://{host}:{settings.port}/", err=True)
    supervisor.serve(settings, "shimoda.web.server")
