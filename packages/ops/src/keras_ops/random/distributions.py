"""Draws from distributions: arrays of a given shape.

The backend's kernels `random_*` make the numbers from a pair of seed words. While shapes are
inferred nothing is drawn where a size is unknown.
"""

from collections.abc import Sequence
from typing import Any

from keras_backends import settings
from keras_backends.api import export
from keras_backends.dtypes import is_float, is_int, standardize_dtype

from keras_ops.documentation import documented
from keras_ops.operations.core import convert_to_tensor
from keras_ops.random.seeds import draw_seed
from keras_ops.refusals import refused
from keras_ops.state import state
from keras_ops.tensor import UNKNOWN, KerasTensor, Tensor, known

_texts = documented(
    dtype_and_seed="""
        dtype: A float dtype, floatx by default.
        seed: An integer for the same numbers every time, a `keras.random.SeedGenerator`, or `None`.
    """,
    drawn="""
        Returns:
            A tensor of shape `shape`.

        Raises:
            ValueError: If `dtype` is not a float dtype.
    """,
)


def draw(name: str, seed: Any, *tensors: Any, **attributes: Any) -> Any:
    """Calls the kernel `random_<name>` of the backend in force with the words that `seed` gives."""
    backend = state.backend
    kernel = backend.kernels.get(f"random_{name}")
    if kernel is None:
        raise NotImplementedError(f"keras.random.{name} is not available on the {backend.name!r} backend.")
    try:
        return kernel(draw_seed(seed), *tensors, **attributes)
    except Exception as error:
        parameters = {f"parameter {i}": x for i, x in enumerate(tensors)}
        refusal = refused(f"keras.random.{name}", error, parameters | attributes, backend)
        raise refusal from refusal.__cause__


def _drawn(
    name: str, shape: Sequence[Any], dtype: str, seed: Any, *parameters: Any, **attributes: Any
) -> Any:
    shape = (shape,) if isinstance(shape, int) else tuple(shape)
    if any(isinstance(size, int) and size < 0 for size in shape):
        raise ValueError(
            f"keras.random.{name}: expected `shape` without negative sizes, received shape={shape}."
        )
    backend = state.backend
    dtype = backend.canonical_dtype(dtype)
    symbolic = any(isinstance(value, KerasTensor) for value in (*parameters, *attributes.values()))
    if symbolic or any(size is UNKNOWN or size is None for size in shape):
        return KerasTensor.make(known(shape), dtype)
    wide = "float64" if dtype == "float64" else "float32"
    tensors = [convert_to_tensor(value, wide) for value in parameters]
    return draw(name, seed, *tensors, shape=shape, dtype=dtype, **attributes)


def _float_dtype(function: str, dtype: Any) -> str:
    name = settings.floatx() if dtype is None else standardize_dtype(dtype)
    if not is_float(name):
        raise ValueError(f"keras.random.{function}: expected a float dtype, received dtype={dtype!r}.")
    return name


@export("keras.random.normal")
@_texts
def normal(
    shape: Sequence[int], mean: float = 0.0, stddev: float = 1.0, dtype: Any = None, seed: Any = None
) -> Tensor:
    """Draws from a normal distribution.

    Args:
        shape: Shape of the result.
        mean: Mean of the distribution.
        stddev: Its standard deviation.
        {dtype_and_seed}

    {drawn}

    Example:

        >>> normal((2, 3), seed=1).shape
        (2, 3)
    """
    return _drawn("normal", shape, _float_dtype("normal", dtype), seed, mean=mean, stddev=stddev)


@export("keras.random.truncated_normal")
@_texts
def truncated_normal(
    shape: Sequence[int], mean: float = 0.0, stddev: float = 1.0, dtype: Any = None, seed: Any = None
) -> Tensor:
    """Draws from a normal distribution without the tails beyond two standard deviations.

    Args:
        shape: Shape of the result.
        mean: Mean of the distribution.
        stddev: Standard deviation of the distribution before it is cut.
        {dtype_and_seed}

    {drawn}

    Example:

        >>> float(abs(truncated_normal((100,), seed=1)).max()) <= 2.0
        True
    """
    dtype = _float_dtype("truncated_normal", dtype)
    return _drawn("truncated_normal", shape, dtype, seed, mean=mean, stddev=stddev)


