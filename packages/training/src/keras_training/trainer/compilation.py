"""`Compilation`: what `compile` was given, what was made of it, and its config."""

from collections.abc import Sequence
from typing import Any

from keras_ops.serialize import serialize_keras_object

from keras_training.metrics.reductions import Mean
from keras_training.trainer.compile_loss import CompileLoss
from keras_training.trainer.compile_metrics import CompileMetrics
from keras_training.trainer.resolution import check_names


class Compilation:
    """The result of `compile`, kept by the model as one plain object, which is not tracked.

    Args:
        arguments: The arguments of `compile`, for the config.
        output_names: Names of the model's outputs, where it has them.

    Raises:
        ValueError: If a loss or metric is unknown.
    """

    def __init__(self, arguments: dict[str, Any], output_names: Sequence[str] | None) -> None:
        self.arguments = arguments
        loss, metrics = arguments["loss"], arguments["metrics"]
        weighted = arguments["weighted_metrics"]
        check_names(loss, metrics, weighted)
        self.loss = None if loss is None else CompileLoss(loss, arguments["loss_weights"], output_names)
        self.metrics = None
        if metrics is not None or weighted is not None:
            self.metrics = CompileMetrics(metrics, weighted, output_names)
        self.loss_tracker = Mean(name="loss")

    @property
    def all_metrics(self) -> list[Any]:
        """Loss tracker, compiled metrics as one, trackers of single outputs' losses."""
        found: list[Any] = [self.loss_tracker]
        if self.metrics is not None:
            found.append(self.metrics)
        if self.loss is not None:
            found.extend(self.loss.metrics)
        return found

    @property
    def needs_build(self) -> bool:
        """Whether losses or metrics wait for the shapes of a first batch."""
        return any(part is not None and not part.built for part in (self.loss, self.metrics))

    def build(self, y_true: Any, y_pred: Any) -> None:
        """Makes losses and metrics for targets and predictions of these specs."""
        if self.loss is not None and not self.loss.built and y_true is not None:
            self.loss.build(y_true, y_pred)
        if self.metrics is not None and not self.metrics.built and y_true is not None:
            self.metrics.build(y_true, y_pred)

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments of `compile`, ready to be written as JSON."""
        return {name: serialize_keras_object(value) for name, value in self.arguments.items()}
