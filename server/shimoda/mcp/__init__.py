"""The tools for language models (the Model Context Protocol, https://modelcontextprotocol.io/specification)."""
