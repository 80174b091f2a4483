"""For makers of data: checking, writing, exporting, publishing and comparing it."""
