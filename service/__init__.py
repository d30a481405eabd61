"""Pure computing: news, sentiment, market, correlation. No network, SQL, clock, environment or files."""
