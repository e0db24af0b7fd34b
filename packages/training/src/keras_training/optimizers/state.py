"""`OptimizerState`: the variables of an optimizer (steps done, learning rate, slots), made, found and saved.

The base of `Optimizer`, which adds what a step does with them. Nothing here computes an update.
"""

import functools
import inspect
import warnings
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from keras_ops import initializers, ops
from keras_ops.configurable import Configurable
from keras_ops.naming import did_you_mean
from keras_ops.revision import revision
from keras_ops.state import name_scope, state
from keras_ops.variable import Variable

from keras_training.optimizers.schedule import LearningRateSchedule


class OptimizerState(Configurable):
    """Holds an optimizer's variables.

    Args:
        name: Name of the optimizer, which prefixes the paths of its variables.
        learning_rate: A number, a `LearningRateSchedule`, or a function without arguments.
    """

    slots: tuple[tuple[str, ...], ...] = ()
    """Names of the variables kept per trainable variable. Those of one group are made variable by
    variable, group after group, which is the order files have them in."""
    slot_initializer: Any = "zeros"
    gradient_accumulation_steps: int | None = None
    use_ema = False

    def __init__(self, name: str, learning_rate: Any) -> None:
        self.name = name
        self.built = False
        self._variables: list[Variable] = []
        self._trainable_variables: list[Variable] = []
        self._positions: dict[int, int] = {}
        self._slots: dict[str, list[Variable]] = {}
        self._averages: list[Variable] = []
        self._accumulators: list[Variable] = []
        self._kept: dict[str, list[Variable]] = {}
        self._first_new = self._own_count = 0
        counter = state.backend.traits.counters
        with name_scope(self.name, caller=self):
            self._iterations = self._track(
                Variable(
                    0, dtype=counter, trainable=False, name="iteration", aggregation="only_first_replica"
                )
            )
        self._learning_rate: Any = None
        self.learning_rate = learning_rate

    def _track(self, variable: Variable) -> Variable:
        kept = self._kept.get(variable.name)
        if kept and kept[0].shape == variable.shape:
            variable = kept.pop(0)
        self._variables.append(variable)
        return variable

    @property
    def variables(self) -> list[Variable]:
        """All variables of the optimizer: iteration, learning rate, then slots."""
        return list(self._variables)

    @property
    def iterations(self) -> Any:
        """The number of updates done."""
        if self.gradient_accumulation_steps:
            return ops.floor_divide(self._iterations, self.gradient_accumulation_steps)
        return self._iterations

    @property
    def learning_rate(self) -> Any:
        """The learning rate: a variable, or the current value of a schedule or function."""
        rate = self._learning_rate
        if isinstance(rate, Variable):
            return rate
        return rate(self.iterations) if isinstance(rate, LearningRateSchedule) else rate()

    def _rate(self) -> Any:
        """The learning rate of this step, as a tensor."""
        rate = self.learning_rate
        return rate.value if isinstance(rate, Variable) else ops.convert_to_tensor(rate)

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        old = self._learning_rate
        if isinstance(value, LearningRateSchedule) or callable(value):
            self._learning_rate = value
            revision.mark(self)
            if isinstance(old, Variable):
                self._variables = [v for v in self._variables if v is not old]
        elif isinstance(old, LearningRateSchedule):
            raise TypeError(
                f"Optimizer {self.name!r} was made with a schedule as `learning_rate`, so that its value "
                f"can not be set to {value!r}. Make it with a number if it is to be changed later, e.g. by "
                "callbacks."
            )
        elif isinstance(old, Variable):
            self._refuse_negative(value)
            old.assign(value)
        else:
            if isinstance(value, str) or not np.ndim(_host(value)) == 0:
                raise ValueError(
                    f"Optimizer {self.name!r}: expected `learning_rate` to be a number, a schedule or a "
                    f"function, received learning_rate={value!r} of type {type(value).__name__}."
                )
            self._refuse_negative(_host(value))
            with name_scope(self.name, caller=self):
                self._learning_rate = self._track(
                    Variable(
                        float(_host(value)),
                        dtype="float32",
                        trainable=False,
                        autocast=False,
                        name="learning_rate",
                        aggregation="only_first_replica",
                    )
                )

    def _refuse_negative(self, rate: Any) -> None:
        if isinstance(rate, (int, float, np.generic, np.ndarray)) and np.any(rate < 0):
            raise ValueError(
                f"Optimizer {self.name!r}: expected `learning_rate` to be 0 or more, received "
                f"learning_rate={rate!r}, with which training would climb."
            )

    def build(self, variables: Sequence[Variable]) -> None:
        """Makes the slots for the variables to be trained.

        Args:
            variables: Trainable variables, in the order gradients will come in.
        """
        if self.built:
            return
        if not self._first_new:
            self._own_count = len(self._variables)
        self._trainable_variables = list(variables)
        self._positions = {id(v): i for i, v in enumerate(self._trainable_variables)}
        if self.use_ema:
            self._averages = self.add_optimizer_variables(variables, "average")
        if self.gradient_accumulation_steps:
            self._accumulators = self.add_optimizer_variables(variables, "gradient_accumulator")
        for group in self.slots:
            made = self.add_optimizer_variables(variables, group, self.slot_initializer)
            self._slots.update(zip(group, made, strict=True))
        self.built = True

    def extend(self, variables: Sequence[Variable]) -> None:
        """Takes in further variables to be trained; those that are known keep their slots.

        Args:
            variables: Trainable variables. Known ones that are not among them stay known.
        """
        known = self._trainable_variables
        new = [v for v in variables if id(v) not in self._positions]
        if not new:
            return
        # Built anew with the known ones first: each slot then meets the older one of its name in order.
        before, self._variables = self._variables, []
        for variable in before:
            self._kept.setdefault(variable.name, []).append(variable)
        self._first_new = len(known)
        self.built = False
        try:
            self.build([*known, *new])
        finally:
            self._kept, self._first_new = {}, 0
        made = set(map(id, self._variables))
        self._variables = [*(v for v in before if id(v) not in made), *self._variables]
        for variable, average in zip(new, self._averages[len(known) :]):
            average.assign(variable.value)

    def add_variable(
        self,
        shape: Sequence[int],
        initializer: Any = "zeros",
        dtype: Any = None,
        aggregation: str = "none",
        layout: Any = None,
        name: str | None = None,
    ) -> Variable:
        """Makes a variable of the optimizer.

        Args:
            shape: Shape.
            initializer: Initializer or its name.
            dtype: Dtype, floatx by default.
            aggregation: How values of replicas are combined.
            layout: Layout over devices.
            name: Name.

        Returns:
            The variable.
        """
        with name_scope(self.name, caller=self):
            return self._track(
                Variable(
                    initializers.get(initializer),
                    shape=shape,
                    dtype=dtype,
                    trainable=False,
                    aggregation=aggregation,
                    layout=layout,
                    name=name,
                )
            )

    def add_variable_from_reference(
        self, reference_variable: Variable, name: str | None = None, initializer: Any = "zeros"
    ) -> Variable:
        """Makes a variable of the shape, dtype and layout of another one.

        Args:
            reference_variable: The other one; its path becomes part of the name.
            name: Last part of the name.
            initializer: Initializer or its name.

        Returns:
            The variable.
        """
        path = getattr(reference_variable, "path", None) or reference_variable.name
        return self.add_variable(
            reference_variable.shape,
            initializer,
            dtype=reference_variable.dtype,
            layout=getattr(reference_variable, "_layout", None),
            name=f"{path.replace('/', '_')}_{name or 'var'}",
        )

    def add_optimizer_variables(
        self, trainable_variables: Sequence[Variable], name: Any, initializer: Any = "zeros"
    ) -> Any:
        """Makes one slot, or several, for each trainable variable.

        Args:
            trainable_variables: The variables.
            name: Name of the slot, or a sequence of names.
            initializer: Initializer, or a sequence of one per name.

        Returns:
            A list of variables, or a tuple of a list per name.
        """
        names = (name,) if isinstance(name, str) else tuple(name)
        given = isinstance(initializer, (list, tuple))
        start = tuple(initializer) if given else (initializer,) * len(names)
        made: tuple[list[Variable], ...] = tuple([] for _ in names)
        for variable in trainable_variables:
            for slots, slot_name, initial in zip(made, names, start, strict=True):
                slots.append(self.add_variable_from_reference(variable, slot_name, initial))
        return made[0] if isinstance(name, str) else made

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != "_positions"}

    def __setstate__(self, values: dict[str, Any]) -> None:
        """Takes over attributes in a copy, whose variables are other objects."""
        vars(self).update(values)
        self._positions = {id(v): i for i, v in enumerate(self._trainable_variables)}

    def _get_variable_index(self, variable: Variable) -> int:
        """Position of a trainable variable, hence of its slots."""
        return self._positions[id(variable)]

    def save_own_variables(self, store: Any) -> None:
        """Writes the variables' values into a mapping."""
        for i, variable in enumerate(self.variables):
            store[str(i)] = variable.numpy()

    def load_own_variables(self, store: Mapping[str, Any]) -> None:
        """Reads the variables' values from a mapping; keeps them, with a warning, if it is of another size."""
        variables = self.variables
        if len(store.keys()) == self._own_count:
            # Saved before its first step, it had no slots; those made here are as they would be.
            variables = variables[: self._own_count]
        if len(store.keys()) != len(variables):
            warnings.warn(
                f"Optimizer {self.name!r} has {len(variables)} variables, the saved one has "
                f"{len(store.keys())}: its state is not loaded.",
                stacklevel=2,
            )
            return
        for i, variable in enumerate(variables):
            variable.assign(store[str(i)])

    def set_weights(self, weights: Sequence[Any]) -> None:
        """Sets the values of all variables.

        Args:
            weights: Values, in the order of `variables`.
        """
        if not self.built:
            raise ValueError(f"Optimizer {self.name!r} must be built before its weights are set.")
        for variable, value in zip(self.variables, weights, strict=True):
            if tuple(variable.shape) != tuple(np.shape(value)):
                raise ValueError(
                    f"Optimizer {self.name!r}: variable {variable.path!r} has shape {variable.shape}, "
                    f"received a value of shape {np.shape(value)}."
                )
            variable.assign(value)


@functools.cache
def parameters_of(kind: type) -> frozenset[str]:
    """Returns the names of what the constructor of an optimizer takes, those of its bases included."""
    inits = [
        base.__init__
        for base in kind.__mro__
        if issubclass(base, OptimizerState) and "__init__" in vars(base)
    ]
    names = {name for init in inits for name in inspect.signature(init).parameters}
    return frozenset(names - {"self", "kwargs"})


def unknown_arguments(kind: type, names: Iterable[str]) -> str:
    """Returns what to say of arguments that the constructor of an optimizer does not know."""
    known = parameters_of(kind)
    hints = "".join(did_you_mean(name, known) for name in names)
    return f"arguments not recognized: {sorted(names)}.{hints} Known ones are {', '.join(sorted(known))}."


def _host(value: Any) -> Any:
    """A number from whatever holds one."""
    if isinstance(value, (int, float, np.generic, np.ndarray)):
        return value
    return value.numpy() if isinstance(value, Variable) else ops.convert_to_numpy(value)
