"""From public sets to the weights newscandle ships; never part of the wheel."""
