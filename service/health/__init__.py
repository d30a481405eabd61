"""Whether newscandle is well: what is held against what was to be expected, as findings an operator can act on."""
