"""Feeds and sitemaps: bytes to entries, whatever stands in their place told apart."""
