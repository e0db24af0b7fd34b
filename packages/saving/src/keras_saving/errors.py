"""Errors about files: what is wrong with which file, and what to do.

They derive from the built-in errors that code around other readers of these files catches.
"""


class BrokenFileError(ValueError):
    """A file cannot be read: truncated, not of its format, or not to be trusted."""


class MissingPartError(BrokenFileError, KeyError):
    """A file lacks a part that it must have."""

    # KeyError shows its message quoted.
    __str__ = Exception.__str__


class MissingFileError(FileNotFoundError, ValueError):
    """There is no such file."""


class WeightsMismatchError(ValueError):
    """The weights in a file do not fit the object they are loaded into."""
