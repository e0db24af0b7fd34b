"""Functions of JAX arrays as functions of TensorFlow's tensors, by way of `jax2tf`.

Used by layers that hold JAX code. JAX is imported when such a layer is made, never with the backend.
"""

from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

from keras_backends.tensorflow import tensors


def adapted(
    function: Callable[..., Any], *, native_serialization_platforms: Sequence[str] | None = None
) -> Callable[..., Any]:
    """Returns a differentiable function of tensors that computes what `function` does.

    Args:
        function: Takes and returns trees of JAX arrays.
        native_serialization_platforms: Platforms (`"cpu"`, `"cuda"`, `"rocm"`, `"tpu"`) that the compiled code
            is for; the one in use by default.
    """
    from jax import tree  # layering: what is adapted is a function of JAX
    from jax.experimental import jax2tf  # layering: what is adapted is a function of JAX

    converted: dict[Any, Callable[..., Any]] = {}

    def convert(structure: Any, shapes: list[str | None]) -> Callable[..., Any]:
        result: Any = None

        def flat(*leaves: Any) -> list[Any]:
            nonlocal result
            leaves, result = tree.flatten(function(*tree.unflatten(structure, leaves)))
            return leaves

        compiled = tf.function(
            jax2tf.convert(
                flat,
                polymorphic_shapes=shapes,
                native_serialization_platforms=native_serialization_platforms,
            ),
            autograph=False,
        )

        def call(leaves: list[Any]) -> Any:
            values = compiled(*leaves)
            # Known from the first trace on.
            return tree.unflatten(result, values)

        return call

    def run(*args: Any) -> Any:
        leaves, structure = tree.flatten(args)
        leaves = [tensors.tensor(leaf) for leaf in leaves]
        shapes = [_symbolic(tensors.shape(leaf), i) for i, leaf in enumerate(leaves)]
        key = (structure, *shapes)
        if key not in converted:
            converted[key] = convert(structure, shapes)
        return converted[key](leaves)

    return run


def _symbolic(shape: Sequence[int | None], place: int) -> str | None:
    """A shape in the words of `jax2tf`. All unknown first axes count as the same batch."""
    if None not in shape:
        return None
    sizes = (
        ("batch" if axis == 0 else f"n{place}_{axis}") if n is None else n for axis, n in enumerate(shape)
    )
    return "(" + ", ".join(map(str, sizes)) + ",)"
