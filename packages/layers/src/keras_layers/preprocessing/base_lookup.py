"""`BaseLookup`: what `StringLookup` and `IntegerLookup` share, which is all but the type of their tokens.

The vocabulary is kept on the host, where tokens are looked up and counted; one-hot and sparse vectors are made with
operations.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import repeat
from pathlib import Path
from typing import Any

import numpy as np
from keras_ops import ops
from keras_ops.serialize import in_safe_mode
from keras_ops.state import state
from keras_ops.tensor import KerasTensor, Shape, Tensor

from keras_layers.core.arguments import positive
from keras_layers.preprocessing.batches import as_array, batches, is_ragged
from keras_layers.preprocessing.encoding import checked_mode, encoded_on_host, encoded_shape, encoded_spec
from keras_layers.preprocessing.fingerprints import fingerprint, keyed_fingerprint
from keras_layers.preprocessing.host_layer import (
    HostLayer,
    index_dtype,
    on_host,
    over_ragged,
    received,
    shape_of,
)
from keras_layers.preprocessing.vocabulary import (
    TokenCounts,
    checked_tokens,
    load_tokens,
    read_tokens,
    save_tokens,
)

_OUTSIDE = -2
"""What a token has that is not in the vocabulary, until it gets an index."""
MODES = ("int", "one_hot", "multi_hot", "count", "tf_idf")
LOOKUP = """
max_tokens: Most tokens of the vocabulary, special ones included; `None` for any number.
num_oov_indices: How many indices there are for values that are not in the vocabulary; with more than one, a
    hash says which. With 0 such values are an error.
mask_token: Token for missing values. With `output_mode="int"` it has index 0, otherwise it is left out.
oov_token: What the first of these indices stands for when `invert` is True.
vocabulary: Tokens in the order of their indices, without the special ones, or a file with one per line; by
    default `adapt` finds them.
idf_weights: Weights of the tokens for `"tf_idf"`, if there is a vocabulary.
invert: Whether to give tokens for indices instead; only with `output_mode="int"`.
output_mode: `"int"` for the indices, `"one_hot"` for a vector for each, `"multi_hot"` for one vector per sample
    with a 1 at each index in it, `"count"` for how often each index occurs, `"tf_idf"` for that times the
    weights.
pad_to_max_tokens: Whether vectors have `max_tokens` numbers even if there are fewer tokens.
sparse: Whether a sparse tensor is wanted, where the backend has them.
"""
CALL = """
Call arguments:
    inputs: Values of shape `(batch, n)`: a tensor, an array or lists.

Returns:
    Tensor of the same shape, or of vectors in the last axis.
