"""`SpectralNormalization`: a wrapper that keeps the largest singular value of a layer's kernel at 1."""

import math
from collections.abc import Mapping
from typing import Any

from keras_backends.api import export
from keras_backends.dtypes import is_float
from keras_ops import ops
from keras_ops.inference import compute_output_spec
from keras_ops.initializers import TruncatedNormal
from keras_ops.state import StatelessScope, state
from keras_ops.tensor import KerasTensor, Tensor
from keras_ops.variable import Variable

from keras_layers.core.arguments import positive
from keras_layers.core.wrapper import Wrapper
from keras_layers.layer import Layer, Shape

_KERNELS = ("kernel", "embeddings")


@export("keras.layers.SpectralNormalization")
class SpectralNormalization(Wrapper):
    """Divides the kernel of a layer by its largest singular value, at each call while training.

    The value is estimated by power iteration on the kernel as a matrix `(others, outputs)`
    (https://arxiv.org/abs/1802.05957). The kernel itself is changed, unless it was quantized to integers.

    Args:
        layer: A layer with a `kernel` or `embeddings`.
        power_iterations: Number of iterations per call.
        **kwargs: Arguments of `keras.Layer`, such as `name` and `dtype`.

    Call arguments:
        inputs: What the layer takes.
        training: Whether the kernel is normalized before the layer is called.

    Example:

        >>> from keras_layers.core.dense import Dense
        >>> layer = SpectralNormalization(Dense(1, kernel_initializer="ones"), power_iterations=2)
        >>> round(float(layer(ops.array([[1.0, 1.0, 1.0, 1.0]]), training=True)[0, 0]), 3)
        2.0
    """

    def __init__(self, layer: Layer, power_iterations: int = 1, **kwargs: Any) -> None:
        super().__init__(layer, **kwargs)
        self.power_iterations = positive(self, "power_iterations", power_iterations)

    def build(self, input_shape: Shape) -> None:
        super().build(input_shape)
        found = [name for name in _KERNELS if hasattr(self.layer, name)]
        if not found:
            raise ValueError(
                f"SpectralNormalization {self.name!r}: expected a layer with a `kernel` or `embeddings`, received "
                f"{self.layer!r}."
            )
        self._kernel_name = found[0]
        self.kernel = self._float_kernel()
        self.kernel_shape = tuple(getattr(self.layer, found[0]).shape)
        self.vector_u = self.add_weight(
            name="vector_u",
            shape=(1, self.kernel_shape[-1]),
            initializer=TruncatedNormal(stddev=0.02),
            trainable=False,
        )

    def _float_kernel(self) -> Variable | None:
        """The variable that holds the layer's kernel; none where integers do."""
        kernel = getattr(self.layer, self._kernel_name)
        return kernel if isinstance(kernel, Variable) and is_float(kernel.dtype) else None

    def _drop_quantized(self) -> None:
        """Lets go of the floats of a kernel that was quantized since."""
        if self.kernel is not None and getattr(self.layer, "quantization_mode", None) is not None:
            self.kernel = self._float_kernel()

    def save_own_variables(self, store: dict[str, Any]) -> None:
        self._drop_quantized()
        super().save_own_variables(store)

    def load_own_variables(self, store: Mapping[str, Any]) -> None:
        """Sets the vector, and the kernel if it is no integers; files may hold the floats that it had."""
        self._drop_quantized()
        if self.kernel is None and len(store.keys()) == 2:
            store = {"0": store["1"]}
        super().load_own_variables(store)

    def call(self, inputs: Tensor, training: bool = False) -> Tensor:
        self._drop_quantized()
        if not training or self.kernel is None:
            return self.layer(inputs)
        with state.scope(autocast=None):  # Else the weights would be rounded at each call.
            vector, kernel = self.normalized_weights()
            old = self.kernel.value
            # What reads the kernel later in the step sees a weight like any other, whatever the backend.
            self.kernel.assign(ops.stop_gradient(kernel) + (old - ops.stop_gradient(old)))
            self.vector_u.assign(vector)
        return self._called_with(kernel, inputs)

    def _called_with(self, kernel: Tensor, inputs: Tensor) -> Tensor:
        """Calls the layer with a kernel that has a gradient, and that a next call will not write over."""
        with StatelessScope(state_mapping=[(self.kernel, kernel)], collect_losses=True) as scope:
            outputs = self.layer(inputs)
        for variable in scope.written.values():
            variable.assign(scope.get_current_value(variable))
        self.add_loss(scope.losses)
        return outputs

    def normalized_weights(self) -> tuple[Tensor, Tensor]:
        """Returns the vector of the next power iteration and the normalized kernel.

        A kernel of zeros stays as it is.
        """
        matrix = ops.reshape(
            ops.copy(self.kernel.value), (math.prod(self.kernel_shape[:-1]), self.kernel_shape[-1])
        )
        right = ops.cast(self.vector_u.value, matrix.dtype)
        for _ in range(self.power_iterations):
            left = ops.normalize(ops.matmul(right, ops.transpose(matrix)), axis=-1)
            right = ops.normalize(ops.matmul(left, matrix), axis=-1)
        left, right = ops.stop_gradient(left), ops.stop_gradient(right)
        sigma = ops.matmul(ops.matmul(left, matrix), ops.transpose(right))
        empty = ops.all(ops.equal(matrix, 0))
        kernel = ops.where(empty, matrix, ops.divide(matrix, ops.where(empty, ops.ones_like(sigma), sigma)))
        vector = ops.where(empty, ops.cast(self.vector_u.value, matrix.dtype), right)
        return vector, ops.reshape(kernel, self.kernel_shape)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return self.layer.compute_output_shape(input_shape)

    def compute_output_spec(self, inputs: KerasTensor, training: bool = False) -> Any:
        return compute_output_spec(self.layer, inputs)
