"""When sources are asked again, where, and how they fare."""
