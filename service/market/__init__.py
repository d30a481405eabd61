"""Candles: what makes one whole, where they are missing, and what moved between them."""
