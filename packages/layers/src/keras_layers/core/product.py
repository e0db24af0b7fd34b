"""Products of an input and a kernel, and what quantization has to know about them.

Dense, EinsumDense and Embedding have one as `_product`; kernels call it. Which axes are summed over decides what
may share a scale, and a scale is brought here into the shape of the output.
"""

import math
import re
from collections.abc import Sequence
from typing import Any

import numpy as np
from keras_ops import ops
from keras_ops.operations.matmul import int8_product
from keras_ops.tensor import Tensor


class Product:
    """Base of products; `product(x, kernel)` is the layer's operation.

    Attributes:
        input_axes: Axes of the input that are summed over.
        summed: Axes of the kernel that are summed over.
        reversible: Whether `back` is known.
        batched: Whether different rows of the input see different kernels.
        affine_axes: How many of the kernel's first axes are summed over with the last of the input, if the others
            are the last of the output: what `affine` computes, with a bias. 0 for other products.
    """

    input_axes: tuple[int, ...]
    summed: tuple[int, ...]
    reversible = True
    batched = False
    affine_axes = 0
    _key: tuple[Any, ...]

    # Equal products share compiled programs.
    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self._key == other._key

    def __hash__(self) -> int:
        return hash((type(self), self._key))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(map(repr, self._key))})"

    def _missing(self, method: str) -> NotImplementedError:
        return NotImplementedError(f"{type(self).__name__}, a product, must implement `{method}`.")

    def __call__(self, x: Tensor, kernel: Tensor) -> Tensor:
        """Returns the product."""
        raise self._missing("__call__(self, x, kernel)")

    def integer(self, x: Tensor, kernel: Tensor) -> Tensor:
        """Returns the product of int8 tensors, summed in int32."""
        return self(x, kernel)

    def back(self, upstream: Tensor, kernel: Tensor) -> Tensor:
        """Returns the gradient with respect to the input."""
        raise self._missing("back(self, upstream, kernel)")

    def fit_input(self, scale: Tensor) -> Tensor:
        """Brings a scale of the input, of size 1 on `input_axes`, into the shape of the output."""
        raise self._missing("fit_input(self, scale)")

    def fit_kernel(self, scale: Any) -> Any:
        """Brings a scale of the kernel, of size 1 on `summed`, into the shape of the output."""
        raise self._missing("fit_kernel(self, scale)")

    def unfit_kernel(self, scale: Tensor) -> Tensor:
        """The inverse of `fit_kernel`."""
        raise self._missing("unfit_kernel(self, scale)")

    def on_output(self, scale: Tensor, rank: int) -> Tensor:
        """Returns what `fit_kernel` gave in a shape that broadcasts to an output of `rank` axes."""
        return scale

    def kept(self, shape: Sequence[int]) -> tuple[int, ...]:
        """Returns the axes of a kernel that are not summed over."""
        return tuple(i for i in range(len(shape)) if i not in self.summed)

    def to_matrix(self, kernel: np.ndarray) -> np.ndarray:
        """Returns a kernel as a matrix `(summed, kept)`."""
        axes = (*self.summed, *self.kept(kernel.shape))
        rows = math.prod([kernel.shape[i] for i in self.summed])
        return np.transpose(kernel, axes).reshape(rows, -1)

    def to_rows(self, x: np.ndarray) -> np.ndarray:
        """Returns an input as `(rows, inputs)`, with the inputs in the order of `to_matrix`."""
        axes = [axis % x.ndim for axis in self.input_axes]
        others = [i for i in range(x.ndim) if i not in axes]
        inputs = math.prod([x.shape[i] for i in axes])
        return np.transpose(x, (*others, *axes)).reshape(-1, inputs)

    def from_matrix(self, matrix: Tensor, shape: Sequence[int]) -> Tensor:
        """The inverse of `to_matrix`, on tensors.

        Args:
            matrix: Matrix `(summed, kept)`.
            shape: Shape of the kernel.
        """
        axes = (*self.summed, *self.kept(shape))
        sizes = tuple(shape[i] for i in axes)
        if sizes != tuple(matrix.shape):
            matrix = ops.reshape(matrix, sizes)
        if axes == tuple(range(len(axes))):
            return matrix
        return ops.transpose(matrix, tuple(int(i) for i in np.argsort(axes)))


class MatMul(Product):
    """The matrix product with a kernel `(features, units)`.

    Args:
        transposed: Whether the kernel is `(units, features)`.
    """

    input_axes = (-1,)

    def __init__(self, transposed: bool = False) -> None:
        self._key = (transposed,)
        self.transposed = transposed
        self.summed = (1,) if transposed else (0,)
        self.affine_axes = 0 if transposed else 1

    def __call__(self, x: Tensor, kernel: Tensor) -> Tensor:
        return ops.matmul(x, ops.transpose(kernel) if self.transposed else kernel)

    def integer(self, x: Tensor, kernel: Tensor) -> Tensor:
        return int8_product(x, ops.transpose(kernel) if self.transposed else kernel)

    def back(self, upstream: Tensor, kernel: Tensor) -> Tensor:
        return ops.matmul(upstream, kernel if self.transposed else ops.transpose(kernel))

    def fit_input(self, scale: Tensor) -> Tensor:
        return scale

    def fit_kernel(self, scale: Any) -> Any:
        return scale.reshape(-1)

    def unfit_kernel(self, scale: Tensor) -> Tensor:
        return ops.expand_dims(scale, self.summed[0])


