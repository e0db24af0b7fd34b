"""Steps with the variables' values in and out, `step(state, data)`: JAX's way, beside `step(data)`.

`FunctionalSteps` gives the default steps that signature on backends whose state is functional;
`imperative` goes the other way, for steps that users write so. `functions` compiles either.
"""

from collections.abc import Callable, Sequence
from typing import Any

from keras_backends.selection import active
from keras_ops.state import StatelessScope
from keras_ops.variable import Variable

from keras_training.trainer.steps import Steps

GROUPS = {
    "train_step": (
        "trainable_variables",
        "non_trainable_variables",
        "optimizer_variables",
        "metrics_variables",
    ),
    "test_step": ("trainable_variables", "non_trainable_variables", "metrics_variables"),
    "predict_step": ("trainable_variables", "non_trainable_variables"),
}
"""Variables whose values a step with state gets, in order."""

ABSENT: Any = object()


def variables_of(model: Any, group: str) -> list[Variable]:
    """Returns the variables of a group in `GROUPS`."""
    if group == "optimizer_variables":
        return [] if model.optimizer is None else model.optimizer.variables
    return getattr(model, group)


def imperative(model: Any, name: str) -> Callable[[Any], Any]:
    """Makes a step of a batch out of one that takes the variables' values and returns new ones."""
    method = getattr(model, name)
    groups = GROUPS[name]

    def step(batch: Any) -> Any:
        variables = [variables_of(model, group) for group in groups]
        values = tuple([v.value for v in group] for group in variables)
        # What the step assigns to variables in passing does not count: it returns the new values.
        with StatelessScope():
            result, new = method(values, batch)
        if name == "predict_step":
            variables, new = variables[1:], (new,)
        for group, group_values in zip(variables, new, strict=True):
            for variable, value in zip(group, group_values, strict=True):
                variable.assign(value)
        return result

    return step


class FunctionalSteps(Steps):
    """The default steps, called with a batch, or with the variables' values and a batch.

    `super().train_step(data)` and `super().train_step(state, data)` both work in an override; the
    second returns `(logs, state)`. The values come in lists: trainable, non-trainable, optimizer's (when
    training) and metrics' variables (not when predicting).
    """

    def train_step(self, state: Any = ABSENT, data: Any = ABSENT) -> Any:
        """One step of training; see `Steps.train_step`.

        Args:
            state: Values of the variables; or the batch, if it is the only argument.
            data: A batch.

        Returns:
            Metrics; with `state`, metrics and new values.
        """
        return self._with_state("train_step", super().train_step, state, data)

    def test_step(self, state: Any = ABSENT, data: Any = ABSENT) -> Any:
        """One step of evaluation; see `train_step` for the arguments."""
        return self._with_state("test_step", super().test_step, state, data)

    def predict_step(self, state: Any = ABSENT, data: Any = ABSENT) -> Any:
        """One step of prediction; with `state` it returns outputs and values of non-trainable variables."""
        return self._with_state("predict_step", super().predict_step, state, data)

    def _with_state(
        self, name: str, step: Callable[[Any], Any], values: Sequence[Sequence[Any]], data: Any
    ) -> Any:
        if data is ABSENT:
            return step(values)
        if values is ABSENT:
            return step(data)
        groups = [variables_of(self, group) for group in GROUPS[name]]
        if [len(group) for group in values] != [len(group) for group in groups]:
            raise ValueError(
                f"{type(self).__name__}.{name}: expected `state` to hold {', '.join(GROUPS[name])}, "
                f"{[len(group) for group in groups]} values, received {[len(group) for group in values]}. "
                "Build the model and its optimizer before taking their values."
            )
        mapping = [pair for group, new in zip(groups, values) for pair in zip(group, new)]
        with StatelessScope(state_mapping=mapping, collect_losses=True) as scope:
            result = step(data)
        new = tuple([scope.get_current_value(v) for v in group] for group in groups)
        return result, new[1] if name == "predict_step" else new


STEPS: type[Steps] = FunctionalSteps if active().traits.functional else Steps
"""The default steps on the selected backend."""
