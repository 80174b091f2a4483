"""Texts: cutting them into numbered sentences, and proving offsets and digests."""
