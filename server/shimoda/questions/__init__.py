"""Named queries: one question a file."""
