"""What newscandle remembers: the schema, its migrations, and the reads and writes on it."""
