"""The command ``shimoda``: a module for commands that belong together, loaded when one of them is called."""

import importlib
import sys

import click

from shimoda import __version__
from shimoda.errors import ShimodaError

__all__ = ["main"]

MODULES = {
    "serve": ["serve"],
    "mcp": ["mcp"],
    "query": ["query", "explain"],
    "search": ["search", "terms"],
    "shell": ["completion"],
    "infer": ["infer"],
    "store": ["load", "backup", "restore"],
    "check": ["check"],
    "authoring": ["build", "format", "new", "cut", "date"],
    "exchange": ["export", "publish", "link", "diff"],
}
COMMANDS = {name: module for module, names in MODULES.items() for name in names}


class Commands(click.Group):
    """A group that imports a command's module only when it is needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Return the names of the commands."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:  # noqa: ARG002
        """Return the command of that name, or None."""
        if name not in COMMANDS:
            return None
        module = importlib.import_module(f"shimoda.cli.{COMMANDS[name]}")
        command = getattr(module, f"{name}_command")
        assert isinstance(command, click.Command)
        return command

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; an error that a user may see is one sentence and exit code 1."""
        try:
            return super().invoke(ctx)
        except ShimodaError as error:
            click.echo(f"shimoda: {error}", err=True)
            nearest = error.where.get("nearest") or ()
            if nearest and nearest[0] not in error.detail:
                click.echo(f"The nearest: {', '.join(nearest)}.", err=True)
            sys.exit(1)


@click.group(cls=Commands)
@click.version_option(__version__, prog_name="shimoda")
def main() -> None:
    """Query, check and serve a knowledge graph of an argued text."""
