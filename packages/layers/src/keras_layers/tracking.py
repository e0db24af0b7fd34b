"""Tracking: how a layer learns what is assigned to its attributes, and the containers it tracks.

A class says what it is by `tracked_as`; values of all other types cost one dict lookup. Lists, dicts
and sets assigned to a layer become tracked ones, so that what is put into them later is found too, and
layers of the framework's own (`torch.nn.Module`) come into one of ours.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import wraps
from threading import local
from typing import Any, SupportsIndex

from keras_backends.public_names import load_exported
from keras_backends.selection import active
from keras_ops import tree
from keras_ops.revision import revision

STATE_KINDS = frozenset({"variable", "layer", "seed_generator"})
"""Kinds that may not be added once a layer is built."""

CONTAINER = "container"
TUPLE = "tuple"
FOREIGN = "foreign"
PLAIN = ""


class _Kinds(dict[type, str]):
    """How the instances of a type are tracked, worked out when the type first comes up."""

    def __missing__(self, cls: type) -> str:
        if isinstance(getattr(cls, "tracked_as", None), str):
            kind = cls.tracked_as
        elif issubclass(cls, _TRACKED) or cls in (list, dict, set):
            kind = CONTAINER
        elif issubclass(cls, tuple):
            kind = TUPLE
        elif issubclass(cls, tuple(active().own_layers)):
            kind = FOREIGN
        else:
            kind = PLAIN
        self[cls] = kind
        return kind


kinds = _Kinds()


def kind_of(value: Any) -> str:
    """Returns the word that says how a value is tracked; `PLAIN` if it is not."""
    return kinds[type(value)]


class _Paused(local):
    depth = 0


_paused = _Paused()


class DotNotTrackScope:
    """Scope in which attribute assignments are not tracked."""

    def __enter__(self) -> None:
        _paused.depth += 1

    def __exit__(self, *_: object) -> None:
        _paused.depth -= 1


def no_automatic_dependency_tracking(function: Callable[..., Any]) -> Callable[..., Any]:
    """Decorates a function whose attribute assignments are not tracked."""

    @wraps(function)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        with DotNotTrackScope():
            return function(*args, **kwargs)

    return wrapped


def is_tracking() -> bool:
    """Says whether attribute assignments are tracked now."""
    return not _paused.depth


class Tracker:
    """The children of one layer, in lists by kind, each once.

    Args:
        lists: For each kind the list that its children go to; `"non_trainable"` is that of
            variables that are not trainable when they come.
        seen: The layer's cache of call signatures, emptied when a child comes or goes.
    """

    __slots__ = ("counts", "lists", "locked", "seen")

    def __init__(self, lists: dict[str, list[Any]], seen: dict[Any, Any]) -> None:
        self.lists = lists
        self.counts: dict[int, int] = {}
        self.locked: str | None = None
        self.seen = seen

    def __getstate__(self) -> tuple[Any, ...]:
        # Children are known by their ids, which a copy does not share: counts go by position.
        counts = [[self.counts[id(value)] for value in values] for values in self.lists.values()]
        return self.lists, counts, self.locked, self.seen

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        self.lists, counts, self.locked, self.seen = state
        pairs = zip(self.lists.values(), counts, strict=True)
        self.counts = {id(v): n for values, numbers in pairs for v, n in zip(values, numbers, strict=True)}

    def lock(self, message: str) -> None:
        """Refuses new variables, layers and seed generators from now on, with this message."""
        if self.locked is None:
            self.locked = message

    @contextmanager
    def unlocked(self) -> Iterator[None]:
        """Scope in which new children are accepted whatever was said."""
        locked, self.locked = self.locked, None
        try:
            yield
        finally:
            self.locked = locked

    def track(self, value: Any, kind: str | None = None) -> Any:
        """Adds a value, or what is inside a container, and returns what to keep in its place.

        Raises:
            ValueError: If it is new state and the tracker is locked.
        """
        kind = kind_of(value) if kind is None else kind
        if kind is PLAIN:
            return value
        if kind is CONTAINER:
            return self._wrap(value)
        if kind is TUPLE:
            return self._track_tuple(value)
        if kind is FOREIGN:
            held = _held(value)
            return value if held is value else self.track(held)
        target = self.lists.get(kind)
        if target is None:
            revision.advance()  # An optimizer, which is kept nowhere else, but compiled functions use it.
            return value
        key = id(value)
        count = self.counts.get(key, 0)
        if not count:
            if self.locked is not None and kind in STATE_KINDS:
                raise ValueError(self.locked.format(what=_describe(value, kind)))
            if kind == "variable" and not value.trainable:
                target = self.lists["non_trainable"]
            target.append(value)
            self._changed()
        self.counts[key] = count + 1
        return value

    def untrack(self, value: Any) -> None:
        """Takes back one `track` of a value; a child leaves with its last one."""
        kind = kind_of(value)
        if kind is CONTAINER or kind is TUPLE:
            for item in value.values() if isinstance(value, dict) else value:
                self.untrack(item)
            return
        count = self.counts.get(id(value), 0)
        if count > 1:
            self.counts[id(value)] = count - 1
        elif count == 1:
            self.forget(value)
        elif kind is not PLAIN:
            revision.advance()

    def forget(self, value: Any) -> None:
        """Removes a child, however often it was tracked."""
        self.counts.pop(id(value), None)
        for items in self.lists.values():
            for i, item in enumerate(items):
                if item is value:
                    del items[i]
                    break
        self._changed()

    def _changed(self) -> None:
        self.seen.clear()
        revision.advance()

    def adopt(self, values: Iterable[Any]) -> None:
        """Takes over the containers among the attributes of a copied layer, whose items it counts already."""
        for value in values:
            kind = kind_of(value)
            if kind is TUPLE:
                self.adopt(value)
            elif isinstance(value, _TRACKED) and value.tracker is None:
                value.tracker = self
                self.adopt(value.values() if isinstance(value, dict) else value)

    def holds(self, value: Any) -> bool:
        """Says whether a value is a child."""
        return id(value) in self.counts

    def _wrap(self, value: Any) -> Any:
        if isinstance(value, _TRACKED):
            if value.tracker is self:
                for item in value.values() if isinstance(value, dict) else value:
                    self.track(item)
                return value
            value = value.plain()
        if isinstance(value, list):
            return TrackedList(value, self)
        if isinstance(value, dict):
            return TrackedDict(value, self)
        return TrackedSet(value, self)

    def _track_tuple(self, value: tuple[Any, ...]) -> tuple[Any, ...]:
        items = [self.track(item) for item in value]
        if all(new is old for new, old in zip(items, value)):
            return value
        return type(value)(*items) if hasattr(value, "_fields") else type(value)(items)


def _held(value: Any) -> Any:
    """A layer of the framework's in one of ours."""
    own = active().own_layers
    holder = next(own[cls] for cls in type(value).__mro__ if cls in own)
    return load_exported("keras.layers", holder).holding(value)


