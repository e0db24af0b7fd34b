"""`GroupedKernel`: integers with a scale and a zero point per group of weights, for the mode int4 with blocks.

Inputs stay floats. `calibrated_kernel` stores what GPTQ and AWQ find in the same way, in another layout.
"""

import math
from typing import Any

import numpy as np
from keras_backends.dtypes import standardize_dtype
from keras_ops import ops
from keras_ops.tensor import Tensor

from keras_layers.core.product import Product
from keras_layers.core.quantized_kernel import QuantizedKernel, as_floats, check_sums, make_parts
from keras_layers.quantizers.abs_max import abs_max_quantize_grouped_with_zero_point, checked_block_size
from keras_layers.quantizers.int4 import packed_array, unpack_int4


class GroupedKernel(QuantizedKernel):
    """Integers `q` that stand for `(q - zero) * scale`, where groups of inputs share scale and zero point.

    They are kept as the matrix `(inputs, outputs)` of the kernel, or as `(outputs, inputs)`, with scales and zero
    points `(groups, outputs)` or `(outputs, groups)`. `g_idx` says which group an input is in.
    """

    saved_parts = ("{}", None, "{}_scale", "{}_zero", "g_idx")
    bits = 4
    dtype = "int8"
    """Dtype of integers and zero points."""
    regular = True
    """Whether groups are neighbours, as they come."""

    def __init__(self, variables: Any, shape: tuple[int, ...], product: Product, config: Any) -> None:
        super().__init__(variables, shape, product, config)
        self.transposed = self._is_transposed(product)
        self.group_axis = 1 if self.transposed else 0
        self.sizes = _sizes(shape, product)
        self.groups = variables["{}_scale"].shape[self.group_axis]

    @classmethod
    def _is_transposed(cls, product: Product) -> bool:
        # A table is kept by its rows.
        return product.summed == (1,)

    @classmethod
    def _packed_axis(cls) -> int:
        return 1

    @classmethod
    def group_size(cls, config: Any, rows: int) -> int:
        """Returns how many inputs share a scale."""
        return checked_block_size(type(config).__name__, config.block_size, rows)

    @classmethod
    def facts(cls, layer: Any, shape: tuple[int, ...], config: Any, product: Product) -> dict[str, Any]:
        """Returns shape, dtype and initializer of each part."""
        rows, columns = _sizes(shape, product)
        groups = -(-rows // cls.group_size(config, rows))
        order = slice(None, None, -1 if cls._is_transposed(product) else 1)
        stored = list((rows, columns)[order])
        if cls.bits_of(config) == 4:
            stored[cls._packed_axis()] = -(-stored[cls._packed_axis()] // 2)
        scales = (groups, columns)[order]
        return {
            cls.main_part: (tuple(stored), cls.dtype, "zeros"),
            "{}_scale": (scales, layer.variable_dtype, "ones"),
            "{}_zero": (scales, cls.dtype, "zeros"),
            "g_idx": ((rows,), "float32", "zeros"),
        }

    @classmethod
    def bits_of(cls, config: Any) -> int:
        """Returns the number of bits of an integer."""
        return cls.bits

    @classmethod
    def build(
        cls, layer: Any, shape: tuple[int, ...], config: Any, name: str, product: Product
    ) -> "GroupedKernel":
        check_sums(layer, config, product)
        variables = make_parts(layer, name, cls.facts(layer, shape, config, product))
        return cls(variables, shape, product, config)

    @property
    def value(self) -> Tensor:
        matrix = self._floats(*(self.parts[part].value for part in (self.main_part, "{}_scale", "{}_zero")))
        return self.product.from_matrix(ops.transpose(matrix) if self.transposed else matrix, self._shape)

    @property
    def shown(self) -> Tensor:
        return self.value

    def _floats(self, stored: Tensor, scale: Tensor, zero: Tensor) -> Tensor:
        """The floats that integers stand for, in the layout they are kept in."""
        integers, shape = self._unpacked(stored), None
        size = self.group_size(self.config, self.sizes[0])
        in_full = self.regular and size * self.groups == self.sizes[0]
        if self.groups > 1 and in_full:
            # Broadcasting takes less memory than a scale for each weight.
            axis = self.group_axis
            shape = (-1, self.sizes[0]) if axis else self.sizes
            integers = ops.reshape(integers, (*shape[:axis], self.groups, size, *shape[axis + 1 :]))
            scale, zero = ops.expand_dims(scale, axis + 1), ops.expand_dims(zero, axis + 1)
        elif self.groups > 1:
            scale, zero = self._spread(scale), self._spread(zero)
        if self.bits_of(self.config) <= 4:
            # Their differences fit into a byte.
            difference = ops.subtract(ops.cast(integers, "int8"), ops.cast(zero, "int8"))
        else:
            difference = ops.subtract(ops.cast(integers, scale.dtype), ops.cast(zero, scale.dtype))
        floats = ops.multiply(ops.cast(difference, scale.dtype), scale)
        return floats if shape is None else ops.reshape(floats, shape)

    def _unpacked(self, stored: Tensor) -> Tensor:
        if self.bits_of(self.config) != 4:
            return stored
        axis = self._packed_axis()
        return unpack_int4(stored, self.sizes[axis - self.group_axis], axis=axis, dtype=self.dtype)

    def _spread(self, x: Tensor) -> Tensor:
        """One scale or zero point for each input."""
        return ops.take(x, ops.cast(self.parts["g_idx"].value, "int32"), axis=self.group_axis)

    def times(self, x: Tensor, product: Any, plus: Tensor | None = None) -> Tensor:
        dtype = standardize_dtype(x.dtype)
        if self.quantizer is not None:
            integers, scale = self.quantizer(x, axis=self.product.input_axes)
            rounded = ops.divide(ops.cast(integers, dtype), ops.cast(scale, dtype))
            x = ops.add(x, ops.stop_gradient(ops.subtract(rounded, x)))
        kernel = self.value
        return self.product(x, ops.cast(kernel if plus is None else ops.add(kernel, plus), dtype))

    def rows(self, indices: Tensor) -> Tensor:
        parts = (self.parts[part].value for part in (self.main_part, "{}_scale", "{}_zero"))
        stored, scale, zero = (ops.take(part, indices, axis=0) for part in parts)
        rank = len(indices.shape)
        # The axes of the indices count as one.
        sizes = ops.shape(indices)
        flat = (ops.reshape(x, (-1, x.shape[-1])) for x in (stored, scale, zero))
        return ops.reshape(self._floats(*flat), (*sizes[:rank], self._shape[-1]))

    def parts_of(self, value: Tensor) -> dict[str, Any]:
        matrix = self.product.to_matrix(as_floats(value))
        size = self.group_size(self.config, len(matrix))
        integers, scale, zero = abs_max_quantize_grouped_with_zero_point(matrix, size, to_numpy=True)
        return self.stored(integers, scale, zero, np.arange(len(matrix)) // size)

    def stored(
        self, integers: np.ndarray, scale: np.ndarray, zero: np.ndarray, groups: np.ndarray
    ) -> dict[str, Any]:
        """Returns what the variables hold.

        Args:
            integers: Matrix `(inputs, outputs)`.
            scale: Scales `(groups, outputs)`.
            zero: Zero points `(groups, outputs)`.
            groups: The group of each input, `(inputs,)`.
        """
        if self.transposed:
            integers, scale, zero = integers.T, scale.T, zero.T
        if self.bits_of(self.config) == 4:
            integers = packed_array(integers, self._packed_axis(), self.dtype)
        return {
            self.main_part: integers,
            "{}_scale": scale,
            "{}_zero": zero.astype(self.dtype),
            "g_idx": groups.astype("float32"),
        }


def _sizes(shape: tuple[int, ...], product: Product) -> tuple[int, int]:
    """Number of inputs and outputs of a kernel."""
    return math.prod(shape[i] for i in product.summed), math.prod(shape[i] for i in product.kept(shape))