@export("keras.random.uniform")
def uniform(
    shape: Sequence[int], minval: float = 0.0, maxval: float = 1.0, dtype: Any = None, seed: Any = None
) -> Tensor:
    """Draws from a uniform distribution; integers for an integer dtype.

    Args:
        shape: Shape of the result.
        minval: Lower bound, included.
        maxval: Upper bound, excluded.
        dtype: A float or integer dtype, floatx by default.
        seed: An integer for the same numbers every time, a `keras.random.SeedGenerator`, or `None`.

    Returns:
        A tensor of shape `shape`.

    Example:

        >>> uniform((2, 3), seed=1).shape
        (2, 3)
    """
    if dtype is not None and is_int(dtype):
        return randint(shape, minval, maxval, dtype=dtype, seed=seed)
    return _drawn("uniform", shape, _float_dtype("uniform", dtype), seed, minval=minval, maxval=maxval)


@export("keras.random.randint")
def randint(shape: Sequence[int], minval: int, maxval: int, dtype: Any = "int32", seed: Any = None) -> Tensor:
    """Draws integers, each as likely as the others.

    Args:
        shape: Shape of the result.
        minval: Lower bound, included.
        maxval: Upper bound, excluded.
        dtype: An integer dtype.
        seed: An integer for the same numbers every time, a `keras.random.SeedGenerator`, or `None`.

    Returns:
        A tensor of shape `shape`.

    Raises:
        ValueError: If `dtype` is not an integer dtype, or no integer lies between the bounds.

    Example:

        >>> int(randint((), 3, 4, seed=1))
        3
    """
    dtype = standardize_dtype(dtype)
    if not is_int(dtype):
        raise ValueError(f"keras.random.randint: expected an integer dtype, received dtype={dtype!r}.")
    if isinstance(minval, int) and isinstance(maxval, int) and minval >= maxval:
        raise ValueError(
            f"keras.random.randint: expected `minval` below `maxval`, received minval={minval}, maxval={maxval}."
        )
    return _drawn("randint", shape, dtype, seed, minval=minval, maxval=maxval)


@export("keras.random.gamma")
@_texts
def gamma(shape: Sequence[int], alpha: float | Tensor, dtype: Any = None, seed: Any = None) -> Tensor:
    """Draws from a gamma distribution with scale 1.

    Args:
        shape: Shape of the result.
        alpha: Shape parameter of the distribution, a number or a tensor that broadcasts to `shape`.
        {dtype_and_seed}

    {drawn}

    Example:

        >>> gamma((2, 3), 0.5, seed=1).shape
        (2, 3)
    """
    return _drawn("gamma", shape, _float_dtype("gamma", dtype), seed, alpha)


@export("keras.random.beta")
@_texts
def beta(
    shape: Sequence[int], alpha: float | Tensor, beta: float | Tensor, dtype: Any = None, seed: Any = None
) -> Tensor:
    """Draws from a beta distribution.

    Args:
        shape: Shape of the result.
        alpha: First parameter, a number or a tensor that broadcasts to `shape`.
        beta: Second parameter, likewise.
        {dtype_and_seed}

    Returns:
        A tensor of shape `shape` with values in `[0, 1]`.

    Raises:
        ValueError: If `dtype` is not a float dtype.

    Example:

        >>> beta((2, 3), 0.5, 1.5, seed=1).shape
        (2, 3)
    """
    return _drawn("beta", shape, _float_dtype("beta", dtype), seed, alpha, beta)


@export("keras.random.binomial")
@_texts
def binomial(
    shape: Sequence[int],
    counts: float | Tensor,
    probabilities: float | Tensor,
    dtype: Any = None,
    seed: Any = None,
) -> Tensor:
    """Draws how many of a number of independent trials succeed.

    Args:
        shape: Shape of the result.
        counts: Numbers of trials, a number or a tensor that broadcasts to `shape`.
        probabilities: Probability of success, likewise.
        {dtype_and_seed}

    {drawn}

    Example:

        >>> binomial((2, 3), 10.0, 0.5, seed=1).shape
        (2, 3)
    """
    return _drawn("binomial", shape, _float_dtype("binomial", dtype), seed, counts, probabilities)
