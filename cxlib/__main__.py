"""`python -m cxlib` is `cx`."""

from cxlib.cli import main

if __name__ == "__main__":
    main()
