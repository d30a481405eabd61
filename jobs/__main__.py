"""`python -m jobs` is `newscandle`."""

from jobs.cli import main

if __name__ == "__main__":  # a process that a drill starts imports this file, and is no command line
    main()
