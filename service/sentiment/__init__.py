"""From the sentences of an article to a score toward each target that is spoken of."""
