"""`CallLosses`: the losses that a layer added in calls, and which of them count.

A loss belongs to the outermost call that it was added in and to the thread of that call, so no call has to
look for layers with losses of earlier ones. Used by `layer_state`; what adds losses is elsewhere.
"""

import itertools
import weakref
from collections.abc import Iterator
from threading import get_ident
from typing import Any, NamedTuple

from keras_backends.selection import active
from keras_ops.state import StatelessScope

_numbers = itertools.count(1)
"""Calls are numbered in the order in which they begin, over all threads."""


class Added(NamedTuple):
    """One loss: the number of its call, and its value, or the scope that has it under its id."""

    call: int
    value: Any
    scope: "weakref.ref[StatelessScope] | None" = None


class CallLosses:
    """Losses of one layer; every thread sees and changes its own."""

    __slots__ = ("added", "begun")

    def __init__(self) -> None:
        self.added: dict[int, list[Added]] = {}
        """By thread."""
        self.begun: dict[int, int] = {}
        """By thread: the number of the last call of this layer that was not inside another."""

    def __reduce__(self) -> Any:
        # A copy of the layer has made no calls, and tensors of a graph can not be copied.
        return CallLosses, ()

    @active().unread
    def begin(self) -> int:
        """Notes that an outermost call begins; returns its number."""
        thread = get_ident()
        number = self.begun[thread] = next(_numbers)
        self.added.pop(thread, None)
        return number

    def add(self, value: Any, call: int | None, scope: StatelessScope | None) -> None:
        """Keeps a loss, and forgets those of earlier calls.

        Args:
            value: Scalar tensor.
            call: Number of the call under way, `None` outside of calls.
            scope: The stateless scope that keeps the value, if one is open.
        """
        thread = get_ident()
        kept = self.added.get(thread, [])
        if call is None:
            call = next(_numbers)
        else:
            kept = [loss for loss in kept if loss.call == call]
        loss = Added(call, value) if scope is None else Added(call, id(value), weakref.ref(scope))
        self.added[thread] = [*kept, loss]

    def in_call(self, call: int) -> bool:
        """Says whether losses were added in a call."""
        return any(loss.call == call for loss in self.added.get(get_ident(), ()))

    def since(self, root: "CallLosses", scope: StatelessScope | None) -> Iterator[Any]:
        """Yields the losses added since the last call of `root` began, all if this thread never called it.

        Args:
            root: Losses of the layer that is asked, which this one's is part of.
            scope: The stateless scope that is open: only its losses count, without one only real ones.
        """
        thread = get_ident()
        begun = root.begun.get(thread)
        if begun is None:
            losses = [loss for added in list(self.added.values()) for loss in added]
        else:
            losses = [loss for loss in self.added.get(thread, ()) if loss.call >= begun]
        if scope is None:
            yield from (loss.value for loss in losses if loss.scope is None)
            return
        ids = {loss.value for loss in losses if loss.scope is not None and loss.scope() is scope}
        yield from (value for value in scope.losses if id(value) in ids)
