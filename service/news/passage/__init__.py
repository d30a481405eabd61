"""An article's text cut into labelled passages."""
