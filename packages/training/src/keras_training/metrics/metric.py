"""`Metric`, the base of all metrics: variables, an update and a result.

The Trainer updates metrics inside the compiled step; nothing here waits for a device.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from keras_backends.api import export
from keras_ops import initializers, ops
from keras_ops.configurable import Configurable
from keras_ops.naming import auto_name
from keras_ops.state import StatelessScope, name_scope
from keras_ops.tensor import Tensor
from keras_ops.variable import Variable

from keras_training.losses.loss import compute_dtype


@export(["keras.Metric", "keras.metrics.Metric"])
class Metric(Configurable):
    """Base of metrics.

    A subclass makes its variables in the constructor with `add_variable`, and implements
    `update_state` and `result`. `reset_state` sets all variables to zero unless it is overridden.

    Args:
        dtype: Dtype of the variables and of the computation; floatx by default.
        name: Name; by default that of the class in snake case.

    Example:

        >>> class Largest(Metric):
        ...     def __init__(self, name="largest", **kwargs):
        ...         super().__init__(name=name, **kwargs)
        ...         self.value = self.add_variable((), "zeros", name="value")
        ...     def update_state(self, values):
        ...         self.value.assign(ops.maximum(self.value, ops.max(values)))
        ...     def result(self):
        ...         return self.value.value
        >>> metric = Largest()
        >>> metric.update_state([1.0, 3.0])
        >>> float(metric.result())
        3.0
    """

    tracked_as = "metric"
    _direction: str | None = None
    """Which way is better, `"up"` or `"down"`; `None` if that is not known."""

    def __init__(self, dtype: Any = None, name: str | None = None) -> None:
        self._variables: list[Variable] = []
        self._metrics: list[Metric] = []
        self.name = name or auto_name(type(self).__name__)
        self._dtype = compute_dtype(dtype)

    def __setattr__(self, name: str, value: Any) -> None:
        if isinstance(value, Variable):
            self._track(self._variables_or_fail(), value)
        elif isinstance(value, Metric):
            self._variables_or_fail()
            self._track(self._metrics, value)
        super().__setattr__(name, value)

    def _variables_or_fail(self) -> list[Variable]:
        variables = self.__dict__.get("_variables")
        if variables is None:
            raise RuntimeError(
                f"{type(self).__name__}: call `super().__init__()` first in the constructor, before "
                "variables and metrics are assigned."
            )
        return variables

    @staticmethod
    def _track(known: list[Any], new: Any) -> None:
        if all(item is not new for item in known):
            known.append(new)

    @property
    def dtype(self) -> str:
        """The dtype of the metric's variables."""
        return self._dtype

    @property
    def variables(self) -> list[Variable]:
        """The variables of this metric and of metrics inside it."""
        variables = list(self._variables)
        for metric in self._metrics:
            variables += metric.variables
        return variables

    def add_variable(
        self,
        shape: Sequence[int],
        initializer: Any,
        dtype: Any = None,
        aggregation: str = "sum",
        name: str | None = None,
    ) -> Variable:
        """Makes a variable that the metric accumulates in.

        Args:
            shape: Shape.
            initializer: Initializer or its name.
            dtype: Dtype, by default that of the metric.
            aggregation: How values of replicas are combined.
            name: Name of the variable.

        Returns:
            The variable.
        """
        variables = self._variables_or_fail()
        with name_scope(self.name.replace("/", ">"), caller=self):
            variable = Variable(
                initializers.get(initializer),
                shape=shape,
                dtype=dtype or self._dtype,
                trainable=False,
                autocast=False,
                aggregation=aggregation,
                name=name,
            )
        variables.append(variable)
        return variable

    def add_weight(
        self,
        shape: Sequence[int] = (),
        initializer: Any = None,
        dtype: Any = None,
        name: str | None = None,
    ) -> Variable:
        """Makes a variable; see `add_variable`."""
        return self.add_variable(shape, "zeros" if initializer is None else initializer, dtype, name=name)

    def reset_state(self) -> None:
        """Sets all variables to zero."""
        for variable in self.variables:
            variable.assign(ops.zeros(variable.shape, dtype=variable.dtype))

    def update_state(self, *args: Any, **kwargs: Any) -> None:
        """Takes a batch into account; subclasses implement it."""
        raise NotImplementedError(
            f"Metric {self.name!r} of type {type(self).__name__} must implement `update_state`; it does not."
        )

    def result(self) -> Any:
        """Returns the value so far: a scalar tensor, or a dictionary of them. Subclasses implement it."""
        raise NotImplementedError(
            f"Metric {self.name!r} of type {type(self).__name__} must implement `result`; it does not."
        )

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Updates, then returns the result."""
        self.update_state(*args, **kwargs)
        return self.result()

    def stateless_update_state(
        self, metric_variables: Iterable[Tensor], *args: Any, **kwargs: Any
    ) -> list[Tensor]:
        """Returns the variables' values after an update, without changing the variables.

        Args:
            metric_variables: Values of `variables`, in their order.
            *args: Arguments of `update_state`.
            **kwargs: Arguments of `update_state`.

        Returns:
            The new values.

        Raises:
            ValueError: If there are not as many values as variables.
        """
        with self._holding(metric_variables) as scope:
            self.update_state(*args, **kwargs)
        return self._values_in(scope)

    def stateless_result(self, metric_variables: Iterable[Tensor]) -> Any:
        """Returns the result for given values of the variables."""
        with self._holding(metric_variables):
            return self.result()

    def stateless_reset_state(self) -> list[Tensor]:
        """Returns the variables' values after a reset, without changing the variables."""
        with StatelessScope() as scope:
            self.reset_state()
        return self._values_in(scope)

    def _holding(self, values: Iterable[Tensor]) -> StatelessScope:
        values, variables = list(values), self.variables
        if len(values) != len(variables):
            raise ValueError(
                f"Metric {self.name!r}: expected `metric_variables` to hold {len(variables)} values, one "
                f"for each of `metric.variables`, received {len(values)}."
            )
        return StatelessScope(state_mapping=zip(variables, values, strict=True))

    def _values_in(self, scope: StatelessScope) -> list[Tensor]:
        values = []
        for variable in self.variables:
            value = scope.get_current_value(variable)
            values.append(variable.raw if value is None else value)
        return values

    def get_config(self) -> dict[str, Any]:
        """Returns the constructor's arguments, ready to be written as JSON."""
        return super().get_config()

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "Metric":
        """Makes a metric from what `get_config` returned."""
        return cls(**config)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}>"
