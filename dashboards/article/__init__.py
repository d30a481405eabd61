"""What the scorers read in one article, as one self-contained page."""
