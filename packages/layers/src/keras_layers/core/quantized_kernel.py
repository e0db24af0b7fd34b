"""`QuantizedKernel`: base of kernels that hold small integers in the place of floats.

A scheme is a subclass: it makes its variables, turns floats into them, and computes. `schemes` lists them by the
name of their mode; which numbers they hold is in `keras_layers.quantizers`.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from keras_ops import ops
from keras_ops.tensor import Tensor
from keras_ops.variable import Variable

from keras_layers.core.kernel import Kernel
from keras_layers.core.product import Product


class QuantizedKernel(Kernel):
    """A kernel of integers.

    Args:
        variables: The variables, by what `saved_parts` calls them.
        shape: Shape of the kernel as a tensor.
        product: The layer's product.
        config: The configuration of the scheme.
    """

    main_part = "{}"
    """The part that holds the integers."""
    replaces_float = True
    """Whether the variable of floats goes."""

    def __init__(
        self, variables: Mapping[str, Variable], shape: tuple[int, ...], product: Product, config: Any
    ) -> None:
        # Not `Kernel.__init__`: the integers may be packed into another shape.
        self.variable = variables[self.main_part]
        self.parts = dict(variables)
        self.product = product
        self.config = config
        self._shape = shape

    @property
    def quantizer(self) -> Any:
        """Quantizer of the inputs; `None` if they stay floats."""
        return self.config.activation_quantizer

    @property
    def output_axes(self) -> tuple[int, ...]:  # type: ignore[override]
        return self.product.kept(self._shape)

    @property
    def shape(self) -> tuple[int, ...]:
        return self._shape

    @classmethod
    def build(
        cls, layer: Any, shape: tuple[int, ...], config: Any, name: str, product: Product
    ) -> "QuantizedKernel":
        """Makes the variables of a layer without values, to be loaded.

        Args:
            layer: The layer.
            shape: Shape of the kernel as a tensor.
            config: Configuration of the scheme.
            name: Name of the kernel.
            product: The product that the kernel is for.
        """
        raise NotImplementedError(
            f"{cls.__name__} must implement `build(cls, layer, shape, config, name, product)`: make the variables, for "
            "example by `make_parts`, and return the kernel."
        )

    @classmethod
    def create(cls, layer: Any, *, config: Any) -> Kernel:
        """Quantizes the kernel that a layer holds.

        Args:
            layer: The layer, built.
            config: Configuration of the scheme.
        """
        return cls.replace(layer, layer._weight, config, layer.kernel_name, layer._product)

    @classmethod
    def replace(cls, layer: Any, old: Kernel, config: Any, name: str, product: Product) -> "QuantizedKernel":
        """Quantizes a kernel of a layer and drops its floats.

        Args:
            layer: The layer.
            old: The kernel so far.
            config: Configuration of the scheme.
            name: Name of the kernel.
            product: The product that the kernel is for.
        """
        value = ops.convert_to_numpy(old.value)
        new = cls.build(layer, tuple(value.shape), config, name, product)
        new.load(new.parts_of(value))
        # Last: a quantizer of the user may fail.
        drop(layer, old)
        return new

    def variables(self) -> list[Variable]:
        return list(self.parts.values())

    def save(self) -> dict[str, Any]:
        return dict(self.parts)

    def parts_of(self, value: Tensor) -> dict[str, Any]:
        """Quantizes floats: what each variable would hold."""
        raise NotImplementedError(
            f"{type(self).__name__} must implement `parts_of(self, value)`: turn floats into what its variables would "
            "hold, by the names of `saved_parts`."
        )

    def load(self, values: Mapping[str, Any]) -> None:
        for part, variable in self.parts.items():
            variable.assign(values[part])


def make_parts(
    layer: Any, name: str, facts: Mapping[str, tuple[tuple[int, ...], str, str]]
) -> dict[str, Variable]:
    """Makes variables that are not trained, as attributes of a layer.

    Args:
        layer: The layer.
        name: Name of the kernel.
        facts: Part -> shape, dtype and initializer. The part `"{}"` of the layer's main kernel is kept as `_{name}`,
            any other by its name.

    Returns:
        The variables by part.
    """
    variables = {}
    main = name == layer.kernel_name
    for part, (shape, dtype, initializer) in facts.items():
        if part == "g_idx" and not main:
            # A second kernel of a layer groups the same inputs.
            variables[part] = layer.g_idx
            continue
        variable = layer.add_weight(
            # The integers bear the kernel's name in paths, also where the attribute says that they are some.
            name=name if part == "quantized_{}" else part.format(name),
            shape=shape,
            dtype=dtype,
            initializer=initializer,
            trainable=False,
            autocast=False,
        )
        setattr(layer, f"_{name}" if part == "{}" and main else part.format(name), variable)
        variables[part] = variable
    return variables


def check_sums(layer: Any, config: Any, product: Product) -> None:
    """Checks that weights can share scales.

    Args:
        layer: The layer.
        config: Configuration of the scheme.
        product: The product that the kernel is for.

    Raises:
        NotImplementedError: If no axis of the kernel is summed over.
    """
    if not product.summed:
        raise NotImplementedError(
            f"Layer {layer.name!r} can not be quantized by mode={config.mode!r}: its product {product} sums over no "
            "axis of the kernel, so that each weight would need a scale of its own. Leave it out by `filters`."
        )


def drop(layer: Any, kernel: Kernel) -> None:
    """Takes the variables of a kernel away from a layer."""
    for variable in kernel.variables():
        layer._untrack_variable(variable)
        layer._frozen[:] = [frozen for frozen in layer._frozen if frozen is not variable]


def as_floats(value: Any) -> np.ndarray:
    """Returns a kernel as an array of floats that NumPy computes with."""
    array = np.asarray(ops.convert_to_numpy(value))
    return array if array.dtype in (np.float32, np.float64) else array.astype("float32")
