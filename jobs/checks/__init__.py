"""What `newscandle doctor` looks at, a family or two a file; each check reads, and none writes."""
