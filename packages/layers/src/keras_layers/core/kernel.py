"""`Kernel`: the main weight of a layer as an object, and the seam for schemes that change what it is.

Dense, EinsumDense, Embedding and the convolutions hold one, through `Adaptable`. A scheme is a subclass in a file
of its own, such as `lora`: it says how it is made on a layer, computes, and says what files hold. It changes
no layer.
"""

from collections.abc import Callable, Mapping
from typing import Any

from keras_ops import ops
from keras_ops.tensor import Tensor
from keras_ops.variable import Variable


class Kernel:
    """A kernel that is one variable, and the base of all others.

    Args:
        variable: Holds the values.
        output_axes: Axes of the kernel that are axes of the layer's output; it is summed over the others.
    """

    saved_parts: tuple[str | None, ...] = ("{}", None)
    """What files hold, in order: `"{}"` for the kernel, `"{}_scale"` for its scale; `None` for other weights."""

    takes_factors = True
    """Whether LoRA can add the product of its factors to it."""

    def __init__(self, variable: Variable, output_axes: tuple[int, ...]) -> None:
        self.variable = variable
        self.output_axes = tuple(axis % len(variable.shape) for axis in output_axes)

    @classmethod
    def create(cls, layer: Any, **options: Any) -> "Kernel":
        """Makes the variables of this scheme on a layer, whose kernel so far is `layer._weight`.

        Args:
            layer: An `Adaptable` layer that is built.
            **options: What the scheme needs to know.

        Returns:
            The kernel that the layer holds from now on.

        Raises:
            ValueError: If the scheme does not go with the layer.
        """
        raise NotImplementedError(f"{cls.__name__} is what a layer starts with; it can not be added later.")

    @property
    def value(self) -> Tensor:
        """The kernel as a tensor."""
        return self.variable.value

    @property
    def shown(self) -> Any:
        """What users see as the layer's kernel: the variable, or a tensor where no variable holds it."""
        return self.variable

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the kernel as a tensor."""
        return tuple(self.variable.shape)

    def times(
        self, x: Tensor, product: Callable[[Tensor, Tensor], Tensor], plus: Tensor | None = None
    ) -> Tensor:
        """Returns `product(x, kernel + plus)`.

        Args:
            x: Input of the layer.
            product: The layer's operation, such as `ops.matmul`.
            plus: What an adaptation adds to the kernel.
        """
        return product(x, self.value if plus is None else ops.add(self.value, plus))

    def rows(self, indices: Tensor) -> Tensor:
        """Returns the rows of the kernel at `indices` (embeddings)."""
        return ops.take(self.value, indices, axis=0)

    def variables(self) -> list[Variable]:
        """The variables that it computes with."""
        return [self.variable]

    def save(self) -> dict[str, Any]:
        """Returns what files hold, by `saved_parts`."""
        return {"{}": self.variable}

    def parts_of(self, value: Tensor) -> dict[str, Any]:
        """Returns what files would hold if the kernel had another value."""
        return {"{}": ops.convert_to_tensor(value)}

    def load(self, values: Mapping[str, Any]) -> None:
        """Takes what `save` gave."""
        self.variable.assign(values["{}"])

    def drop_floats(self) -> None:
        """Hook: floats that wait for calibration go, since the kernel is about to be loaded."""
