"""Edits of articles, for people and programs: one difference word by word, and the report of silent edits."""
