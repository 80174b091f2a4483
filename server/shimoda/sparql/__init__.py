"""SPARQL text and formats: pure functions, without a store and without I/O."""
