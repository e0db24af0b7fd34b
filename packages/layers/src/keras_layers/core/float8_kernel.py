"""`Float8Kernel`: training with products of 8-bit floats (mode float8).

Inputs and kernel are rounded to float8 E4M3 and gradients to E5M2, each with a scale that follows the largest values
of past steps. The new scales reach their variables as gradients, which optimizers put in their places.
"""

from collections.abc import Callable
from typing import Any

from keras_backends.dtypes import standardize_dtype
from keras_ops import ops
from keras_ops.tensor import Tensor
from keras_ops.variable import Variable

from keras_layers.core.kernel import Kernel
from keras_layers.core.product import Product
from keras_layers.quantizers.float8 import (
    FLOAT8_MAX,
    compute_float8_amax_history,
    compute_float8_scale,
    quantize_and_dequantize,
)

_FORWARD, _BACKWARD = "float8_e4m3fn", "float8_e5m2"
_ROUNDED = ("inputs", "kernel", "outputs_grad")


class Float8Kernel(Kernel):
    """A kernel of floats whose products are those of 8-bit floats.

    Args:
        kernel: The kernel of floats.
        scales: Scale and history of largest values for `inputs`, `kernel` and `outputs_grad`.
    """

    replaces_float = False
    saved_parts = (
        "{}",
        None,
        *(f"{name}_{fact}" for name in _ROUNDED for fact in ("scale", "amax_history")),
    )

    def __init__(self, kernel: Kernel, scales: dict[str, tuple[Variable, Variable]]) -> None:
        super().__init__(kernel.variable, kernel.output_axes)
        self.scales = scales

    @classmethod
    def create(cls, layer: Any, *, config: Any) -> "Float8Kernel":
        length = getattr(layer.dtype_policy, "amax_history_length", 1024)
        scales = {}
        for name in _ROUNDED:
            pair = []
            for fact, shape, initializer in (("scale", (), "ones"), ("amax_history", (length,), "zeros")):
                variable = layer.add_weight(
                    name=f"{name}_{fact}",
                    shape=shape,
                    dtype="float32",
                    initializer=initializer,
                    autocast=False,
                    overwrite_with_gradient=True,
                )
                setattr(layer, variable.name, variable)
                pair.append(variable)
            scales[name] = (pair[0], pair[1])
        return cls(layer._weight, scales)

    @classmethod
    def build(
        cls, layer: Any, shape: tuple[int, ...], config: Any, name: str, product: Product
    ) -> "Float8Kernel":
        return cls.create(layer, config=config)

    def times(
        self, x: Tensor, product: Callable[[Tensor, Tensor], Tensor], plus: Tensor | None = None
    ) -> Tensor:
        kernel = self.value if plus is None else ops.add(self.value, plus)
        rounded = ops.custom_gradient(_rounded)
        result = product(rounded(x, *self.scales["inputs"]), rounded(kernel, *self.scales["kernel"]))
        return ops.custom_gradient(_with_rounded_gradient)(result, *self.scales["outputs_grad"])

    def variables(self) -> list[Variable]:
        return [self.variable, *(variable for pair in self.scales.values() for variable in pair)]

    def save(self) -> dict[str, Any]:
        return {"{}": self.variable, **{v.name: v for pair in self.scales.values() for v in pair}}

    def parts_of(self, value: Tensor) -> dict[str, Any]:
        return {**self.save(), "{}": ops.convert_to_tensor(value)}

    def load(self, values: Any) -> None:
        self.variable.assign(values["{}"])
        for pair in self.scales.values():
            for variable in pair:
                variable.assign(values[variable.name])


def _new(x: Tensor, scale: Tensor, history: Tensor, dtype: str) -> tuple[Tensor, Tensor]:
    """Scale and history for the next step."""
    return (
        compute_float8_scale(ops.max(history, axis=0), scale, FLOAT8_MAX[dtype]),
        compute_float8_amax_history(x, history),
    )


def _rounded(x: Tensor, scale: Tensor, history: Tensor) -> tuple[Tensor, Any]:
    def gradients(upstream: Tensor, *_: Any) -> tuple[Tensor, ...]:
        return upstream, *_new(x, scale, history, _FORWARD)

    return quantize_and_dequantize(x, scale, _FORWARD, standardize_dtype(x.dtype)), gradients


def _with_rounded_gradient(x: Tensor, scale: Tensor, history: Tensor) -> tuple[Tensor, Any]:
    def gradients(upstream: Tensor, *_: Any) -> tuple[Tensor, ...]:
        rounded = quantize_and_dequantize(upstream, scale, _BACKWARD, standardize_dtype(upstream.dtype))
        return rounded, *_new(upstream, scale, history, _BACKWARD)

    return x, gradients
