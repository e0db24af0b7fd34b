"""Names of a model's outputs, and how losses, metrics, targets and weights are matched with them."""

from collections.abc import Mapping, Sequence
from typing import Any

from keras_ops import tree


class Outputs:
    """The outputs of a model: names and order, whatever structure they come in.

    Args:
        y_pred: Predictions, or specs of them, as the model returns them.
        names: Names of the outputs where the structure has none.
    """

    def __init__(self, y_pred: Any, names: Sequence[str] | None = None) -> None:
        self.structure = tree.map_structure(lambda _: None, y_pred)
        self.single = not tree.is_nested(y_pred)
        paths = tree.flatten_with_path(y_pred)
        self.count = len(paths)
        if self._flat_dict(y_pred):
            self.names = [str(path[0]) for path, _ in paths]
        elif names is not None and len(names) == self.count:
            self.names = list(names)
        elif isinstance(y_pred, Mapping) or self._deep(paths):
            self.names = ["_".join(map(str, path)) for path, _ in paths]
        else:
            self.names = [f"output_{i}" for i in range(self.count)]

    @staticmethod
    def _flat_dict(y_pred: Any) -> bool:
        return isinstance(y_pred, Mapping) and not any(tree.is_nested(v) for v in y_pred.values())

    @staticmethod
    def _deep(paths: list[Any]) -> bool:
        return any(len(path) > 1 for path, _ in paths)

    def align(self, data: Any, what: str, leaf: type | tuple[type, ...] = ()) -> list[Any]:
        """Returns one entry of `data` per output.

        Args:
            data: `None`, one entry, a list in the order of the outputs, a dict by name, or a nest of the
                outputs' structure.
            what: What it is, for messages.
            leaf: Types whose instances count as one entry although they are containers.

        Raises:
            ValueError: If there are too few or too many, or a name is not that of an output.
        """
        if data is None:
            return [None] * self.count
        if not tree.is_nested(data) or isinstance(data, leaf):
            if self.count != 1:
                raise ValueError(
                    f"Expected `{what}` to have an entry for each of the {self.count} outputs "
                    f"({', '.join(self.names)}), received one: {_short(data)}."
                )
            return [data]
        if isinstance(data, Mapping):
            return self._by_name(data, what)
        entries = list(data)
        if len(entries) == self.count and not any(self._nests(entry, leaf) for entry in entries):
            return entries
        flat = tree.flatten(data)
        if len(flat) == self.count:
            return flat
        raise ValueError(
            f"Expected `{what}` to have {self.count} entries, one for each output ({', '.join(self.names)}), "
            f"received {len(entries)}: {_short(data)}."
        )

    @staticmethod
    def _nests(entry: Any, leaf: Any) -> bool:
        return tree.is_nested(entry) and not isinstance(entry, leaf)

    def _by_name(self, data: Mapping[str, Any], what: str) -> list[Any]:
        if self.single and len(data) == 1 and self.names[0] not in data:
            return list(data.values())
        unknown = [name for name in data if name not in self.names]
        if unknown:
            flat = tree.flatten(data)
            if not any(name in data for name in self.names) and len(flat) == self.count:
                return flat
            raise ValueError(
                f"Expected the keys of `{what}` to be names of outputs ({', '.join(self.names)}), received "
                f"{', '.join(map(repr, unknown))}."
            )
        return [data.get(name) for name in self.names]

    def pack(self, entries: Sequence[Any]) -> Any:
        """Puts one entry per output into the outputs' structure."""
        return entries[0] if self.single else tree.pack_sequence_as(self.structure, list(entries))


def _short(data: Any) -> str:
    text = repr(data)
    return text if len(text) <= 80 else f"{text[:77]}..."
