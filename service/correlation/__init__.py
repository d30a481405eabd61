"""From scores and candles to aligned series, and from those to a study that cannot be over-read."""
