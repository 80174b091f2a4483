"""The guarded engine: processes that answer queries and carry out writes, and die at their limits."""
