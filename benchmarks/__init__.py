"""Benchmarks: each peer beside us on the same input."""
