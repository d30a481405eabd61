"""Bytes to characters, markup to plain text, text to sentences and its language."""
