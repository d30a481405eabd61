"""What newscandle answers over HTTP."""
