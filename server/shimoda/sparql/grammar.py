"""rdflib's grammar and algebra of SPARQL 1.1, which take long to import.

Whoever needs them imports this module, whole packages first: two threads that at once import a package and a part of
it, which the package imports as well, each wait for what the other has, and Python lets one of them fail.
"""

from rdflib.plugins.sparql.algebra import translateQuery
from rdflib.plugins.sparql.parser import parseQuery, parseUpdate

__all__ = ["parseQuery", "parseUpdate", "translateQuery"]
