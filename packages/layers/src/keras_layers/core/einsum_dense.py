"""`EinsumDense`: a dense layer whose axes are said in an einsum equation."""

import re
from collections.abc import Sequence
from typing import Any

from keras_backends.api import export
from keras_ops.tensor import Tensor

from keras_layers.core.adaptable import shown_kernel
from keras_layers.core.product import Einsum
from keras_layers.core.quantizable import Quantizable
from keras_layers.identifiers import resolved
from keras_layers.layer import Shape
from keras_layers.weight_options import declare


@export("keras.layers.EinsumDense")
class EinsumDense(Quantizable):
    """Computes `activation(einsum(equation, x, kernel) + bias)`.

    Args:
        equation: Such as `"abc,cd->abd"`: input, kernel, output. An ellipsis at the start or at the end
            of input and output stands for any number of axes.
        output_shape: Sizes of the output's axes without the batch axis and without those of an
            ellipsis; `None` where the input decides.
        activation: Name or function applied last; none by default.
        bias_axes: Letters of the output that the bias has; no bias by default.
        kernel_initializer: Initializer of the kernel.
        bias_initializer: Initializer of the bias.
        kernel_regularizer: Penalty on the kernel.
        bias_regularizer: Penalty on the bias.
        kernel_constraint: Constraint of the kernel.
        bias_constraint: Constraint of the bias.
        lora_rank: If given, the kernel is frozen and adapted by factors of this rank.
        lora_alpha: Scale of the adaptation is `lora_alpha / lora_rank`; `lora_rank` by default.
        gptq_unpacked_column_size: Kept for files: number of outputs of a kernel quantized by GPTQ.
        quantization_config: A `keras.quantizers.QuantizationConfig`: what `quantize` without arguments, or a quantized
            `dtype`, goes by; the scheme's default by default.
        **kwargs: Arguments of `keras.Layer`, such as `name` and `dtype`.

    Example:

        >>> layer = EinsumDense("abc,cd->abd", output_shape=(None, 64), bias_axes="d")
        >>> layer(ops.ones((2, 32, 16))).shape == (2, 32, 64)
        True
    """

    not_in_config = (
        "autocast",
        "gptq_unpacked_column_size",
        "lora_alpha",
        "lora_rank",
        "output_shape",
    )

    def __init__(
        self,
        equation: str,
        output_shape: int | Sequence[int | None],
        activation: Any = None,
        bias_axes: str | None = None,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        lora_rank: int | None = None,
        lora_alpha: float | None = None,
        gptq_unpacked_column_size: int | None = None,
        quantization_config: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if not isinstance(equation, str):
            raise ValueError(f"EinsumDense: `equation` must be a string, received equation={equation!r}.")
        self.equation = equation
        one = hasattr(output_shape, "__index__")
        self.partial_output_shape = (output_shape,) if one else tuple(output_shape)
        self.bias_axes = bias_axes
        self.activation = resolved(self, "activation", activation)
        declare(self, "kernel", kernel_initializer, kernel_regularizer, kernel_constraint)
        declare(self, "bias", bias_initializer, bias_regularizer, bias_constraint)
        self._set_lora(lora_rank, lora_alpha)
        self.gptq_unpacked_column_size = gptq_unpacked_column_size
        self._set_quantization(quantization_config)

    def build(self, input_shape: Shape) -> None:
        kernel_shape, bias_shape, self.full_output_shape = analyze(
            self.equation, self.bias_axes, input_shape, self.partial_output_shape
        )
        self._product = Einsum(self.equation)
        self._build_weights(kernel_shape, bias_shape, output_axes(self.equation))

    kernel = shown_kernel("The kernel: the variable, or with LoRA the merged tensor.")

    def call(self, inputs: Tensor, training: bool | None = None) -> Tensor:
        return self._outputs(inputs)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return analyze(self.equation, self.bias_axes, input_shape, self.partial_output_shape)[2]

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "output_shape": self.partial_output_shape}


_PLAIN = re.compile(r"([a-zA-Z]+),([a-zA-Z]+)->([a-zA-Z]+)")
_LEFT = re.compile(r"\.\.\.([a-zA-Z]+),([a-zA-Z]+)->\.\.\.([a-zA-Z]+)")
_RIGHT = re.compile(r"([a-zA-Z]+)\.\.\.,([a-zA-Z]+)->([a-zA-Z]+)\.\.\.")


