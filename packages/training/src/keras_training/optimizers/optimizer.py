"""`Optimizer`, the base: what every optimizer does around its own update rule.

An optimizer declares slots and one elementwise rule. The order of a step (loss scaling, accumulation,
clipping, decay, rule, constraints, averages) is here; the variables are in `state`, how a rule runs
over all of them in `running`.
"""

import warnings
from collections.abc import Iterable, Sequence
from typing import Any

from keras_backends.api import export
from keras_ops import ops
from keras_ops.naming import auto_name
from keras_ops.revision import revision
from keras_ops.serialize import deserialize_keras_object, serialize_keras_object
from keras_ops.sparse import densify
from keras_ops.state import StatelessScope, name_scope, state
from keras_ops.tensor import Tensor
from keras_ops.variable import Variable

from keras_training.optimizers import running
from keras_training.optimizers.arguments import described
from keras_training.optimizers.clipping import check_limits, clipped
from keras_training.optimizers.state import OptimizerState, parameters_of, unknown_arguments
from keras_training.optimizers.weight_decay import WeightDecay


@export(["keras.Optimizer", "keras.optimizers.Optimizer"])
@described
class Optimizer(OptimizerState):
    """Base of optimizers.

    A subclass sets `slots` and implements `rule`, or overrides `build` and `update_step` where its
    update is not elementwise.

    Args:
        {learning_rate}
        {weight_decay}
        {others}

    Raises:
        ValueError: If arguments are out of range, or more than one kind of clipping is asked for.

    Example:

        >>> class Signed(Optimizer):
        ...     def rule(self, m, value, gradient, rate, step):
        ...         return (value - rate * m.sign(gradient),)
        >>> v = Variable([1.0, 2.0])
        >>> Signed(0.5).apply([ops.array([3.0, -4.0])], [v])
        >>> v.numpy().tolist()
        [0.5, 2.5]
    """

    tracked_as = "optimizer"
    not_in_config = ("learning_rate",)

    _initialized = False

    kernel: str | None = None
    """Name of the rule among the steps that backends have ready-made (`Backend.updates`)."""
    elementwise = True
    """Whether `rule` may be given lists of tensors, of which it uses operators and `m` only."""

    def __init__(
        self,
        learning_rate: Any,
        weight_decay: float | None = None,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        use_ema: bool = False,
        ema_momentum: float = 0.99,
        ema_overwrite_frequency: int | None = None,
        loss_scale_factor: float | None = None,
        gradient_accumulation_steps: int | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        name = name or auto_name(type(self).__name__)
        if kwargs.pop("decay", None) is not None:
            warnings.warn(
                f"Optimizer {name!r}: `decay` has no effect; pass a schedule as `learning_rate`.",
                stacklevel=4,  # Out of this constructor, the optimizer's own and `goes_on_with`.
            )
        if kwargs:
            raise ValueError(f"Optimizer {name!r}: {unknown_arguments(type(self), kwargs)}")
        self.weight_decay = weight_decay
        self.clipnorm = clipnorm
        self.clipvalue = clipvalue
        self.global_clipnorm = global_clipnorm
        self.use_ema = use_ema
        self.ema_momentum = ema_momentum
        self.ema_overwrite_frequency = ema_overwrite_frequency
        self.loss_scale_factor = loss_scale_factor
        self.gradient_accumulation_steps = gradient_accumulation_steps
        self._decay = WeightDecay()
        super().__init__(name, learning_rate)
        self._check_arguments()
        self._initialized = True

    def __setattr__(self, name: str, value: Any) -> None:
        """Sets an attribute; a hyperparameter counts from the next step on, in compiled functions too."""
        old = vars(self).get(name, value)
        object.__setattr__(self, name, value)
        if old is value or not self._initialized or name not in parameters_of(type(self)):
            return
        try:
            self._check_arguments()
        except ValueError:
            object.__setattr__(self, name, old)
            raise
        revision.mark(self)

    def _check_arguments(self) -> None:
        check_limits(
            self.name,
            clipnorm=self.clipnorm,
            clipvalue=self.clipvalue,
            global_clipnorm=self.global_clipnorm,
        )
        if self.use_ema and not 0 <= self.ema_momentum <= 1:
            raise ValueError(
                f"Optimizer {self.name!r}: expected `ema_momentum` in [0, 1], received "
                f"ema_momentum={self.ema_momentum!r}."
            )
        frequency = self.ema_overwrite_frequency
        if self.use_ema and frequency is not None and (not isinstance(frequency, int) or frequency < 1):
            raise ValueError(
                f"Optimizer {self.name!r}: expected `ema_overwrite_frequency` to be a positive integer or "
                f"None, received ema_overwrite_frequency={frequency!r}."
            )
        steps = self.gradient_accumulation_steps
        if steps is not None and not steps >= 2:
            raise ValueError(
                f"Optimizer {self.name!r}: expected `gradient_accumulation_steps` of at least 2 or None (no "
                f"accumulation), received gradient_accumulation_steps={steps!r}."
            )

    # Updates

    def rule(
        self, m: Any, value: Tensor, gradient: Tensor, rate: Tensor, step: Tensor, *slots: Tensor
    ) -> tuple[Tensor, ...]:
        """Returns the new value of a variable and of its slots; elementwise.

        Args:
            m: Where functions come from (`m.sqrt`, `m.maximum`): operations, or their counterparts
                for lists of tensors.
            value: Value of the variable, or of a list of them; arithmetic works on either.
            gradient: Its gradient.
            rate: Learning rate, a scalar.
            step: Number of this update, from 1, as a float scalar.
            *slots: Values of the slots, in the order of declaration.
        """
        raise NotImplementedError(
            f"Optimizer {self.name!r} of type {type(self).__name__} must implement `rule` or "
            "`update_step`; it does neither."
        )

    def kernel_arguments(self) -> dict[str, Any]:
        """Returns the hyperparameters that the ready-made step `kernel` takes."""
        return {}

    def update_step(self, gradient: Tensor, variable: Variable, learning_rate: Tensor) -> None:
        """Updates one variable and its slots.

        Args:
            gradient: Its gradient.
            variable: The variable.
            learning_rate: The learning rate, a scalar.
        """
        running.update_each(self, [gradient], [variable], learning_rate)

    def apply_gradients(self, grads_and_vars: Iterable[tuple[Tensor, Variable]]) -> Any:
        """Updates variables.

        Args:
            grads_and_vars: Pairs of gradient and variable.

        Returns:
            The number of steps done.
        """
        grads, variables = zip(*grads_and_vars, strict=True)
        self.apply(list(grads), list(variables))
        return self._iterations

    def apply(
        self, grads: Sequence[Tensor | None], trainable_variables: Sequence[Variable] | None = None
    ) -> None:
        """Updates variables by their gradients.

        Args:
            grads: One gradient per variable; `None` leaves a variable as it is.
            trainable_variables: The variables; by default those the optimizer was built for.

        Raises:
            ValueError: If numbers differ, all gradients are `None`, or variables are not known.
        """
        if not grads:
            return
        variables = self._check_variables(grads, trainable_variables)
        if not state.backend.tensors.issuperset(map(type, grads)):
            grads = list(map(densify, grads))
        with state.backend.inference():
            grads, variables = self._usable(list(grads), variables)
            if variables:
                self._apply(grads, variables)
            self._iterations.assign(self._iterations.value + 1)

    def _check_variables(
        self, grads: Sequence[Any], trainable_variables: Sequence[Variable] | None
    ) -> list[Variable]:
        if trainable_variables is self._trainable_variables and self.built:
            variables = self._trainable_variables
            if len(grads) == len(variables):
                return variables
        if trainable_variables is None:
            if not self.built:
                raise ValueError(
                    f"Optimizer {self.name!r} is not built. Pass `trainable_variables` to `apply`, or call "
                    "`build(variables)` first."
                )
            variables = self._trainable_variables
        else:
            variables = list(trainable_variables)
        if len(grads) != len(variables):
            raise ValueError(
                f"Optimizer {self.name!r}: expected one gradient per variable, received {len(grads)} "
                f"gradients for {len(variables)} variables."
            )
        if not self.built:
            with name_scope(self.name, caller=self):
                self.build(variables)
        for variable in variables:
            if id(variable) not in self._positions:
                raise ValueError(
                    f"Optimizer {self.name!r} was built for other variables: {variable.path!r} is unknown to "
                    "it. Make a new optimizer, or build it with all variables it is to train."
                )
        return variables

    def _usable(self, grads: list[Any], variables: list[Variable]) -> tuple[list[Any], list[Variable]]:
        """Leaves out variables without gradient, and those whose gradient takes the value's place."""
        if True in [grad is None for grad in grads]:
            missing = [v.path for g, v in zip(grads, variables) if g is None]
            if len(missing) == len(variables):
                raise ValueError(
                    f"Optimizer {self.name!r}: no variable has a gradient. Does the loss depend on "
                    f"{', '.join(missing[:5])}? A loss computed outside the backend's operations, or from "
                    "rounded values, has none."
                )
            warnings.warn(
                f"Variables without gradient are left as they are: {', '.join(missing)}.", stacklevel=4
            )
            pairs = [(g, v) for g, v in zip(grads, variables) if g is not None]
            grads, variables = [g for g, _ in pairs], [v for _, v in pairs]
        if True in [v._overwrite_with_gradient for v in variables]:
            for grad, variable in zip(grads, variables):
                if variable.overwrite_with_gradient:
                    variable.assign(grad)
            pairs = [(g, v) for g, v in zip(grads, variables) if not v.overwrite_with_gradient]
            grads, variables = [g for g, _ in pairs], [v for _, v in pairs]
        return grads, variables

    def _apply(self, grads: list[Tensor], variables: list[Variable]) -> None:
        if self.loss_scale_factor is not None:
            grads = [g / self.loss_scale_factor for g in grads]
        if self.gradient_accumulation_steps:
            running.accumulate(self, grads, variables)
        else:
            self._step(grads, variables)
        if self.use_ema:
            self._update_averages(variables)

    def _step(self, grads: list[Tensor], variables: list[Variable]) -> None:
        """One update of the variables, by gradients that are final but for clipping."""
        grads = clipped(grads, self.clipnorm, self.clipvalue, self.global_clipnorm)
        rate = self._rate()
        self._decay(variables, rate, self.weight_decay)
        running.update(self, grads, variables, rate)
        for variable in variables:
            if variable._constraint is not None:
                variable.assign(variable._constraint(variable.value))

    def _update_averages(self, variables: Sequence[Variable]) -> None:
        # The first step starts from the variables themselves.
        started = ops.not_equal(self.iterations, 0)
        frequency = self.ema_overwrite_frequency
        for variable in variables:
            average = self._averages[self._positions[id(variable)]]
            momentum = ops.cast(started, variable.dtype) * self.ema_momentum
            average.assign(momentum * average.value + (1 - momentum) * variable.value)
            if frequency:
                due = ops.equal((self.iterations + 1) % frequency, 0)
                variable.assign(ops.where(due, average.value, variable.value))

    def exclude_from_weight_decay(
        self, var_list: Sequence[Variable] | None = None, var_names: Sequence[str] | None = None
    ) -> None:
        """Names variables that weight decay leaves alone; to be called before the first update.

        Args:
            var_list: Variables.
            var_names: Regular expressions, searched for in the variables' paths.
        """
        if self.built:
            raise ValueError(
                f"Optimizer {self.name!r}: `exclude_from_weight_decay` must be called before the optimizer "
                "is built."
            )
        self._decay.exclude(var_list or (), var_names or ())

    def finalize_variable_values(self, var_list: Sequence[Variable]) -> None:
        """Sets variables to their averages, if the optimizer keeps any; called at the end of training."""
        if not self.use_ema:
            return
        for variable in var_list:
            if id(variable) not in self._positions:
                continue  # It was thawed after the last step.
            variable.assign(self._averages[self._positions[id(variable)]].value)

    def scale_loss(self, loss: Tensor) -> Tensor:
        """Returns the loss to differentiate: scaled, if there is a `loss_scale_factor`."""
        return loss if self.loss_scale_factor is None else loss * self.loss_scale_factor

    def assign(self, variable: Variable, value: Any) -> None:
        """Assigns a value to a variable."""
        variable.assign(value)

    def assign_add(self, variable: Variable, value: Any) -> None:
        """Adds a value to a variable."""
        variable.assign_add(value)

    def assign_sub(self, variable: Variable, value: Any) -> None:
        """Subtracts a value from a variable."""
        variable.assign_sub(value)

    def stateless_apply(
        self,
        optimizer_variables: Sequence[Tensor],
        grads: Sequence[Tensor | None],
        trainable_variables: Sequence[Tensor],
    ) -> tuple[list[Tensor], list[Tensor]]:
        """Computes an update without changing variables.

        Args:
            optimizer_variables: Values of `variables`.
            grads: One gradient per trainable variable.
            trainable_variables: Values of the variables that the optimizer was built for.

        Returns:
            The new values of the trainable and of the optimizer's variables.

        Raises:
            ValueError: If the optimizer is not built, or numbers differ.
        """
        if not self.built:
            raise ValueError(
                f"Optimizer {self.name!r} must be built before `stateless_apply`: call `build(variables)`."
            )
        for name, values, known in (
            ("optimizer_variables", optimizer_variables, self.variables),
            ("trainable_variables", trainable_variables, self._trainable_variables),
        ):
            if len(values) != len(known):
                raise ValueError(
                    f"Optimizer {self.name!r}: expected `{name}` to hold {len(known)} values, received "
                    f"{len(values)}."
                )
        trained, own = self._trainable_variables, self.variables
        values = [*zip(trained, trainable_variables), *zip(own, optimizer_variables)]
        with StatelessScope(state_mapping=values) as scope:
            self.apply(grads)
        return [scope.get_current_value(v) for v in trained], [scope.get_current_value(v) for v in own]

    # Config

    def get_config(self) -> dict[str, Any]:
        """Returns the constructor's arguments, ready to be written as JSON."""
        rate = self._learning_rate
        config = {"name": self.name, **super().get_config()}
        config["learning_rate"] = (
            float(rate.numpy()) if isinstance(rate, Variable) else serialize_keras_object(rate)
        )
        return config

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> "Optimizer":
        """Makes an optimizer from what `get_config` returned."""
        rate = config.get("learning_rate")
        if isinstance(rate, dict):
            config = {
                **config,
                "learning_rate": deserialize_keras_object(rate, custom_objects=custom_objects),
            }
        return cls(**config)


def build_by_var_list(self: Optimizer, var_list: Sequence[Variable]) -> None:
    """See `Optimizer.build`; most optimizers know its parameter by this name."""
    Optimizer.build(self, var_list)
