"""What newscandle does: the only room with network, clock, signals, environment and files; composes the others."""
