"""Muon: steps of orthogonal matrices for hidden layers, of Adam for all else."""

import re
from collections.abc import Sequence
from typing import Any

from keras_backends.api import export
from keras_ops import ops
from keras_ops.tensor import Tensor
from keras_ops.variable import Variable

from keras_training.optimizers.arguments import described
from keras_training.optimizers.optimizer import Optimizer
from keras_training.optimizers.weight_decay import WeightDecay


@export("keras.optimizers.Muon")
@described
class Muon(Optimizer):
    """Muon (Jordan et al., 2024): the momentum of a matrix is made orthogonal before it is applied.

    Matrices are updated by `w -= rate * f * U V^T`, with `U S V^T` the singular value decomposition of the
    momentum, found by Newton-Schulz iterations, and `f` a factor of the shape. All other variables,
    embeddings, and the layers excluded take Adam's step.

    Args:
        {learning_rate}
        adam_beta_1: Decay of the mean of gradients, for Adam.
        adam_beta_2: Decay of the mean of squares, for Adam.
        adam_weight_decay: Weight decay of variables with Adam's step.
        epsilon: Keeps divisors from 0.
        {weight_decay}
        {others}
        exclude_layers: Regular expressions for paths of variables that take Adam's step.
        exclude_embeddings: Whether embeddings do.
        muon_a: Coefficient of the iteration.
        muon_b: Coefficient of the iteration.
        muon_c: Coefficient of the iteration.
        adam_lr_ratio: Factor of the rate for Adam's steps.
        momentum: Decay of the sum of gradients.
        ns_steps: Number of iterations.
        nesterov: Whether to look ahead along the momentum.
        rms_rate: Root mean square that steps of matrices are scaled to; `None` for the factor `sqrt(max(1, rows / columns))`.

    Example:

        >>> from keras_ops.variable import Variable
        >>> v = Variable([1.0])
        >>> Muon(0.5, adam_weight_decay=0.0).apply([v.value * 0 + 3.0], [v])
        >>> [round(float(x), 3) for x in v.numpy()]
        [0.5]
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        adam_beta_1: float = 0.9,
        adam_beta_2: float = 0.999,
        adam_weight_decay: float = 0.004,
        epsilon: float = 1e-7,
        weight_decay: float | None = 0.004,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        use_ema: bool = False,
        ema_momentum: float = 0.99,
        ema_overwrite_frequency: int | None = None,
        loss_scale_factor: float | None = None,
        gradient_accumulation_steps: int | None = None,
        name: str | None = None,
        exclude_layers: Sequence[str] | None = None,
        exclude_embeddings: bool = True,
        muon_a: float = 3.4445,
        muon_b: float = -4.7750,
        muon_c: float = 2.0315,
        adam_lr_ratio: float = 1,
        momentum: float = 0.95,
        ns_steps: int = 5,
        nesterov: bool = True,
        rms_rate: float | None = 0.2,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            learning_rate=learning_rate,
            weight_decay=weight_decay,
            clipnorm=clipnorm,
            clipvalue=clipvalue,
            global_clipnorm=global_clipnorm,
            use_ema=use_ema,
            ema_momentum=ema_momentum,
            ema_overwrite_frequency=ema_overwrite_frequency,
            loss_scale_factor=loss_scale_factor,
            gradient_accumulation_steps=gradient_accumulation_steps,
            name=name,
            **kwargs,
        )
        self.adam_beta_1 = adam_beta_1
        self.adam_beta_2 = adam_beta_2
        self.adam_weight_decay = adam_weight_decay
        self.epsilon = epsilon
        self.exclude_embeddings = exclude_embeddings
        self.muon_a = muon_a
        self.muon_b = muon_b
        self.muon_c = muon_c
        self.adam_lr_ratio = adam_lr_ratio
        self.momentum = momentum
        self.ns_steps = ns_steps
        self.nesterov = nesterov
        self.rms_rate = rms_rate
        self.exclude_layers = list(exclude_layers or ())
        self._momentums: list[Variable] = []
        self._velocities: list[Variable | None] = []

    def _takes_adam(self, variable: Variable) -> bool:
        """Says whether a variable gets Adam's step."""
        if len(variable.shape) != 2:
            return True
        if self.exclude_embeddings and "embedding" in variable.path.lower():
            return True
        return any(re.search(pattern, variable.path) for pattern in self.exclude_layers)

    def build(self, var_list: Sequence[Variable]) -> None:
        """See `Optimizer.build`."""
        if self.built:
            return
        super().build(var_list)
        self._momentums, self._velocities = [], []
        for variable in var_list:
            self._momentums.append(self.add_variable_from_reference(variable, "momentum"))
            adam = self._takes_adam(variable)
            self._velocities.append(self.add_variable_from_reference(variable, "velocity") if adam else None)
        self._decay = _MuonDecay(self)

    def update_step(self, gradient: Tensor, variable: Variable, learning_rate: Tensor) -> None:
        """See `Optimizer.update_step`."""
        index = self._get_variable_index(variable)
        rate = ops.cast(learning_rate, variable.dtype)
        momentum, velocity = self._momentums[index], self._velocities[index]
        if velocity is None:
            self._step_of_matrix(gradient, variable, rate, momentum)
        else:
            self._step_of_adam(gradient, variable, rate * self.adam_lr_ratio, momentum, velocity)

    def _step_of_matrix(self, gradient: Tensor, variable: Variable, rate: Tensor, momentum: Variable) -> None:
        momentum.assign(momentum.value * self.momentum + gradient)
        direction = gradient + momentum.value * self.momentum if self.nesterov else momentum.value
        direction = self.zeropower_via_newtonschulz5(direction, self.ns_steps)
        variable.assign_sub(self.lr_adjust(direction) * rate)

    def _step_of_adam(
        self, gradient: Tensor, variable: Variable, rate: Tensor, momentum: Variable, velocity: Variable
    ) -> None:
        step = ops.cast(self.iterations + 1, variable.dtype)
        scale = rate * ops.sqrt(1 - self.adam_beta_2**step) / (1 - self.adam_beta_1**step)
        momentum.assign(momentum.value + (gradient - momentum.value) * (1 - self.adam_beta_1))
        velocity.assign(velocity.value + (gradient * gradient - velocity.value) * (1 - self.adam_beta_2))
        variable.assign_sub(momentum.value * scale / (ops.sqrt(velocity.value) + self.epsilon))

    def lr_adjust(self, x: Tensor) -> Tensor:
        """Scales an orthogonal step to the root mean square that Adam's steps have, about `rms_rate`.

        Args:
            x: Orthogonal matrix `(..., rows, columns)`.
        """
        rows, columns = x.shape[-2], x.shape[-1]
        if self.rms_rate is None:
            return x * max(1.0, rows / columns) ** 0.5
        return x * (self.rms_rate * max(rows, columns) ** 0.5)

    def transpose_last_axis(self, X: Tensor) -> Tensor:
        """Swaps the last two axes."""
        return ops.swapaxes(X, -1, -2)

    def zeropower_via_newtonschulz5(self, x: Tensor, steps: int) -> Tensor:
        """Makes a matrix nearly orthogonal: all its singular values come close to 1.

        Args:
            x: `(..., rows, columns)`.
            steps: Number of iterations of the polynomial `a * s + b * s**3 + c * s**5`.
        """
        tall = x.shape[-2] > x.shape[-1]
        if tall:
            x = self.transpose_last_axis(x)
        x = x / (ops.norm(x, axis=(-2, -1), keepdims=True) + self.epsilon)
        for _ in range(steps):
            square = x @ self.transpose_last_axis(x)
            x = self.muon_a * x + (self.muon_b * square + self.muon_c * (square @ square)) @ x
        return self.transpose_last_axis(x) if tall else x


class _MuonDecay(WeightDecay):
    """Two rates: one for matrices with orthogonal steps, one for the others."""

    def __init__(self, owner: Muon) -> None:
        super().__init__()
        self.exclude(owner._decay.excluded, owner._decay.patterns)
        self.owner = owner

    def __call__(self, variables: Sequence[Variable], learning_rate: Tensor, rate: float | None) -> None:
        """Decays variables; see `WeightDecay`."""
        owner = self.owner
        adam = [v for v in variables if owner._velocities[owner._get_variable_index(v)] is not None]
        ids = set(map(id, adam))
        super().__call__(adam, learning_rate, owner.adam_weight_decay)
        super().__call__([v for v in variables if id(v) not in ids], learning_rate, rate)
