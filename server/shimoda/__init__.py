"""Shimoda: a knowledge graph of one argued article, and the SPARQL endpoint that serves it."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shimoda.questions.graph import Graph

__all__ = ["open"]
__version__ = "1.1.0"


def open(url: str | None = None) -> "Graph":
    """Open the embedded dataset, or the one behind the SPARQL endpoint ``url``."""
    from shimoda.questions.graph import open_graph

    return open_graph(url)
