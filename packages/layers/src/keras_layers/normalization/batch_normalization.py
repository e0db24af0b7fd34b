"""`BatchNormalization`: channels are normalized over the batch, in inference by running averages."""

from collections.abc import Mapping
from typing import Any

from keras_backends.api import export
from keras_backends.dtypes import standardize_dtype
from keras_ops import ops
from keras_ops.operations.nn_normalization import normalize_batch, normalize_by_averages
from keras_ops.tensor import Tensor
from keras_ops.variable import Variable

from keras_layers.constructor import checked_bool
from keras_layers.core.arguments import sizes_along
from keras_layers.input_spec import InputSpec
from keras_layers.layer import Layer, Shape
from keras_layers.weight_options import declare, make

_CLIPPING = frozenset({"dmax", "rmax", "rmin"})


@export("keras.layers.BatchNormalization")
class BatchNormalization(Layer):
    """Normalizes each channel: `gamma * (x - mean) / sqrt(variance + epsilon) + beta`.

    While training, mean and variance are those of the batch, and running averages of them are kept:
    `moving = moving * momentum + batch * (1 - momentum)`. In inference, and while the layer is frozen
    (`trainable=False`), the averages are used.

    Args:
        axis: Axis of the channels, default the last.
        momentum: Of the running averages.
        epsilon: Added to the variance.
        center: Whether `beta` is added.
        scale: Whether the result is multiplied by `gamma`.
        beta_initializer: Initializer of `beta`.
        gamma_initializer: Initializer of `gamma`.
        moving_mean_initializer: Initializer of the running mean.
        moving_variance_initializer: Initializer of the running variance.
        beta_regularizer: Penalty on `beta`.
        gamma_regularizer: Penalty on `gamma`.
        beta_constraint: Constraint of `beta`.
        gamma_constraint: Constraint of `gamma`.
        renorm: Whether the batch statistics are corrected towards running ones (batch renormalization,
            https://arxiv.org/abs/1702.03275).
        renorm_clipping: Limits of the correction: `rmin`, `rmax` of the scale, `dmax` of the shift.
        renorm_momentum: Momentum of the statistics for the correction.
        synchronized: Whether the statistics are those of the batches of all replicas together.
        **kwargs: Arguments of `keras.Layer`, such as `name` and `dtype`.

    Call arguments:
        inputs: Tensor of any rank.
        training: Whether the statistics of the batch are used.
        mask: Booleans of shape `inputs.shape[:-1]`, or the beginning of it: what counts.

    Example:

        >>> layer = BatchNormalization(momentum=0.5)
        >>> _ = layer(ops.array([[1.0], [3.0]]), training=True)
        >>> float(layer.moving_mean[0])
        1.0
    """

    def __init__(
        self,
        axis: int = -1,
        momentum: float = 0.99,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        moving_mean_initializer: Any = "zeros",
        moving_variance_initializer: Any = "ones",
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        beta_constraint: Any = None,
        gamma_constraint: Any = None,
        renorm: bool = False,
        renorm_clipping: Mapping[str, float] | None = None,
        renorm_momentum: float = 0.99,
        synchronized: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if not hasattr(axis, "__index__"):
            raise TypeError(f"BatchNormalization: `axis` must be an integer, received axis={axis!r}.")
        self.axis = int(axis)
        self.momentum = float(momentum)
        self.epsilon = epsilon
        self.center = checked_bool(self, "center", center)
        self.scale = checked_bool(self, "scale", scale)
        declare(self, "beta", beta_initializer, beta_regularizer, beta_constraint)
        declare(self, "gamma", gamma_initializer, gamma_regularizer, gamma_constraint)
        declare(self, "moving_mean", moving_mean_initializer)
        declare(self, "moving_variance", moving_variance_initializer)
        self.renorm = checked_bool(self, "renorm", renorm)
        self.renorm_clipping = _checked_clipping(renorm_clipping, renorm)
        self.renorm_momentum = renorm_momentum
        self.synchronized = checked_bool(self, "synchronized", synchronized)
        self.supports_masking = True
        self.gamma: Variable | None = None
        self.beta: Variable | None = None
        self.moving_mean: Variable | None = None
        self.moving_variance: Variable | None = None

    def build(self, input_shape: Shape) -> None:
        (size,) = sizes_along(self, (self.axis,), input_shape)
        if self.scale:
            self.gamma = self._parameter("gamma", size)
        if self.center:
            self.beta = self._parameter("beta", size)
        self.moving_mean = self._statistic("moving_mean", size, self.moving_mean_initializer)
        self.moving_variance = self._statistic("moving_variance", size, self.moving_variance_initializer)
        if self.renorm:
            self.moving_stddev = self._statistic("moving_stddev", size, self.moving_variance_initializer)
            self.renorm_mean = self._statistic("renorm_mean", size, self.moving_mean_initializer)
            self.renorm_stddev = self._statistic("renorm_stddev", size, self.moving_variance_initializer)
        self.input_spec = InputSpec(ndim=len(input_shape), axes={self.axis: size})
        self._reduced = tuple(i for i in range(len(input_shape)) if i != self.axis % len(input_shape))

    def _parameter(self, name: str, size: int) -> Variable:
        return make(self, name, (size,), autocast=False)

    def _statistic(self, name: str, size: int, initializer: Any) -> Variable:
        return self.add_weight(
            name=name, shape=(size,), initializer=initializer, trainable=False, autocast=False
        )

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        rank = len(input_shape)
        if not -rank <= self.axis < rank:
            raise ValueError(
                f"BatchNormalization {self.name!r}: axis {self.axis} is out of range for an input of shape "
                f"{tuple(input_shape)}."
            )
        return input_shape

    def call(self, inputs: Tensor, training: bool | None = None, mask: Tensor | None = None) -> Tensor:
        dtype = standardize_dtype(inputs.dtype)
        # The statistics of half precision need the range of float32.
        if dtype in ("float16", "bfloat16"):
            inputs = ops.cast(inputs, "float32")
        gamma = None if self.gamma is None else ops.cast(self.gamma.value, inputs.dtype)
        beta = None if self.beta is None else ops.cast(self.beta.value, inputs.dtype)
        if training and self.trainable and mask is None and not (self.renorm or self.synchronized):
            outputs, mean, variance = normalize_batch(inputs, gamma, beta, self.axis, self.epsilon)
            self._update(mean, variance)
            return ops.cast(outputs, self.compute_dtype)
        if training and self.trainable:
            mean, variance = self._moments(inputs, mask)
            if self.renorm:
                gamma, beta = self._renormalized(mean, variance, gamma, beta)
            self._update(mean, variance)
            normalize = ops.batch_normalization
        else:
            mean = ops.cast(self.moving_mean.value, inputs.dtype)
            variance = ops.cast(self.moving_variance.value, inputs.dtype)
            normalize = normalize_by_averages
        outputs = normalize(inputs, mean, variance, self.axis, beta, gamma, self.epsilon)
        return ops.cast(outputs, self.compute_dtype)

    def _moments(self, inputs: Tensor, mask: Tensor | None) -> tuple[Tensor, Tensor]:
        """Mean and variance of each channel, over what the mask leaves."""
        if mask is None:
            return ops.moments(inputs, axes=self._reduced, synchronized=self.synchronized)
        weights = ops.cast(mask, inputs.dtype)
        while len(weights.shape) < len(inputs.shape):
            weights = ops.expand_dims(weights, axis=-1)
        weights = ops.broadcast_to(weights, ops.shape(inputs))
        count = ops.sum(weights, self._reduced, keepdims=True) + 1e-7
        mean = ops.sum(inputs * weights, self._reduced, keepdims=True) / count
        variance = ops.sum(weights * ops.square(inputs - mean), self._reduced, keepdims=True) / count
        return ops.squeeze(mean, self._reduced), ops.squeeze(variance, self._reduced)

    def _renormalized(
        self, mean: Tensor, variance: Tensor, gamma: Tensor | None, beta: Tensor | None
    ) -> tuple[Tensor, Tensor]:
        """Scale and offset with the correction folded in: `y = gamma * (normalized * r + d) + beta`."""
        stddev = ops.sqrt(variance + self.epsilon)
        reference = ops.cast(self.renorm_stddev.value, stddev.dtype)
        r = stddev / reference
        d = (mean - ops.cast(self.renorm_mean.value, mean.dtype)) / reference
        limits = self.renorm_clipping
        if "rmin" in limits:
            r = ops.maximum(r, limits["rmin"])
        if "rmax" in limits:
            r = ops.minimum(r, limits["rmax"])
        if "dmax" in limits:
            d = ops.clip(d, -limits["dmax"], limits["dmax"])
        r, d = ops.stop_gradient(r), ops.stop_gradient(d)
        scale = r if gamma is None else r * gamma
        shift = d if gamma is None else d * gamma
        return scale, shift if beta is None else shift + beta

    def _update(self, mean: Tensor, variance: Tensor) -> None:
        _average(self.moving_mean, mean, self.momentum)
        if not self.renorm:
            _average(self.moving_variance, variance, self.momentum)
            return
        stddev = ops.sqrt(variance + self.epsilon)
        _average(self.renorm_mean, mean, self.renorm_momentum)
        _average(self.renorm_stddev, stddev, self.renorm_momentum)
        _average(self.moving_stddev, stddev, self.momentum)
        squared = ops.square(self.moving_stddev.value)
        self.moving_variance.assign(ops.maximum(squared - self.epsilon, 0.0))


def _average(variable: Variable, value: Tensor, momentum: float) -> None:
    """Moves a running average towards a value."""
    old = variable.value
    variable.assign(old * momentum + ops.cast(value, variable.dtype) * (1.0 - momentum))


def _checked_clipping(limits: Mapping[str, float] | None, renorm: bool) -> dict[str, float] | None:
    if limits is None:
        return {} if renorm else None
    unknown = set(limits) - _CLIPPING
    if unknown:
        raise ValueError(
            f"BatchNormalization: `renorm_clipping` may hold {sorted(_CLIPPING)}, received {sorted(unknown)} too."
        )
    return dict(limits)