def _describe(value: Any, kind: str) -> str:
    name = getattr(value, "path", None) or getattr(value, "name", "")
    return f"{kind.replace('_', ' ')} {name!r}" if name else kind.replace("_", " ")


class TrackedList(list):
    """A list whose items are tracked by the layer that it was assigned to."""

    def __init__(self, values: Iterable[Any] = (), tracker: Tracker | None = None) -> None:
        self.tracker = tracker
        super().__init__(values if tracker is None else map(tracker.track, values))

    def plain(self) -> list[Any]:
        """The items as a list that is not tracked."""
        return list(self)

    def _add(self, value: Any) -> Any:
        return value if self.tracker is None else self.tracker.track(value)

    def _drop(self, values: Iterable[Any]) -> None:
        if self.tracker is not None:
            for value in values:
                self.tracker.untrack(value)

    def append(self, value: Any) -> None:
        super().append(self._add(value))

    def insert(self, index: SupportsIndex, value: Any) -> None:
        super().insert(index, self._add(value))

    def extend(self, values: Iterable[Any]) -> None:
        super().extend([self._add(value) for value in values])

    def __iadd__(self, values: Iterable[Any]) -> "TrackedList":
        self.extend(values)
        return self

    def __imul__(self, times: SupportsIndex) -> "TrackedList":
        self[:] = self.plain() * times
        return self

    def __setitem__(self, key: Any, value: Any) -> None:
        old = self[key]
        if isinstance(key, slice):
            value = list(value)
            self.plain()[key] = value  # Refuses what does not fit before anything is tracked.
            super().__setitem__(key, [self._add(item) for item in value])
            self._drop(old)
        else:
            super().__setitem__(key, self._add(value))
            self._drop([old])

    def __delitem__(self, key: Any) -> None:
        old = self[key]
        super().__delitem__(key)
        self._drop(old if isinstance(key, slice) else [old])

    def remove(self, value: Any) -> None:
        del self[self.index(value)]

    def pop(self, index: SupportsIndex = -1) -> Any:
        value = super().pop(index)
        self._drop([value])
        return value

    def clear(self) -> None:
        self._drop(list(self))
        super().clear()

    def __reduce__(self) -> Any:
        return type(self), (list(self),)  # Without tracker, which a copied layer sets in its own.


