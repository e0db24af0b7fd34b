"""`Initializer`, and the base of the random ones, which keep a seed.

Variables call an initializer with a shape and a dtype to get their first value.
"""

import random as python_random
from collections.abc import Sequence
from typing import Any

import numpy as np
from keras_backends import settings
from keras_backends.api import export
from keras_backends.dtypes import is_float, standardize_dtype

from keras_ops import random
from keras_ops.configurable import Configurable
from keras_ops.initializers import draws
from keras_ops.state import state
from keras_ops.tensor import standardize_shape


@export(["keras.Initializer", "keras.initializers.Initializer"])
class Initializer(Configurable):
    """Base of initializers: callables that make the first value of a variable.

    A subclass implements `__call__`, and `get_config` where the constructor's parameters are not
    attributes of the same names.

    Example:

        >>> class Halves(Initializer):
        ...     def __call__(self, shape, dtype=None):
        ...         return np.full(shape, 0.5, dtype)
        >>> Halves()((2,), "float32").tolist()
        [0.5, 0.5]
    """

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> Any:
        """Returns a value.

        Args:
            shape: Shape of the value.
            dtype: Dtype of the value, default `keras.config.floatx()`.
        """
        raise NotImplementedError(
            f"Initializer {type(self).__name__!r} must implement `__call__(self, shape, dtype=None)`."
        )

    def get_config(self) -> dict[str, Any]:
        """Returns the constructor's arguments as plain data."""
        return super().get_config()

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "Initializer":
        """Makes an initializer from what `get_config` returned."""
        return super().from_config(config)

    def clone(self) -> "Initializer":
        """Returns a twin; one without a seed draws other values than this one."""
        return type(self).from_config(self.get_config())


class HostInitializer(Initializer):
    """Base of initializers whose values NumPy computes on the host, the same for every backend.

    A subclass implements `host_values`. A variable may keep these values on the host until it is read.
    """

    gives_host_values = True
    """Whether a call does no more than to place `host_values`; not so where a subclass has its own."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "__call__" in vars(cls):
            cls.gives_host_values = False

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> Any:
        dtype = dtype_or_default(dtype)
        backend = state.backend
        return backend.tensor(self.host_values(shape, dtype), backend.canonical_dtype(dtype))

    def host_values(self, shape: Sequence[int], dtype: str) -> Any:
        """Returns the values as an array, which may be of another dtype that holds them.

        Args:
            shape: Shape of the value.
            dtype: Name of its dtype.
        """
        raise NotImplementedError(
            f"Initializer {type(self).__name__!r} must implement `__call__(self, shape, dtype=None)`."
        )


def host_dtype(dtype: str) -> str:
    """The dtype in which values are computed on the host, for one that NumPy may not have."""
    if is_float(dtype):
        return "float64" if dtype == "float64" else "float32"
    return dtype


def dtype_or_default(dtype: Any) -> str:
    """Returns the name of a dtype, that of floatx for `None`."""
    return settings.floatx() if dtype is None else standardize_dtype(dtype)


class RandomInitializer(HostInitializer):
    """Base of initializers with a seed.

    With an integer every call gives the same values, whatever the backend. With `None` every call gives
    others, which `keras.utils.set_random_seed` makes repeatable. With a `SeedGenerator` they depend on
    the generator's state, which advances.
    """

    def __init__(self, seed: Any = None) -> None:
        if seed is not None and not isinstance(seed, (int, np.integer)) and not hasattr(seed, "next"):
            raise ValueError(
                f"{type(self).__name__}: `seed` should be an integer, None or a `keras.random.SeedGenerator`. "
                f"Received: seed={seed!r}"
            )
        self.seed = seed if seed is None or hasattr(seed, "next") else int(seed)
        self._key = draws.key_of(self.seed if isinstance(self.seed, int) else python_random.getrandbits(63))
        self._draws = 0

    def draw(self, sampler: draws.Sampler, shape: Sequence[int], dtype: str) -> Any:
        """Draws values of a sampler of `draws`, as an array of the host wherever that is possible."""
        if not is_float(dtype):
            raise ValueError(
                f"{type(self).__name__}: random values are floats, so `dtype` should be a float dtype. "
                f"Received: dtype={dtype!r}"
            )
        shape = standardize_shape(shape)
        key, number = self._key, 0
        if self.seed is None:
            number = self._draws
            self._draws += 1
        elif not isinstance(self.seed, int):
            words = self.seed.next()
            try:
                low, high = (int(word) for word in state.backend.numpy(words))
            except (TypeError, RuntimeError):
                # Inside a compiled function the generator's state has no value on the host.
                return _ON_DEVICE[sampler](shape, dtype=host_dtype(dtype), seed=words)
            key = low | high << 32, 1
        return draws.fill(shape, host_dtype(dtype), key, number, sampler)


_ON_DEVICE = {
    draws.uniform: lambda *args, **kwargs: random.uniform(*args, **kwargs),
    draws.normal: lambda *args, **kwargs: random.normal(*args, **kwargs),
    draws.truncated_normal: lambda *args, **kwargs: random.truncated_normal(*args, **kwargs),
}
