"""`Steps`: what one step of training, evaluation and prediction is, and what of it users override.

Everything here is written imperatively and runs on every backend; `functions` compiles it. What it
asks of the model itself is in `protocol`.
"""

import inspect
from collections.abc import Iterable
from typing import Any

from keras_backends import settings
from keras_datasets.packing import unpack_x_y_sample_weight
from keras_ops import ops, tree
from keras_ops.revision import revision
from keras_ops.state import StatelessScope, state
from keras_ops.tensor import Tensor
from keras_ops.variable import Variable

from keras_training.trainer.compilation import Compilation
from keras_training.trainer.engine import make_engine
from keras_training.trainer.snapshot import Snapshot


class Steps:
    """The steps of a model, and the losses and metrics in them.

    `self` is a `protocol.TrainedModel` too.
    """

    optimizer: Any = None
    compiled = False
    _compilation: Compilation | None = None
    _engine: Any = None
    _snapshot: Snapshot | None = None
    """What the functions were made for; while it is up to date, no step walks over all layers."""

    @property
    def engine(self) -> Any:
        """What differentiates, compiles and runs steps on the selected backend."""
        if self._engine is None or self._engine.model is not self:
            self._engine = make_engine(self)
        return self._engine

    @property
    def _loss_tracker(self) -> Any:
        return self._compilation and self._compilation.loss_tracker

    @property
    def _compile_loss(self) -> Any:
        return self._compilation and self._compilation.loss

    @property
    def _compile_metrics(self) -> Any:
        return self._compilation and self._compilation.metrics

    @property
    def compiled_metrics(self) -> Any:
        """The metrics given to `compile`, as one; `compute_metrics` is the method to use in steps."""
        return self._compile_metrics

    # Steps

    def train_step(self, data: Any) -> Any:
        """One step of training; override it to train differently.

        On every backend an override may use `self.engine.gradients(function, variables)`, where
        `function` returns `(loss, anything else)`. The styles of the frameworks work too: a
        `GradientTape`, `loss.backward()`, and, with the signature `train_step(self, state, data)`,
        functions of the variables' values.

        Args:
            data: A batch: `x`, `(x, y)` or `(x, y, sample_weight)`.

        Returns:
            Dictionary of metrics.
        """
        x, y, y_pred, sample_weight = self._train(data)
        with state.backend.inference():
            return self.compute_metrics(x, y, y_pred, sample_weight=sample_weight)

    def _train(self, data: Any) -> tuple[Any, Any, Any, Any]:
        """Trains on a batch; returns it with the predictions, for the metrics."""
        x, y, sample_weight = unpack_x_y_sample_weight(data)

        def forward() -> tuple[Tensor, Any]:
            y_pred = self._call(x, training=True)
            loss = self._compute_loss(x, y, y_pred, sample_weight, training=True)
            self._track_loss(loss, x)
            return self._scaled(loss), y_pred

        variables = self._trained_variables()
        (_, y_pred), grads = self.engine.gradients(forward, variables)
        if variables and self.optimizer is not None:
            self.optimizer.apply(grads, variables)
        return x, y, y_pred, sample_weight

    def _trained_variables(self) -> list[Variable]:
        snapshot = self._snapshot
        if snapshot is None or snapshot.revision != revision.number:
            return self.trainable_variables
        return snapshot.trained

    def test_step(self, data: Any) -> Any:
        """One step of evaluation; override it to evaluate differently.

        Args:
            data: A batch: `x`, `(x, y)` or `(x, y, sample_weight)`.

        Returns:
            Dictionary of metrics.
        """
        x, y, y_pred, sample_weight = self._test(data)
        return self.compute_metrics(x, y, y_pred, sample_weight=sample_weight)

    def _test(self, data: Any) -> tuple[Any, Any, Any, Any]:
        """Evaluates a batch but for the metrics; returns it with the predictions."""
        x, y, sample_weight = unpack_x_y_sample_weight(data)
        y_pred = self._call(x, training=False)
        loss = self._compute_loss(x, y, y_pred, sample_weight, training=False)
        self._track_loss(loss, x)
        return x, y, y_pred, sample_weight

    def predict_step(self, data: Any) -> Any:
        """One step of prediction; override it to predict differently.

        Args:
            data: A batch: `x`, or a tuple that starts with it.

        Returns:
            Predictions.
        """
        return self._call(unpack_x_y_sample_weight(data)[0], training=False)

    def _call(self, x: Any, training: bool) -> Any:
        return self(x, training=training) if self._call_has_training_arg else self(x)

    def _scaled(self, loss: Tensor) -> Tensor:
        return loss if self.optimizer is None else self.optimizer.scale_loss(loss)

    def _track_loss(self, loss: Tensor, x: Any) -> None:
        if self._compilation is None:
            return
        if tree.is_nested(x):
            x = next(leaf for leaf in tree.flatten(x) if leaf is not None)
        with state.backend.inference():
            self._loss_tracker.update_state(loss, sample_weight=ops.shape(x)[0])

    # Loss and metrics

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> Tensor:
        """Computes the total loss; override it for losses that need more than targets and predictions.

        Args:
            x: Inputs.
            y: Targets.
            y_pred: Predictions.
            sample_weight: Weights.
            training: Whether this is for training.

        Returns:
            A scalar: the compiled losses, and those that layers added.

        Raises:
            ValueError: If there is no loss at all when training.
        """
        terms = []
        if self._compile_loss is not None:
            loss = self._compile_loss(y, y_pred, sample_weight)
            if loss is not None:
                terms.append(loss)
        dtype = settings.floatx()
        terms += [ops.sum(ops.cast(loss, dtype)) for loss in self.losses]
        if not terms:
            if training:
                raise ValueError(
                    f"Model {self.name!r} has no loss to train with: pass `loss` to `compile`, or call "
                    "`add_loss` in a layer."
                )
            return ops.zeros((), dtype=dtype)
        total = terms[0]
        for term in terms[1:]:
            total = total + term
        return total

    def _compute_loss(self, x: Any, y: Any, y_pred: Any, sample_weight: Any, training: bool) -> Tensor:
        """Calls `compute_loss`, also where an override does not know `training`."""
        arguments = {"x": x, "y": y, "y_pred": y_pred, "sample_weight": sample_weight}
        if type(self).compute_loss is Steps.compute_loss or _takes(self.compute_loss, "training"):
            arguments["training"] = training
        return self.compute_loss(**arguments)

    def compute_metrics(self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None) -> dict[str, Any]:
        """Updates the compiled metrics and returns all results; override it to add metrics.

        Args:
            x: Inputs.
            y: Targets.
            y_pred: Predictions.
            sample_weight: Weights.

        Returns:
            Dictionary from name to scalar tensor.
        """
        self._update_metrics(y, y_pred, sample_weight)
        return self.get_metrics_result()

    def _update_metrics(self, y: Any, y_pred: Any, sample_weight: Any) -> None:
        if self._compile_metrics is not None:
            self._compile_metrics.update_state(y, y_pred, sample_weight)

    def get_metrics_result(self) -> dict[str, Any]:
        """Returns the results of all metrics by name."""
        results: dict[str, Any] = {}
        for metric in self.metrics:
            value = metric.result()
            results.update(value if isinstance(value, dict) else {metric.name: value})
        return results

    @property
    def metrics(self) -> list[Any]:
        """The metrics of the compiled model: loss, compiled metrics, then those of layers."""
        own = [] if self._compilation is None else self._compilation.all_metrics
        return own + list(getattr(super(), "metrics", ()))

    def _metrics_in_another(self) -> Iterable[Any]:
        """Those of layers alone: the losses and metrics of a model do not change while another one is trained."""
        return self._metrics_inside()

    @property
    def metrics_names(self) -> list[str]:
        """Names of `metrics`."""
        return [metric.name for metric in self.metrics]

    @property
    def metrics_variables(self) -> list[Any]:
        """The variables of `metrics`."""
        return [v for metric in self.metrics for v in metric.variables]

    def reset_metrics(self) -> None:
        """Resets all metrics."""
        for metric in self.metrics:
            metric.reset_state()

    # Without changing variables

    def stateless_compute_loss(
        self,
        trainable_variables: Any,
        non_trainable_variables: Any,
        metrics_variables: Any,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> tuple[Tensor, tuple[list[Tensor], list[Tensor], list[Tensor]]]:
        """Computes the loss for given values of the variables.

        Args:
            trainable_variables: Values of the variables of that name.
            non_trainable_variables: Likewise.
            metrics_variables: Likewise.
            x: Inputs.
            y: Targets.
            y_pred: Predictions.
            sample_weight: Weights.
            training: Whether this is for training.

        Returns:
            `(loss, (trainable, non-trainable, metrics' values))`, the values afterwards.
        """
        groups = self.trainable_variables, self.non_trainable_variables, self.metrics_variables
        values = trainable_variables, non_trainable_variables, metrics_variables
        mapping = [pair for group, new in zip(groups, values) for pair in zip(group, new, strict=True)]
        with StatelessScope(state_mapping=mapping) as scope:
            loss = self._compute_loss(x, y, y_pred, sample_weight, training)
        return loss, tuple([scope.get_current_value(v) for v in group] for group in groups)

    def compute_loss_and_updates(
        self,
        trainable_variables: Any,
        non_trainable_variables: Any,
        metrics_variables: Any,
        x: Any,
        y: Any,
        sample_weight: Any,
        training: bool = False,
        optimizer_variables: Any = None,
    ) -> tuple[Tensor, tuple[Tensor, Any, list[Tensor], list[Tensor]]]:
        """Calls the model and computes the loss for given values of the variables.

        Args:
            trainable_variables: Values of the variables of that name.
            non_trainable_variables: Likewise.
            metrics_variables: Likewise.
            x: Inputs.
            y: Targets.
            sample_weight: Weights.
            training: Whether this is for training.
            optimizer_variables: Values of the optimizer's variables, for loss scaling.

        Returns:
            `(loss to differentiate, (loss, predictions, non-trainable values, metrics' values))`.
        """
        arguments = {"training": training} if self._call_has_training_arg else {}
        y_pred, non_trainable, added = self.stateless_call(
            trainable_variables, non_trainable_variables, x, return_losses=True, **arguments
        )
        groups = self.trainable_variables, self.non_trainable_variables, self.metrics_variables
        values = trainable_variables, non_trainable, metrics_variables
        mapping = [pair for group, new in zip(groups, values) for pair in zip(group, new, strict=True)]
        if optimizer_variables is not None:
            mapping += zip(self.optimizer.variables, optimizer_variables, strict=True)
        with StatelessScope(state_mapping=mapping, collect_losses=True) as scope:
            loss = self._compile_loss(y, y_pred, sample_weight) if self._compile_loss is not None else None
            for term in added:
                loss = term if loss is None else loss + term
            self._track_loss(loss, x)
            scaled = self._scaled(loss) if training else loss
        new = [[scope.get_current_value(v) for v in group] for group in groups[1:]]
        return scaled, (loss, y_pred, *new)


def _takes(function: Any, name: str) -> bool:
    parameters = inspect.signature(function).parameters
    return name in parameters or any(p.kind is p.VAR_KEYWORD for p in parameters.values())
