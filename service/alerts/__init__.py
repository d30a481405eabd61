"""What somebody should be told of: troubles that last, and bars in which the news speaks unlike before."""
