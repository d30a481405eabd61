"""Scorers whose weights were learned: what they read, how it is marked, and how sure they may be."""