class TrackedDict(dict):
    """A dict whose values are tracked by the layer that it was assigned to."""

    def __init__(self, values: Any = (), tracker: Tracker | None = None) -> None:
        self.tracker = tracker
        values = dict(values)
        super().__init__(values if tracker is None else {k: tracker.track(v) for k, v in values.items()})

    def plain(self) -> dict[Any, Any]:
        """The items as a dict that is not tracked."""
        return dict(self)

    def __setitem__(self, key: Any, value: Any) -> None:
        old = self.get(key)
        super().__setitem__(key, value if self.tracker is None else self.tracker.track(value))
        self._drop(old)

    def _drop(self, value: Any) -> None:
        if self.tracker is not None and value is not None:
            self.tracker.untrack(value)

    def __delitem__(self, key: Any) -> None:
        old = self.get(key)
        super().__delitem__(key)
        self._drop(old)

    def update(self, *args: Any, **kwargs: Any) -> None:
        for key, value in dict(*args, **kwargs).items():
            self[key] = value

    def __ior__(self, other: Any) -> "TrackedDict":
        self.update(other)
        return self

    def setdefault(self, key: Any, default: Any = None) -> Any:
        if key not in self:
            self[key] = default
        return self[key]

    def pop(self, key: Any, *default: Any) -> Any:
        present = key in self
        value = super().pop(key, *default)
        if present:
            self._drop(value)
        return value

    def popitem(self) -> tuple[Any, Any]:
        key, value = super().popitem()
        self._drop(value)
        return key, value

    def clear(self) -> None:
        for value in list(self.values()):
            self._drop(value)
        super().clear()

    def __reduce__(self) -> Any:
        return type(self), (dict(self),)


class TrackedSet(set):
    """A set whose items are tracked by the layer that it was assigned to."""

    def __init__(self, values: Iterable[Any] = (), tracker: Tracker | None = None) -> None:
        self.tracker = tracker
        super().__init__(values if tracker is None else map(tracker.track, values))

    def plain(self) -> set[Any]:
        """The items as a set that is not tracked."""
        return set(self)

    def _become(self, values: set[Any]) -> "TrackedSet":
        for value in self.plain() - values:
            self.remove(value)
        self.update(values)
        return self

    def add(self, value: Any) -> None:
        if value not in self:
            super().add(value if self.tracker is None else self.tracker.track(value))

    def update(self, *others: Iterable[Any]) -> None:
        for values in others:
            for value in values:
                self.add(value)

    def difference_update(self, *others: Iterable[Any]) -> None:
        self._become(self.plain().difference(*others))

    def intersection_update(self, *others: Iterable[Any]) -> None:
        self._become(self.plain().intersection(*others))

    def symmetric_difference_update(self, other: Iterable[Any]) -> None:
        self._become(self.plain().symmetric_difference(other))

    def __ior__(self, other: Any) -> "TrackedSet":
        return self._become(self.plain() | other)

    def __isub__(self, other: Any) -> "TrackedSet":
        return self._become(self.plain() - other)

    def __iand__(self, other: Any) -> "TrackedSet":
        return self._become(self.plain() & other)

    def __ixor__(self, other: Any) -> "TrackedSet":
        return self._become(self.plain() ^ other)

    def discard(self, value: Any) -> None:
        if value in self:
            self.remove(value)

    def remove(self, value: Any) -> None:
        super().remove(value)
        if self.tracker is not None:
            self.tracker.untrack(value)

    def pop(self) -> Any:
        value = next(iter(self))
        self.remove(value)
        return value

    def clear(self) -> None:
        for value in list(self):
            self.remove(value)

    def __reduce__(self) -> Any:
        return type(self), (list(self),)


_TRACKED = (TrackedList, TrackedDict, TrackedSet)


def _dict_children(value: TrackedDict) -> tuple[list[Any], list[Any], list[Any]]:
    keys = sorted(value) if _sortable(value) else list(value)
    return [value[key] for key in keys], keys, keys


def _sortable(keys: Iterable[Any]) -> bool:
    try:
        sorted(keys)
    except TypeError:
        return False
    return True


tree.register(TrackedList, lambda v: (list(v), None, list(range(len(v)))), lambda _, children: list(children))
tree.register(TrackedDict, _dict_children, lambda keys, children: dict(zip(keys, children)))
