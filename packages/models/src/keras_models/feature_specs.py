"""`Feature` and `Cross`: what a `FeatureSpace` does with one column, and with several together.

Here are also the two layers that it needs beside the public ones. The space itself is in `feature_space`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from keras_backends.dtypes import is_float, standardize_dtype
from keras_layers.core.arguments import one_of
from keras_layers.layer import Layer, Shape
from keras_layers.merging.concatenate import Concatenate
from keras_layers.preprocessing.batches import as_array
from keras_layers.preprocessing.data_layer import DataLayer
from keras_layers.preprocessing.host_layer import index_dtype, on_host, shape_of
from keras_ops import ops
from keras_ops.configurable import Configurable
from keras_ops.registry import saved_as
from keras_ops.serialize import deserialize_keras_object, serialize_keras_object
from keras_ops.tensor import Tensor


@saved_as("keras.src.layers.preprocessing.feature_space")
class Feature(Configurable):
    """What becomes of one column.

    Args:
        dtype: Dtype of its values, such as `"string"`.
        preprocessor: Layer that takes them as a tensor of shape `(batch, 1)`.
        output_mode: `"float"` or `"int"` for what the layer returns, `"one_hot"` for a vector for each of the indices
            that it returns.

    Raises:
        ValueError: If an argument is none of these.
    """

    def __init__(self, dtype: str, preprocessor: Any, output_mode: str) -> None:
        self.dtype = standardize_dtype(dtype)
        if not isinstance(preprocessor, Layer):
            raise ValueError(
                f"Feature: `preprocessor` must be a layer, received preprocessor={preprocessor!r} of type "
                f"{type(preprocessor).__name__}."
            )
        self.preprocessor = preprocessor
        self.output_mode = one_of("Feature", "output_mode", output_mode, ("float", "int", "one_hot"))

    def checked(self, column: str, x: Any) -> Any:
        """Returns values of the column in a dtype of its kind.

        Args:
            column: Name of the column, for messages.
            x: Array or tensor. Floats are taken for integers if they are whole.

        Raises:
            ValueError: If there are strings in a column of numbers, or fractions in one of integers.
        """
        given = standardize_dtype("string" if getattr(x.dtype, "kind", "") in ("U", "S", "O") else x.dtype)
        wants_integers = self.dtype.startswith(("int", "uint"))
        if not wants_integers and not is_float(self.dtype):
            return x
        if given == "string":
            found = as_array(x).ravel()[:1].tolist()
            raise ValueError(
                f"FeatureSpace: the column {column!r} must have numbers, received "
                f"{', '.join(map(repr, found)) or 'none'} of the dtype string. Describe it as one of strings, or "
                "convert it."
            )
        if wants_integers and is_float(given):
            if isinstance(x, np.ndarray):
                return _whole(column, x)
            return on_host(lambda values: _whole(column, values), [x], shape_of(x), index_dtype())
        return x if wants_integers or is_float(given) else ops.cast(x, self.dtype)

    def get_config(self) -> dict[str, Any]:
        preprocessor = serialize_keras_object(self.preprocessor)
        return {"dtype": self.dtype, "preprocessor": preprocessor, "output_mode": self.output_mode}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> "Feature":
        return cls(**{**config, "preprocessor": deserialize_keras_object(config["preprocessor"])})


@saved_as("keras.src.layers.preprocessing.feature_space")
class Cross(Configurable):
    """Several columns as one of their combinations.

    Args:
        feature_names: Names of the columns.
        crossing_dim: Number of bins that combinations are hashed into.
        output_mode: `"one_hot"` for a vector, `"int"` for the number of the bin.

    Raises:
        ValueError: If `feature_names` is a single string, or `output_mode` is none of these.

    Example:

        >>> Cross(("city", "hour"), crossing_dim=32).name
        'city_X_hour'
    """

    def __init__(self, feature_names: Sequence[str], crossing_dim: int, output_mode: str = "one_hot") -> None:
        if isinstance(feature_names, str) or not all(isinstance(name, str) for name in feature_names):
            raise ValueError(
                f"FeatureSpace: a cross must be a tuple of names of columns, received {feature_names!r}. Write "
                "`crosses=[('a', 'b')]`."
            )
        self.feature_names = tuple(feature_names)
        self.crossing_dim = crossing_dim
        self.output_mode = one_of("Cross", "output_mode", output_mode, ("int", "one_hot"))

    @property
    def name(self) -> str:
        """The names of the columns, joined."""
        return "_X_".join(self.feature_names)


@saved_as("keras.src.layers.preprocessing.feature_space", "TFDIdentity")
class PassThrough(DataLayer):
    """Returns its input in the layer's dtype."""

    def call(self, inputs: Tensor) -> Tensor:
        return inputs

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return input_shape


@saved_as("keras.src.layers.preprocessing.feature_space", "TFDConcat")
class Join(DataLayer, Concatenate):
    """Joins features along an axis."""

    def __init__(self, axis: int, **kwargs: Any) -> None:
        super().__init__(axis=axis, **kwargs)


def _whole(column: str, values: np.ndarray) -> np.ndarray:
    others = values[~(np.isfinite(values) & (values == np.floor(values)))]
    if others.size:
        raise ValueError(
            f"FeatureSpace: the column {column!r} must have integers, received {others[0]:.6g}. Describe it as one "
            "of floats, or round it."
        )
    return values.astype("int64")
