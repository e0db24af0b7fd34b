"""`CompileLoss`: the losses given to `compile`, matched with outputs, weighted and added up."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from keras_ops import ops, tree
from keras_ops.state import state
from keras_ops.tensor import Tensor

from keras_training.losses.crossentropy import check_labels, sparse_categorical_crossentropy
from keras_training.losses.loss import Loss
from keras_training.metrics.reductions import Mean
from keras_training.trainer.outputs import Outputs
from keras_training.trainer.resolution import resolve_loss


class Term(NamedTuple):
    """The loss of one output."""

    position: int
    loss: Loss
    weight: float | None
    tracker: Mean | None


class ClassNumbers(NamedTuple):
    """What a loss says of the targets of its output."""

    position: int
    classes: int | None
    ignored: int | None
    name: str


class CompileLoss:
    """Total loss of all outputs.

    Args:
        loss: Name, function, loss, or a list, dict or nest of them by output.
        loss_weights: Factors in the same form.
        output_names: Names of the outputs where their structure has none.

    Raises:
        ValueError: If the form of `loss_weights` does not go with that of `loss`.
    """

    def __init__(
        self, loss: Any, loss_weights: Any = None, output_names: Sequence[str] | None = None
    ) -> None:
        if tree.is_nested(loss_weights) and not tree.is_nested(loss):
            # A list of one weight for one loss is accepted, as everywhere.
            flat = tree.flatten(loss_weights)
            if len(flat) > 1:
                raise ValueError(
                    "`loss_weights` must have the structure of `loss`: received one loss and "
                    f"loss_weights={loss_weights!r}."
                )
            loss_weights = flat[0] if flat else None
        self.given = loss
        self.given_weights = loss_weights
        self.output_names = output_names
        self.built = False
        self.outputs: Outputs | None = None
        self.terms: list[Term] = []
        self._class_numbers: list[ClassNumbers] = []

    @property
    def metrics(self) -> list[Mean]:
        """Means of the losses of single outputs, where there are several."""
        return [term.tracker for term in self.terms if term.tracker is not None]

    def build(self, y_true: Any, y_pred: Any) -> None:
        """Makes the loss objects.

        Args:
            y_true: Targets or their specs.
            y_pred: Predictions or their specs.
        """
        self.outputs = outputs = Outputs(y_pred, self.output_names)
        predictions = tree.flatten(y_pred)
        targets = outputs.align(y_true, "y")
        given, weights = self.given, self.given_weights
        if not tree.is_nested(given):
            given = [given] * outputs.count
            weights = None if weights is None else [weights] * outputs.count
        entries = outputs.align(given, "loss")
        factors = outputs.align(weights, "loss_weights")
        wanted = [i for i in self._order(outputs) if entries[i] is not None]
        for i in wanted:
            if targets[i] is None and isinstance(entries[i], str) and entries[i] in ("ce", "crossentropy"):
                raise ValueError(f"loss={entries[i]!r} depends on the targets, but there are none.")
            loss = resolve_loss(entries[i], targets[i], predictions[i])
            tracker = Mean(name=f"{outputs.names[i]}_loss") if outputs.count > 1 else None
            self.terms.append(Term(i, loss, factors[i], tracker))
            if getattr(loss, "fn", None) is sparse_categorical_crossentropy:
                classes = predictions[i].shape[getattr(loss, "axis", -1)]
                ignored = getattr(loss, "ignore_class", None)
                self._class_numbers.append(ClassNumbers(i, classes, ignored, loss.name))
        self.built = True

    def _order(self, outputs: Outputs) -> list[int]:
        """Positions of outputs as the user listed the losses, which is the order of the trackers."""
        if isinstance(self.given, Mapping) and all(name in outputs.names for name in self.given):
            return [outputs.names.index(name) for name in self.given]
        return list(range(outputs.count))

    def check_targets(self, y_true: Any, fetch: bool) -> None:
        """Refuses class numbers that an output has no class for, which training would take for a loss of 0.

        Args:
            y_true: Targets, in any form that goes with the outputs; not traced.
            fetch: Whether to look at tensors too, which waits for the device.

        Raises:
            ValueError: If there are such numbers.
        """
        if not self._class_numbers:
            return
        targets = self.outputs.align(y_true, "y")
        for position, classes, ignored, name in self._class_numbers:
            labels = targets[position]
            if fetch and state.backend.is_tensor(labels):
                labels = state.backend.numpy(labels)
            check_labels(labels, classes, ignored, name, f"the output {self.outputs.names[position]!r}")

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Tensor | None:
        """Computes the total.

        Args:
            y_true: Targets, in any form that goes with the outputs.
            y_pred: Predictions.
            sample_weight: Weights, for all outputs or by output.

        Returns:
            A scalar; `None` if no output has a loss.

        Raises:
            ValueError: If an output that has a loss has no targets.
        """
        if not self.built:
            self.build(y_true, y_pred)
        outputs = self.outputs
        predictions = [y_pred] if outputs.single else tree.flatten(y_pred)
        targets = outputs.align(y_true, "y")
        if sample_weight is not None and not tree.is_nested(sample_weight):
            weights = [sample_weight] * outputs.count
        else:
            weights = outputs.align(sample_weight, "sample_weight")
        total = None
        for position, loss, factor, tracker in self.terms:
            prediction = predictions[position]
            if targets[position] is None:
                raise ValueError(
                    f"Output {outputs.names[position]!r} has a loss, {loss.name!r}, but there are no targets "
                    "for it. Pass `y`, or compile with None as the loss of this output."
                )
            value = loss(targets[position], prediction, weights[position])
            if tracker is not None:
                tracker.update_state(value, sample_weight=ops.shape(prediction)[0])
            if factor is not None:
                value = value * factor
            total = value if total is None else total + value
        return total
