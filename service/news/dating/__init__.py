"""Written dates to instants, or a reason why not."""
