"""One correlation report as HTML, Markdown and JSON: the same numbers in all."""
