"""`Logs`: metrics that stay on the device until somebody looks at them."""

from collections.abc import Callable, Iterator
from typing import Any

from keras_ops import tree
from keras_ops.state import state


def to_number(value: Any) -> Any:
    """Returns a scalar tensor as a float, other tensors as arrays; waits for the device."""
    backend = state.backend
    if backend.is_tensor(value):
        value = backend.numpy(value)
    if hasattr(value, "shape"):
        return float(value) if not value.shape else value
    return value


def _reading(name: str) -> Callable[..., Any]:
    method = getattr(dict, name)

    def read(self: "Logs", *args: Any, **kwargs: Any) -> Any:
        self.settle()
        return method(self, *args, **kwargs)

    read.__name__ = name
    return read


class Logs(dict[str, Any]):
    """A dictionary of numbers, converted from tensors when a value is first read.

    Keys, length and membership need no conversion.

    Example:

        >>> logs = Logs({"loss": 1.5})
        >>> logs["loss"]
        1.5
    """

    settled = False

    def settle(self) -> None:
        """Converts the values now."""
        if not self.settled:
            self.settled = True
            for name in dict.keys(self):
                dict.__setitem__(self, name, tree.map_structure(to_number, dict.__getitem__(self, name)))

    def __iter__(self) -> Iterator[str]:
        # Overridden so that `dict(logs)` and `{**logs}` go through `__getitem__`.
        return dict.__iter__(self)

    def __reduce__(self) -> tuple[Any, ...]:
        self.settle()
        return dict, (dict(dict.items(self)),)

    __getitem__ = _reading("__getitem__")
    __eq__ = _reading("__eq__")  # type: ignore[assignment]
    __ne__ = _reading("__ne__")  # type: ignore[assignment]
    __or__ = _reading("__or__")
    __ror__ = _reading("__ror__")
    __repr__ = _reading("__repr__")
    __hash__ = None  # type: ignore[assignment]
    copy = _reading("copy")
    get = _reading("get")
    items = _reading("items")
    pop = _reading("pop")
    popitem = _reading("popitem")
    setdefault = _reading("setdefault")
    values = _reading("values")
