"""From files to a dataset: reading, assembling, the canonical form, the snapshot."""
