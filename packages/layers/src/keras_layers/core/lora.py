"""Low-rank adaptation: a frozen kernel plus the product of two trainable factors, for every layer with a kernel.

`Adaptable.enable_lora` puts a `LoraKernel` in the place of a layer's kernel. Files hold the kernel with the
factors merged in, so they do not depend on it.
"""

from collections.abc import Callable, Mapping
from typing import Any

from keras_ops import initializers, ops
from keras_ops.tensor import Tensor
from keras_ops.variable import Variable

from keras_layers.core.kernel import Kernel


def checked_rank(layer: Any, rank: Any) -> int | None:
    """Returns the `lora_rank` that a constructor got.

    Raises:
        ValueError: If it is neither `None` nor a positive integer.
    """
    if rank is not None and (not hasattr(rank, "__index__") or rank <= 0):
        raise ValueError(
            f"{type(layer).__name__}: `lora_rank` must be a positive integer or None, received lora_rank={rank!r}."
        )
    return rank


def check_takes_factors(layer: Any, kernel: Kernel | type[Kernel]) -> None:
    """Checks that a kernel, or those of a scheme, can be adapted.

    Raises:
        NotImplementedError: If not.
    """
    if not kernel.takes_factors:
        raise NotImplementedError(
            f"Layer {layer.name!r}: LoRA does not go with kernels that GPTQ or AWQ quantized; those of 'int8', 'int4' "
            "and 'float8' can be adapted."
        )


class LoraKernel(Kernel):
    """A frozen kernel plus the product of two trainable factors of low rank.

    Args:
        kernel: The kernel that is adapted.
        a: Factor of shape `(..., rank)`.
        b: Factor of shape `(rank, outputs)`.
        scale: Weight of the product, `alpha / rank`.
    """

    def __init__(self, kernel: Kernel, a: Variable, b: Variable, scale: float) -> None:
        super().__init__(kernel.variable, kernel.output_axes)
        self.saved_parts = kernel.saved_parts
        self.kernel = kernel
        self.a = a
        self.b = b
        self.scale = scale

    @classmethod
    def create(
        cls,
        layer: Any,
        *,
        rank: int,
        alpha: float,
        a_initializer: Any = "he_uniform",
        b_initializer: Any = "zeros",
    ) -> "LoraKernel":
        """Freezes the kernel of a layer and makes the factors `lora_{kernel}_a` and `lora_{kernel}_b`.

        Args:
            layer: The layer.
            rank: Rank of the factors.
            alpha: The product is scaled by `alpha / rank`.
            a_initializer: Initializer of the first factor.
            b_initializer: Initializer of the second factor.

        Raises:
            ValueError: If the layer has a constraint on its kernel, or was adapted before.
        """
        name, kernel = layer.kernel_name, layer._weight
        constraint = getattr(layer, f"{name}_constraint")
        if constraint is not None:
            raise ValueError(
                f"Layer {layer.name!r}: LoRA does not go with a constraint, and the layer has "
                f"{name}_constraint={constraint!r}."
            )
        if isinstance(kernel, cls):
            raise ValueError(f"Layer {layer.name!r}: LoRA is enabled already; that can be done only once.")
        check_takes_factors(layer, kernel)
        shape = kernel.shape
        factors = []
        for which, sizes, initializer in (
            ("a", (*shape[:-1], rank), a_initializer),
            ("b", (rank, shape[-1]), b_initializer),
        ):
            factor = layer.add_weight(
                name=f"lora_{name}_{which}",
                shape=sizes,
                initializer=initializers.get(initializer),
                regularizer=getattr(layer, f"{name}_regularizer"),
            )
            setattr(layer, factor.name, factor)
            factors.append(factor)
        # What the kernel learns otherwise than by gradients, the scales of float8, it goes on learning.
        for variable in kernel.variables():
            if not variable.overwrite_with_gradient:
                layer._freeze(variable)
        return cls(kernel, *factors, alpha / rank)

    def over(self, kernel: Kernel) -> "LoraKernel":
        """Returns the same adaptation of another kernel of the layer."""
        return LoraKernel(kernel, self.a, self.b, self.scale)

    @property
    def shape(self) -> tuple[int, ...]:
        return self.kernel.shape

    @property
    def delta(self) -> Tensor:
        """The scaled product of the factors."""
        return ops.multiply(self.scale, ops.matmul(self.a.value, self.b.value))

    @property
    def value(self) -> Tensor:
        """The kernel with the factors merged in."""
        return ops.add(self.kernel.value, self.delta)

    def times(
        self, x: Tensor, product: Callable[[Tensor, Tensor], Tensor], plus: Tensor | None = None
    ) -> Tensor:
        return self.kernel.times(x, product, plus=self.delta)

    @property
    def shown(self) -> Tensor:
        return self.value

    def rows(self, indices: Tensor) -> Tensor:
        """Returns rows of the merged kernel without merging all of it."""
        low_rank = ops.matmul(ops.take(self.a.value, indices, axis=0), self.b.value)
        return ops.add(self.kernel.rows(indices), ops.multiply(self.scale, low_rank))

    def variables(self) -> list[Variable]:
        return [*self.kernel.variables(), self.a, self.b]

    def save(self) -> dict[str, Any]:
        return self.kernel.parts_of(self.value)

    def load(self, values: Mapping[str, Any]) -> None:
        """Takes a merged kernel; the factors become zero."""
        self.kernel.load(values)
        for factor in (self.a, self.b):
            factor.assign(ops.zeros(factor.shape, dtype=factor.dtype))
