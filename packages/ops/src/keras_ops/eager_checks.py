"""Checks of eager calls by an operation's rule, once for all calls that look alike.

Most kernels refuse what does not fit, and the rule then says why. Bodies of composites, and the kernels of
operations declared with `checked=True`, take some of it silently: `op` comes here before it calls those.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from keras_backends.contract import Backend

from keras_ops.conversion import SCALARS

_PLAIN = frozenset({*SCALARS, str, tuple, type(None)})
"""Types of attributes that calls are told apart by; a call with others (tensors, functions) is not checked."""

_MOST_CALLS = 256
"""Looks that are remembered of an operation; sizes of batches may never end."""


class EagerCheck:
    """The check of one operation.

    Args:
        refuse: Called as `refuse(tensors, attributes, backend)` for a call that looks new; raises if it does
            not fit.
    """

    def __init__(self, refuse: Callable[[Sequence[Any], dict[str, Any], Backend], None]) -> None:
        self._refuse = refuse
        self._seen: set[tuple[Any, ...]] = set()

    def __call__(self, tensors: Sequence[Any], attributes: Mapping[str, Any], backend: Backend) -> None:
        """Raises `SpecError` if the rule says that the arguments do not fit together."""
        if not backend.traits.compiles and backend.traced():
            return  # A compiler that reads Python (`torch.compile`) would make constants of the sizes.
        values = attributes.values()
        if not _PLAIN.issuperset(map(type, values)):
            return
        try:
            look = (*map(_look, tensors), *values)
            if look in self._seen:
                return
        except (TypeError, ValueError):  # A tuple with a tensor in it; an unknown number of axes.
            return
        self._refuse(tensors, dict(attributes), backend)
        if len(self._seen) >= _MOST_CALLS:
            self._seen.clear()
        self._seen.add(look)


def _look(x: Any) -> Any:
    """What tells two tensors apart: the shape and the dtype."""
    if isinstance(x, (list, tuple)):
        return tuple(map(_look, x))
    return (x.shape, x.dtype) if hasattr(x, "shape") else type(x)
