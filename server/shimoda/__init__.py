"""Shimoda: a knowledge graph of one argued article, and the SPARQL endpoint that serves it."""

__version__ = "1.1.0"
