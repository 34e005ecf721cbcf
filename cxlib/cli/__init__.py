"""The command line: every command is one call into the library."""

from cxlib.cli.commands import main

__all__ = ["main"]
