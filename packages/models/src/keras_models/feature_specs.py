"""`Feature` and `Cross`: what a `FeatureSpace` does with one column, and with several together.

Here are also the two layers that it needs beside the public ones. The space itself is in `feature_space`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from keras_backends.dtypes import standardize_dtype
from keras_layers.layer import Layer, Shape
from keras_layers.merging.concatenate import Concatenate
from keras_layers.preprocessing.data_layer import DataLayer
from keras_ops.registry import saved_as
from keras_ops.serialize import Configurable, deserialize_keras_object, serialize_keras_object
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
        ValueError: If `output_mode` is another.

    Example:

        >>> Cross(("city", "hour"), crossing_dim=32).name
        'city_X_hour'
    """

    def __init__(self, feature_names: Sequence[str], crossing_dim: int, output_mode: str = "one_hot") -> None:
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


def one_of(owner: str, argument: str, value: Any, allowed: Sequence[str]) -> Any:
    """Returns an argument that has to be one of some words.

    Raises:
        ValueError: If it is none of them.
    """
    if value not in allowed:
        raise ValueError(f"{owner}: `{argument}` must be one of {allowed}, received {argument}={value!r}.")
    return value