class Einsum(Product):
    """The product that an einsum equation of an input and a kernel says.

    Args:
        equation: Such as `"abc,cd->abd"`; input and output may begin, or end, with an ellipsis.
    """

    def __init__(self, equation: str) -> None:
        self._key = (equation,)
        self.equation = equation
        inputs, kernel, outputs = re.split(",|->", equation.replace(" ", ""))
        self._dots = (inputs.startswith("."), inputs.endswith("."))
        self._inputs, self._kernel, self._outputs = (part.strip(".") for part in (inputs, kernel, outputs))
        # Behind an ellipsis, axes are counted from the end.
        first = -len(self._inputs) if self._dots[0] else 0
        self.summed = tuple(i for i, letter in enumerate(self._kernel) if letter not in self._outputs)
        summed = [letter for letter in self._kernel if letter not in self._outputs]
        summed += [letter for letter in self._inputs if letter not in self._outputs + self._kernel]
        self.input_axes = tuple(
            first + self._inputs.index(letter) for letter in summed if letter in self._inputs
        )
        self.batched = bool(set(self._inputs) & set(self._kernel) & set(self._outputs))
        self.reversible = set(self._inputs) <= set(self._kernel) | set(self._outputs)
        count = len(self.summed)
        kept = self._inputs[: len(self._inputs) - count]
        if not self._dots[1] and self._inputs == kept + self._kernel[:count]:
            self.affine_axes = count if self._outputs == kept + self._kernel[count:] else 0
        self._back = f"{outputs},{kernel}->{inputs}"
        self._kept = "".join(letter for letter in self._kernel if letter in self._outputs)
        self._ordered = "".join(letter for letter in self._outputs if letter in self._kept)

    def __call__(self, x: Tensor, kernel: Tensor) -> Tensor:
        return ops.einsum(self.equation, x, kernel)

    def integer(self, x: Tensor, kernel: Tensor) -> Tensor:
        # Frameworks multiply matrices of int8 well, but not in an einsum.
        if self.affine_axes != 1:
            return self(x, kernel)
        kept = tuple(kernel.shape[1:])
        if len(kept) == 1:
            return int8_product(x, kernel)
        columns = int8_product(x, ops.reshape(kernel, (kernel.shape[0], math.prod(kept))))
        return ops.reshape(columns, (*ops.shape(x)[:-1], *kept))

    def back(self, upstream: Tensor, kernel: Tensor) -> Tensor:
        return ops.einsum(self._back, upstream, kernel)

    def fit_input(self, scale: Tensor) -> Tensor:
        dots = self._dots
        rank = len(scale.shape)
        letters = [letter for letter in self._inputs if letter in self._outputs]
        elided = rank - len(self._inputs)
        # Axes that an ellipsis stands for come first or last, in input and output alike.
        names: list[Any] = [*range(elided), *self._inputs] if dots[0] else [*self._inputs, *range(elided)]
        wanted: list[Any] = [*range(elided), *self._outputs] if dots[0] else [*self._outputs, *range(elided)]
        kept = [name for name in names if name in letters or isinstance(name, int)]
        if len(kept) != rank:
            scale = ops.squeeze(scale, axis=tuple(axis % rank for axis in self.input_axes))
        order = [kept.index(name) for name in wanted if name in kept]
        if order != sorted(order):
            scale = ops.transpose(scale, order)
        for i, name in enumerate(wanted):
            if name not in kept:
                scale = ops.expand_dims(scale, i)
        return scale

    def fit_kernel(self, scale: Any) -> Any:
        sizes = dict(zip(self._kernel, scale.shape))
        squeezed = scale.reshape([sizes[letter] for letter in self._kept])
        ordered = squeezed.transpose([self._kept.index(letter) for letter in self._ordered])
        return ordered.reshape([sizes[letter] if letter in self._kept else 1 for letter in self._outputs])

    def on_output(self, scale: Tensor, rank: int) -> Tensor:
        shape = tuple(scale.shape)
        if not self._dots[1] or rank == len(shape):
            return scale
        return ops.reshape(scale, (*shape, *(1,) * (rank - len(shape))))

    def unfit_kernel(self, scale: Tensor) -> Tensor:
        sizes = dict(zip(self._outputs, scale.shape))
        scale = ops.reshape(scale, [sizes[letter] for letter in self._ordered])
        if self._ordered != self._kept:
            scale = ops.transpose(scale, [self._ordered.index(letter) for letter in self._kept])
        return ops.reshape(scale, [sizes[c] if c in self._kept else 1 for c in self._kernel])
