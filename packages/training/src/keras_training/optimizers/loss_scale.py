"""`LossScaleOptimizer`: another optimizer, with the loss scaled so that float16 gradients do not vanish.

`compile` puts it around the optimizer of a model whose dtype policy computes in float16.
"""

from collections.abc import Callable, Sequence
from typing import Any

from keras_backends.api import export
from keras_ops import initializers, ops
from keras_ops.serialize import deserialize_keras_object, serialize_keras_object
from keras_ops.state import state
from keras_ops.tensor import Tensor
from keras_ops.variable import Variable

from keras_training.optimizers.arguments import Base
from keras_training.optimizers.optimizer import Optimizer


@export(["keras.optimizers.LossScaleOptimizer", "keras.mixed_precision.LossScaleOptimizer"])
class LossScaleOptimizer(Optimizer):
    """Scales the loss by a factor found while training, and divides the gradients by it again.

    A step with a gradient that is not finite changes no variable and halves the factor;
    `dynamic_growth_steps` good steps in a row double it. `compile` wraps the optimizer of a model by
    itself when its policy is `"mixed_float16"`; a loop of one's own calls `scale_loss` before it
    differentiates.

    Args:
        inner_optimizer: The optimizer that updates variables.
        initial_scale: First factor of the loss.
        dynamic_growth_steps: Good steps before the factor is doubled.
        name: Name of the optimizer.
        **kwargs: Other arguments of `Optimizer`, of which only `gradient_accumulation_steps=None` and the
            like, their defaults, are accepted: set them on the inner optimizer.

    Raises:
        ValueError: If an argument is given that belongs to the inner optimizer.

    Example:

        >>> from keras_training.optimizers.sgd import SGD
        >>> v = Variable([1.0])
        >>> optimizer = LossScaleOptimizer(SGD(0.5), initial_scale=8.0)
        >>> float(optimizer.scale_loss(ops.ones(())))
        8.0
        >>> optimizer.apply([ops.array([8.0])], [v])
        >>> v.numpy().tolist()
        [0.5]
    """

    not_in_config = ("learning_rate",)

    def __init__(
        self,
        inner_optimizer: Any,
        initial_scale: float = 2.0**15,
        dynamic_growth_steps: int = 2000,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        if not isinstance(inner_optimizer, Optimizer):
            raise ValueError(
                "LossScaleOptimizer: expected `inner_optimizer` to be an optimizer, received "
                f"inner_optimizer={inner_optimizer!r} of type {type(inner_optimizer).__name__}."
            )
        kwargs.pop("learning_rate", None)
        _refuse_options(kwargs, type(inner_optimizer).__name__)
        super().__init__(learning_rate=0.0, name=name)
        self.inner_optimizer = inner_optimizer
        self.initial_scale = initial_scale
        self.dynamic_growth_steps = dynamic_growth_steps
        self.step_counter: Any = None
        self.dynamic_scale: Any = None

    def _check_arguments(self) -> None:
        _refuse_options({name: getattr(self, name) for name in _OF_THE_INNER}, "`inner_optimizer`")

    def build(self, var_list: Sequence[Variable]) -> None:
        """Makes the variables of the scale, and those of the inner optimizer.

        Args:
            var_list: Trainable variables.
        """
        if self.built:
            return
        self.step_counter = self.add_variable((), dtype="int", name="step_counter")
        start = initializers.Constant(self.initial_scale)
        self.dynamic_scale = self.add_variable((), start, dtype="float32", name="dynamic_scale")
        self.inner_optimizer.build(var_list)
        super().build(var_list)

    def extend(self, variables: Sequence[Variable]) -> None:
        """See `Optimizer.extend`."""
        self.inner_optimizer.extend(variables)
        super().extend(variables)

    @property
    def variables(self) -> list[Variable]:
        """The scale's variables, then those of the inner optimizer."""
        return [*self._variables, *self.inner_optimizer.variables]

    @property
    def iterations(self) -> Any:
        """The number of updates that the inner optimizer has done."""
        return self.inner_optimizer.iterations

    @property
    def learning_rate(self) -> Any:
        """The learning rate of the inner optimizer."""
        inner = vars(self).get("inner_optimizer")
        return self._learning_rate if inner is None else inner.learning_rate

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        inner = vars(self).get("inner_optimizer")
        if inner is None:
            Optimizer.learning_rate.fset(self, value)
        else:
            inner.learning_rate = value

    @property
    def _revised(self) -> int:
        """When this optimizer or the inner one last changed, see `Snapshot`."""
        return max(vars(x).get("_revised", 0) for x in (self, self.inner_optimizer))

    def scale_loss(self, loss: Tensor) -> Tensor:
        """Returns the loss to differentiate: times the present scale."""
        scale = self.dynamic_scale if self.built else self.initial_scale
        return loss * scale

    def check_finite(self, grads: Sequence[Tensor | None]) -> Tensor:
        """Says, as a boolean scalar, whether all elements of all gradients are finite."""
        finite = [ops.all(ops.isfinite(grad)) for grad in grads if grad is not None]
        return ops.all(ops.stack(finite)) if finite else ops.convert_to_tensor(True)

    def apply(
        self, grads: Sequence[Tensor | None], trainable_variables: Sequence[Variable] | None = None
    ) -> None:
        """Updates variables by gradients of the scaled loss, unless one of them is not finite.

        Args:
            grads: One gradient per variable; `None` leaves a variable as it is.
            trainable_variables: The variables; by default those the optimizer was built for.

        Raises:
            ValueError: If numbers differ, all gradients are `None`, or variables are not known.
        """
        if not grads:
            return
        variables = self._check_variables(grads, trainable_variables)
        with state.backend.inference():
            grads, variables = self._usable(list(grads), variables)
            ops.cond(self.check_finite(grads), self._update(grads, variables), self._shrink)

    def _update(self, grads: Sequence[Tensor], variables: Sequence[Variable]) -> Callable[[], None]:
        def update() -> None:
            scale = self.dynamic_scale.value
            self.inner_optimizer.apply([grad / ops.cast(scale, grad.dtype) for grad in grads], variables)
            count = self.step_counter.value + 1
            due = ops.equal(count, self.dynamic_growth_steps)
            self.step_counter.assign(ops.where(due, 0, count))
            self.dynamic_scale.assign(ops.where(due, scale * 2.0, scale))

        return update

    def _shrink(self) -> None:
        self.step_counter.assign(0)
        self.dynamic_scale.assign(self.dynamic_scale.value / 2.0)

    def finalize_variable_values(self, var_list: Sequence[Variable]) -> None:
        """Lets the inner optimizer set variables to their averages."""
        self.inner_optimizer.finalize_variable_values(var_list)

    def get_config(self) -> dict[str, Any]:
        """Returns the constructor's arguments, ready to be written as JSON."""
        return {
            "name": self.name,
            "inner_optimizer": serialize_keras_object(self.inner_optimizer),
            "initial_scale": self.initial_scale,
            "dynamic_growth_steps": self.dynamic_growth_steps,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> "Optimizer":
        """Makes an optimizer from what `get_config` returned."""
        inner = deserialize_keras_object(config["inner_optimizer"], custom_objects=custom_objects)
        return cls(**{**config, "inner_optimizer": inner})


_OF_THE_INNER = tuple(name for name in Base.__annotations__ if name != "name")


def _refuse_options(options: dict[str, Any], inner: str) -> None:
    meant = sorted(key for key, value in options.items() if value is not None and value is not False)
    meant = [key for key in meant if key != "ema_momentum"]
    if meant:
        raise ValueError(
            f"LossScaleOptimizer: {', '.join(meant)} must be set on the inner optimizer, which does the "
            f"update: give it to {inner}, as {meant[0]}={options[meant[0]]!r}."
        )


def scaled_for(policy: Any, optimizer: Any) -> Any:
    """Returns an optimizer fit for a dtype policy: with loss scaling where that computes in float16.

    Args:
        policy: Dtype policy of the model.
        optimizer: What the model was compiled with.
    """
    if getattr(policy, "name", None) != "mixed_float16" or not isinstance(optimizer, Optimizer):
        return optimizer
    return optimizer if isinstance(optimizer, LossScaleOptimizer) else LossScaleOptimizer(optimizer)
