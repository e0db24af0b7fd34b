"""`CallLosses`: the losses that a layer added in calls, and which of them count.

A loss belongs to the outermost call that it was added in and to the thread of that call, so no call has to
look for layers with losses of earlier ones. Used by `layer_state`; what adds losses is elsewhere. A call only
writes what outlives it, so that one graph of `torch.compile` serves all calls, in every thread.
"""

import itertools
import threading
import weakref
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from keras_backends.selection import active
from keras_ops.state import StatelessScope
from keras_ops.variable import Variable

if TYPE_CHECKING:
    from keras_layers.calls import CallContext

_numbers = itertools.count(1)
_making = threading.Lock()


@active().unread
def _next_number() -> int:
    """Calls are numbered in the order in which they begin, over all threads; all runs of one compiled graph alike."""
    return next(_numbers)


class Added(NamedTuple):
    """One loss: the number of its call, and its value, or the scope that has it under its id."""

    call: int
    value: Any
    scope: "weakref.ref[StatelessScope] | None" = None


class _Kept:
    """What one thread knows of a layer's losses."""

    __slots__ = ("added", "begun")

    def __init__(self) -> None:
        self.added: tuple[Added, ...] = ()
        self.begun = 0
        """The number of the last call of the layer that was not inside another."""


class _OfThread(threading.local):
    def __init__(self) -> None:
        self.kept = _Kept()


class LossSources(NamedTuple):
    """Where the losses of a layer come from; looked for once per revision, as training asks at each step.

    A subclass whose `trainable_weights` depend on something that moves no revision is not asked again.
    """

    revision: int
    calls: "list[tuple[CallLosses, list[tuple[CallLosses, ...]]]]"
    """Those of the layer and of each one inside, with the ways to it: arguments of `CallLosses.since`."""
    regularized: "list[weakref.ref[Variable]]"
    """Weak, since weights that a layer gave up are to go even if nobody asks for losses again."""


class CallLosses:
    """Losses of one layer; every thread changes its own."""

    __slots__ = ("adds", "last", "own", "sources")

    def __init__(self) -> None:
        self.adds = False
        """Whether the layer ever added a loss."""
        self.sources: LossSources | None = None
        self.own: _OfThread | None = None
        self.last: _Kept | None = None
        """Those of the thread that came last."""

    def __reduce__(self) -> Any:
        # A copy of the layer has made no calls, and tensors of a graph can not be copied.
        return CallLosses, ()

    @active().unread
    def _make_own(self, adds: bool) -> None:
        self.adds = self.adds or adds
        if self.own is None:
            with _making:
                self.own = self.own or _OfThread()

    def _mine(self, adds: bool = False) -> _Kept:
        """Those of this thread, to be changed."""
        self._make_own(adds)
        mine = self.last = self.own.kept
        return mine

    def begin(self) -> int:
        """Notes that an outermost call begins; returns its number."""
        mine = self._mine()
        number = _next_number()
        mine.begun = number
        mine.added = ()
        return number

    def add(self, value: Any, call: "CallContext | None", scope: StatelessScope | None) -> None:
        """Keeps a loss, and forgets those of earlier calls.

        Args:
            value: Scalar tensor.
            call: The call under way, `None` outside of calls.
            scope: The stateless scope that keeps the value, if one is open.
        """
        mine = self._mine(adds=True)
        number = _next_number() if call is None else call.number
        loss = Added(number, value) if scope is None else Added(number, id(value), weakref.ref(scope))
        if call is None:
            added = (*mine.added, loss)
        else:
            added = call.losses[self] = (*call.losses.get(self, ()), loss)
        mine.added = added

    @property
    def begun(self) -> int:
        """Number of the last call of the layer that was not inside another, in this thread; 0 for none."""
        return 0 if self.own is None else self.own.kept.begun

    def since(self, ways: Sequence[Sequence["CallLosses"]], scope: StatelessScope | None) -> Iterator[Any]:
        """Yields the losses that count for a layer, whose part this one's is or which is the same.

        A thread that called none of the layers around sees its own losses of this layer, or those of the last
        call elsewhere.

        Args:
            ways: For each way to this layer: losses of the layer that is asked, of those between, and these.
            scope: The stateless scope that is open: only its losses count, without one only real ones.
        """
        if not self.adds:
            return
        seen = self.own.kept
        if not seen.added and not any(losses.begun for way in ways for losses in way):
            seen = self.last or seen
        losses = [loss for loss in seen.added if any(_counts(loss.call, way) for way in ways)]
        if scope is None:
            yield from [loss.value for loss in losses if loss.scope is None]
            return
        ids = {loss.value for loss in losses if loss.scope is not None and loss.scope() is scope}
        yield from [value for value in scope.losses if id(value) in ids]


def _counts(call: int, around: Sequence[CallLosses]) -> bool:
    """Says whether a call is the last one of the outermost layer around, or came after it and counts further in."""
    for losses in around:
        begun = losses.begun
        if call <= begun:
            return call == begun
    return True
