"""Where random functions get their seeds from: `SeedGenerator`, integers, the global generator.

A seed is a pair of 32-bit words: what the user gave, and a counter that advances with every draw.
Backends make their own random bits from it.
"""

import random as python_random
import threading
from contextlib import nullcontext
from typing import Any

import numpy as np
from keras_backends.api import export
from keras_backends.contract import Backend
from keras_backends.selection import active

from keras_ops.naming import auto_name, on_clear_session
from keras_ops.operations.elementwise import add, copy
from keras_ops.state import name_scope, state
from keras_ops.variable import Variable

_WORD = 0xFFFFFFFF
_global: "list[SeedGenerator]" = []


@export("keras.random.SeedGenerator")
class SeedGenerator:
    """Gives random functions another seed at every call, and can be saved and restored.

    A layer that uses random numbers holds one as an attribute; its state is then part of the model, as
    compiled functions need it.

    Args:
        seed: An integer; by default one from Python's generator, which
            `keras.utils.set_random_seed` makes repeatable.
        name: Name, made automatically by default.
        **kwargs: `backend` is accepted and ignored.

    Raises:
        ValueError: If `seed` is not a non-negative integer.

    Example:

        >>> from keras_ops import random
        >>> generator = SeedGenerator(seed=1)
        >>> a, b = random.normal((2,), seed=generator), random.normal((2,), seed=generator)
        >>> bool((a == b).any())
        False
    """

    tracked_as = "seed_generator"

    def __init__(self, seed: int | None = None, name: str | None = None, **kwargs: Any) -> None:
        kwargs.pop("backend", None)
        if kwargs:
            raise ValueError(f"SeedGenerator: unexpected arguments {sorted(kwargs)}.")
        if seed is None:
            seed = python_random.randint(1, 10**9)
        if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or seed < 0:
            raise ValueError(
                f"SeedGenerator: `seed` must be a non-negative integer or None, received seed={seed!r}."
            )
        self.name = name or auto_name("seed_generator")
        self._initial_seed = int(seed)
        self._elsewhere: dict[str, Any] = {}
        with name_scope(self.name, caller=self):
            self.state = Variable(
                lambda shape, dtype: state.backend.tensor(_words(self._initial_seed), dtype),
                shape=(2,),
                dtype="uint32",
                trainable=False,
                autocast=False,
                aggregation="none",
                name="seed_generator_state",
            )

    def next(self, ordered: bool = True) -> Any:
        """Returns the seed for one draw and advances the state.

        Args:
            ordered: Accepted for compatibility; draws are always ordered.

        Returns:
            An integer tensor of shape `(2,)`.
        """
        backend = state.override
        if backend is not None and backend is not active():
            return self._next_on(backend)
        # No two threads get one seed. Compilers of Python code know no locks.
        with nullcontext() if state.backend.traced() else _advancing:
            # A copy, since a backend may write the advanced state into the memory of the old one.
            seed = copy(self.state.value)
            advanced = add(seed, _increment(seed))
            if state.stateless is None and self._would_leak(advanced):
                raise ValueError(
                    f"SeedGenerator {self.name!r}: drawing inside a function that {active().name} traces by itself "
                    "would give the same numbers in every call. Pass it a seed as an argument, or draw in a "
                    "StatelessScope, as `stateless_call` of layers does."
                )
            self.state.assign(advanced)
        return seed

    def _would_leak(self, advanced: Any) -> bool:
        """Says whether the state would be a stand-in of a trace, which means nothing after it."""
        return active().traits.functional and type(advanced) not in active().tensors

    def _next_on(self, backend: Backend) -> Any:
        """The seed for a draw with another backend's kernels, as in a `tf.data` pipeline: it has its own state."""
        storage = self._elsewhere.get(backend.name)
        if storage is None:
            with backend.outside_trace():
                words = backend.tensor(_words(self._initial_seed), backend.canonical_dtype("uint32"))
                storage = backend.store(words, False, f"{self.name}_state")
        seed = copy(backend.read(storage))
        self._elsewhere[backend.name] = backend.write(storage, add(seed, _increment(seed)))
        return seed

    def __getstate__(self) -> dict[str, Any]:
        # Other backends begin anew in a copy: their states can neither be copied nor pickled everywhere.
        return {**self.__dict__, "_elsewhere": {}}

    def get_config(self) -> dict[str, Any]:
        return {"seed": self._initial_seed}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "SeedGenerator":
        return cls(**config)


def _words(seed: int) -> np.ndarray:
    return np.array([seed & _WORD, (seed >> 32) & _WORD], "uint32")


_advancing = threading.RLock()
_increments: dict[tuple[str, Any], Any] = {}


def _increment(seed: Any) -> Any:
    """What takes a seed to the next one, on the seed's device where tensors of two do not meet."""
    backend = state.backend
    device = None if backend.traits.functional else getattr(seed, "device", None)
    step = _increments.get((backend.name, device))
    if step is None:
        with backend.outside_trace(), backend.device(str(device)) if device else nullcontext():
            step = backend.tensor(np.array([0, 1]), backend.canonical_dtype("uint32"))
        _increments[backend.name, device] = step
    return step


def draw_seed(seed: Any) -> Any:
    """Returns the pair of words that one draw starts from.

    Args:
        seed: A `SeedGenerator` (it advances), an integer, a tensor of two words as such a generator
            returns it, or `None` for the global generator.

    Returns:
        An integer tensor of shape `(2,)`.

    Raises:
        ValueError: If `seed` is none of these.

    Example:

        >>> draw_seed(7).tolist()
        [7, 0]
    """
    if isinstance(seed, SeedGenerator):
        return seed.next()
    backend = state.backend
    if isinstance(seed, (int, np.integer)) and not isinstance(seed, bool):
        return backend.tensor(_words(int(seed)), backend.canonical_dtype("uint32"))
    if seed is None:
        return global_seed_generator().next()
    if backend.is_tensor(seed) or isinstance(seed, (np.ndarray, Variable)):
        return backend.tensor(
            seed.value if isinstance(seed, Variable) else seed, backend.canonical_dtype("uint32")
        )
    raise ValueError(
        f"Expected `seed` to be an integer, None or a `keras.random.SeedGenerator`, received seed={seed!r}."
    )


def global_seed_generator() -> SeedGenerator:
    """Returns the generator of draws without a seed, made at its first use."""
    _make_global_generator()
    return _global[0]


@active().unread
def _make_global_generator() -> None:
    if not _global:
        # Older than any scope, also one that watches what is assigned to inside it.
        with state.scope(stateless=None, override=None):
            _global.append(SeedGenerator(name="global_seed_generator"))


@on_clear_session
def _forget_global_generator() -> None:
    _global.clear()


@export("keras.utils.set_random_seed")
def set_random_seed(seed: int) -> None:
    """Makes all random numbers of a program repeatable: those of Python, NumPy, the backend and Keras.

    Args:
        seed: An integer between 0 and 2**32 - 1.

    Raises:
        ValueError: If it is none.

    Example:

        >>> from keras_ops import random
        >>> set_random_seed(1)
        >>> a = random.normal((2,))
        >>> set_random_seed(1)
        >>> bool((a == random.normal((2,))).all())
        True
    """
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or not 0 <= seed <= _WORD:
        raise ValueError(f"set_random_seed: expected an integer in [0, 2**32), received seed={seed!r}.")
    seed = int(seed)
    python_random.seed(seed)
    np.random.seed(seed)
    state.backend.seed(seed)
    _global.clear()
