"""`GPTQKernel` and `AWQKernel`: integers found by looking at the inputs of a layer (modes gptq and awq).

A layer that was asked for one computes with floats, and notes its inputs, until it is calibrated;
`keras.Model.quantize` does that for the layers of a model.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from keras_ops import ops
from keras_ops.tensor import Tensor

from keras_layers.core.grouped_kernel import GroupedKernel
from keras_layers.core.kernel import Kernel
from keras_layers.core.product import Product
from keras_layers.core.quantized_kernel import as_floats, drop
from keras_layers.quantizers import calibration
from keras_layers.quantizers.abs_max import checked_block_size


class CalibratedKernel(GroupedKernel):
    """Integers from 0 up, kept as `(outputs, inputs)`; of 4 bits, those of two outputs share a byte."""

    takes_factors = False
    main_part = "quantized_{}"
    saved_parts = (None, "quantized_{}", "{}_scale", "{}_zero", "g_idx")
    dtype = "uint8"

    def __init__(self, variables: Any, shape: tuple[int, ...], product: Product, config: Any) -> None:
        super().__init__(variables, shape, product, config)
        self.layer: Any = None
        self.floats: Kernel | None = None
        self.statistics: calibration.InputStatistics | None = None

    @classmethod
    def _is_transposed(cls, product: Product) -> bool:
        return True

    @classmethod
    def _packed_axis(cls) -> int:
        return 0

    @classmethod
    def bits_of(cls, config: Any) -> int:
        return config.weight_bits

    @classmethod
    def group_size(cls, config: Any, rows: int) -> int:
        return checked_block_size(type(config).__name__, config.group_size, rows)

    @classmethod
    def replace(cls, layer: Any, old: Kernel, config: Any, name: str, product: Product) -> "CalibratedKernel":
        if product.batched:
            raise NotImplementedError(
                f"Layer {layer.name!r} has a kernel of its own for parts of its input, which mode={config.mode!r} does "
                "not know how to calibrate. Leave it out by `filters`, or quantize it by 'int8' or 'int4'."
            )
        new = cls.build(layer, old.shape, config, name, product)
        new.layer, new.floats = layer, old
        return new

    def watch(self) -> None:
        """Notes the inputs of calls from now on."""
        self.statistics = calibration.InputStatistics(self.sizes[0])

    def calibrate(self) -> None:
        """Turns the floats into integers by what was noted, and drops them.

        Raises:
            ValueError: If no input was seen, or the weights or inputs are not all finite.
        """
        statistics, floats = self.statistics, self.floats
        if statistics is None or floats is None or not statistics.count:
            raise ValueError(
                f"Layer {self.layer.name!r} can not be calibrated: none of the calibration data came through it. "
                "Leave it out by `filters`, or give data that it is called on."
            )
        matrix = self.product.to_matrix(as_floats(floats.value)).astype("float64")
        for what, values in (("weights", matrix), ("inputs in the calibration data", statistics.hessian)):
            if not np.isfinite(values).all():
                raise ValueError(
                    f"Layer {self.layer.name!r} can not be calibrated: its {what} must be finite, received some that are "
                    "not."
                )
        self.load(self._parts(self.rounded(matrix, statistics)))

    def rounded(self, matrix: Any, statistics: calibration.InputStatistics) -> calibration.Rounded:
        """Turns weights `(inputs, outputs)` into integers."""
        raise NotImplementedError(
            f"{type(self).__name__} must implement `rounded(self, matrix, statistics)`: return the integers, scales and "
            "zero points as a `calibration.Rounded`."
        )

    def _parts(self, rounded: calibration.Rounded) -> dict[str, Any]:
        return self.stored(rounded.integers, rounded.scale, rounded.zero, rounded.groups)

    @property
    def value(self) -> Tensor:
        return super().value if self.floats is None else self.floats.value

    def times(self, x: Tensor, product: Any, plus: Tensor | None = None) -> Tensor:
        if self.statistics is not None:
            rows = self.product.to_rows(ops.convert_to_numpy(x))
            if len(rows):
                self.statistics.add(rows)
        if self.floats is not None:
            return self.floats.times(x, product, plus)
        return super().times(x, product, plus)

    def save(self) -> dict[str, Any]:
        if self.floats is not None:
            raise ValueError(
                f"Layer {self.layer.name!r} was asked to be quantized by {self.config.mode!r} but not calibrated, so "
                "there are no integers to save. Quantize the model: `model.quantize(config=...)`."
            )
        return super().save()

    def load(self, values: Mapping[str, Any]) -> None:
        super().load(values)
        self.drop_floats()

    def drop_floats(self) -> None:
        """Waits no longer for data; the integers are what they are, or will be loaded."""
        if self.floats is not None:
            drop(self.layer, self.floats)
            setattr(self.layer, f"_{self.layer.kernel_name}", None)
            self.layer._seen.clear()
        self.layer = self.floats = self.statistics = None


class GPTQKernel(CalibratedKernel):
    """Integers found by GPTQ."""

    regular = False

    def rounded(self, matrix: Any, statistics: calibration.InputStatistics) -> calibration.Rounded:
        return calibration.gptq(matrix, statistics, self.config)


class AWQKernel(CalibratedKernel):
    """Integers found by AWQ, and the scales of the inputs' rows that they were multiplied by."""

    saved_parts = (None, "quantized_{}", "{}_scale", "{}_zero", "awq_scales", "g_idx")

    @classmethod
    def facts(cls, layer: Any, shape: tuple[int, ...], config: Any, product: Product) -> dict[str, Any]:
        facts = super().facts(layer, shape, config, product)
        scales = (facts["g_idx"][0], layer.variable_dtype, "ones")
        return {**facts, "awq_scales": scales}

    def rounded(self, matrix: Any, statistics: calibration.InputStatistics) -> calibration.Rounded:
        return calibration.awq(matrix, statistics, self.config)

    def _parts(self, rounded: calibration.Rounded) -> dict[str, Any]:
        return {**super()._parts(rounded), "awq_scales": rounded.input_scale}

    def _floats(self, stored: Tensor, scale: Tensor, zero: Tensor) -> Tensor:
        return ops.divide(super()._floats(stored, scale, zero), self.parts["awq_scales"].value)
