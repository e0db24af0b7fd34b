"""`ScaledKernel`: integers of 8 or 4 bits with one scale per channel, for the modes int8 and int4.

Inputs may be quantized too, at each call; then the product is one of integers. Gradients pass through as if
nothing had been rounded.
"""

from typing import Any

from keras_backends.dtypes import standardize_dtype
from keras_ops import ops
from keras_ops.programs import one_program
from keras_ops.tensor import Tensor

from keras_layers.core.product import Product
from keras_layers.core.quantized_kernel import QuantizedKernel, as_floats, check_sums, make_parts
from keras_layers.quantizers.int4 import packed_array, unpack_int4
from keras_layers.quantizers.quantizer import AbsMaxQuantizer

_QUANTIZERS = {"int8": AbsMaxQuantizer(), "int4": AbsMaxQuantizer(value_range=(-8, 7))}


class ScaledKernel(QuantizedKernel):
    """Integers whose quotient by a scale per channel is the kernel; those of 4 bits lie two in a byte."""

    saved_parts = ("{}", None, "{}_scale")

    def __init__(self, variables: Any, shape: tuple[int, ...], product: Product, config: Any) -> None:
        super().__init__(variables, shape, product, config)
        self.scale = variables["{}_scale"]
        self.packed = (product.summed[0], shape[product.summed[0]]) if config.mode == "int4" else None

    @classmethod
    def build(
        cls, layer: Any, shape: tuple[int, ...], config: Any, name: str, product: Product
    ) -> "ScaledKernel":
        check_sums(layer, config, product)
        stored = list(shape)
        if config.mode == "int4":
            axis = product.summed[0]
            stored[axis] = -(-shape[axis] // 2)
        keepdims = ops.zeros([1 if i in product.summed else size for i, size in enumerate(shape)])
        scale_shape = product.fit_kernel(ops.convert_to_numpy(keepdims)).shape
        facts = {
            "{}": (tuple(stored), "int8", "zeros"),
            "{}_scale": (tuple(scale_shape), layer.variable_dtype, "ones"),
        }
        return cls(make_parts(layer, name, facts), shape, product, config)

    @property
    def integers(self) -> Tensor:
        """The integers in the shape of the kernel."""
        return _unpacked(self.variable.value, self.packed)

    @property
    def value(self) -> Tensor:
        scale = self.product.unfit_kernel(self.scale.value)
        return _divided(self.integers, scale, standardize_dtype(scale.dtype))

    @property
    def shown(self) -> Any:
        return self.variable if self.packed is None else self.integers

    def times(self, x: Tensor, product: Any, plus: Tensor | None = None) -> Tensor:
        dtype = standardize_dtype(x.dtype)
        if self.quantizer is None or not self.product.reversible:
            result = self.product(x, ops.cast(self.integers, dtype))
            scale = self.product.on_output(self.scale.value, len(result.shape))
            result = _divided(result, scale, dtype)
        else:
            stored, scale = self.variable.value, self.scale.value
            result = _integer_product(x, stored, scale, self.product, self.quantizer, self.packed)
        return result if plus is None else ops.add(result, product(x, ops.cast(plus, dtype)))

    def rows(self, indices: Tensor) -> Tensor:
        stored = ops.take(self.variable.value, indices, axis=0)
        if self.packed is not None:
            stored = unpack_int4(stored, self._shape[-1], axis=-1)
        scale = ops.expand_dims(ops.take(self.scale.value, indices, axis=0), -1)
        return _divided(stored, scale, standardize_dtype(scale.dtype))

    def parts_of(self, value: Tensor) -> dict[str, Any]:
        quantizer = self.config.weight_quantizer or _QUANTIZERS[self.config.mode]
        summed = self.product.summed
        integers, scale = quantizer(as_floats(value), axis=summed, to_numpy=True)
        expected = tuple(1 if axis in summed else size for axis, size in enumerate(self._shape))
        if tuple(scale.shape) != expected:
            raise ValueError(
                f"{quantizer!r} gives scales of shape {tuple(scale.shape)} for a kernel of shape {self._shape}, which "
                f"needs one per channel, in shape {expected}. Make the `weight_quantizer` with axis={summed}."
            )
        if self.packed is not None:
            integers = packed_array(integers, self.packed[0], "int8")
        return {"{}": integers, "{}_scale": self.product.fit_kernel(ops.convert_to_numpy(scale))}


def _unpacked(stored: Tensor, packed: tuple[int, int] | None) -> Tensor:
    """The integers in the shape of the kernel; `packed` says axis and size, if two lie in a byte."""
    return stored if packed is None else unpack_int4(stored, packed[1], axis=packed[0])


@one_program
def _integer_product(
    x: Tensor, stored: Tensor, scale: Tensor, product: Product, quantizer: Any, packed: tuple[int, int] | None
) -> Tensor:
    """The product of quantized inputs with the integers, with a gradient as if nothing were rounded."""
    dtype = standardize_dtype(x.dtype)

    def rounded(x: Tensor, stored: Tensor, scale: Tensor) -> tuple[Tensor, Any]:
        integers = _unpacked(stored, packed)
        inputs, inputs_scale = quantizer(x, axis=product.input_axes)
        result = product.integer(inputs, integers)
        result = _divided(result, product.on_output(scale, len(result.shape)), _wide(dtype))

        def gradients(upstream: Tensor, *_: Any) -> tuple[Any, ...]:
            kernel = _divided(integers, product.unfit_kernel(scale), dtype)
            return ops.cast(product.back(upstream, kernel), dtype), None, None

        return _divided(result, product.fit_input(inputs_scale), dtype), gradients

    return ops.custom_gradient(rounded)(x, stored, scale)


def _wide(dtype: str) -> str:
    return "float64" if dtype == "float64" else "float32"


def _divided(x: Tensor, scale: Tensor, dtype: str) -> Tensor:
    """`x / scale`, as `dtype`; half precision would lose what the integers say."""
    wide = _wide(dtype)
    return ops.cast(ops.divide(ops.cast(x, wide), ops.cast(scale, wide)), dtype)
