"""The HTTP API, version 1: listings of what is held, in the format asked for, each answer as of an instant."""
