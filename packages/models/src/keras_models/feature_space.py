"""`FeatureSpace`: the columns of a table encoded as numbers, each in its own way.

What is done with a column is said by `feature_specs`; the work is that of the preprocessing layers.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import numpy as np
from keras_backends.api import export
from keras_backends.dtypes import is_float, standardize_dtype
from keras_layers.core.arguments import one_of
from keras_layers.core.input_layer import Input
from keras_layers.preprocessing.batches import as_array
from keras_layers.preprocessing.category_encoding import CategoryEncoding
from keras_layers.preprocessing.hashed_crossing import HashedCrossing
from keras_layers.preprocessing.host_layer import HostLayer, shape_of
from keras_ops import ops
from keras_ops.serialize import deserialize_keras_object, serialize_keras_object
from keras_ops.state import state
from keras_ops.tensor import KerasTensor, Tensor
from keras_saving.saving import save_model

from keras_models.feature_kinds import KINDS, FeatureKinds
from keras_models.feature_specs import Cross, Feature, Join

_TAKEN_AT_ONCE = 1024
"""Samples of an unbatched dataset that preprocessors adapt to together."""


@export("keras.utils.FeatureSpace")
class FeatureSpace(FeatureKinds, HostLayer):
    """Encodes the columns of a table, given as a dict of tensors, for a model.

    A column is described by what the class methods return, such as `FeatureSpace.string_categorical()`, or by the
    name of such a method for its default arguments.

    Args:
        features: Name of each column and its description.
        output_mode: `"concat"` for one tensor with all features side by side, sorted by name, those of `crosses`
            last; `"dict"` for a dict with one tensor for each.
        crosses: Tuples of names of columns, or `FeatureSpace.cross(...)`: columns of which the combinations count
            too.
        crossing_dim: Number of bins that combinations are hashed into, where `crosses` has only names.
        hashing_dim: Number of bins of columns described as `"string_hashed"` or `"integer_hashed"`.
        num_discretization_bins: Number of bins of columns described as `"float_discretized"`.
        name: Name of the layer.

    Call arguments:
        data: Dict of values by column: tensors, arrays or lists of shape `(batch,)` or `(batch, 1)`, or single
            values, for which results have no batch axis either. Other entries are ignored.

    Raises:
        ValueError: If a description is none, or a cross is made of unknown columns.

    Example:

        >>> space = FeatureSpace({"city": "string_categorical", "age": "float_normalized"})
        >>> space.adapt({"city": ["Rome", "Oslo", "Rome"], "age": [20.0, 30.0, 40.0]})
        >>> space({"city": ["Oslo"], "age": [30.0]}).tolist()
        [[0.0, 0.0, 0.0, 1.0]]
    """

    def __init__(
        self,
        features: Mapping[str, Any],
        output_mode: str = "concat",
        crosses: Sequence[Any] | None = None,
        crossing_dim: int = 32,
        hashing_dim: int = 32,
        num_discretization_bins: int = 32,
        name: str | None = None,
    ) -> None:
        super().__init__(name=name)
        if not isinstance(features, Mapping) or not features:
            raise ValueError(
                "FeatureSpace: `features` must be a dict from the names of columns to their descriptions, received "
                f"features={features!r}."
            )
        self.output_mode = one_of("FeatureSpace", "output_mode", output_mode, ("concat", "dict"))
        self.crossing_dim = crossing_dim
        self.hashing_dim = hashing_dim
        self.num_discretization_bins = num_discretization_bins
        self.features = {key: self._feature(key, value) for key, value in features.items()}
        self.crosses = [self._cross(value) for value in crosses or ()]
        self.preprocessors = {key: feature.preprocessor for key, feature in self.features.items()}
        self.crossers = {
            cross.name: HashedCrossing(cross.crossing_dim, name=cross.name) for cross in self.crosses
        }
        self.one_hot_encoders: dict[str, CategoryEncoding] = {}
        self.concat = Join(axis=-1) if output_mode == "concat" else None
        self.inputs = {
            key: Input(shape=(1,), dtype=feature.dtype, name=key) for key, feature in self.features.items()
        }
        self.encoded_features: Any = None
        self._is_adapted = not self._adaptable()
        self._is_prepared = False

    def _feature(self, name: str, value: Any) -> Feature:
        if isinstance(value, Feature):
            return value
        if not isinstance(value, str) or value not in KINDS:
            raise ValueError(
                f"FeatureSpace: the column {name!r} must be described by one of {list(KINDS)}, or by what the method "
                f"of that name returns. Received: {value!r}"
            )
        bins = KINDS[value]
        options = {} if bins is None else {"num_bins": getattr(self, bins)}
        return getattr(type(self), value)(name=name, **options)

    def _cross(self, value: Any) -> Cross:
        cross = value if isinstance(value, Cross) else Cross(value, self.crossing_dim)
        unknown = [name for name in cross.feature_names if name not in self.features]
        if unknown:
            raise ValueError(
                f"FeatureSpace: `crosses` has the names {unknown}, which are no columns; those of `features` are "
                f"{list(self.features)}."
            )
        return cross

    # Adapting

    def _adaptable(self) -> list[str]:
        """The columns whose preprocessors find something in data."""
        return [
            name
            for name, layer in self.preprocessors.items()
            if hasattr(layer, "adapt") and getattr(layer, "is_adaptable", True)
        ]

    def adapt(self, dataset: Any) -> None:
        """Finds vocabularies, means and boundaries of bins in data.

        Args:
            dataset: Dict of columns; or whatever yields dicts of batches, or of single values: a generator, a
                `PyDataset`, a tf.data dataset, a torch loader. Of tuples the first part counts. Each column is one
                pass over the data, which of a generator is kept in memory therefore.

        Raises:
            ValueError: If the data is no such thing, or a column is missing.
        """
        if isinstance(dataset, Iterator):
            dataset = list(dataset)
        elif isinstance(dataset, tuple) or hasattr(dataset, "keys"):
            dataset = [dataset]
        elif not hasattr(dataset, "__iter__") and not hasattr(dataset, "__getitem__"):
            raise ValueError(
                f"FeatureSpace {self.name!r}: `adapt` takes a dict of columns, or a dataset that yields such dicts, "
                f"received {dataset!r} of type {type(dataset).__name__}."
            )
        for name in self._adaptable():
            self.preprocessors[name].adapt(_batches(self._values(name, dataset)))
        self._is_adapted = True
        self._forget()

    def _values(self, name: str, dataset: Any) -> Iterator[np.ndarray]:
        elements = dataset if hasattr(dataset, "__iter__") else (dataset[i] for i in range(len(dataset)))
        for element in elements:
            columns = element[0] if isinstance(element, tuple) else element
            if not hasattr(columns, "keys") or name not in columns:
                raise ValueError(
                    f"FeatureSpace {self.name!r}: the dataset must yield dicts with the columns "
                    f"{list(self.features)}, received {_described(columns)}."
                )
            yield self.features[name].checked(name, as_array(columns[name]))

    def _forget(self) -> None:
        """Has the encoders made anew, since the numbers of categories may be others now."""
        self.encoded_features = None
        self._is_prepared = False
        self._constants_changed()

    def _prepare(self) -> None:
        """Makes the layers that encode indices, as soon as the numbers of categories are known."""
        if not self._is_adapted:
            raise ValueError(
                f"FeatureSpace {self.name!r} has to be adapted before it is used, since {self._adaptable()} depend on "
                "data: call `adapt(dataset)`."
            )
        if self._is_prepared:
            return
        with self._tracker.unlocked(), state.scope(quiet=True):
            columns = {name: self.preprocessors[name](x) for name, x in self.inputs.items()}
            columns.update(self._crossed(columns))
            for name, spec in self._specs().items():
                if spec.output_mode == "one_hot":
                    self.one_hot_encoders[name] = CategoryEncoding(
                        self._cardinality(name, columns[name].dtype), output_mode="multi_hot"
                    )
        self._is_prepared = True
        self.built = True

    def _specs(self) -> dict[str, Feature | Cross]:
        """All descriptions in the order of the results."""
        crosses = {cross.name: cross for cross in self.crosses}
        return {
            **{name: self.features[name] for name in sorted(self.features)},
            **{name: crosses[name] for name in sorted(crosses)},
        }

    def _cardinality(self, name: str, dtype: str) -> int:
        """The number of indices that a preprocessor may return."""
        layer = self.crossers[name] if name in self.crossers else self.preprocessors[name]
        if not dtype.startswith(("int", "uint")):
            raise ValueError(
                f"FeatureSpace {self.name!r}: the column {name!r} has output_mode='one_hot', so its preprocessor must "
                f"return integers; {layer!r} returns {dtype}."
            )
        if hasattr(layer, "vocabulary_size"):
            return layer.vocabulary_size()
        if getattr(layer, "bin_boundaries", None) is not None and layer.num_bins is None:
            return len(layer.bin_boundaries) + 1
        found = getattr(layer, "num_bins", None) or getattr(layer, "num_tokens", None)
        if found is None:
            raise ValueError(
                f"FeatureSpace {self.name!r}: the column {name!r} has output_mode='one_hot', but {layer!r} does not say "
                "by `num_bins`, `num_tokens` or `vocabulary_size()` how many integers there are. Use "
                "output_mode='int', or have the layer encode them and use output_mode='float'."
            )
        return found

    # Calls

    def get_inputs(self) -> dict[str, KerasTensor]:
        """Returns a `keras.Input` for each column, for a model on raw data."""
        self._prepare()
        return dict(self.inputs)

    def get_encoded_features(self) -> Any:
        """Returns what becomes of `get_inputs()`: the inputs of a model on encoded data."""
        self._prepare()
        if self.encoded_features is None:
            self.encoded_features = self._encoded(dict(self.inputs))
        return self.encoded_features

    def __call__(self, data: Any, *args: Any, **kwargs: Any) -> Any:
        if not hasattr(data, "keys"):
            raise ValueError(
                f"FeatureSpace {self.name!r} is called with a dict of columns, received {_described(data)}."
            )
        missing = [name for name in self.features if name not in data]
        if missing:
            raise ValueError(
                f"FeatureSpace {self.name!r} was not given the columns {missing}, it received {list(data.keys())}."
            )
        self._prepare()
        return super().__call__({name: data[name] for name in self.features}, *args, **kwargs)

    def call(self, data: Mapping[str, Any]) -> Any:
        columns, single = {}, False
        for name, x in data.items():
            x = x if hasattr(x, "shape") else as_array(x)
            rank = len(shape_of(x)) if not isinstance(x, KerasTensor) else len(x.shape)
            single = single or rank == 0
            columns[name] = self._column(name, x, rank)
        outputs = self._encoded(columns)
        if not single:
            return outputs
        if isinstance(outputs, dict):
            return {name: ops.squeeze(x, axis=0) for name, x in outputs.items()}
        return ops.squeeze(outputs, axis=0)

    def _column(self, name: str, x: Any, rank: int) -> Any:
        """Values of a column with the shape `(batch, 1)`, of the kind that the column has."""
        if rank < 2:
            is_array = isinstance(x, np.ndarray)
            x = (np if is_array else ops).reshape(x, (-1, 1))
        return x if isinstance(x, KerasTensor) else self.features[name].checked(name, x)

    def _crossed(self, columns: Mapping[str, Any]) -> dict[str, Tensor]:
        return {
            cross.name: self.crossers[cross.name]([columns[name] for name in cross.feature_names])
            for cross in self.crosses
        }

    def _encoded(self, data: Mapping[str, Any]) -> Any:
        columns = {name: self.preprocessors[name](x) for name, x in data.items()}
        columns.update(self._crossed(columns))
        encoders = self.one_hot_encoders
        outputs = {}
        for name, spec in self._specs().items():
            x = encoders[name](columns[name]) if name in encoders else columns[name]
            outputs[name] = ops.cast(x, self.compute_dtype) if _counts(x, spec) else x
        if self.concat is None:
            return outputs
        self._check_joinable(outputs)
        values = list(outputs.values())
        return self.concat(values) if len(values) > 1 else values[0]

    def _check_joinable(self, columns: Mapping[str, Any]) -> None:
        for name, x in columns.items():
            dtype = standardize_dtype(x.dtype)
            if not is_float(dtype):
                raise ValueError(
                    f"FeatureSpace {self.name!r}: the column {name!r} has the dtype {dtype}, so it does not go side by "
                    "side with others. Use output_mode='one_hot' for the column, or output_mode='dict' for the space."
                )

    # Files

    def save(self, filepath: Any) -> None:
        """Saves the space with what it has found in data, to a file that `keras.models.load_model` reads.

        Args:
            filepath: Path that ends in `.keras`.
        """
        save_model(self, filepath)

    def save_own_variables(self, store: dict[str, Any]) -> None:
        """There are none: the layers inside have them."""

    def load_own_variables(self, store: Mapping[str, Any]) -> None:
        """There are none: the layers inside have them."""
        self._forget()

    def get_build_config(self) -> dict[str, Any] | None:
        # None says in a file that the space has yet to be adapted.
        if not self._is_adapted:
            return None
        return {name: layer.get_build_config() for name, layer in self.preprocessors.items()}

    def build_from_config(self, config: Mapping[str, Any]) -> None:
        for name, layer in self.preprocessors.items():
            if not layer.built and config.get(name):
                layer.build_from_config(config[name])
        self._is_adapted = True

    def get_config(self) -> dict[str, Any]:
        return {
            "features": serialize_keras_object(dict(self.features)),
            "output_mode": self.output_mode,
            "crosses": serialize_keras_object(list(self.crosses)),
            "crossing_dim": self.crossing_dim,
            "hashing_dim": self.hashing_dim,
            "num_discretization_bins": self.num_discretization_bins,
            "name": self.name,
        }

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> "FeatureSpace":
        """Makes a space from what `get_config` returned."""
        made = {name: deserialize_keras_object(config[name]) for name in ("features", "crosses")}
        return cls(**{**config, **made})


def _counts(x: Tensor, spec: Feature | Cross) -> bool:
    """Whether a preprocessor gave integers that are numbers rather than indices."""
    return spec.output_mode == "float" and standardize_dtype(x.dtype).startswith(("int", "uint"))


def _described(x: Any) -> str:
    return f"one with {list(x.keys())}" if hasattr(x, "keys") else f"{x!r} of type {type(x).__name__}"


def _batches(values: Iterator[np.ndarray]) -> Iterator[np.ndarray]:
    """Values as batches of shape `(n, 1)` or what else they have; single ones come together."""
    for value in values:
        if value.ndim:
            yield value[:, None] if value.ndim == 1 else value
        else:
            yield np.stack([value, *islice(values, _TAKEN_AT_ONCE - 1)])[:, None]
