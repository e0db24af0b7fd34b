"""`FeatureKinds`: the class methods by which users of a `FeatureSpace` describe columns.

Each names the preprocessing layer of a column. What the space does with them is in `feature_space`.
"""

from collections.abc import Sequence
from typing import Any

from keras_layers.preprocessing.discretization import Discretization
from keras_layers.preprocessing.hashing import Hashing
from keras_layers.preprocessing.integer_lookup import IntegerLookup
from keras_layers.preprocessing.normalization import Normalization
from keras_layers.preprocessing.rescaling import Rescaling
from keras_layers.preprocessing.string_lookup import StringLookup
from keras_ops.naming import auto_name

from keras_models.feature_specs import Cross, Feature, PassThrough

KINDS = {
    **dict.fromkeys(("float", "float_rescaled", "float_normalized")),
    "float_discretized": "num_discretization_bins",
    **dict.fromkeys(("integer_categorical", "string_categorical")),
    **dict.fromkeys(("integer_hashed", "string_hashed"), "hashing_dim"),
}
"""Descriptions that their names stand for, and the attributes that have their numbers of bins."""


class FeatureKinds:
    """Describes columns of a table."""

    @classmethod
    def cross(cls, feature_names: Sequence[str], crossing_dim: int, output_mode: str = "one_hot") -> Cross:
        """Describes combinations of columns, hashed into a number of bins.

        Args:
            feature_names: Names of the columns.
            crossing_dim: Number of bins.
            output_mode: `"one_hot"` for a vector, `"int"` for the number of the bin.
        """
        return Cross(feature_names, crossing_dim, output_mode)

    @classmethod
    def feature(cls, dtype: str, preprocessor: Any, output_mode: str) -> Feature:
        """Describes a column by a layer of your own.

        Args:
            dtype: Dtype of the values.
            preprocessor: Layer that takes them as a tensor of shape `(batch, 1)`.
            output_mode: `"float"` or `"int"` for what the layer returns, `"one_hot"` for a vector for each index.
        """
        return Feature(dtype, preprocessor, output_mode)

    @classmethod
    def float(cls, name: str | None = None) -> Feature:
        """Describes numbers that stay as they are.

        Args:
            name: Beginning of the name of the preprocessing layer.
        """
        return Feature("float32", PassThrough(dtype="float32", name=_name(name, "float")), "float")

    @classmethod
    def float_rescaled(cls, scale: Any = 1.0, offset: Any = 0.0, name: str | None = None) -> Feature:
        """Describes numbers that are multiplied and shifted, see `keras.layers.Rescaling`.

        Args:
            scale: Factor.
            offset: What is added.
            name: Beginning of the name of the preprocessing layer.
        """
        layer = Rescaling(scale=scale, offset=offset, name=_name(name, "float_rescaled"))
        return Feature("float32", layer, "float")

    @classmethod
    def float_normalized(cls, name: str | None = None) -> Feature:
        """Describes numbers that get mean 0 and variance 1, see `keras.layers.Normalization`.

        Args:
            name: Beginning of the name of the preprocessing layer.
        """
        return Feature("float32", Normalization(axis=-1, name=_name(name, "float_normalized")), "float")

    @classmethod
    def float_discretized(
        cls,
        num_bins: int | None,
        bin_boundaries: Sequence[Any] | None = None,
        output_mode: str = "one_hot",
        name: str | None = None,
    ) -> Feature:
        """Describes numbers that are put into bins, see `keras.layers.Discretization`.

        Args:
            num_bins: Number of bins, whose boundaries `adapt` finds.
            bin_boundaries: Boundaries of the bins; `num_bins` is one more than there are, or None.
            output_mode: `"one_hot"` for a vector, `"int"` for the number of the bin.
            name: Beginning of the name of the preprocessing layer.
        """
        if bin_boundaries is not None:
            if num_bins not in (None, len(bin_boundaries) + 1):
                raise ValueError(
                    f"FeatureSpace.float_discretized: {len(bin_boundaries)} `bin_boundaries` make "
                    f"{len(bin_boundaries) + 1} bins, received num_bins={num_bins}."
                )
            num_bins = None
        layer = Discretization(
            num_bins=num_bins, bin_boundaries=bin_boundaries, name=_name(name, "float_discretized")
        )
        return Feature("float32", layer, output_mode)

    @classmethod
    def integer_categorical(
        cls,
        max_tokens: int | None = None,
        num_oov_indices: int = 1,
        output_mode: str = "one_hot",
        name: str | None = None,
    ) -> Feature:
        """Describes integers that are categories, see `keras.layers.IntegerLookup`.

        Args:
            max_tokens: Most categories, those that are not known included.
            num_oov_indices: How many indices there are for integers that are not known.
            output_mode: `"one_hot"` for a vector, `"int"` for the index.
            name: Beginning of the name of the preprocessing layer.
        """
        layer = IntegerLookup(
            max_tokens=max_tokens, num_oov_indices=num_oov_indices, name=_name(name, "integer_categorical")
        )
        return Feature("int32", layer, output_mode)

    @classmethod
    def string_categorical(
        cls,
        max_tokens: int | None = None,
        num_oov_indices: int = 1,
        output_mode: str = "one_hot",
        name: str | None = None,
    ) -> Feature:
        """Describes strings that are categories, see `keras.layers.StringLookup`.

        Args:
            max_tokens: Most categories, those that are not known included.
            num_oov_indices: How many indices there are for strings that are not known.
            output_mode: `"one_hot"` for a vector, `"int"` for the index.
            name: Beginning of the name of the preprocessing layer.
        """
        layer = StringLookup(
            max_tokens=max_tokens, num_oov_indices=num_oov_indices, name=_name(name, "string_categorical")
        )
        return Feature("string", layer, output_mode)

    @classmethod
    def integer_hashed(cls, num_bins: int, output_mode: str = "one_hot", name: str | None = None) -> Feature:
        """Describes integers that are put into bins by their hash, see `keras.layers.Hashing`.

        Args:
            num_bins: Number of bins.
            output_mode: `"one_hot"` for a vector, `"int"` for the number of the bin.
            name: Beginning of the name of the preprocessing layer.
        """
        return Feature("int32", Hashing(num_bins=num_bins, name=_name(name, "integer_hashed")), output_mode)

    @classmethod
    def string_hashed(cls, num_bins: int, output_mode: str = "one_hot", name: str | None = None) -> Feature:
        """Describes strings that are put into bins by their hash, see `keras.layers.Hashing`.

        Args:
            num_bins: Number of bins.
            output_mode: `"one_hot"` for a vector, `"int"` for the number of the bin.
            name: Beginning of the name of the preprocessing layer.
        """
        return Feature("string", Hashing(num_bins=num_bins, name=_name(name, "string_hashed")), output_mode)


def _name(name: str | None, kind: str) -> str:
    return f"{auto_name(kind) if name is None else name}_preprocessor"
