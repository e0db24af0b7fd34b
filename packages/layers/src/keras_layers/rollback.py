"""`Rollback`: what a layer was, to put back where something that changes it fails halfway.

`layer_build` uses it for builds, `core.all_or_nothing` for quantization. Values of variables, and what a layer
shares with others, are none of its business.
"""

from typing import Any

from keras_ops.revision import revision

from keras_layers.tracking import TrackedDict, TrackedList, TrackedSet

_PLAIN: dict[type, Any] = {TrackedList: list, TrackedDict: dict, TrackedSet: set}
_KINDS = frozenset(_PLAIN)


class Rollback:
    """The attributes and children of a layer, with what its own containers hold.

    Args:
        layer: The layer; those inside it are not looked at.

    Example:

        >>> from keras_layers.core.dense import Dense
        >>> layer = Dense(2)
        >>> rollback = Rollback(layer)
        >>> layer.build((None, 3))
        >>> rollback.put_back()
        >>> layer.built, layer.weights
        (False, [])
    """

    def __init__(self, layer: Any) -> None:
        self.layer = layer
        self.values = dict(vars(layer))
        self.counts = dict(layer._tracker.counts)
        self.lists = [(items, tuple(items)) for items in (*layer._tracker.lists.values(), layer._frozen)]
        self.locked = layer._tracker.locked
        self.containers: list[tuple[Any, Any]] = []
        values = self.values.values()
        if not _KINDS.isdisjoint(map(type, values)):  # Each build comes here, and most layers have none.
            self.containers = [(x, _PLAIN[type(x)](x)) for x in values if type(x) in _KINDS]

    def put_back(self) -> None:
        """Makes the layer what it was."""
        values = vars(self.layer)
        for name in values.keys() - self.values.keys():
            del values[name]
        values.update(self.values)
        tracker = self.layer._tracker
        tracker.counts.clear()
        tracker.counts.update(self.counts)
        tracker.locked = self.locked
        for items, held in self.lists:
            items[:] = held
        for container, held in self.containers:
            # By the methods of the plain kinds, which track nothing.
            kind = type(held)
            kind.clear(container)
            (list.extend if kind is list else kind.update)(container, held)
        self.layer._seen.clear()
        revision.advance()