"""


class BaseLookup(HostLayer):
    """Base of the lookups; a member sets `vocabulary_dtype`, `token_kinds`, and says what its tokens are."""

    not_in_config = (*HostLayer.not_in_config, "vocabulary", "idf_weights", "vocabulary_size", "oov_method")
    vocabulary_dtype = ""
    token_kinds = ""
    """Kinds of NumPy's dtypes whose values are tokens as they are."""
    encoding = "utf-8"

    def __init__(
        self,
        *,
        max_tokens: int | None,
        num_oov_indices: int,
        mask_token: Any,
        oov_token: Any,
        vocabulary: Any,
        idf_weights: Any,
        invert: bool,
        output_mode: str,
        pad_to_max_tokens: bool,
        sparse: bool,
        oov_method: str,
        salt: Any,
        vocabulary_size: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.output_mode = checked_mode(self, output_mode, MODES)
        self.max_tokens = None if max_tokens is None else positive(self, "max_tokens", max_tokens)
        self.num_oov_indices = num_oov_indices
        self.mask_token = mask_token
        self.oov_token = oov_token
        self.invert = invert
        self.pad_to_max_tokens = pad_to_max_tokens
        self.sparse = sparse
        self.oov_method = oov_method
        self.salt = salt
        self.input_vocabulary = vocabulary
        self.input_idf_weights = idf_weights
        self._check_options()
        self._saved_size = vocabulary_size
        self._weights: Any = None
        # Past `__setattr__`, which would make tracked containers of them.
        self.__dict__.update(_tokens=None, _index={}, _counts=TokenCounts())
        if vocabulary is not None:
            self.set_vocabulary(vocabulary, idf_weights)

    def _check_options(self) -> None:
        name = type(self).__name__
        if not hasattr(self.num_oov_indices, "__index__") or self.num_oov_indices < 0:
            raise ValueError(
                f"{name}: `num_oov_indices` must be 0 or a positive integer, received "
                f"num_oov_indices={self.num_oov_indices!r}."
            )
        if self.invert and self.output_mode != "int":
            raise ValueError(
                f"{name}: `invert=True` goes with output_mode='int' only, received output_mode={self.output_mode!r}."
            )
        if self.input_idf_weights is not None and self.output_mode != "tf_idf":
            raise ValueError(
                f"{name}: `idf_weights` go with output_mode='tf_idf' only, received output_mode={self.output_mode!r}."
            )
        if self.pad_to_max_tokens and (self.max_tokens is None or self.output_mode == "int"):
            raise ValueError(
                f"{name}: `pad_to_max_tokens=True` needs `max_tokens` and vectors as output, received "
                f"max_tokens={self.max_tokens}, output_mode={self.output_mode!r}."
            )

    # The vocabulary

    @property
    def compute_dtype(self) -> str:
        """The dtype of the tokens."""
        return self.vocabulary_dtype

    @property
    def variable_dtype(self) -> str:
        """The dtype of the tokens."""
        return self.vocabulary_dtype

    def _token(self, value: Any) -> Any:
        """A value as a token of the layer's type."""
        raise NotImplementedError(f"{type(self).__name__} must implement `_token(self, value)`.")

    def _shown(self, token: Any) -> Any:
        """A token as `get_vocabulary` lists it."""
        return token

    @property
    def _special(self) -> list[Any]:
        """The tokens in front of the vocabulary."""
        masks = [self.mask_token] if self.mask_token is not None and self.output_mode == "int" else []
        return [*masks, *[self.oov_token] * self.num_oov_indices]

    def set_vocabulary(self, vocabulary: Any, idf_weights: Any = None) -> None:
        """Sets the tokens.

        Args:
            vocabulary: Tokens, with or without the special ones in front, or a file with one per line.
            idf_weights: A weight for each, for `output_mode="tf_idf"`. Special tokens that are left out have the
                mean of the others.

        Raises:
            ValueError: If there is no token, one occurs twice, or weights are missing.
        """
        given = vocabulary
        if isinstance(vocabulary, (str, Path)):
            vocabulary = read_tokens(vocabulary, self.encoding)
        tokens = [self._token(x) for x in as_array(vocabulary, self.encoding).ravel().tolist()]
        if not tokens:
            raise ValueError(f"{type(self).__name__} {self.name!r}: the vocabulary must not be empty.")
        self._fill(tokens, idf_weights)
        if self.input_vocabulary is not None:
            # Configs hold what the layer was given, and it has been given another one.
            self.input_vocabulary, self.input_idf_weights = given, idf_weights

    def _fill(self, tokens: list[Any], idf_weights: Any) -> None:
        given = len(tokens)
        tokens = checked_tokens(self, tokens, self._special, self.max_tokens)
        if self.output_mode == "tf_idf":
            if idf_weights is None:
                raise ValueError(
                    f"{type(self).__name__} {self.name!r}: with output_mode='tf_idf', a vocabulary comes with "
                    "`idf_weights`, received none."
                )
            weights = as_array(idf_weights).astype("float32").ravel()
            if len(weights) == len(tokens):
                mean = weights.mean() if len(weights) else 1.0
                weights = np.concatenate([np.full(self.num_oov_indices, mean), weights])
            elif len(weights) != given:
                raise ValueError(
                    f"{type(self).__name__} {self.name!r}: expected one of `idf_weights` for each of "
                    f"{len(tokens)} tokens, received {len(weights)}."
                )
            self._weights = weights
        self._keep(tokens)

    def _keep(self, tokens: list[Any]) -> None:
        self.__dict__["_tokens"] = tokens
        first = len(self._special)
        index = {token: i + first for i, token in enumerate(tokens)}
        if self.mask_token is not None:
            index[self._token(self.mask_token)] = 0 if self.output_mode == "int" else -1
        self.__dict__["_index"] = index
        self._constants_changed()

    def get_vocabulary(self, include_special_tokens: bool = True) -> list[Any]:
        """Returns the tokens in the order of their indices.

        Args:
            include_special_tokens: Whether mask and out-of-vocabulary tokens are listed.
        """
        tokens = [self._shown(token) for token in self._tokens or ()]
        return [*self._special, *tokens] if include_special_tokens else tokens

    def vocabulary_size(self) -> int:
        """Returns the number of tokens, special ones included."""
        if self._tokens is None and self._saved_size is not None:
            return self._saved_size
        return len(self._special) + len(self._tokens or ())

    @property
    def is_adaptable(self) -> bool:
        """Whether `adapt` has something to find: not if it was given."""
        return self.input_vocabulary is None

    def adapt(self, data: Any, steps: int | None = None) -> None:
        """Finds the vocabulary: the most frequent values in data.

        Args:
            data: Array, tensor, list of values, or an iterable of batches.
            steps: Most batches to take of an iterable; all by default.

        Raises:
            ValueError: If the layer was given its vocabulary.
        """
        self.reset_state()
        for batch in batches(data, steps, self.encoding):
            self.update_state(batch)
        self.finalize_state()

    def _assert_adaptable(self) -> None:
        if self.input_vocabulary is not None:
            raise ValueError(
                f"{type(self).__name__} {self.name!r} was given its `vocabulary`, so it does not adapt to data. "
                "Make it without one."
            )

    def update_state(self, data: Any) -> None:
        """Counts the values of a batch; `finalize_state` follows the last one."""
        self._assert_adaptable()
        values = next(batches(data, encoding=self.encoding))
        if is_ragged(values):
            rows: Any = [as_array(row, self.encoding) for row in values.to_list()]
        else:
            shape = values.shape if values.ndim else (1,)
            rows = values.reshape(shape[0], math.prod(shape[1:]))
        self._counts.add([self._tokens_in(row) for row in rows])

    def finalize_state(self) -> None:
        """Makes the vocabulary of the values counted so far."""
        if self.input_vocabulary is not None or not self._counts.total:
            return
        limit = None if self.max_tokens is None else max(self.max_tokens - len(self._special), 0)
        without = {self._token(x) for x in (self.mask_token, self.oov_token) if x is not None}
        tokens = self._counts.most_common(limit, without)
        self._fill(tokens, self._counts.idf(tokens) if self.output_mode == "tf_idf" else None)

    def reset_state(self) -> None:
        """Forgets vocabulary and counts."""
        self._assert_adaptable()
        self.__dict__["_counts"] = TokenCounts()
        self.__dict__["_tokens"] = None

    # Calls

    def call(self, inputs: Any) -> Tensor:
        self._assert_filled()
        inputs = received(inputs, self.encoding)
        shape = shape_of(inputs)
        if self.invert:
            if self.vocabulary_dtype == "string" and "string" not in state.backend.native_dtypes:
                return self._inverted(as_array(inputs))
            dtype = "string" if self.vocabulary_dtype == "string" else index_dtype()
            if is_ragged(inputs):
                return over_ragged(lambda x: on_host(self._inverted, [x], shape_of(x), dtype), inputs)
            return on_host(self._inverted, [inputs], shape, dtype)
        return self.encoded(self.indices, inputs, shape)

    def _assert_filled(self) -> None:
        if self._tokens is None:
            raise ValueError(
                f"{type(self).__name__} {self.name!r} has no vocabulary yet: call `adapt` with data or "
                "`set_vocabulary` first."
            )

    def _tokens_in(self, values: np.ndarray) -> list[Any]:
        """The tokens that an array holds, in one list."""
        listed = values.ravel().tolist()
        return listed if values.dtype.kind in self.token_kinds else list(map(self._token, listed))

    def indices(self, values: np.ndarray) -> np.ndarray:
        """Returns the indices of an array of values."""
        return self.indices_of(self._tokens_in(values)).reshape(values.shape)

    def indices_of(self, tokens: list[Any]) -> np.ndarray:
        """Returns the indices of tokens, of shape `(len(tokens),)`."""
        one = self.num_oov_indices == 1
        found = np.fromiter(
            map(self._index.get, tokens, repeat(self._outside(None) if one else _OUTSIDE)),
            "int64",
            len(tokens),
        )
        if not one:
            where = np.flatnonzero(found == _OUTSIDE)
            found[where] = [self._outside(tokens[i]) for i in where]
        return found

    def _outside(self, token: Any) -> int:
        """The index of a token that is not in the vocabulary."""
        if not self.num_oov_indices:
            raise ValueError(
                f"{type(self).__name__} {self.name!r} has num_oov_indices=0, so all values must be in its "
                f"vocabulary, received {token!r}."
            )
        first = len(self._special) - self.num_oov_indices
        return first + (self._hash(token) % self.num_oov_indices if self.num_oov_indices > 1 else 0)

    def _hash(self, token: Any) -> int:
        data = str(token).encode()
        if self.salt is None:
            return fingerprint(data)
        key = (self.salt, self.salt) if hasattr(self.salt, "__index__") else tuple(self.salt)
        return keyed_fingerprint(data, key)

    def _inverted(self, indices: np.ndarray) -> np.ndarray:
        tokens = [*self._special, *self._tokens]
        found = [tokens[i] if 0 <= i < len(tokens) else self.oov_token for i in indices.ravel().tolist()]
        kind = object if self.vocabulary_dtype == "string" else "int64"
        return np.array(found, dtype=kind).reshape(indices.shape)

    @property
    def _depth(self) -> int:
        return self.max_tokens if self.pad_to_max_tokens else self.vocabulary_size()  # type: ignore[return-value]

    def encoded(self, indices: Callable[[np.ndarray], np.ndarray], inputs: Any, shape: Shape) -> Tensor:
        """Returns what `output_mode` says of the indices of values.

        Args:
            indices: Finds the indices of an array of values; those below 0 do not count.
            inputs: The values.
            shape: The shape of the indices, with `None` for sizes that are not known.
        """
        dtype, mode, depth = self._result_dtype, self.output_mode, self._depth
        counts = "count" if mode == "tf_idf" else mode
        vectors = encoded_on_host(indices, inputs, shape, counts, depth, dtype, self.sparse, self.encoding)
        if mode != "tf_idf":
            return vectors
        weights = np.zeros(depth, dtype="float32")
        weights[: len(self._weights)] = self._weights
        return ops.multiply(vectors, ops.cast(weights, dtype))

    @property
    def _result_dtype(self) -> str:
        return self.dtype_policy.compute_dtype if self.output_mode == "tf_idf" else index_dtype()

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        mode = "count" if self.output_mode == "tf_idf" else self.output_mode
        return encoded_shape(input_shape, mode, self._depth)

    def compute_output_spec(self, inputs: Tensor) -> KerasTensor:
        return encoded_spec(self, inputs.shape, self.spec_dtype)

    @property
    def spec_dtype(self) -> str:
        """The dtype in graphs. Saved models say int64 for indices, and floats for vectors, on every backend."""
        if self.output_mode != "int":
            return self.dtype_policy.compute_dtype
        return self.vocabulary_dtype if self.invert else "int64"

    # Files

    def get_build_config(self) -> dict[str, Any]:
        return {}

    def build_from_config(self, config: Mapping[str, Any]) -> None:
        """There is nothing to build."""

    def save_own_variables(self, store: dict[str, Any]) -> None:
        if self._weights is not None:
            store["idf_weights"] = np.asarray(self._weights, dtype="float32")

    def load_own_variables(self, store: Mapping[str, Any]) -> None:
        if "idf_weights" in store:
            self._weights = np.asarray(store["idf_weights"])
            self._constants_changed()

    def save_assets(self, dir_path: str) -> None:
        """Writes the vocabulary that was found to a file of the folder."""
        if self.input_vocabulary is None and self._tokens is not None:
            save_tokens(dir_path, self.get_vocabulary(), self.encoding)

    def load_assets(self, dir_path: str) -> None:
        """Reads the vocabulary that `save_assets` wrote."""
        if self.input_vocabulary is None:
            tokens = [self._token(token) for token in load_tokens(dir_path, self.encoding)]
            self._keep(checked_tokens(self, tokens, self._special, self.max_tokens))

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        vocabulary = self.input_vocabulary
        if isinstance(vocabulary, (str, Path)):
            # Files of users are not there where a model is loaded, and not to be read because it says so.
            vocabulary = self.get_vocabulary()
        return {
            **config,
            "vocabulary": _listed(vocabulary),
            "idf_weights": _listed(self.input_idf_weights),
            "vocabulary_size": self.vocabulary_size(),
            "oov_method": self.oov_method,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "BaseLookup":
        """Makes a layer from what `get_config` returned."""
        return super().from_config(trusted(cls, config))


def trusted(cls: type, config: dict[str, Any]) -> dict[str, Any]:
    """Returns the config of a lookup, unless it names a file, which only an unsafe load may read.

    Raises:
        ValueError: If it does, in safe mode.
    """
    vocabulary = config.get("vocabulary")
    if isinstance(vocabulary, (str, Path)) and in_safe_mode():
        raise ValueError(
            f"{cls.__name__}: the config names the file {str(vocabulary)!r} as `vocabulary`, which would be read from "
            "outside of the model file. If you trust whoever made it, pass `safe_mode=False` or call "
            "`keras.config.enable_unsafe_deserialization()`."
        )
    return config


def _listed(value: Any) -> Any:
    if value is None:
        return value
    found: Sequence[Any] = value if isinstance(value, (list, tuple)) else as_array(value).tolist()
    return [x.item() if isinstance(x, np.generic) else x for x in found]
