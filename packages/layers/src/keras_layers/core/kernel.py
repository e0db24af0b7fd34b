"""The kernel object: what a layer multiplies its input by, and the seam for schemes that wrap it.

Dense, EinsumDense, Embedding and the convolutions hold one. Low-rank adaptation wraps the plain
kernel here; a quantization scheme is another wrapper and changes no layer.
"""

from collections.abc import Callable
from typing import Any

from keras_ops import ops
from keras_ops.tensor import Tensor
from keras_ops.variable import Variable


class Kernel:
    """A kernel that is one variable.

    Args:
        variable: Holds the values.
    """

    __slots__ = ("variable",)

    def __init__(self, variable: Variable) -> None:
        self.variable = variable

    @property
    def value(self) -> Tensor:
        """The kernel as a tensor."""
        return self.variable.value

    def times(self, x: Tensor, product: Callable[[Tensor, Tensor], Tensor]) -> Tensor:
        """Returns `product(x, kernel)`.

        Args:
            x: Input of the layer.
            product: The layer's operation, such as `ops.matmul`.
        """
        return product(x, self.variable.value)

    def rows(self, indices: Tensor) -> Tensor:
        """Returns the rows of the kernel at `indices` (embeddings)."""
        return ops.take(self.variable.value, indices, axis=0)


class LoraKernel:
    """A frozen kernel plus the product of two trainable factors of low rank.

    Args:
        kernel: The kernel that is adapted.
        a: Factor of shape `(..., rank)`.
        b: Factor of shape `(rank, outputs)`.
        scale: Weight of the product, `alpha / rank`.
    """

    __slots__ = ("a", "b", "kernel", "scale")

    def __init__(self, kernel: Any, a: Variable, b: Variable, scale: float) -> None:
        self.kernel = kernel
        self.a = a
        self.b = b
        self.scale = scale

    @property
    def value(self) -> Tensor:
        """The kernel with the factors merged in."""
        return ops.add(self.kernel.value, ops.multiply(self.scale, ops.matmul(self.a.value, self.b.value)))

    def times(self, x: Tensor, product: Callable[[Tensor, Tensor], Tensor]) -> Tensor:
        """Returns `product(x, merged kernel)`."""
        return product(x, self.value)

    def rows(self, indices: Tensor) -> Tensor:
        """Returns rows of the merged kernel without merging all of it."""
        low_rank = ops.matmul(ops.take(self.a.value, indices, axis=0), self.b.value)
        return ops.add(self.kernel.rows(indices), ops.multiply(self.scale, low_rank))
