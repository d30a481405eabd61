"""The groups of the command line, each in a file of its own; everything heavy is imported inside the command."""
