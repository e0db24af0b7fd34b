"""From metrics to what users see: logs, lists in a fixed order, plain numbers."""

from collections.abc import Mapping
from typing import Any

from keras_training.callbacks.logs import Logs


def as_logs(results: Any) -> Logs:
    """Returns the results of a step by sorted name, not yet fetched from the device.

    Args:
        results: What the step returned: a dict, possibly of dicts, of scalars; or a function that
            returns that.
    """
    if callable(results):
        results = results()
    if not isinstance(results, Mapping):
        return Logs({} if results is None else {"outputs": results})
    flat: dict[str, Any] = {}
    for name, value in results.items():
        flat.update(value if isinstance(value, Mapping) else {name: value})
    return Logs({name: flat[name] for name in sorted(flat)})


def in_order(logs: Mapping[str, Any], metrics: list[Any]) -> Any:
    """Returns logs as a list: first the model's metrics in their order, then the others by name.

    A single value comes without the list.
    """
    names = [metric.name for metric in metrics]
    values = [logs[name] for name in names if name in logs]
    values += [logs[name] for name in sorted(logs) if name not in names]
    return values[0] if len(values) == 1 else values
