"""Objects with children and variables, as files see layers and models, for tests of formats.

They stand in for layers, which this package does not know; nothing else uses them.
"""

from typing import Any

import numpy as np
from keras_ops.configurable import Configurable
from keras_ops.registry import register_keras_serializable
from keras_ops.variable import Variable

from keras_saving.walk import walk


@register_keras_serializable(package="saving_tests")
class Unit(Configurable):
    """A layer in miniature: some variables, children as attributes."""

    tracked_as = "layer"
    trainable = True

    def __init__(self, sizes: tuple[int, ...] = (), name: str = "unit", dtype: str = "float32") -> None:
        self.sizes = tuple(sizes)
        self.name = name
        self.dtype = dtype
        self.own = [
            Variable(np.full((n,), 7.0 + i, "float32"), dtype=dtype, name=f"v{i}")
            for i, n in enumerate(self.sizes)
        ]
        self.built = True

    @property
    def variables(self) -> list[Variable]:
        return self.own

    def saveable_children(self) -> dict[str, Any]:
        children = {k: v for k, v in vars(self).items() if k not in ("own", "_init_arguments")}
        return dict(sorted(children.items(), key=lambda item: (item[0].startswith("_"), item[0])))


@register_keras_serializable(package="saving_tests")
class Words(Unit):
    """Keeps part of its state in a file, and stores its variable under a name of its own."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.words: list[str] = []

    def save_own_variables(self, store: dict[str, Any]) -> None:
        store["half"] = self.own[0].numpy() / 2

    def load_own_variables(self, store: Any) -> None:
        self.own[0].assign(store["half"][...] * 2)

    def save_assets(self, dir_path: str) -> None:
        with open(f"{dir_path}/words.txt", "w") as file:
            file.write("\n".join(self.words))

    def load_assets(self, dir_path: str) -> None:
        with open(f"{dir_path}/words.txt") as file:
            self.words = file.read().split("\n")


@register_keras_serializable(package="saving_tests")
class Net(Unit):
    """A model in miniature."""

    def __init__(self, sizes: tuple[int, ...] = (2,), name: str = "net", dtype: str = "float32") -> None:
        super().__init__(sizes, name, dtype)
        self.first = Unit((3, 4), name="one", dtype=dtype)
        self.blocks = [Unit((1,), name="a"), [Unit((2,), name="b"), Unit((), name="c")]]
        self.table = {"x": Unit((5,), name="d"), "y": self.first}
        self.words = Words(sizes=(2,), name="words")
        self._hidden = Unit((1,), name="e")
        self.compiled_with: dict[str, Any] | None = None

    def get_config(self) -> dict[str, Any]:
        return {"sizes": self.sizes, "name": self.name, "dtype": self.dtype}

    def get_compile_config(self) -> dict[str, Any]:
        return {"optimizer": "none"}

    def compile_from_config(self, config: dict[str, Any]) -> None:
        self.compiled_with = config


def fill(net: Any, start: float = 0.0) -> list[np.ndarray]:
    """Gives every variable of `net` values of its own; returns them in the order of the walk."""
    values = []
    for i, variable in enumerate(v for _, obj in walk(net) for v in obj.variables):
        variable.assign(np.arange(np.prod(variable.shape)).reshape(variable.shape) / 8 + i + start)
        values.append(variable.numpy().astype("float32"))
    return values


def read(net: Any) -> list[np.ndarray]:
    """Returns the values of every variable of `net` in the order of the walk."""
    return [v.numpy().astype("float32") for _, obj in walk(net) for v in obj.variables]


def same(left: list[np.ndarray], right: list[np.ndarray]) -> bool:
    """Says whether two lists of arrays are equal."""
    return len(left) == len(right) and all(np.array_equal(a, b) for a, b in zip(left, right))
