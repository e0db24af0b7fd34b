"""`ReentrantScope`: the base of scopes that users may keep, and enter again while they are open.

What was in force around each entry is kept in a chain, so that each exit restores its own. What scopes set is
in `state`, `registry` and `serialize`; those that are made for a single `with` need no base.
"""

from typing import Any, Self


class ReentrantScope:
    """A context manager that may be entered several times over.

    A subclass says in `_open` what to set, and returns what `_close` needs to put back what was there.

    Example:

        >>> class Indent(ReentrantScope):
        ...     depth = 0
        ...     def _open(self):
        ...         outer, Indent.depth = Indent.depth, Indent.depth + 1
        ...         return outer
        ...     def _close(self, outer, error):
        ...         Indent.depth = outer
        >>> scope = Indent()
        >>> with scope, scope:
        ...     Indent.depth
        2
        >>> Indent.depth
        0
    """

    _entries: tuple[Any, Any] | None = None
    """What `_open` returned last, and the same of the entries before."""

    def _open(self) -> Any:
        raise NotImplementedError(f"{type(self).__name__} must implement `_open`.")

    def _close(self, outer: Any, error: BaseException | None) -> None:
        raise NotImplementedError(f"{type(self).__name__} must implement `_close`.")

    def __enter__(self) -> Self:
        self._entries = (self._open(), self._entries)
        return self

    def __exit__(self, kind: object = None, error: BaseException | None = None, trace: object = None) -> None:
        assert self._entries is not None
        outer, self._entries = self._entries
        self._close(outer, error)
