"""`python -m r1rewards` is the `r1rewards` command."""

from r1rewards.cli.main import main

if __name__ == "__main__":
    main()
