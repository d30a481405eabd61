"""What must hold of the store: rules that one SELECT tells, keys that are made again, the laid schema."""
