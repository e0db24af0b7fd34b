"""Cross entropies and squared errors, and the encodings of labels that go with the former."""

from dataclasses import replace
from typing import Any

from keras_backends import settings
from keras_backends.api import export

from keras_ops.op import op
from keras_ops.operations.activations_nn import log_softmax
from keras_ops.operations.core import cast, dtype, ndim, shape
from keras_ops.operations.elementwise import (
    absolute,
    add,
    clip,
    divide,
    exp,
    log,
    log1p,
    maximum,
    multiply,
    negative,
    sign,
    square,
    subtract,
)
from keras_ops.operations.reductions import max, sum
from keras_ops.operations.shapes import squeeze
from keras_ops.rules import broadcast, given_dtype, normalize_axis, to_float
from keras_ops.sparse import encoding, set_encoding
from keras_ops.tensor import Shape, Tensor, known


def _encoded(shape: Shape, *, num_classes: int, axis: int = -1, **_: Any) -> Shape:
    axis = normalize_axis(axis, len(shape) + 1)
    return (*shape[:axis], num_classes, *shape[axis:])


@export(["keras.ops.one_hot", "keras.ops.nn.one_hot"])
@op(shape=_encoded, dtype=given_dtype, sparse=encoding)
def one_hot(x: Tensor, num_classes: int, axis: int = -1, dtype: Any = None, sparse: bool = False) -> Tensor:
    """Encodes integer labels as vectors with a single one.

    Args:
        x: Integer tensor of any shape. A label outside of `[0, num_classes)` gives zeros.
        num_classes: Length of the vectors.
        axis: Where the axis of the classes is in the result.
        dtype: Dtype of the result, floatx by default.
        sparse: Whether a sparse tensor is wanted, where the backend has them.

    Returns:
        A tensor with one more axis.

    Example:

        >>> one_hot([0, 2], 3)
        Array([[1., 0., 0.],
               [0., 0., 1.]], dtype=float32)
    """


def _multi_encoded(shape: Shape, *, num_classes: int | None = None, axis: int = -1, **_: Any) -> Shape:
    encoded = _encoded(shape, num_classes=num_classes, axis=axis)
    merged = 1 if len(shape) > 1 else 0
    return encoded[:merged] + encoded[merged + 1 :]


@op(shape=_multi_encoded, dtype=given_dtype, module="nn", sparse=set_encoding)
def _multi_hot(
    inputs: Tensor,
    num_classes: int | None = None,
    axis: int = -1,
    dtype: Any = None,
    sparse: bool = False,
) -> Tensor:
    """The operation behind `multi_hot`."""
    encoded = one_hot(cast(inputs, "int32"), num_classes, axis=axis, dtype=dtype, sparse=sparse)
    merged = 1 if ndim(inputs) > 1 else 0
    # Sums stay sparse, maxima do not.
    if sparse:
        return cast(sign(sum(encoded, axis=merged)), dtype)
    labels = encoded.shape[merged]
    # Of no labels there is no maximum.
    return max(encoded, axis=merged, initial=None if labels else 0)


@export(["keras.ops.multi_hot", "keras.ops.nn.multi_hot"])
def multi_hot(
    inputs: Tensor,
    num_classes: int | None = None,
    axis: int = -1,
    dtype: Any = None,
    sparse: bool = False,
    **kwargs: Any,
) -> Tensor:
    """Encodes sets of integer labels as vectors with a one for each label.

    Args:
        inputs: Integer tensor of shape `(batch, labels)`, or `(labels,)`.
        num_classes: Length of the vectors.
        axis: Where the axis of the classes is, before the labels are merged.
        dtype: Dtype of the result, floatx by default.
        sparse: Whether a sparse tensor is wanted, where the backend has them.
        **kwargs: `num_tokens`, an old name of `num_classes`.

    Returns:
        A tensor of shape `(batch, num_classes)`, or `(num_classes,)`.

    Raises:
        TypeError: If there are other keyword arguments.

    Example:

        >>> multi_hot([0, 2], 3)
        Array([1., 0., 1.], dtype=float32)
    """
    num_classes = kwargs.pop("num_tokens", num_classes)
    if kwargs:
        raise TypeError(f"ops.multi_hot: unexpected keyword arguments {sorted(kwargs)}.")
    return _multi_hot(inputs, num_classes, axis, dtype, sparse)


def _probabilities(output: Any, axis: int | None = None) -> Any:
    """Probabilities (scaled to sum to one along `axis`), kept away from 0 and 1."""
    if axis is not None:
        output = divide(output, sum(output, axis=axis, keepdims=True))
    return clip(output, settings.epsilon(), 1.0 - settings.epsilon())


