"""`CompileMetrics`: the metrics given to `compile`, matched with outputs and named."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from keras_ops import tree
from keras_ops.variable import Variable

from keras_training.metrics.metric import Metric
from keras_training.trainer.outputs import Outputs
from keras_training.trainer.resolution import resolve_metric


class Entry(NamedTuple):
    """A metric of one output."""

    position: int
    metric: Metric
    weighted: bool
    key: str
    """Its name in the logs."""


class CompileMetrics:
    """All metrics given to `compile`; looks like one metric whose result is a dict.

    Args:
        metrics: Name, function, metric, or lists and dicts of them by output; without weights.
        weighted_metrics: Likewise; they get sample weights.
        output_names: Names of the outputs where their structure has none.
    """

    name = "compile_metrics"

    def __init__(
        self, metrics: Any, weighted_metrics: Any, output_names: Sequence[str] | None = None
    ) -> None:
        self.given = metrics
        self.given_weighted = weighted_metrics
        self.output_names = output_names
        self.built = False
        self.outputs: Outputs | None = None
        self.entries: list[Entry] = []

    @property
    def metrics(self) -> list[Metric]:
        """The metrics; before the first batch, those that were given as objects."""
        if self.built:
            return [entry.metric for entry in self.entries]
        given = tree.flatten([self.given, self.given_weighted])
        return [x for x in given if isinstance(x, Metric)]

    @property
    def variables(self) -> list[Variable]:
        """The variables of all metrics."""
        return [v for entry in self.entries for v in entry.metric.variables]

    def build(self, y_true: Any, y_pred: Any) -> None:
        """Makes the metric objects.

        Args:
            y_true: Targets or their specs.
            y_pred: Predictions or their specs.
        """
        self.outputs = outputs = Outputs(y_pred, self.output_names)
        predictions = tree.flatten(y_pred)
        targets = outputs.align(y_true, "y")
        keys: set[str] = set()
        for given, what in ((self.given, "metrics"), (self.given_weighted, "weighted_metrics")):
            weighted = what == "weighted_metrics"
            for position, identifiers in enumerate(self._by_output(given, what)):
                for identifier in identifiers:
                    metric = resolve_metric(identifier, targets[position], predictions[position])
                    if metric is None:
                        continue
                    if hasattr(metric, "build") and targets[position] is not None:
                        # Its variables must be there before a step is compiled.
                        metric.build(targets[position].shape, predictions[position].shape)
                    key = metric.name if outputs.count == 1 else f"{outputs.names[position]}_{metric.name}"
                    key = self._unused(key, weighted, keys)
                    self.entries.append(Entry(position, metric, weighted, key))
        self.built = True

    @staticmethod
    def _unused(key: str, weighted: bool, keys: set[str]) -> str:
        if key in keys and weighted:
            key = f"weighted_{key}"
        base, number = key, 0
        while key in keys:
            number += 1
            key = f"{base}_{number}"
        keys.add(key)
        return key

    def _by_output(self, given: Any, what: str) -> list[list[Any]]:
        """Returns a list of identifiers per output."""
        outputs = self.outputs
        if given is None:
            return [[] for _ in range(outputs.count)]
        if isinstance(given, Mapping):
            unknown = [name for name in given if name not in outputs.names]
            if unknown and not (outputs.count == 1 and len(given) == 1):
                raise ValueError(
                    f"Expected the keys of `{what}` to be names of outputs ({', '.join(outputs.names)}), "
                    f"received {', '.join(map(repr, unknown))}."
                )
            entries = list(given.values()) if unknown else [given.get(name) for name in outputs.names]
            return [_as_list(entry) for entry in entries]
        entries = _as_list(given)
        if outputs.count == 1:
            return [[x for entry in entries for x in _as_list(entry)]]
        if not entries:
            return [[] for _ in range(outputs.count)]
        if len(entries) != outputs.count:
            raise ValueError(
                f"Expected `{what}` to have {outputs.count} entries, one for each output "
                f"({', '.join(outputs.names)}), received {len(entries)}: {given!r}."
            )
        return [_as_list(entry) for entry in entries]

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Updates all metrics by a batch.

        Args:
            y_true: Targets, in any form that goes with the outputs.
            y_pred: Predictions.
            sample_weight: Weights, for all outputs or by output.
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
        for position, metric, weighted, _ in self.entries:
            if weighted and weights[position] is not None:
                metric.update_state(targets[position], predictions[position], sample_weight=weights[position])
            else:
                metric.update_state(targets[position], predictions[position])

    def reset_state(self) -> None:
        """Resets all metrics."""
        for entry in self.entries:
            entry.metric.reset_state()

    def result(self) -> dict[str, Any]:
        """Returns the results by name; those of a metric whose result is a dict are put in beside."""
        results: dict[str, Any] = {}
        for entry in self.entries:
            value = entry.metric.result()
            results.update(value if isinstance(value, dict) else {entry.key: value})
        return results


def _as_list(x: Any) -> list[Any]:
    if x is None:
        return []
    return list(x) if isinstance(x, (list, tuple)) else [x]
