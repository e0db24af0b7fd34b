"""`TextVectorization`: texts as sequences of indices or as vectors, in steps that can be chosen.

The steps on strings run on the host and are in `text_steps`; the vocabulary is that of a `StringLookup`.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any

import numpy as np
from keras_backends.api import export
from keras_backends.selection import active
from keras_ops import ops
from keras_ops.serialize import deserialize_keras_object, serialize_keras_object
from keras_ops.state import state
from keras_ops.tensor import KerasTensor, Shape, Tensor

from keras_layers.core.arguments import one_of, positive
from keras_layers.preprocessing.base_lookup import MODES, trusted
from keras_layers.preprocessing.batches import as_array, as_objects, batches
from keras_layers.preprocessing.encoding import checked_mode, encoded_spec
from keras_layers.preprocessing.host_layer import HostLayer, received, shape_of
from keras_layers.preprocessing.string_lookup import StringLookup
from keras_layers.preprocessing.text_steps import (
    SPLIT,
    STANDARDIZE,
    in_parts,
    padded,
    standardized,
    with_ngrams,
)


@export("keras.layers.TextVectorization")
class TextVectorization(HostLayer):
    """Turns texts into sequences of indices, or into vectors: standardizes, splits, joins n-grams, looks up.

    Args:
        max_tokens: Most tokens of the vocabulary, special ones included; `None` for any number.
        standardize: `"lower_and_strip_punctuation"`, `"lower"`, `"strip_punctuation"`, a function of an array
            of strings, or `None`.
        split: `"whitespace"`, `"character"`, a function from an array of strings to lists of tokens, or `None`.
        ngrams: Greatest length of the n-grams that count as tokens too, or a tuple of lengths; none by default.
        output_mode: `"int"` for one index per token (0 for padding, 1 for unknown tokens), `"multi_hot"` for a
            vector with a 1 at each token in the text, `"count"` for how often each token occurs, `"tf_idf"`
            for that times a weight.
        output_sequence_length: Number of indices to pad or cut to; that of the longest text by default.
        pad_to_max_tokens: Whether vectors have `max_tokens` numbers even if there are fewer tokens.
        vocabulary: Tokens without the special ones, or a file with one per line; by default `adapt` finds
            them.
        idf_weights: Weights of the tokens for `"tf_idf"`, if there is a vocabulary.
        sparse: Whether a sparse tensor is wanted, where the backend has them.
        ragged: Whether sequences are a ragged tensor instead of padded, for `output_mode="int"` and where the
            backend has ragged tensors (TensorFlow).
        encoding: How bytes are read as text.
        name: Name of the layer.
        **kwargs: Further arguments of `keras.Layer`.

    Call arguments:
        inputs: Strings of shape `(batch,)` or `(batch, 1)`: a tensor, an array or lists.

    Returns:
        Tensor of shape `(batch, steps)`, or `(batch, tokens)` for vectors; without the batch axis for one text.

    Example:

        >>> layer = TextVectorization(vocabulary=["earth", "wind", "and"])
        >>> layer(["Wind, and rain!", "Earth"]).tolist()
        [[3, 4, 1], [2, 0, 0]]
    """

    not_in_config = (*HostLayer.not_in_config, "vocabulary", "idf_weights", "standardize", "split")

    def __init__(
        self,
        max_tokens: int | None = None,
        standardize: Any = "lower_and_strip_punctuation",
        split: Any = "whitespace",
        ngrams: int | Sequence[int] | None = None,
        output_mode: str = "int",
        output_sequence_length: int | None = None,
        pad_to_max_tokens: bool = False,
        vocabulary: Any = None,
        idf_weights: Any = None,
        sparse: bool = False,
        ragged: bool = False,
        encoding: str = "utf-8",
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        vocabulary_size = kwargs.pop("vocabulary_size", None)
        super().__init__(name=name, **kwargs)
        self.output_mode = checked_mode(self, output_mode, tuple(mode for mode in MODES if mode != "one_hot"))
        self.standardize = _step(self, "standardize", standardize, STANDARDIZE)
        self.split = _step(self, "split", split, SPLIT)
        self.ngrams = ngrams
        self._lengths = _lengths(self, ngrams)
        if output_sequence_length is not None:
            if output_mode != "int":
                raise ValueError(
                    "TextVectorization: `output_sequence_length` goes with output_mode='int' only, received "
                    f"output_mode={output_mode!r}."
                )
            positive(self, "output_sequence_length", output_sequence_length)
        self.output_sequence_length = output_sequence_length
        if ragged and (output_mode != "int" or active().ragged is None):
            raise ValueError(
                "TextVectorization: `ragged=True` is for output_mode='int' on a backend with ragged tensors, such as "
                f"'tensorflow'; received output_mode={output_mode!r} on the {active().name!r} backend. Leave it out to "
                "get padded sequences."
            )
        self.ragged = ragged
        self.max_tokens = max_tokens
        self.pad_to_max_tokens = pad_to_max_tokens
        self.sparse = sparse
        self.encoding = encoding
        self._lookup_layer = StringLookup(
            max_tokens=max_tokens,
            mask_token="" if output_mode == "int" else None,
            vocabulary=vocabulary,
            idf_weights=idf_weights,
            output_mode=output_mode,
            pad_to_max_tokens=pad_to_max_tokens,
            sparse=sparse,
            encoding=encoding,
            vocabulary_size=vocabulary_size,
        )

    @property
    def compute_dtype(self) -> str:
        """The dtype of the tokens."""
        return "string"

    @property
    def variable_dtype(self) -> str:
        """The dtype of the tokens."""
        return "string"

    def build(self, input_shape: Shape | None = None) -> None:
        """There are no weights."""

    # The vocabulary

    @property
    def is_adaptable(self) -> bool:
        """Whether `adapt` has something to find: not if it was given."""
        return self._lookup_layer.is_adaptable

    def adapt(self, data: Any, batch_size: int | None = None, steps: int | None = None) -> None:
        """Finds the vocabulary: the most frequent tokens of texts.

        Args:
            data: Texts as a list, an array, a tensor, or an iterable of batches.
            batch_size: Ignored: texts on the host are taken at once.
            steps: Most batches to take of an iterable; all by default.

        Raises:
            ValueError: If the layer was given its vocabulary.

        Example:

            >>> layer = TextVectorization()
            >>> layer.adapt(["a rose", "is a rose"])
            >>> layer.get_vocabulary()
            ['', '[UNK]', 'rose', 'a', 'is']
        """
        self.reset_state()
        for batch in batches(data, steps, self.encoding):
            self.update_state(batch)
        self.finalize_state()

    def update_state(self, data: Any) -> None:
        """Counts the tokens of a batch; `finalize_state` follows the last one."""
        self._lookup_layer._assert_adaptable()
        texts = np.atleast_1d(next(batches(data, encoding=self.encoding)))
        self._lookup_layer._counts.add(self._tokens_of(texts))

    def finalize_state(self) -> None:
        """Makes the vocabulary of the tokens counted so far."""
        self._lookup_layer.finalize_state()
        self._constants_changed()

    def reset_state(self) -> None:
        """Forgets vocabulary and counts."""
        self._lookup_layer.reset_state()

    def get_vocabulary(self, include_special_tokens: bool = True) -> list[str]:
        """Returns the tokens in the order of their indices.

        Args:
            include_special_tokens: Whether the tokens for padding and unknown values are listed.
        """
        return self._lookup_layer.get_vocabulary(include_special_tokens)

    def vocabulary_size(self) -> int:
        """Returns the number of tokens, special ones included."""
        return self._lookup_layer.vocabulary_size()

    def set_vocabulary(self, vocabulary: Any, idf_weights: Any = None) -> None:
        """Sets the tokens, as `StringLookup.set_vocabulary` does.

        Args:
            vocabulary: Tokens, with or without the special ones in front, or a file with one per line.
            idf_weights: A weight for each, for `output_mode="tf_idf"`.
        """
        self._lookup_layer.set_vocabulary(vocabulary, idf_weights)
        self._constants_changed()

    # Calls

    def call(self, inputs: Any) -> Tensor:
        lookup = self._lookup_layer
        lookup._assert_filled()
        inputs = received(inputs, self.encoding)
        shape = shape_of(inputs)
        if not self._built:
            # Lists and arrays of strings are no tensors, for whose shapes a call builds.
            self.build(shape)
        batch = shape[0] if shape else 1
        outputs = lookup.encoded(self._indices, inputs, (batch, self.output_sequence_length))
        if self.ragged and shape:
            return state.backend.ragged(outputs, self._padding)
        return outputs if shape else ops.squeeze(outputs, axis=0)

    def _indices(self, texts: np.ndarray) -> np.ndarray:
        """The indices of the tokens of each text, padded with those that do not count."""
        length = self.output_sequence_length
        indices, lengths = [], []
        texts = np.atleast_1d(texts)
        # A function of the user's own gets all texts at once.
        own = callable(self.standardize) or callable(self.split)
        for part in [texts] if own else in_parts(texts):
            documents = self._tokens_of(part)
            sizes = np.fromiter(map(len, documents), "int64", len(documents))
            if length is not None and sizes.max(initial=0) > length:
                documents = [tokens[:length] for tokens in documents]
                sizes = np.minimum(sizes, length)
            indices.append(self._lookup_layer.indices_of(list(chain.from_iterable(documents))))
            lengths.append(sizes)
        sizes = np.concatenate(lengths)
        width = int(sizes.max(initial=0)) if length is None else length
        return padded(np.concatenate(indices), sizes, width, self._padding)

    @property
    def _padding(self) -> int:
        """Index that fills rows up: 0 is that of padding, -1 is none and does not count."""
        return 0 if self.output_mode == "int" and not self.ragged else -1

    def _tokens_of(self, texts: np.ndarray) -> list[list[str]]:
        """Standardizes and splits texts, and adds their n-grams."""
        if texts.ndim > 1 and self.split is not None:
            if texts.ndim > 2 or texts.shape[1] != 1:
                raise ValueError(
                    f"TextVectorization {self.name!r} splits texts, so it takes strings of shape `(batch,)` or "
                    f"`(batch, 1)`, received the shape {texts.shape}. Use `split=None` for tokens."
                )
            texts = texts[:, 0]
        if isinstance(self.standardize, str):
            shape = texts.shape
            texts = as_objects(standardized(texts.ravel().tolist(), self.standardize)).reshape(shape)
        elif self.standardize is not None:
            texts = as_array(self.standardize(texts))
        if isinstance(self.split, str):
            documents = list(map(SPLIT[self.split], texts.tolist()))
        elif self.split is None:
            documents = texts.reshape(len(texts), math.prod(texts.shape[1:])).tolist()
        else:
            parts = self.split(texts)
            rows = parts.to_list() if hasattr(parts, "to_list") else parts
            documents = [as_array(row).tolist() if len(row) else [] for row in rows]
        if self._lengths is None:
            return documents
        return [with_ngrams(tokens, self._lengths) for tokens in documents]

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        length = self.output_sequence_length if self.output_mode == "int" else self._lookup_layer._depth
        return (*input_shape[:1], length)

    def compute_output_spec(self, inputs: Tensor) -> KerasTensor:
        if self.ragged:
            return KerasTensor(
                self.compute_output_shape(inputs.shape), self._lookup_layer.spec_dtype, ragged=True
            )
        return encoded_spec(self, inputs.shape, self._lookup_layer.spec_dtype)

    # Files

    def save_own_variables(self, store: dict[str, Any]) -> None:
        """There are none: weights of tokens belong to the lookup."""

    def load_own_variables(self, store: Mapping[str, Any]) -> None:
        """There are none: weights of tokens belong to the lookup."""

    def save_assets(self, dir_path: str) -> None:
        """Writes the vocabulary that was found to a file of the folder."""
        self._lookup_layer.save_assets(dir_path)

    def load_assets(self, dir_path: str) -> None:
        """Reads the vocabulary that `save_assets` wrote."""
        self._lookup_layer.load_assets(dir_path)
        self._constants_changed()

    def get_config(self) -> dict[str, Any]:
        lookup = self._lookup_layer.get_config()
        return {
            **super().get_config(),
            "standardize": _saved(self.standardize),
            "split": _saved(self.split),
            **{name: lookup[name] for name in ("vocabulary", "idf_weights")},
            # What the layer has now, which for one that is not adapted yet is not what its config said.
            "vocabulary_size": len(self.get_vocabulary()),
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "TextVectorization":
        """Makes a layer from what `get_config` returned."""
        config = dict(trusted(cls, config))
        for name in ("standardize", "split"):
            if isinstance(config.get(name), dict):
                config[name] = deserialize_keras_object(config[name])
        return cls(**config)


def _step(layer: Any, name: str, value: Any, known: Iterable[str]) -> Any:
    return value if callable(value) else one_of(layer, name, value, (*known, None), other="a function")


def _lengths(layer: Any, ngrams: Any) -> tuple[int, ...] | None:
    if ngrams is None:
        return None
    if isinstance(ngrams, (list, tuple)):
        return tuple(positive(layer, "ngrams", n) for n in ngrams)
    return tuple(range(1, positive(layer, "ngrams", ngrams) + 1))


def _saved(value: Any) -> Any:
    return serialize_keras_object(value) if callable(value) else value
