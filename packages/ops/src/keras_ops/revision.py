"""`revision`: a number that grows whenever anywhere a variable or layer is added, removed, frozen or thawed.

Variables, the tracking of layers, and what is adapted or set anew advance it. Training compares it, which costs
nothing, to learn whether what it compiled may be out of date. It says that something changed, not what.
"""


class Revision:
    """Counts changes in the process.

    Example:

        >>> before = revision.number
        >>> revision.advance()
        >>> revision.number > before
        True
    """

    __slots__ = ("number",)

    def __init__(self) -> None:
        self.number = 0

    def advance(self) -> None:
        """Says that something changed."""
        self.number += 1

    def mark(self, owner: object) -> None:
        """Says that an object changed in what compiled functions have taken in, and notes it as its `_revised`."""
        self.number += 1
        vars(owner)["_revised"] = self.number


revision = Revision()
