"""`TrainedModel`: what training needs of a model, besides the methods that `Trainer` gives it.

`keras_layers.Layer` has all of it, so that `class Model(Trainer, Layer)` is complete; training imports
neither.
"""

from collections.abc import Iterable
from typing import Any, Protocol

from keras_ops.tensor import Tensor
from keras_ops.variable import Variable


class Built(Protocol):
    """Something that has its variables, or waits for the shapes of a first call."""

    built: bool


class TrainedModel(Protocol):
    """A model as `Steps` and `Trainer` see it.

    A model with several outputs may also have `output_names`, by which losses and metrics are matched.
    """

    name: str
    built: bool
    dtype_policy: Any
    """Its `name` decides about loss scaling."""
    variables: list[Variable]
    trainable_variables: list[Variable]
    non_trainable_variables: list[Variable]
    losses: list[Tensor]
    """Scalars that layers added in the last call, and those of regularizers."""
    _call_has_training_arg: bool
    """Whether `__call__` takes `training`."""

    def __call__(self, x: Any, *, training: bool = ...) -> Any:
        """Computes the outputs for a batch of inputs."""

    def stateless_call(
        self, trainable_variables: Any, non_trainable_variables: Any, *args: Any, **kwargs: Any
    ) -> tuple[Any, ...]:
        """Computes the outputs for given values of the variables."""

    def _metrics_inside(self) -> Iterable[Any]:
        """The metrics of the layers inside."""

    def _flatten_layers(self) -> Iterable[Built]:
        """The model and all layers in it; a batch builds those that are not built."""