@op(shape=broadcast, dtype=to_float)
def squared_difference(target: Tensor, output: Tensor) -> Tensor:
    """Squares the difference of two tensors, as losses and metrics do; frameworks have it in one pass.

    Args:
        target: Tensor of any shape.
        output: Tensor of a shape that broadcasts with it.

    Returns:
        A tensor of floats.

    Example:

        >>> float(squared_difference(1.0, 4.0))
        9.0
    """
    return square(subtract(output, target))


@export(["keras.ops.binary_crossentropy", "keras.ops.nn.binary_crossentropy"])
@op(shape=broadcast, dtype=to_float)
def binary_crossentropy(target: Tensor, output: Tensor, from_logits: bool = False) -> Tensor:
    """Cross entropy between targets and predictions, element by element.

    Args:
        target: Tensor of any shape with values in `[0, 1]`.
        output: Predictions, a tensor of the same shape.
        from_logits: Whether `output` is logits instead of probabilities.

    Returns:
        A tensor of the shape of `target`.

    Example:

        >>> binary_crossentropy([0.0, 1.0], [0.5, 0.5])
        Array([0.6931472, 0.6931472], dtype=float32)
    """
    if from_logits:
        # Written so that no exponential overflows: max(x, 0) - x * t + log(1 + exp(-|x|)).
        rest = log1p(exp(negative(absolute(output))))
        return add(subtract(maximum(output, 0), multiply(output, target)), rest)
    output = _probabilities(output)
    present = multiply(target, log(output))
    absent = multiply(subtract(1, target), log(subtract(1, output)))
    return negative(add(present, absent))


def _without(shape: Shape, axis: int) -> Shape:
    axis = normalize_axis(axis, len(shape))
    return shape[:axis] + shape[axis + 1 :]


def _categorical(target: Shape, output: Shape, *, axis: int = -1, **_: Any) -> Shape:
    if len(target) != len(output) or any(None not in (a, b) and a != b for a, b in zip(target, output)):
        raise ValueError(f"expected `target` and `output` of the same shape, received {target} and {output}.")
    if not target:
        raise ValueError("expected tensors of rank 1 or more, received scalars.")
    return _without(target, axis)


@export(["keras.ops.categorical_crossentropy", "keras.ops.nn.categorical_crossentropy"])
@op(shape=_categorical, dtype=to_float, checked=True)
def categorical_crossentropy(
    target: Tensor, output: Tensor, from_logits: bool = False, axis: int = -1
) -> Tensor:
    """Cross entropy between distributions over classes.

    Args:
        target: Tensor with a distribution along `axis`, such as one-hot labels.
        output: Predictions, a tensor of the same shape.
        from_logits: Whether `output` is logits instead of probabilities.
        axis: The axis of the classes.

    Returns:
        A tensor without `axis`.

    Raises:
        ValueError: If the shapes differ.

    Example:

        >>> categorical_crossentropy([[0.0, 1.0]], [[0.5, 0.5]])
        Array([0.6931472], dtype=float32)
    """
    scores = log_softmax(output, axis=axis) if from_logits else log(_probabilities(output, axis))
    return negative(sum(multiply(target, scores), axis=axis))


def _sparse_categorical(target: Shape, output: Shape, *, axis: int = -1, **_: Any) -> Shape:
    if not output:
        raise ValueError("expected `output` of rank 1 or more, received a scalar.")
    result = _without(output, axis)
    if len(target) == len(output) and target[-1] in (1, None):
        target = target[:-1]
    if len(target) != len(result) or any(None not in (a, b) and a != b for a, b in zip(target, result)):
        raise ValueError(
            f"expected `target` of shape {result} for `output` of shape {output} with the classes at "
            f"axis={axis}, received {target}."
        )
    return result


@export(["keras.ops.sparse_categorical_crossentropy", "keras.ops.nn.sparse_categorical_crossentropy"])
@op(shape=_sparse_categorical, dtype=replace(to_float, free=frozenset({"target"})), checked=True)
def sparse_categorical_crossentropy(
    target: Tensor, output: Tensor, from_logits: bool = False, axis: int = -1
) -> Tensor:
    """Cross entropy between integer labels and distributions over classes.

    Args:
        target: Integer tensor with the shape of `output` without `axis` (or with a last axis of size 1).
        output: Predictions, a tensor with a distribution along `axis`.
        from_logits: Whether `output` is logits instead of probabilities.
        axis: The axis of the classes.

    Returns:
        A tensor without `axis`.

    Raises:
        ValueError: If the shapes do not fit.

    Example:

        >>> sparse_categorical_crossentropy([1], [[0.5, 0.5]])
        Array([0.6931472], dtype=float32)
    """
    if ndim(target) == ndim(output) and known(shape(target)[-1]) in (1, None):
        target = squeeze(target, axis=-1)
    scores = log_softmax(output, axis=axis) if from_logits else log(_probabilities(output, axis))
    labels = one_hot(cast(target, "int32"), shape(output)[axis], axis=axis, dtype=dtype(output))
    return negative(sum(multiply(labels, scores), axis=axis))
