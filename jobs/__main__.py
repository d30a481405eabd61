"""`python -m jobs` is `newscandle`."""

from jobs.cli import main

main()