def analyze(
    equation: str,
    bias_axes: str | None,
    input_shape: Sequence[int | None],
    output_shape: Sequence[int | None],
) -> tuple[Shape, Shape | None, Shape]:
    """Returns the shapes of kernel, bias and output that an equation asks for.

    Args:
        equation: The equation.
        bias_axes: Letters of the bias, or `None`.
        input_shape: Shape of the input with its batch axis.
        output_shape: Sizes of the output without batch axis and ellipsis.

    Raises:
        ValueError: If the equation has another form, or does not fit the shapes.

    Example:

        >>> analyze("abc,cd->abd", "d", (None, 2, 5), (None, 4))
        ((5, 4), (4,), (None, None, 4))
    """
    compact = equation.replace(" ", "")
    for pattern, left in ((_PLAIN, False), (_LEFT, True), (_RIGHT, False)):
        match = pattern.fullmatch(compact)
        if match:
            return _analyze(
                equation, match.groups(), bias_axes, tuple(input_shape), tuple(output_shape), left
            )
    raise ValueError(
        f"EinsumDense: invalid equation={equation!r}. Expected '[inputs],[kernel]->[outputs]' in letters, with "
        "an ellipsis at the start, or at the end, of both inputs and outputs if at all."
    )


def output_axes(equation: str) -> tuple[int, ...]:
    """Returns the axes of the kernel that are axes of the output.

    Example:

        >>> output_axes("abc,cde->abde")
        (1, 2)
    """
    _, kernel, outputs = re.split(",|->", equation.replace(" ", ""))
    return tuple(i for i, letter in enumerate(kernel) if letter in outputs)


def _analyze(
    equation: str,
    letters: tuple[str, ...],
    bias_axes: str | None,
    input_shape: Shape,
    given: Shape,
    left: bool,
) -> tuple[Shape, Shape | None, Shape]:
    inputs, kernel, outputs = letters
    elided = len(input_shape) - len(inputs)
    if elided < 0 or (elided > 0 and "..." not in equation):
        raise ValueError(
            f"EinsumDense: equation={equation!r} expects an input of rank {len(inputs)}, received one of shape "
            f"{input_shape}."
        )
    if left:
        extra, named_input = input_shape[:elided], input_shape[elided:]
        output = (*extra, *given) if elided else (input_shape[0], *given)
    else:
        extra = input_shape[len(inputs) :]
        named_input = input_shape[: len(inputs)]
        output = (input_shape[0], *given, *extra)
    if len(output) != len(outputs) + len(extra):
        raise ValueError(
            f"EinsumDense: equation={equation!r} gives an output of rank {len(outputs) + len(extra)}, but with "
            f"output_shape={given} it would have shape {output}."
        )
    named_output = output[len(extra) :] if left else output[: len(outputs)]
    input_sizes = dict(zip(inputs, named_input))
    output_sizes = dict(zip(outputs, named_output))
    _check_common(equation, input_sizes, output_sizes, input_shape, given)
    kernel_shape = []
    for letter in kernel:
        if letter not in input_sizes and letter not in output_sizes:
            raise ValueError(
                f"EinsumDense: the kernel's axis {letter!r} in equation={equation!r} is found neither in the "
                "inputs nor in the outputs."
            )
        size = input_sizes.get(letter)
        kernel_shape.append(output_sizes.get(letter) if size is None else size)
    bias_shape = _bias_shape(equation, bias_axes, outputs, output_sizes, 0 if left else len(extra))
    return tuple(kernel_shape), bias_shape, output


def _check_common(
    equation: str, inputs: dict[str, Any], outputs: dict[str, Any], input_shape: Shape, given: Shape
) -> None:
    for letter, size in inputs.items():
        other = outputs.get(letter)
        if size is not None and other is not None and size != other:
            raise ValueError(
                f"EinsumDense: axis {letter!r} of equation={equation!r} has size {size} in the input of shape "
                f"{input_shape}, but {other} in output_shape={given}."
            )


def _bias_shape(
    equation: str, bias_axes: str | None, outputs: str, sizes: dict[str, Any], trailing: int
) -> Shape | None:
    if not bias_axes:
        return None
    for letter in bias_axes:
        if letter not in sizes:
            raise ValueError(
                f"EinsumDense: axis {letter!r} of bias_axes={bias_axes!r} is not an axis of the outputs "
                f"{outputs!r} of equation={equation!r}."
            )
    first = min(outputs.index(letter) for letter in bias_axes)
    shape = tuple(sizes[letter] if letter in bias_axes else 1 for letter in outputs[first:])
    return (*shape, *(1,) * trailing)
