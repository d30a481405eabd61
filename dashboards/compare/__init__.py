"""Two editions of a report side by side: what changed, and which figures changed by more than chance moves them."""
