"""`InputLayer` and `Input`: where graphs of layers begin."""

from collections.abc import Sequence
from typing import Any

from keras_backends import settings
from keras_backends.api import export
from keras_backends.dtypes import standardize_dtype
from keras_ops.graph import Node
from keras_ops.tensor import KerasTensor, standardize_shape

from keras_layers.layer import Layer, Shape


@export("keras.layers.InputLayer")
class InputLayer(Layer):
    """The layer behind `keras.Input`: has no inputs and gives one KerasTensor.

    Args:
        shape: Shape without the batch axis.
        batch_size: Size of the batch axis; unknown by default.
        dtype: Dtype name, floatx by default.
        sparse: Whether it stands for sparse tensors.
        ragged: Whether it stands for ragged tensors.
        batch_shape: Shape with the batch axis, instead of `shape` and `batch_size`.
        input_tensor: A KerasTensor to use as the output.
        optional: Whether `None` may be passed for it.
        name: Name.

    Example:

        >>> InputLayer(shape=(3,)).batch_shape
        (None, 3)
    """

    not_in_config = ("activity_regularizer", "autocast", "trainable", "shape", "batch_size", "input_tensor")
    _records_build_shape = False

    def __init__(
        self,
        shape: Sequence[int | None] | None = None,
        batch_size: int | None = None,
        dtype: Any = None,
        sparse: bool | None = None,
        ragged: bool | None = None,
        batch_shape: Sequence[int | None] | None = None,
        input_tensor: KerasTensor | None = None,
        optional: bool = False,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name)
        # The name that older files have for `batch_shape`.
        batch_shape = kwargs.pop("batch_input_shape", batch_shape)
        if kwargs:
            raise ValueError(f"InputLayer: unrecognized keyword arguments {sorted(kwargs)}.")
        if input_tensor is not None:
            batch_shape, dtype = _check_tensor(input_tensor, batch_shape, shape, dtype)
            batch_size = None if shape is None else batch_size
            shape = None
        if shape is not None and batch_shape is not None:
            raise ValueError(
                f"InputLayer: pass either `shape` or `batch_shape`, received shape={shape!r} and "
                f"batch_shape={batch_shape!r}."
            )
        if batch_size is not None and batch_shape is not None:
            raise ValueError(
                f"InputLayer: pass `batch_size` with `shape` only, received batch_size={batch_size!r} and "
                f"batch_shape={batch_shape!r}."
            )
        if shape is None and batch_shape is None:
            raise ValueError("InputLayer: pass `shape` (without the batch axis) or `batch_shape`.")
        if batch_shape is None:
            batch_shape = (batch_size, *standardize_shape(shape))
        self._batch_shape = standardize_shape(batch_shape)
        self._dtype = standardize_dtype(dtype) if dtype is not None else settings.floatx()
        self.sparse = bool(sparse)
        self.ragged = bool(ragged)
        self.optional = optional
        output = input_tensor
        if output is None:
            output = KerasTensor(
                self._batch_shape, self._dtype, sparse=self.sparse, ragged=self.ragged, name=name
            )
        Node(self, (), {}, output)
        self.built = True

    def call(self) -> None:
        raise NotImplementedError(f"InputLayer {self.name!r} has no inputs and can not be called.")

    @property
    def dtype(self) -> str:
        """Dtype of the input."""
        return self._dtype

    @property
    def batch_shape(self) -> Shape:
        """Shape of the input with its batch axis."""
        return self._batch_shape

    def get_config(self) -> dict[str, Any]:
        return {
            "batch_shape": self._batch_shape,
            "dtype": self._dtype,
            "sparse": self.sparse,
            "ragged": self.ragged,
            "name": self.name,
            "optional": self.optional,
        }


def _check_tensor(tensor: Any, batch_shape: Any, shape: Any, dtype: Any) -> tuple[Shape, str]:
    if not isinstance(tensor, KerasTensor):
        raise ValueError(
            f"Input: `tensor` must be a KerasTensor, received {tensor!r} of type {type(tensor).__name__}."
        )
    if dtype is not None and standardize_dtype(dtype) != tensor.dtype:
        raise ValueError(
            f"Input: `dtype` must be that of `tensor`, received dtype={dtype!r} and a tensor of {tensor.dtype}."
        )
    if batch_shape is not None and tuple(batch_shape) != tensor.shape:
        raise ValueError(
            f"Input: `batch_shape` must be that of `tensor`, received {batch_shape!r} and {tensor.shape}."
        )
    if shape is not None and tuple(shape) != tensor.shape[1:]:
        raise ValueError(
            f"Input: `shape` must be that of `tensor` without its batch axis, received shape={shape!r} and "
            f"{tensor.shape}."
        )
    return tensor.shape, tensor.dtype


@export(["keras.layers.Input", "keras.Input"])
def Input(
    shape: Sequence[int | None] | None = None,
    batch_size: int | None = None,
    dtype: Any = None,
    sparse: bool | None = None,
    ragged: bool | None = None,
    batch_shape: Sequence[int | None] | None = None,
    name: str | None = None,
    tensor: KerasTensor | None = None,
    optional: bool = False,
) -> KerasTensor:
    """Returns a KerasTensor that starts a graph of layers.

    Args:
        shape: Shape without the batch axis; `None` for sizes that are not known.
        batch_size: Size of the batch axis; unknown by default.
        dtype: Dtype name, floatx by default.
        sparse: Whether it stands for sparse tensors.
        ragged: Whether it stands for ragged tensors.
        batch_shape: Shape with the batch axis, instead of `shape` and `batch_size`.
        name: Name of the input.
        tensor: A KerasTensor to use.
        optional: Whether `None` may be passed for it.

    Returns:
        A KerasTensor of shape `(batch_size, *shape)`.

    Raises:
        ValueError: If neither or both of `shape` and `batch_shape` are given.

    Example:

        >>> Input((3,)).shape
        (None, 3)
    """
    layer = InputLayer(
        shape=shape,
        batch_size=batch_size,
        dtype=dtype,
        sparse=sparse,
        ragged=ragged,
        batch_shape=batch_shape,
        name=name,
        input_tensor=tensor,
        optional=optional,
    )
    return layer.output
